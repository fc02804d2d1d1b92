"""scikit-learn's gradient-boosted trees on binned columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.card import REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from . import measured
from .family import STOPPING, Family

# Defaults: scikit-learn's. Ranges: those of LightGBM's space, whose algorithm this one follows.
HIST_GRADIENT_BOOSTING = SearchSpace(
    "HistGradientBoosting",
    (
        Parameter("learning_rate", "float", 0.1, 0.005, 0.5, log=True, meaning="shrinkage of each tree"),
        Parameter("max_iter", "int", 100, 1, 600, log=True, meaning="boosting rounds"),
        Parameter("max_leaf_nodes", "int", 31, 4, 256, log=True, meaning="leaves of a tree"),
        Parameter("min_samples_leaf", "int", 20, 2, 200, log=True, meaning="least rows in a leaf"),
        Parameter("l2_regularization", "float", 0.0, 0.001, 30, log=True, meaning="L2 penalty on leaf values"),
    ),
)
_FIT = '''\
def {names}_fit(model, train, valid, report=None):
    """Train in steps, each measured on both parts; `report` hears the log and may end the training."""
    n_rounds, stopping = model.max_iter, getattr(model, 'early_stopping_rounds', None)
    # Going on and measuring cost a prediction by all trees so far: the steps double, and of the training part at
    # most 10,000 rows are measured.
    sizes = [5 * 2 ** doubling for doubling in range(20)]
    some = slice(None, None, -(-len(train[1]) // 10_000))
    parts = [(train[0][some], train[1][some]), valid]
    log = {{}}
    for size in [*(few for few in sizes if few < n_rounds), n_rounds]:
        model.set_params(max_iter=size, warm_start=True).fit(*train)
        waited = {names}_measure(log, size, *((y, model.{predict}(x)) for x, y in parts))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    model.set_params(warm_start=False)
    if stopping and waited:
        model.set_params(max_iter=model.max_iter - waited).fit(*train)
    return log'''


class HistGradientBoosting(Family):
    """scikit-learn's gradient-boosted trees on binned columns."""

    space = HIST_GRADIENT_BOOSTING
    extras = (
        Parameter("max_depth", "int", 1000, 1, 1000),  # the library's own default is none
        Parameter("max_bins", "int", 255, 2, 255),
        STOPPING,
    )
    spellings = ("histgradient", "histgb", "^hgb")
    structure = "gradient-boosted decision trees on binned columns"
    step = "boosting round"
    rounds = "max_iter"
    trusted = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)

    def estimator(self, card: DataCard) -> str:
        return f"HistGradientBoosting{'Regressor' if card.task == REGRESSION else 'Classifier'}"

    def objective(self, card: DataCard) -> str:
        return "squared_error" if card.task == REGRESSION else "log_loss"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        trees = f"{values['max_iter']} trees of at most {values['max_leaf_nodes']} leaves"
        return (
            Step(f"{trees}, on binned columns", "each tree corrects the sum of those before it"),
            Step(f"loss {self.objective(card)}", f"the loss for {card.task}"),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        return (*measured.measure_imports(card), f"from sklearn.ensemble import {self.estimator(card)}")

    def build(self, names: str, card: DataCard) -> str:
        # The validation part is ours: without early_stopping=False a part of the training rows would be held out.
        return measured.build(names, f"{self.estimator(card)}(early_stopping=False, random_state=0, **own)")

    def fit(self, names: str, card: DataCard) -> str:
        return f"{measured.measure(names, card)}\n\n\n{_FIT.format(names=names, predict=measured.predict(card))}"
