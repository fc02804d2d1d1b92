"""A small vision transformer of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from ...records.architecture import Layer, Shape
from ...records.card import BINARY, MULTICLASS
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from .counts import Count, attention, convolution, linear, normalisation
from .torch_training import EPOCHS, LEARNING_RATE, WEIGHT_DECAY, TorchFamily, batch_size

_NETWORK = Template('''\
class ${names}_Network(nn.Module):
    """A transformer over the patches of an image, which is padded to whole ones, and the mean over all patches."""

    def __init__(self, shape, n_outputs, patch_size, dim, depth, heads, dropout):
        super().__init__()
        channels, height, width = shape
        dim = -(-dim // heads) * heads  # the heads share it equally
        self.padding = (0, -width % patch_size, 0, -height % patch_size)
        n_patches = -(-height // patch_size) * -(-width // patch_size)
        self.patches = nn.Conv2d(channels, dim, kernel_size=patch_size, stride=patch_size)
        self.positions = nn.Parameter(0.5 * torch.randn(1, n_patches, dim))
        self.blocks = nn.Sequential(*(
            nn.TransformerEncoderLayer(
                dim, heads, 2 * dim, dropout, activation='gelu', batch_first=True, norm_first=True
            )
            for _ in range(depth)
        ))
        self.output = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, n_outputs))

    def forward(self, x):
        patches = self.patches(nn.functional.pad(x, self.padding)).flatten(2).transpose(1, 2)
        return self.output(self.blocks(patches + self.positions).mean(dim=1))''')


class TorchViT(TorchFamily):
    """A transformer over the patches of small images."""

    space = SearchSpace(
        "ViT",
        (
            LEARNING_RATE,
            EPOCHS,
            batch_size(64),
            Parameter("patch_size", "choice", 4, choices=(2, 4, 7, 8, 16), meaning="height and width of a patch"),
            Parameter("dim", "int", 64, 16, 256, log=True, meaning="numbers for a patch, a multiple of the heads"),
            Parameter("depth", "int", 4, 1, 8, meaning="transformer blocks"),
            Parameter("heads", "int", 4, 1, 8, meaning="attention heads of a block"),
            Parameter("dropout", "float", 0.1, 0, 0.6, meaning="share of numbers left out in a step"),
            WEIGHT_DECAY,
        ),
    )
    spellings = ("^(small|tiny|simple)?vit", "visiontransformer")
    structure = "vision transformer"
    features = "images"
    inputs = ("image",)
    tasks = (BINARY, MULTICLASS)
    network = _NETWORK
    parts = ("patch_size", "dim", "depth", "heads", "dropout")

    def layers(self, values: Mapping[str, Any]) -> Step:
        patch = f"{values['patch_size']} × {values['patch_size']} pixels"
        technique = f"{values['depth']} transformer blocks of {values['heads']} heads over patches of {patch}"
        return Step(technique, f"{values['dim']} numbers a patch, dropout {values['dropout']:g}, mean over the patches")

    def network_layers(self, shape: Shape, n_outputs: int, values: Mapping[str, Any]) -> tuple[Layer, ...]:
        (channels, height, width), size, depth = shape, values["patch_size"], values["depth"]
        dim = -(-values["dim"] // values["heads"]) * values["heads"]
        n_patches = -(-height // size) * -(-width // size)
        row, norm = (n_patches, dim), normalisation(dim)
        wide = linear(dim, 2 * dim, n_patches).plus(linear(2 * dim, dim, n_patches), norm)
        return (
            Layer("patches", "convolution", row, *convolution(channels, dim, size, n_patches)),
            Layer("positions", "positions", row, *Count(n_patches * dim)),
            Layer("attention", "attention", row, *attention(dim, n_patches).plus(norm), repeats=depth),
            Layer("feed forward", "linear", row, *wide, "GELU", repeats=depth),
            Layer("output", "linear", (n_outputs,), *linear(dim, n_outputs).plus(norm)),
        )

    def special(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        patch = f"{values['patch_size']} × {values['patch_size']}"
        return (
            f"self-attention with {values['heads']} heads" if values["heads"] > 1 else "self-attention with one head",
            f"patches of {patch} pixels",
            "learned positions",
            "layer normalisation first in each block",
            f"dropout {values['dropout']:g}",
            "mean over the patches",
        )
