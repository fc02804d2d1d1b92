"""LightGBM: gradient-boosted trees, grown leaf by leaf."""

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

# Defaults: the parameters of LGBMClassifier. Ranges: about those of XGBoost's space in this package; its tuning guide
# names num_leaves and min_child_samples (min_data_in_leaf) as what decides most about a leaf-wise tree.
LIGHTGBM = SearchSpace(
    "LightGBM",
    (
        Parameter("learning_rate", "float", 0.1, 0.005, 0.5, log=True, meaning="shrinkage of each tree"),
        Parameter("n_estimators", "int", 100, 1, 600, log=True, meaning="boosting rounds"),
        Parameter("num_leaves", "int", 31, 4, 256, log=True, meaning="leaves of a tree"),
        Parameter("min_child_samples", "int", 20, 2, 200, log=True, meaning="least rows in a leaf"),
        Parameter("subsample", "float", 1.0, 0.5, 1, meaning="share of rows for each tree"),
        Parameter("colsample_bytree", "float", 1.0, 0.4, 1, meaning="share of columns for each tree"),
        Parameter("reg_lambda", "float", 0.0, 0.001, 30, log=True, meaning="L2 penalty on leaf values"),
        Parameter("reg_alpha", "float", 0.0, 0.0001, 10, log=True, meaning="L1 penalty on leaf values"),
    ),
)
_OBJECTIVES = {BINARY: "binary", REGRESSION: "regression"}
_METRICS = {BINARY: ("binary_logloss", "binary_error"), REGRESSION: ("rmse", "l1")}
_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model; the task fixes the objective, the training cell the rest."""
    return {estimator}(
        objective={objective!r},
        subsample_freq=1,  # without it, subsample does nothing
        deterministic=True,
        force_row_wise=True,
        random_state=0,
        verbosity=-1,
        **hyperparameters,
    )'''
_FIT = '''\
def {names}_fit(model, train, valid, report=None):
    """Train, measuring both parts after every round; `report` hears the log and may end the training."""
    log = {{part: {{{asked}{error!r}: [], {loss!r}: []}} for part in ('training', 'validation')}}

    def each_round(env):
        for part, metric, value, _ in env.evaluation_result_list:
            log[part][metric].append(value)
        if report and report(log):
            raise EarlyStopException(env.iteration, env.evaluation_result_list)

    model.set_params(metric=[{loss!r}, {error!r}], first_metric_only=True)  # the first is stopped by
    xs, ys = zip(train, valid)
    model.fit(*train, eval_X=xs, eval_y=ys, {also}eval_names=list(log), callbacks=[each_round])
    return log'''
_ALSO = '''\
def {names}_each(y, p):
    """Return name and value of each, and whether more is better, which nothing here goes by."""
    return [(name, value, True) for name, value in {names}_asked({given}).items()]'''

_BOOSTER_IMPORTS = """\
import numpy as np
from lightgbm import Booster
from sklearn.base import BaseEstimator, {mixin}"""
_BOOSTER = '''\
class {names}_Trees({mixin}, BaseEstimator):
    """LightGBM's trees, read from their text, behind scikit-learn's predict."""

    def __init__(self, booster):
        self.booster = booster

    def __sklearn_is_fitted__(self):
        return True

    def fit(self, x, y):
        raise TypeError('these trees are trained; train.py trains others')

{predict}'''
_PREDICT = """\
    def predict(self, x):
        return self.booster.predict(x)"""
_PREDICT_PROBA = """\
    def predict_proba(self, x):
        probabilities = self.booster.predict(x)
        return {probabilities}

    def predict(self, x):
        return self.predict_proba(x).argmax(axis=1)"""


class LightGBM(Family):
    """Gradient-boosted trees of the library LightGBM."""

    space = LIGHTGBM
    extras = (
        Parameter("max_depth", "int", -1, 1, 64),
        Parameter("min_child_weight", "float", 0.001, 0, 1e6),
        Parameter("min_split_gain", "float", 0.0, 0, 1e6),
        Parameter("max_bin", "int", 255, 2, 65535),
        Parameter("scale_pos_weight", "float", 1.0, 0, 1e6),
        STOPPING,
    )
    spellings = ("lightgbm", "lgbm", "^lgb")
    structure = "gradient-boosted decision trees, grown leaf by leaf"
    step = "boosting round"
    rounds = "n_estimators"
    module = "lightgbm"
    extra = "lightgbm"

    def estimator(self, card: DataCard) -> str:
        return "LGBMRegressor" if card.task == REGRESSION else "LGBMClassifier"

    def open_estimator(self, card: DataCard, fixed: Collection[str]) -> str:
        return "" if STOPPING.name in fixed else self.estimator(card)  # only the recipe's model stops early

    def objective(self, card: DataCard) -> str:
        return _OBJECTIVES.get(card.task, "multiclass")

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        trees = f"{values['n_estimators']} trees of at most {values['num_leaves']} leaves"
        return (
            Step(f"{trees}, grown leaf by leaf", "each tree corrects the sum of those before it"),
            Step(f"objective {self.objective(card)}", f"the loss for {card.task}"),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        own = ("from lightgbm.callback import EarlyStopException", f"from lightgbm import {self.estimator(card)}")
        return ("import numpy as np", *asked_imports(card, logged_always(card)), *own) if _more(card) else own

    def build(self, names: str, card: DataCard) -> str:
        return _BUILD.format(names=names, estimator=self.estimator(card), objective=self.objective(card))

    def fit(self, names: str, card: DataCard) -> str:
        loss, error = _METRICS.get(card.task, ("multi_logloss", "multi_error"))
        more = _more(card)
        lists, also = "".join(f"{name!r}: [], " for name in more), f"eval_metric={names}_each, " if more else ""
        fit = _FIT.format(names=names, loss=loss, error=error, asked=lists, also=also)
        if not more:
            return fit
        given = "y.astype(int), np.column_stack([1 - p, p])" if card.task == BINARY else "y.astype(int), p"
        each = _ALSO.format(names=names, given="y, p" if card.task == REGRESSION else given)
        return "\n\n\n".join([asked(names, card, logged_always(card)), each, fit])

    def saving(self, names: str, card: DataCard) -> Saving:
        file, mixin = f"{names}_folder / 'model.txt'", _mixin(card)
        both = "np.column_stack([1 - probabilities, probabilities])"
        predict = _PREDICT_PROBA.format(probabilities=both if card.task == BINARY else "probabilities")
        return Saving(
            file="model.txt",
            form="LightGBM's own text",
            imports=_BOOSTER_IMPORTS.format(mixin=mixin),
            save=f"{names}_model[-1].booster_.save_model({file})",
            load=f"model = {names}_Trees(Booster(model_file={file}))",
            kind=self.estimator(card),
            definitions=_BOOSTER.format(
                names=names, mixin=mixin, predict=_PREDICT if card.task == REGRESSION else predict
            ),
        )


def _mixin(card: DataCard) -> str:
    return "RegressorMixin" if card.task == REGRESSION else "ClassifierMixin"


def _more(card: DataCard) -> tuple[str, ...]:
    return others(card, logged_always(card))
