"""A small convolutional network of PyTorch for images."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from ...records.architecture import Layer, Shape
from ...records.card import BINARY, MULTICLASS
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from .counts import convolution, linear, normalisation
from .torch_training import EPOCHS, LEARNING_RATE, WEIGHT_DECAY, TorchFamily, batch_size

_NETWORK = Template('''\
class ${names}_Network(nn.Module):
    """Convolutions, each with twice the channels on half the height and width, and one layer over all of it."""

    def __init__(self, shape, n_outputs, channels, depth, dropout):
        super().__init__()
        layers, (before, height, width) = [], shape
        for block in range(depth):
            after = channels * 2**block
            convolution = nn.Conv2d(before, after, kernel_size=3, padding=1)
            layers += [convolution, nn.GroupNorm(1, after), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
            before, height, width = after, -(-height // 2), -(-width // 2)
        output = nn.Linear(before * height * width, n_outputs)
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout), output)

    def forward(self, x):
        return self.layers(x)''')


class TorchCNN(TorchFamily):
    """Convolutions over small images."""

    space = SearchSpace(
        "CNN",
        (
            LEARNING_RATE,
            EPOCHS,
            batch_size(64),
            Parameter("channels", "int", 16, 4, 64, log=True, meaning="channels of the first convolution"),
            Parameter("depth", "int", 3, 1, 5, meaning="convolutions, each on half the height and width"),
            Parameter("dropout", "float", 0.1, 0, 0.6, meaning="share of the last channels left out in a step"),
            WEIGHT_DECAY,
        ),
    )
    spellings = ("(?<!r)cnn", "convolutional(?!vision)", "^convnet$")
    structure = "convolutional neural network"
    features = "images"
    inputs = ("image",)
    tasks = (BINARY, MULTICLASS)
    network = _NETWORK
    parts = ("channels", "depth", "dropout")

    def layers(self, values: Mapping[str, Any]) -> Step:
        channels = ", ".join(str(values["channels"] * 2**block) for block in range(values["depth"]))
        technique = f"{values['depth']} convolutions of 3 × 3 pixels with {channels} channels"
        return Step(
            technique, f"each normalised, with ReLU, to half the size; dropout {values['dropout']:g} at the end"
        )

    def network_layers(self, shape: Shape, n_outputs: int, values: Mapping[str, Any]) -> tuple[Layer, ...]:
        layers, (before, height, width) = [], shape
        for block in range(values["depth"]):
            after, pixels = values["channels"] * 2**block, height * width
            count = convolution(before, after, kernel=3, places=pixels).plus(normalisation(after))
            before, height, width = after, -(-height // 2), -(-width // 2)
            layers.append(Layer(f"convolution {block + 1}", "convolution", (before, height, width), *count, "ReLU"))
        return (*layers, Layer("output", "linear", (n_outputs,), *linear(before * height * width, n_outputs)))

    def special(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return (
            "convolutions of 3 × 3 pixels",
            "group normalisation before each ReLU",
            "largest of 2 × 2 pixels after it",
            f"dropout {values['dropout']:g} before the output",
        )
