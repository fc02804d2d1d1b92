"""How much memory a training will take, from what others took.

A training holds its data several times over, its model and what one step computes. How many numbers each of these
parts has follows from the card and the configuration; how many bytes a number of each part costs was measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ExperienceError
from ..records.card import REGRESSION, DataCard

SCHEMA_VERSION = 1
# Not in the folder of the recorded runs, each of whose json files is a family's bank.
FILE = Path(__file__).with_name("memory.json")
# For every ten times that a part is larger than any measured. Fits to the smaller half, two thirds and four fifths of
# the measurements had 85% of the larger ones within their bands with it, and 54% without.
_WIDER = 1.25
# The measured tables are made up. Of 15 trainings on five real ones, 11 lay within the bands without it.
_REAL = 1.1
_BEYOND = "larger than any training whose memory was measured, so the range is wider"
_TRAINED_SHARE = 0.8
_BINS = 256  # of a column, in the histograms of boosted trees
_ROWS_OF_GAMMA = 5.0  # that a split of XGBoost needs to gain 1
_READ_AT_ONCE = 512  # images that the generated network reads when it is measured


class Memory(NamedTuple):
    """The predicted peak of a training in bytes, and the 80% band around it; nan where it is not known."""

    bytes: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    note: str = ""


@dataclass(frozen=True)
class Sizes:
    """What of the data decides the memory.

    Attributes
    ----------
    n_rows, n_numeric, n_categorical : int
        Dates count as numeric.
    n_classes : int
        0 of a regression.
    image : tuple of int
        Channels, height and width; empty of a table.
    """

    n_rows: int
    n_numeric: int
    n_categorical: int
    n_classes: int
    image: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """What was fitted to the measured trainings of a family.

    Attributes
    ----------
    bytes_each : mapping
        What one of the numbers of each part costs.
    band : tuple of float
        Where 80% of the measurements lay, as multiples of what was predicted for them without them.
    highest : mapping
        How many numbers each part had at most.
    """

    bytes_each: Mapping[str, float]
    band: tuple[float, float]
    highest: Mapping[str, float]

    def memory(self, held: Mapping[str, float]) -> Memory:
        """Predict the memory of a training whose parts have so many numbers."""
        predicted = sum(self.bytes_each[name] * number for name, number in held.items())
        decades = max(0.0, *(math.log10(max(number, 1) / self.highest[name]) for name, number in held.items()))
        wider = _REAL * _WIDER**decades
        lower, upper = predicted * self.band[0] / wider, predicted * self.band[1] * wider
        return Memory(predicted, lower, upper, _BEYOND if decades else "")


def predicted_memory(family: str, card: DataCard, configuration: Mapping[str, Any]) -> Memory:
    """Return the predicted peak of a training's process, beyond what it held before its data was loaded.

    Parameters
    ----------
    family : str
        Its name.
    card : DataCard
        With its numbers filled in.
    configuration : mapping
        All of the family's hyperparameters.

    Returns
    -------
    Memory
        Of numbers that are nan where nothing was measured of the family, or the card does not say a size.

    Raises
    ------
    ExperienceError
        If the shipped measurements cannot be read.
    """
    fitted, sizes = load_memory().get(family), sizes_of(card)
    if fitted is None or sizes is None or bool(sizes.image) != ("pixels" in fitted.bytes_each):
        return Memory()
    return fitted.memory(parts(family, sizes, configuration))


def amount(n_bytes: float) -> str:
    """Return bytes as a person says them, in two digits: ``220 MB``, ``1.3 GB``."""
    unit, size = ("GB", 1e9) if n_bytes >= 0.995e9 else ("MB", 1e6)
    rounded = float(f"{n_bytes / size:.2g}")
    return f"{rounded:g} {unit}"


@lru_cache(maxsize=1)
def load_memory(path: Path = FILE) -> Mapping[str, Fitted]:
    """Read what was fitted to the measurements, by family.

    Raises
    ------
    ExperienceError
        If the file is missing, damaged, or of another schema version.
    """
    try:
        about = json.loads(path.read_text())
        if about["schema_version"] != SCHEMA_VERSION:
            raise ExperienceError(
                f"the measured memory has schema {about['schema_version']}, this version reads {SCHEMA_VERSION}; "
                "upgrade the package"
            )
        return {family: _fitted(family, one) for family, one in about["families"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExperienceError(f"the measured memory cannot be read ({error}); reinstall the package") from None


def _fitted(family: str, about: Mapping[str, Any]) -> Fitted:
    measured = [parts(family, read_sizes(one["sizes"]), one["configuration"]) for one in about["measured"]]
    bytes_each, band = about["bytes_each"], tuple(about["band"])
    if measured[0].keys() != bytes_each.keys():
        raise ValueError(f"what was fitted for {family} does not fit its parts")
    if not all(math.isfinite(number) and number >= 0 for number in (*bytes_each.values(), *band)):
        raise ValueError(f"a number of {family} is not one")
    if len(band) != 2 or not band[0] <= 1 <= band[1]:
        raise ValueError(f"the band of {family} does not hold what is predicted")
    return Fitted(bytes_each, band, {name: max(1.0, *(one[name] for one in measured)) for name in bytes_each})


def read_sizes(written: Mapping[str, Any]) -> Sizes:
    """Return sizes from how a file has them."""
    return Sizes(**{**written, "image": tuple(written["image"])})


def sizes_of(card: DataCard) -> Sizes | None:
    """Return what a card says of its sizes; None where it does not say one that is needed."""
    n_classes = 0 if card.task == REGRESSION else len(card.class_balance) or len(card.label_space)
    if card.n_rows is None or (n_classes < 2 and card.task != REGRESSION):
        return None
    if card.input_type == "image" and card.image_size is not None:
        return Sizes(card.n_rows, 0, 0, n_classes, (card.n_channels or 1, *card.image_size))
    if card.input_type == "tabular" and card.n_features is not None:
        n_categorical = min(card.n_categorical or 0, card.n_features)
        return Sizes(card.n_rows, card.n_features - n_categorical, n_categorical, n_classes)
    return None


def parts(family: str, sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    """Return how many numbers each part of a training has, up to a constant factor.

    ``always`` is what it takes whatever its size: libraries load more code when they are first used.

    Raises
    ------
    KeyError
        If it is not known how the family's trainings are made.
    """
    return {"always": 1.0, **_PARTS[family](sizes, configuration)}


def _xgboost(sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    rows_of_a_leaf = max(1.0, configuration["min_child_weight"] / _weight_of_a_row(sizes.n_classes))
    if sizes.n_classes:  # of a regression, what gamma prunes depends on the target's unit
        rows_of_a_leaf = max(rows_of_a_leaf, _ROWS_OF_GAMMA * configuration["gamma"])
    most = _TRAINED_SHARE * sizes.n_rows * configuration["subsample"] / rows_of_a_leaf
    leaves = min(2.0 ** configuration["max_depth"], max(1.0, most))
    return _boosted(sizes, configuration["n_estimators"], leaves, leaves)


def _weight_of_a_row(n_classes: int) -> float:
    """Return the second derivative of XGBoost's loss where all classes are as likely."""
    usual = {0: 1.0, 2: 0.25}
    return usual[n_classes] if n_classes in usual else 2 * (1 - 1 / n_classes) / n_classes


