"""What the PyTorch families share: a plain training loop around a network, with scikit-learn's manners."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import Template
from typing import Any, ClassVar

from ...records.architecture import Architecture, Layer, Shape
from ...records.card import BINARY, REGRESSION, DataCard
from ...records.plan import Step
from ...records.space import Parameter
from ...records.table import TableProfile
from ..metric_code import others
from .family import STOPPING, Family
from .interface import Interface, interface_of
from .measured import asked, asked_imports, logged, logged_always
from .saving import Saving
from .torch_fit import fit_code
from .torch_saving import with_safetensors

# PyTorch has no defaults for a whole model: these and those of the families are what practitioners start from.
LEARNING_RATE = Parameter("learning_rate", "float", 0.001, 0.00003, 0.03, log=True, meaning="step size of AdamW")
EPOCHS = Parameter("epochs", "int", 20, 1, 200, log=True, meaning="passes over the training rows")
WEIGHT_DECAY = Parameter("weight_decay", "float", 0.01, 0.00001, 1, log=True, meaning="AdamW's pull of weights to 0")


def batch_size(default: int) -> Parameter:
    """Return the parameter: a table has more rows than there are images, and each takes less memory."""
    return Parameter("batch_size", "int", default, 16, 1024, log=True, meaning="rows for each step")


_OPTIMIZER = "AdamW"
# What a model of PyTorch uses beside its network.
HELPERS = Template('''\
def ${names}_tensor(x):
    return torch.from_numpy(np.require(x, dtype='float32', requirements=['C', 'W']))


@contextmanager
def ${names}_on_device(network):
    """Lend the network to the GPU, if any; it is kept on the CPU, so that it can be saved and loaded anywhere."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    network.to(device)
    try:
        yield device
    finally:
        network.cpu()


def ${names}_check(numbers):
    if not torch.isfinite(numbers).all():
        raise ValueError('the training diverged: its numbers became infinite. Take a smaller learning_rate')''')
_MODEL = Template('''\
$network


class ${names}_$model($mixin, BaseEstimator):
    """The network behind scikit-learn's fit and predict; it computes on the GPU where there is one."""

    def __init__(
        self,
$parameters
        early_stopping_rounds=None,
        random_state=0,
    ):
