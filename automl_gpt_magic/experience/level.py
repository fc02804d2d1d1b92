"""Where the curves of a new dataset lie on the whole, and how sure that is.

Losses are compared as ``log(loss + 0.05)``, so that neither the noisy nor the nearly noise-free datasets count alone. A
recorded dataset's level is the mean of its curves; where a landmark was measured, relative to that, and a new dataset's
is the weighted mean relative to its own. By the card alone it is the weighted median: a few datasets on which nothing
can be learned move it less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bank import Bank

Floats = NDArray[np.float64]

_OFFSET, _SOFT_OFFSET = 0.05, 0.5
_MOST_LOSS = 3.0


class Level:
    """The level of a new dataset's curves after each of the bank's T kept steps.

    Parameters
    ----------
    bank : Bank
        Runs of the family, for whatever task, D datasets.
    weights : (D,) array
        Shares of 1.
    landmark : float or None
        The last of the new dataset's `landmarks`.
    """

    def __init__(self, bank: Bank, weights: Floats, landmark: float | None = None) -> None:
        levels = recorded_levels(bank)
        if landmark is not None:
            levels = levels - compressed(bank.landmarks[:, -1:].astype("float64"))
        mean = weights @ levels
        own = 0.0 if landmark is None else float(compressed(np.array(landmark)))
        self.spread: Floats = np.sqrt(np.maximum(weights @ levels**2 - mean**2, 0.0))
        self.middle: Floats = own + (_weighted_median(levels, weights) if landmark is None else mean)


def recorded_levels(bank: Bank) -> Floats:
    """Return the level of every recorded dataset, (D, T)."""
    return np.asarray(compressed(np.minimum(bank.valid, _MOST_LOSS)).mean(axis=1, dtype="float64"))


def compressed(losses: NDArray[Any]) -> NDArray[Any]:
    """Return losses on the scale on which levels are compared."""
    return np.asarray(np.log(losses + _OFFSET))


def expanded(values: NDArray[Any]) -> NDArray[Any]:
    """Undo `compressed`; what lies below every loss is none."""
    return np.asarray(np.maximum(np.exp(values) - _OFFSET, 0.0))


def softened(losses: NDArray[Any]) -> NDArray[Any]:
    """Return losses on the scale on which bands are fitted: errors of large ones are not multiplied there."""
    return np.asarray(np.log(losses + _SOFT_OFFSET))


def hardened(values: NDArray[Any]) -> NDArray[Any]:
    """Undo `softened`."""
    return np.asarray(np.clip(np.exp(values) - _SOFT_OFFSET, 0.0, _MOST_LOSS))


def _weighted_median(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values, axis=0)
    inside = np.cumsum(weights[order], axis=0) - 0.5 * weights[order]
    ordered = np.take_along_axis(values, order, axis=0)
    pairs = zip(inside.T, ordered.T, strict=True)
    return np.array([np.interp(0.5, shares, column) for shares, column in pairs])
