"""Where the curves of a new dataset lie on the whole, and how sure that is.

Losses are compared as ``log(loss + 0.05)``, so that neither the noisy nor the nearly noise-free datasets count alone. A
recorded dataset's level is the mean of its curves. By the card alone, a new dataset's is their weighted median: a few
datasets on which nothing can be learned move it less. Where landmarks were measured, levels are taken relative to the
default's loss, and a new dataset's is kriged from the landmarks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bank import Bank
from .kriging import kriged
from .landmarks import parted
from .short_trainings import n_sampled

Floats = NDArray[np.float64]

_OFFSET = 0.05
MOST_LOSS = 3.0  # relative; what is worse diverges, and nothing like it was recorded


@dataclass(frozen=True, eq=False)
class Level:
    """The level of a new dataset's curves after each of the bank's T kept steps.

    Attributes
    ----------
    middle, spread : (T,) array
        On the scale of `compressed`: what is expected, and how far the truth may be from it.
    """

    middle: Floats
    spread: Floats


def level_by_card(bank: Bank, weights: Floats) -> Level:
    """Return the level by the weights of the recorded datasets, (D,), shares of 1."""
    levels = recorded_levels(bank)
    mean = weights @ levels
    return Level(_weighted_median(levels, weights), np.sqrt(np.maximum(weights @ levels**2 - mean**2, 0.0)))


def level_by_landmarks(bank: Bank, landmarks: Floats, fields: Mapping[str, Any]) -> Level:
    """Return the level by the new dataset's `landmarks`, (L,), and its card's ``fields``."""
    recorded = bank.landmarks.astype("float64")
    default, own = (compressed(parted(marks)[-1]) for marks in (recorded, landmarks))
    known = np.column_stack([landmark_features(recorded), [_rows_beyond_sample(one) for one in bank.datasets]])
    new = np.append(landmark_features(landmarks), _rows_beyond_sample(fields))
    middle, spread = kriged(known, recorded_levels(bank) - default, new)
    return Level(middle + own, spread)


def landmark_features(landmarks: Floats) -> Floats:
    """Return what datasets are compared by, (..., L): landmarks, losses on the split relative to the default's best."""
    on_folds, curves, best = parted(landmarks)
    return np.concatenate([on_folds, compressed(curves) - compressed(best), best], axis=-1)


def _rows_beyond_sample(fields: Mapping[str, Any]) -> float:
    """Return the logarithm of how many times as many rows a dataset has as landmarks are measured on.

    More rows are better learned than a sample tells.
    """
    n_rows, n_features = fields["n_rows"], fields["n_features"]
    if not n_rows or not n_features:
        return 0.0
    return math.log10(n_rows / n_sampled(n_rows, n_features, len(fields["class_balance"] or ())))


def recorded_levels(bank: Bank) -> Floats:
    """Return the level of every recorded dataset, (D, T)."""
    return np.asarray(compressed(np.minimum(bank.valid, MOST_LOSS)).mean(axis=1, dtype="float64"))


def compressed(losses: NDArray[Any]) -> NDArray[Any]:
    """Return losses on the scale on which levels are compared."""
    return np.asarray(np.log(losses + _OFFSET))


def expanded(values: NDArray[Any]) -> NDArray[Any]:
    """Undo `compressed`; what lies below every loss is none."""
    return np.asarray(np.maximum(np.exp(values) - _OFFSET, 0.0))


def _weighted_median(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values, axis=0)
    inside = np.cumsum(weights[order], axis=0) - 0.5 * weights[order]
    ordered = np.take_along_axis(values, order, axis=0)
    pairs = zip(inside.T, ordered.T, strict=True)
    return np.array([np.interp(0.5, shares, column) for shares, column in pairs])