$assignments
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state

    def train_epochs(self, x, y):
        """Train a new network, and pause after every epoch."""
        torch.manual_seed(self.random_state)
        x, y = ${names}_tensor(x), self.targets(y)
        self.shape_ = tuple(x.shape[1:])
        self.network_ = self.new_network()
        weights = self.network_.parameters()
        optimizer = torch.optim.$optimizer(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
        for epoch in range(1, self.epochs + 1):
            with ${names}_on_device(self.network_) as device:
                self.network_.train()
                for rows in torch.randperm(len(x)).split(self.batch_size):
                    optimizer.zero_grad()
                    loss = nn.functional.$loss(self.network_(x[rows].to(device)), y[rows].to(device))
                    loss.backward()
                    optimizer.step()
            ${names}_check(loss)
            yield epoch

    def new_network(self):
        return ${names}_Network(self.shape_, self.n_outputs_, $arguments)

    def fit(self, x, y):
        for _ in self.train_epochs(x, y):
            pass
        return self

    def outputs(self, x):
        """Return the network's last layer for every row."""
        with ${names}_on_device(self.network_) as device, torch.no_grad():
            self.network_.eval()
            outputs = torch.cat([self.network_(part.to(device)).cpu() for part in ${names}_tensor(x).split(512)])
        ${names}_check(outputs)
        return outputs.double()

$predictions


$helpers


def ${names}_build(hyperparameters):
    """Return an untrained model."""
    return ${names}_$model(**hyperparameters)''')
_CLASSIFICATION = Template('''\
    def targets(self, y):
        self.classes_ = np.arange(int(np.max(y)) + 1)
        self.n_outputs_ = len(self.classes_)
        return torch.tensor(y)

    def predict_proba(self, x):
        return torch.softmax(self.outputs(x), dim=1).numpy()

    def predict(self, x):
        return self.outputs(x).argmax(dim=1).numpy()

    def measure(self, x, y):
        """Return the metrics of the log."""
        outputs, y = self.outputs(x), torch.tensor(y)
        ${asked}accuracy = (outputs.argmax(dim=1) == y).double().mean()
        return {${also}'accuracy': float(accuracy), 'log_loss': float(nn.functional.cross_entropy(outputs, y))}''')
_REGRESSION = Template('''\
    def targets(self, y):
        """Return the targets with mean 0 and deviation 1, which the network learns."""
        self.mean_, self.deviation_, self.n_outputs_ = np.mean(y), np.std(y) or 1.0, 1
        return ${names}_tensor((y - self.mean_) / self.deviation_)[:, None]

    def predict(self, x):
        return self.outputs(x)[:, 0].numpy() * self.deviation_ + self.mean_

    def measure(self, x, y):
        """Return the metrics of the log."""
        errors = self.predict(x) - y
        ${asked}return {${also}'mae': float(np.mean(np.abs(errors))), 'rmse': float(np.sqrt(np.mean(errors**2)))}''')


class TorchFamily(Family):
    """A network of PyTorch. A subclass gives its search space, the network's source and its description.

    Attributes
    ----------
    network : Template
        The source of ``{names}_Network(shape, n_outputs, ...)``, which takes the hyperparameters ``parts`` by name.
    parts : sequence of str
    """

    extras = (STOPPING,)
    step = "epoch"
    rounds = "epochs"
    module = "torch"
    extra = "torch"
    network: ClassVar[Template]
    parts: ClassVar[Sequence[str]]

    @abstractmethod
    def layers(self, values: Mapping[str, Any]) -> Step:
        """Describe the network."""

    @abstractmethod
    def network_layers(self, shape: Shape, n_outputs: int, values: Mapping[str, Any]) -> tuple[Layer, ...]:
        """Return the layers of ``{names}_Network(shape, n_outputs, ...)`` with these hyperparameters."""

    @abstractmethod
    def special(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Name what sets the network apart from plain layers."""

    def architecture(
        self, card: DataCard, table: TableProfile | None, values: Mapping[str, Any]
    ) -> Architecture | None:
        interface = interface_of(card, table)
        if interface is None:
            return None
        training, every = (
            self._network(card, interface, shape, values) for shape in (interface.training, interface.every)
        )
        return replace(training, refitted=every) if every != training else training

    def _network(self, card: DataCard, interface: Interface, shape: Shape, values: Mapping[str, Any]) -> Architecture:
        return Architecture(
            layers=self.network_layers(shape, interface.n_outputs, values),
            input_shape=shape,
            output_shape=(interface.n_outputs,),
            loss=self.objective(card),
            optimizer=_OPTIMIZER,
            special=self.special(values),
            exact=interface.exact,
        )

    def estimator(self, card: DataCard) -> str:
        """Return nothing: the model is a class of the cell's own."""
        return ""

    def objective(self, card: DataCard) -> str:
        return "mse_loss" if card.task == REGRESSION else "cross_entropy"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        outputs = {BINARY: "one probability a class", REGRESSION: "one number, learned with mean 0 and deviation 1"}
        return (
            self.layers(values),
            Step(
                _OPTIMIZER,
                f"{values['epochs']} epochs in batches of {values['batch_size']}, on the GPU if there is one",
            ),
            Step(
                f"loss {self.objective(card)}",
                f"the loss for {card.task}; output: {outputs.get(card.task, outputs[BINARY])}",
            ),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        mixin = _mixin(card)
        return (
            "import copy",
            "from contextlib import contextmanager",
            "",
            "import numpy as np",
            "import torch",
            f"from sklearn.base import BaseEstimator, {mixin}",
            *asked_imports(card, logged_always(card)),
            "from torch import nn",
        )

    def build(self, names: str, card: DataCard) -> str:
        regression = card.task == REGRESSION
        searched = self.space.parameters
        return _MODEL.substitute(
            names=names,
            network=self.network.substitute(names=names),
            model="Regressor" if regression else "Classifier",
            mixin=_mixin(card),
            parameters="\n".join(f"        {one.name}={one.default!r}," for one in searched),
            assignments="\n".join(f"        self.{one.name} = {one.name}" for one in searched),
            arguments=", ".join(f"self.{name}" for name in self.parts),
            loss=self.objective(card),
            optimizer=_OPTIMIZER,
            predictions=_predictions(names, card),
            helpers=HELPERS.substitute(names=names),
        )

    def fit(self, names: str, card: DataCard) -> str:
        metrics = logged(card)
        fit = fit_code(names, metrics)
        return "\n\n\n".join(filter(None, [asked(names, card, logged_always(card)), fit]))

    def saving(self, names: str, card: DataCard) -> Saving:
        return with_safetensors(names, regression=card.task == REGRESSION)


def _predictions(names: str, card: DataCard) -> str:
    """Return the methods that predict and measure."""
    regression = card.task == REGRESSION
    given = "y, errors + y" if regression else "y.numpy(), torch.softmax(outputs, dim=1).numpy()"
    more = bool(others(card, logged_always(card)))
    return (_REGRESSION if regression else _CLASSIFICATION).substitute(
        names=names,
        asked=f"asked = {names}_asked({given})\n        " if more else "",
        also="**asked, " if more else "",
    )


def _mixin(card: DataCard) -> str:
    return "RegressorMixin" if card.task == REGRESSION else "ClassifierMixin"
