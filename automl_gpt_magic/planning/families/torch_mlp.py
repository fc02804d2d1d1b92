"""A multilayer perceptron of PyTorch for tables."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from ...records.architecture import Layer, Shape
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from .counts import linear, normalisation
from .torch_training import EPOCHS, LEARNING_RATE, WEIGHT_DECAY, TorchFamily, batch_size

_NETWORK = Template('''\
class ${names}_Network(nn.Module):
    """Fully connected layers."""

    def __init__(self, shape, n_outputs, width, depth, dropout):
        super().__init__()
        layers, size = [], shape[0]
        for _ in range(depth):
            layers += [nn.Linear(size, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout)]
            size = width
        self.layers = nn.Sequential(*layers, nn.Linear(size, n_outputs))

    def forward(self, x):
        return self.layers(x)''')


class TorchMLP(TorchFamily):
    """Fully connected layers over scaled columns."""

    space = SearchSpace(
        "PyTorch MLP",
        (
            LEARNING_RATE,
            EPOCHS,
            batch_size(256),
            Parameter("width", "int", 128, 8, 512, log=True, meaning="units of a hidden layer"),
            Parameter("depth", "int", 2, 1, 6, meaning="hidden layers"),
            Parameter("dropout", "float", 0.2, 0, 0.6, meaning="share of units left out in a step"),
            WEIGHT_DECAY,
        ),
    )
    spellings = ("mlp(?!mixer)", "multilayerperceptron", "^(deep|artificial|pytorch|torch)?neuralnetwork$")
    structure = "fully connected neural network"
    features = "scaled"
    counts_columns = True
    network = _NETWORK
    parts = ("width", "depth", "dropout")

    def layers(self, values: Mapping[str, Any]) -> Step:
        technique = f"{values['depth']} hidden layers of {values['width']} units"
        return Step(technique, f"each with layer normalisation, ReLU and dropout {values['dropout']:g}")

    def network_layers(self, shape: Shape, n_outputs: int, values: Mapping[str, Any]) -> tuple[Layer, ...]:
        width, depth = values["width"], values["depth"]
        sizes = [*shape, *(width for _ in range(depth))]
        hidden = [
            Layer(f"hidden {at}", "linear", (width,), *linear(size, width).plus(normalisation(width)), "ReLU")
            for at, size in enumerate(sizes[:-1], 1)
        ]
        return (*hidden, Layer("output", "linear", (n_outputs,), *linear(sizes[-1], n_outputs)))

    def special(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return ("layer normalisation before each ReLU", f"dropout {values['dropout']:g}")
