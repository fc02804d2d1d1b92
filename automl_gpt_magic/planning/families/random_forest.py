"""scikit-learn's random forests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from . import measured
from .family import STOPPING, Family

# Defaults: scikit-learn's. What is searched: the share of columns a split looks at decides most, then the size of the
# leaves (Probst, Wright and Boulesteix 2019); more trees are never worse, only slower.
_TREES = Parameter("n_estimators", "int", 100, 1, 500, log=True, meaning="trees")
_LEAVES = (
    Parameter("min_samples_leaf", "int", 1, 1, 50, log=True, meaning="least rows in a leaf"),
    Parameter("min_samples_split", "int", 2, 2, 50, log=True, meaning="least rows to split"),
)
_COLUMNS = "columns that a split looks at"
# 1.0 is no choice: a card's 1 would be taken for it, and is one column in scikit-learn.
_FEW = Parameter("max_features", "choice", "sqrt", choices=("sqrt", "log2", 0.25, 0.5, 0.75), meaning=_COLUMNS)
_ALL = Parameter("max_features", "float", 1.0, 0.1, 1, meaning=f"share of {_COLUMNS}")
_FIT = '''\
def {names}_fit(model, train, valid, report=None):
    """Grow the forest in steps, each measured on both parts; `report` hears the log and may end the training."""
    n_trees, stopping = model.n_estimators, getattr(model, 'early_stopping_rounds', None)
    parts = [(np.asarray(x, dtype='float32'), y) for x, y in (train, valid)]
    log, sums, grown = {{}}, [0, 0], 0
    for size in [*(few for few in (1, 5, *range(10, n_trees, 10)) if few < n_trees), n_trees]:
        model.set_params(n_estimators=size, warm_start=True).fit(*train)
        for tree in model.estimators_[grown:]:  # each tree predicts each part once
            sums = [so_far + tree.{predict}(x, check_input=False) for so_far, (x, _) in zip(sums, parts)]
        grown = size
        waited = {names}_measure(log, size, *((y, so_far / size) for so_far, (_, y) in zip(sums, parts)))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    model.set_params(warm_start=False)
    if stopping:
        model.estimators_ = model.estimators_[:model.n_estimators - waited]
        model.set_params(n_estimators=len(model.estimators_))
    return log'''


class _RandomForest(Family):
    extras = (
        # The library's own default of these is none.
        Parameter("max_depth", "int", 1000, 1, 1000),
        Parameter("max_leaf_nodes", "int", 1_000_000, 2, 1_000_000),
        Parameter("max_samples", "float", 1.0, 0.01, 1),
        Parameter("ccp_alpha", "float", 0.0, 0, 1e6),
        STOPPING,
    )
    spellings = ("randomforest", "^rf(classifier|regressor)?$")
    structure = "random forest of decision trees"
    step = "tree"
    rounds = "n_estimators"
    trusted = ("sklearn.tree._tree.Tree",)
    criterion: ClassVar[str]

    def estimator(self, card: DataCard) -> str:
        return self.name

    def objective(self, card: DataCard) -> str:
        return self.criterion

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        return (
            Step(f"{values['n_estimators']} trees, each on a bootstrap sample", "the errors of unlike trees cancel"),
            Step(f"splits by {self.criterion}", f"for {card.task}; the prediction is the trees' mean"),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        return (*measured.measure_imports(card), f"from sklearn.ensemble import {self.name}")

    def build(self, names: str, card: DataCard) -> str:
        return measured.build(names, f"{self.name}(n_jobs=-1, random_state=0, **own)")

    def fit(self, names: str, card: DataCard) -> str:
        return f"{measured.measure(names, card)}\n\n\n{_FIT.format(names=names, predict=measured.predict(card))}"


class RandomForestClassifier(_RandomForest):
    """scikit-learn's random forest for classes: a split looks at few columns."""

    space = SearchSpace("RandomForestClassifier", (_TREES, _FEW, *_LEAVES))
    tasks = (BINARY, MULTICLASS)
    criterion = "gini"


class RandomForestRegressor(_RandomForest):
    """scikit-learn's random forest for numbers: a split looks at every column."""

    space = SearchSpace("RandomForestRegressor", (_TREES, _ALL, *_LEAVES))
    tasks = (REGRESSION,)
    criterion = "squared_error"
