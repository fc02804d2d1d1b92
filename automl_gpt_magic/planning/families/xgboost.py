"""XGBoost: gradient-boosted trees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...records.card import BINARY, REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from ..metric_code import others
from .family import STOPPING, Family
from .measured import asked, asked_imports, logged_always
from .saving import Saving

# Ranges: the region searched by the benchmark of transfer; defaults: XGBoost's parameter documentation.
XGBOOST = SearchSpace(
    "XGBoost",
    (
        Parameter("learning_rate", "float", 0.3, 0.005, 0.5, log=True, meaning="shrinkage of each tree"),
        Parameter("n_estimators", "int", 100, 1, 600, log=True, meaning="boosting rounds"),
        Parameter("max_depth", "int", 6, 2, 12, meaning="depth of a tree"),
        Parameter("min_child_weight", "float", 1.0, 0.5, 32, log=True, meaning="least weight in a leaf"),
        Parameter("subsample", "float", 1.0, 0.5, 1, meaning="share of rows for each tree"),
        Parameter("colsample_bytree", "float", 1.0, 0.4, 1, meaning="share of columns for each tree"),
        Parameter("reg_lambda", "float", 1.0, 0.001, 30, log=True, meaning="L2 penalty on leaf values"),
        Parameter("reg_alpha", "float", 0.0, 0.0001, 10, log=True, meaning="L1 penalty on leaf values"),
        Parameter("gamma", "float", 0.0, 0, 5, meaning="least gain for a split"),
    ),
)
_OBJECTIVES = {BINARY: "binary:logistic", REGRESSION: "reg:squarederror"}
# The metric that the forecast is made for comes last, as XGBoost's early stopping takes the last.
_EVALUATED = {BINARY: ["error", "logloss"], REGRESSION: ["mae", "rmse"]}
_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model; the task fixes the objective, the training cell the rest."""
    return {estimator}(
        objective={objective!r},
        eval_metric={evaluated!r},
        tree_method='hist',
        random_state=0,
        **hyperparameters,
    )'''
_FIT = '''\
def {names}_fit(model, train, valid, report=None):
    """Train, measuring both parts after every round; `report` hears the log and may end the training."""

    class EachRound(TrainingCallback):
        def after_iteration(self, model, epoch, log):
            return bool(report and report(log))

    callbacks = model.callbacks
    model.callbacks = [*(callbacks or []), EachRound()]
    model.fit(*train, eval_set=[train, valid], verbose=False)
    model.callbacks = callbacks
    return model.evals_result()'''

_FIT_AND_ASK = '''\
def {names}_fit(model, train, valid, report=None):
    """Train, measuring both parts after every round; `report` hears the log and may end the training."""
    rows, asked = DMatrix(valid[0]), {{{asked}}}

    def with_asked(log):
        *others, last = log
        return {{**log, last: {{**asked, **log[last]}}}}

    class EachRound(TrainingCallback):
        def after_iteration(self, model, epoch, log):
            p = model.predict(rows)  # the trees of earlier rounds are not asked again
            for name, value in {names}_asked(valid[1], {given}).items():
                asked[name].append(value)
            return bool(report and report(with_asked(log)))

    callbacks = model.callbacks
    model.callbacks = [*(callbacks or []), EachRound()]
    model.fit(*train, eval_set=[train, valid], verbose=False)
    model.callbacks = callbacks
    return with_asked(model.evals_result())'''


def evaluated(card: DataCard) -> list[str]:
    """Return the metrics of the log, the loss last."""
    return _EVALUATED.get(card.task, ["merror", "mlogloss"])


class XGBoost(Family):
    """Gradient-boosted trees of the library XGBoost."""

    space = XGBOOST
    extras = (
        Parameter("colsample_bylevel", "float", 1.0, 0, 1),
        Parameter("colsample_bynode", "float", 1.0, 0, 1),
        Parameter("max_leaves", "int", 0, 0, 65536),
        Parameter("max_bin", "int", 256, 2, 65536),
        Parameter("max_delta_step", "float", 0.0, 0, 100),
        Parameter("scale_pos_weight", "float", 1.0, 0, 1e6),
        Parameter("num_parallel_tree", "int", 1, 1, 1000),
        Parameter("grow_policy", "choice", "depthwise", choices=("depthwise", "lossguide")),
        STOPPING,
    )
    spellings = ("xgb",)
    structure = "gradient-boosted decision trees"
    step = "boosting round"
    rounds = "n_estimators"
    module = "xgboost"
    extra = "xgboost"

    def estimator(self, card: DataCard) -> str:
        return "XGBRegressor" if card.task == REGRESSION else "XGBClassifier"

    def open_estimator(self, card: DataCard, fixed: Collection[str]) -> str:
        return self.estimator(card)

    def objective(self, card: DataCard) -> str:
        return _OBJECTIVES.get(card.task, "multi:softprob")

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        one = {BINARY: "one probability", REGRESSION: "one number"}
        output = one.get(card.task, "one probability a class")
        trees = f"{values['n_estimators']} trees of depth at most {values['max_depth']}"
        return (
            Step(f"{trees}, histogram splits", "each tree corrects the sum of those before it"),
            Step(f"objective {self.objective(card)}", f"the loss for {card.task}; output: {output}"),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        if not _more(card):
            return ("from xgboost.callback import TrainingCallback", f"from xgboost import {self.estimator(card)}")
        return (
            "import numpy as np",
            *asked_imports(card, logged_always(card)),
            "from xgboost.callback import TrainingCallback",
            f"from xgboost import DMatrix, {self.estimator(card)}",
        )

    def build(self, names: str, card: DataCard) -> str:
        return _BUILD.format(
            names=names, estimator=self.estimator(card), objective=self.objective(card), evaluated=evaluated(card)
        )

    def fit(self, names: str, card: DataCard) -> str:
        more = _more(card)
        if not more:
            return _FIT.format(names=names)
        given = "np.column_stack([1 - p, p])" if card.task == BINARY else "p"
        fit = _FIT_AND_ASK.format(names=names, asked=", ".join(f"{name!r}: []" for name in more), given=given)
        return f"{asked(names, card, logged_always(card))}\n\n\n{fit}"

    def saving(self, names: str, card: DataCard) -> Saving:
        kind, file = self.estimator(card), f"{names}_folder / 'model.ubj'"
        return Saving(
            file="model.ubj",
            form="XGBoost's own format",
            imports=f"from xgboost import {kind}",
            save=f"{names}_model[-1].save_model({file})",
            load=f"model = {kind}()\nmodel.load_model({file})",
            kind=kind,
        )


def _more(card: DataCard) -> tuple[str, ...]:
    return others(card, logged_always(card))