def _lightgbm(sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    most = _TRAINED_SHARE * sizes.n_rows * configuration["subsample"] / configuration["min_child_samples"]
    leaves = float(configuration["num_leaves"])
    return _boosted(sizes, configuration["n_estimators"], min(leaves, max(1.0, most)), leaves)


def _boosted(sizes: Sizes, rounds: float, leaves: float, histograms: float) -> dict[str, float]:
    """Count what boosted trees hold; ``leaves`` and ``histograms`` are those of one tree."""
    outputs = sizes.n_classes if sizes.n_classes > 2 else 1
    return {
        **_table(sizes),
        "predictions": float(sizes.n_rows * outputs),
        "trees": float(rounds * outputs),
        "leaves": rounds * outputs * leaves,
        "histograms": histograms * (sizes.n_numeric + sizes.n_categorical) * min(_BINS, sizes.n_rows),
    }


def _table(sizes: Sizes) -> dict[str, float]:
    return {"numbers": float(sizes.n_rows * sizes.n_numeric), "words": float(sizes.n_rows * sizes.n_categorical)}


def _mlp(sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    width, depth, outputs = configuration["width"], configuration["depth"], max(1, sizes.n_classes)
    columns = sizes.n_numeric + sizes.n_categorical
    return {
        **_table(sizes),
        "predictions": float(sizes.n_rows * outputs),
        "weights": float(width * (columns + (depth - 1) * width + outputs)),
        "step": float(min(configuration["batch_size"], sizes.n_rows) * (columns + depth * width)),
    }


def _cnn(sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    before, height, width = sizes.image
    weights, layers = 0, []
    for block in range(configuration["depth"]):
        after = configuration["channels"] * 2**block
        weights += 9 * before * after
        layers.append(after * height * width)
        before, height, width = after, -(-height // 2), -(-width // 2)
    return {
        **_images(sizes),
        "weights": float(weights + before * height * width * sizes.n_classes),
        "step": float(min(configuration["batch_size"], sizes.n_rows) * sum(layers)),
        "measuring": float(min(_READ_AT_ONCE, sizes.n_rows) * max(layers)),
    }


def _vit(sizes: Sizes, configuration: Mapping[str, Any]) -> dict[str, float]:
    channels, height, width = sizes.image
    side, heads, depth = configuration["patch_size"], configuration["heads"], configuration["depth"]
    patches = -(-height // side) * -(-width // side)
    dim = -(-configuration["dim"] // heads) * heads
    batch, measured = min(configuration["batch_size"], sizes.n_rows), min(_READ_AT_ONCE, sizes.n_rows)
    return {
        **_images(sizes),
        "weights": float(dim * (8 * depth * dim + channels * side**2 + patches + sizes.n_classes)),
        "step": float(batch * depth * patches * dim),
        "attention": float(batch * depth * heads * patches**2),
        "measuring": float(measured * patches * dim),
        "attention in measuring": float(measured * heads * patches**2),
    }


def _images(sizes: Sizes) -> dict[str, float]:
    return {"pixels": float(sizes.n_rows * math.prod(sizes.image))}


_PARTS: Mapping[str, Callable[[Sizes, Mapping[str, Any]], dict[str, float]]] = {
    "XGBoost": _xgboost,
    "LightGBM": _lightgbm,
    "PyTorch MLP": _mlp,
    "CNN": _cnn,
    "ViT": _vit,
}
