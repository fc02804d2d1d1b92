"""DETR of PyTorch: a transformer that gives a set of boxes (Carion et al. 2020, arXiv:2005.12872).

Structure, losses and the defaults are those of the published code (facebookresearch/detr, main.py), with two
differences: the backbone starts from random weights, as no pretrained ones are brought along, and so its normalisation
is learned and by groups instead of frozen; and images are resized to one size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.architecture import Architecture, Layer, Shape
from ...records.card import DETECTION, DataCard
from ...records.plan import Step
from ...records.space import Parameter, SearchSpace
from ...records.table import TableProfile
from .counts import Count, attention, convolution, linear, normalisation
from .detr_code import NETWORK
from .detr_training import LOSS, MODEL, PRECISION
from .family import STOPPING, Family
from .torch_fit import fit_code
from .torch_training import HELPERS

_LOGGED = ("map_50", "map", "loss")
_BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}
_NARROW = 50  # from this depth on, blocks have three convolutions
_COLOURS = 3
_NETWORK_PARTS = (
    *("backbone", "backbone_width", "stages", "dim", "heads", "encoder_layers", "decoder_layers", "feed_forward"),
    *("queries", "dropout"),
)


class TorchDETR(Family):
    """Detection as the prediction of a set."""

    space = SearchSpace(
        "DETR",
        (
            Parameter("learning_rate", "float", 1e-4, 1e-5, 1e-2, log=True, meaning="step size of AdamW"),
            Parameter(
                "backbone_learning_rate", "float", 1e-5, 1e-6, 1e-2, log=True, meaning="the same of the backbone"
            ),
            Parameter("weight_decay", "float", 1e-4, 1e-6, 0.1, log=True, meaning="AdamW's pull of weights to 0"),
            Parameter("epochs", "int", 300, 1, 1000, log=True, meaning="passes over the training images"),
            Parameter("drop_epoch", "int", 200, 1, 1000, log=True, meaning="epochs until both rates fall to a tenth"),
            Parameter("batch_size", "int", 2, 1, 256, log=True, meaning="images for each step"),
            Parameter("gradient_clip", "float", 0.1, 0.01, 100, log=True, meaning="largest norm of a step's gradient"),
            Parameter("dropout", "float", 0.1, 0, 0.5, meaning="share of numbers left out in a step"),
            Parameter("flip", "float", 0.5, 0, 1, meaning="share of training images that are mirrored"),
            Parameter("backbone", "choice", 50, choices=tuple(_BLOCKS), meaning="layers of the whole residual network"),
            Parameter("backbone_width", "choice", 64, choices=(16, 32, 64), meaning="channels of its first stage"),
            Parameter("stages", "int", 4, 1, 4, meaning="stages of it; each after the first halves height and width"),
            Parameter("dim", "choice", 256, choices=(32, 64, 128, 256), meaning="numbers of a place or query"),
            Parameter("heads", "choice", 8, choices=(1, 2, 4, 8), meaning="attention heads of a layer"),
            Parameter("encoder_layers", "int", 6, 1, 12, meaning="transformer layers over the image"),
            Parameter("decoder_layers", "int", 6, 1, 12, meaning="transformer layers over the queries"),
            Parameter("feed_forward", "int", 2048, 32, 4096, log=True, meaning="numbers inside a layer"),
            Parameter("queries", "int", 100, 5, 300, log=True, meaning="most objects that are found in an image"),
        ),
    )
    extras = (STOPPING,)
    spellings = ("^detr", "detectiontransformer")
    structure = "convolutional backbone, transformer encoder and decoder, object queries, set loss"
    step = "epoch"
    rounds = "epochs"
    features = "boxes"
    inputs = ("image",)
    tasks = (DETECTION,)
    large_calls = False  # a thousand images at once are seldom held in memory
    refits = False  # a training takes long, and published results are without it
    module = "torch"
    extra = "torch"

    def estimator(self, card: DataCard) -> str:
        return ""

    def objective(self, card: DataCard) -> str:
        return "set loss: cross_entropy + 5 L1 + 2 GIoU"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        encoder, decoder = values["encoder_layers"], values["decoder_layers"]
        return (
            Step(
                f"ResNet-{values['backbone']}, {values['stages']} stages from {values['backbone_width']} channels on",
                f"from random weights; the published backbone is pretrained on ImageNet; every {_stride(values)} × "
                f"{_stride(values)} pixels become one place",
            ),
            Step(
                f"transformer, {encoder} encoder and {decoder} decoder layers of {values['heads']} heads",
                f"{values['dim']} numbers a place, sines and cosines say where it is, dropout {values['dropout']:g}",
            ),
            Step(
                f"{values['queries']} object queries, a class and a box each",
                "no boxes to suppress afterwards; a query may find nothing",
            ),
            Step(
                "Hungarian matching, then cross entropy + 5 · L1 + 2 · GIoU",
                "after every decoder layer; each object is matched with one query",
            ),
            Step(
                "AdamW, gradients clipped",
                f"{values['epochs']} epochs in batches of {values['batch_size']}, the backbone with a rate of its own, "
                "on the GPU if there is one",
            ),
        )

    def architecture(
        self, card: DataCard, table: TableProfile | None, values: Mapping[str, Any]
    ) -> Architecture | None:
        """Return the layers, also from the card alone where it names classes and image size."""
        if card.image_size is None or not card.label_space:
            return None
        shape = (card.n_channels or _COLOURS, *card.image_size)
        n_classes = len(card.label_space)
        return Architecture(
            layers=_layers(shape, n_classes, values),
            input_shape=shape,
            output_shape=(values["queries"], n_classes + 1 + 4),
            loss=self.objective(card),
            optimizer="AdamW",
            special=(
                f"{values['queries']} object queries",
                f"attention with {values['heads']} heads, of the image's places, of the queries, and between them",
                "sines and cosines as places",
                "class and box after every decoder layer",
                "normalisation by groups",
                f"dropout {values['dropout']:g}",
            ),
        )

    def imports(self, card: DataCard) -> Sequence[str]:
        return (
            "import copy",
            "from contextlib import contextmanager",
            "",
            "import numpy as np",
            "import torch",
            "from scipy.optimize import linear_sum_assignment",
            "from sklearn.base import BaseEstimator",
            "from torch import nn",
        )

    def build(self, names: str, card: DataCard) -> str:
        searched = self.space.parameters
        model = MODEL.substitute(
            names=names,
            parameters="\n".join(f"        {one.name}={one.default!r}," for one in searched),
            assignments="\n".join(f"        self.{one.name} = {one.name}" for one in searched),
            arguments=", ".join(f"self.{name}" for name in _NETWORK_PARTS),
            helpers=HELPERS.substitute(names=names),
        )
        return "\n\n\n".join([*(part.substitute(names=names) for part in (NETWORK, LOSS, PRECISION)), model])

    def fit(self, names: str, card: DataCard) -> str:
        return fit_code(names, _LOGGED)

    def saving(self, names: str, card: DataCard) -> None:
        return None


def _stride(values: Mapping[str, Any]) -> int:
    return 2 * int(2 ** values["stages"])


def _halved(size: int) -> int:
    return -(-size // 2)


def _layers(shape: Shape, n_classes: int, values: Mapping[str, Any]) -> tuple[Layer, ...]:
    backbone = _backbone(shape, values)
    channels, height, width = backbone[-1].output
    places, dim, queries = height * width, values["dim"], values["queries"]
    wide = linear(dim, values["feed_forward"]), linear(values["feed_forward"], dim)
    norm, asked = normalisation(dim), values["decoder_layers"] * queries
    seen = (places, dim)
    found = (queries, dim)
    return (
        *backbone,
        Layer("projection", "convolution", (dim, height, width), *convolution(channels, dim, 1, places)),
        Layer(
            "encoder attention", "attention", seen, *attention(dim, places).plus(norm), repeats=values["encoder_layers"]
        ),
        Layer(
            *("encoder feed forward", "linear", seen),
            *_at(places, *wide).plus(norm),
            activation="ReLU",
            repeats=values["encoder_layers"],
        ),
        Layer("object queries", "positions", found, *Count(queries * dim)),
        Layer(
            "query attention", "attention", found, *attention(dim, queries).plus(norm), repeats=values["decoder_layers"]
        ),
        Layer(
            *("attention to the image", "attention", found),
            *_between(dim, queries, places).plus(norm),
            repeats=values["decoder_layers"],
        ),
        Layer(
            *("decoder feed forward", "linear", found),
            *_at(queries, *wide).plus(norm),
            activation="ReLU",
            repeats=values["decoder_layers"],
        ),
        Layer("classes", "linear", (queries, n_classes + 1), *linear(dim, n_classes + 1, asked).plus(norm)),
        Layer(
            *("boxes", "linear", (queries, 4)),
            *linear(dim, dim, asked).plus(linear(dim, dim, asked), linear(dim, 4, asked)),
            activation="ReLU",
        ),
    )


def _at(places: int, *parts: Count) -> Count:
    """Return layers that are applied at each of some places."""
    first, *others = (Count(part.parameters, places * part.multiply_adds) for part in parts)
    return first.plus(*others)


def _between(dim: int, queries: int, places: int) -> Count:
    """Count attention from queries to places: their projections, and two products of each query with each place."""
    projected = linear(dim, dim, queries).plus(linear(dim, 2 * dim, places), linear(dim, dim, queries))
    return projected.plus(Count(0, 2 * queries * places * dim))


def _backbone(shape: Shape, values: Mapping[str, Any]) -> tuple[Layer, ...]:
    """Return the stem and the stages of the residual network."""
    channels, height, width = shape
    depth, first = values["backbone"], values["backbone_width"]
    height, width = _halved(height), _halved(width)
    stem = _normed(channels, first, 7, height * width)
    height, width, before = _halved(height), _halved(width), first
    layers = [Layer("stem", "convolution", (first, height, width), *stem, "ReLU")]
    for stage in range(values["stages"]):
        wide, after = first * 2**stage, first * 2**stage * (4 if depth >= _NARROW else 1)
        entered = height * width
        if stage:
            height, width = _halved(height), _halved(width)
        first_block = _block(before, wide, after, entered, height * width, depth)
        others = [
            _block(after, wide, after, height * width, height * width, depth) for _ in range(_BLOCKS[depth][stage] - 1)
        ]
        name = f"stage {stage + 1}, {_BLOCKS[depth][stage]} residual blocks"
        layers.append(Layer(name, "convolution", (after, height, width), *first_block.plus(*others), "ReLU"))
        before = after
    return tuple(layers)


def _normed(before: int, after: int, kernel: int, places: int) -> Count:
    """Count a convolution without bias and its normalisation."""
    full = convolution(before, after, kernel, places)
    return Count(full.parameters - after, full.multiply_adds).plus(normalisation(after))


def _block(before: int, wide: int, after: int, entered: int, places: int, depth: int) -> Count:
    if depth >= _NARROW:
        parts = [_normed(before, wide, 1, entered), _normed(wide, wide, 3, places), _normed(wide, after, 1, places)]
    else:
        parts = [_normed(before, wide, 3, places), _normed(wide, wide, 3, places)]
    shortcut = [_normed(before, after, 1, places)] if entered != places or before != after else []
    return parts[0].plus(*parts[1:], *shortcut)
