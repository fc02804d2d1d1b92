"""scikit-learn's linear models: one solution, no steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from . import measured
from .family import Family

_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model; the training cell fixes its hyperparameters."""
    return {estimator}(random_state=0, **hyperparameters)'''


class _Linear(Family):
    features = "scaled"

    def estimator(self, card: DataCard) -> str:
        return self.name

    def imports(self, card: DataCard) -> Sequence[str]:
        return (*measured.measure_imports(card), f"from sklearn.linear_model import {self.name}")

    def build(self, names: str, card: DataCard) -> str:
        return _BUILD.format(names=names, estimator=self.name)

    def fit(self, names: str, card: DataCard) -> str:
        return f"{measured.measure(names, card)}\n\n\n{measured.fit_at_once(names, card)}"


class LogisticRegression(_Linear):
    """scikit-learn's logistic regression with an L2 penalty."""

    # Default: scikit-learn's. Range: the one that its own LogisticRegressionCV searches.
    space = SearchSpace(
        "LogisticRegression",
        (Parameter("C", "float", 1.0, 1e-4, 1e4, log=True, meaning="inverse of the L2 penalty"),),
    )
    extras = (Parameter("max_iter", "int", 100, 1, 100_000), Parameter("tol", "float", 1e-4, 0, 1))
    spellings = ("logisticregression", "logreg", "^logistic$", "^linear(model|classifier)?$")
    structure = "logistic regression"
    tasks = (BINARY, MULTICLASS)

    def objective(self, card: DataCard) -> str:
        return "log_loss"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        return (
            Step("one weighted sum of the columns" + (" a class" if card.task == MULTICLASS else ""), "its log odds"),
            Step(f"L2 penalty 1/C, C = {values['C']:g}", "keeps the weights small"),
        )


class Ridge(_Linear):
    """scikit-learn's linear regression with an L2 penalty."""

    # Default: scikit-learn's. Range: from next to no penalty to weights near 0 on columns of deviation 1.
    space = SearchSpace(
        "Ridge", (Parameter("alpha", "float", 1.0, 1e-4, 1e4, log=True, meaning="L2 penalty on the weights"),)
    )
    spellings = ("ridgeregress", "^ridge$", "^linear(model|regression|regressor)?$")
    structure = "linear regression with an L2 penalty"
    tasks = (REGRESSION,)

    def objective(self, card: DataCard) -> str:
        return "squared_error"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        return (
            Step("one weighted sum of the columns", "the predicted number"),
            Step(f"L2 penalty alpha = {values['alpha']:g}", "keeps the weights small"),
        )
