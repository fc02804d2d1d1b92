"""scikit-learn's multilayer perceptron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.card import REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from . import measured
from .family import STOPPING, Family

# Defaults: scikit-learn's, of one hidden layer. Ranges: around them on a logarithmic scale, as for Adam in general.
SKLEARN_MLP = SearchSpace(
    "scikit-learn MLP",
    (
        Parameter("hidden_layer_sizes", "int", 100, 8, 512, log=True, meaning="units of the hidden layer"),
        Parameter("max_iter", "int", 200, 1, 400, log=True, meaning="epochs"),
        Parameter("learning_rate_init", "float", 0.001, 1e-4, 0.03, log=True, meaning="Adam's step size"),
        Parameter("alpha", "float", 0.0001, 1e-6, 1, log=True, meaning="L2 penalty on the weights"),
        Parameter("activation", "choice", "relu", choices=("relu", "tanh", "logistic"), meaning="of the hidden units"),
    ),
)
_FILTER = "warnings.filterwarnings('ignore', category=ConvergenceWarning)  # max_iter is meant, not a limit"
# A generator and no number: with a number every call of partial_fit would see the rows in the same order.
_MODEL = "{estimator}(random_state=np.random.RandomState(0), n_iter_no_change=10**9, **own)"
_SCALED = "TransformedTargetRegressor(\n        {model}, transformer=StandardScaler()\n    )"
_FIT = '''\
def {names}_fit(model, train, valid, report=None):
    """Train epoch by epoch, each measured on both parts; `report` hears the log and may end the training."""
    stopping = getattr(model, 'early_stopping_rounds', None)
{start}
    log, best = {{}}, None
    for epoch in range(1, n_epochs + 1):
{epoch}
        waited = {names}_measure(log, epoch, *((y, model.{predict}(x)) for x, y in (train, valid)))
        if not waited:
            best = deepcopy((network.coefs_, network.intercepts_))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    if stopping:
        network.coefs_, network.intercepts_ = best
    return log'''
_CLASSIFIER_START = "    network, n_epochs = model, model.max_iter"
_CLASSIFIER_EPOCH = "        network.partial_fit(*train, classes=np.unique(train[1]))"
_REGRESSOR_START = """\
    network = getattr(model, 'regressor', model)
    n_epochs, network.max_iter = network.max_iter, 1
    model.fit(*train)  # the target's scale, and the first epoch
    network.max_iter = n_epochs
    network = getattr(model, 'regressor_', model)
    target = train[1] if network is model else model.transformer_.transform(train[1][:, None]).ravel()"""
_REGRESSOR_EPOCH = """\
        if epoch > 1:
            network.partial_fit(train[0], target)"""


class SklearnMLP(Family):
    """scikit-learn's multilayer perceptron with one hidden layer, trained by Adam."""

    space = SKLEARN_MLP
    extras = (Parameter("batch_size", "int", 200, 1, 100_000), STOPPING)
    spellings = ("mlpclassifier", "mlpregressor", "mlpsklearn", "mlpscikitlearn", "sklearnmlp", "scikitlearnmlp")
    structure = "multilayer perceptron with one hidden layer"
    step = "epoch"
    rounds = "max_iter"
    features = "scaled"
    trusted = ("sklearn.neural_network._stochastic_optimizers.AdamOptimizer",)

    def estimator(self, card: DataCard) -> str:
        return "MLPRegressor" if card.task == REGRESSION else "MLPClassifier"

    def objective(self, card: DataCard) -> str:
        return "squared_error" if card.task == REGRESSION else "log_loss"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        steps = [
            Step(f"one hidden layer of {values['hidden_layer_sizes']} {values['activation']} units", "bends the plane"),
            Step(f"{values['max_iter']} epochs of Adam", f"minimises {self.objective(card)} for {card.task}"),
        ]
        if card.task == REGRESSION:
            steps.append(Step("scale the target to mean 0 and deviation 1", "Adam's steps have that size"))
        return tuple(steps)

    def imports(self, card: DataCard) -> Sequence[str]:
        scaling = (
            "from sklearn.compose import TransformedTargetRegressor",
            "from sklearn.preprocessing import StandardScaler",
        )
        return (
            "import warnings",
            "from copy import deepcopy",
            *measured.measure_imports(card),
            *(scaling if card.task == REGRESSION else ()),
            "from sklearn.exceptions import ConvergenceWarning",
            f"from sklearn.neural_network import {self.estimator(card)}",
            f"\n{_FILTER}",
        )

    def build(self, names: str, card: DataCard) -> str:
        model = _MODEL.format(estimator=self.estimator(card))
        return measured.build(names, _SCALED.format(model=model) if card.task == REGRESSION else model)

    def fit(self, names: str, card: DataCard) -> str:
        regression = card.task == REGRESSION
        start = _REGRESSOR_START if regression else _CLASSIFIER_START
        epoch = _REGRESSOR_EPOCH if regression else _CLASSIFIER_EPOCH
        fit = _FIT.format(names=names, start=start, epoch=epoch, predict=measured.predict(card))
        return f"{measured.measure(names, card)}\n\n\n{fit}"
