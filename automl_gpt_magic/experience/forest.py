"""How alike a new dataset is to each recorded one, as a forest of extremely randomised trees has learned it.

The trees (Geurts, Ernst and Wehenkel 2006) were fitted to predict, from a dataset's features, which configurations are
good on it. The share of leaves that two datasets have in common is the weight of one for the other (Meinshausen 2006,
equation 4): the forest's prediction is the mean of the recorded datasets with just these weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forest:
    """T trees over F features, as arrays; a tree has at most N nodes.

    Attributes
    ----------
    feature : (T, N) array of int
        What a node asks for; -1 in a leaf.
    threshold : (T, N) array
        Go left where the feature is at most this.
    left, right : (T, N) array of int
        The next node.
    leaves : (T, D) array of int
        The leaf that each recorded dataset falls into.
    usual : (F,) array
        The recorded datasets' medians, for features that are not known.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    leaves: NDArray[np.int16]
    usual: NDArray[np.float32]

    def weights(self, features: Floats) -> Floats:
        """Return the weight of each recorded dataset, shape (D,), for one with these ``features`` (F,).

        They are shares of 1. Where no tree puts the new dataset beside a recorded one, all weigh alike.
        """
        known = np.where(np.isnan(features), self.usual, features).astype("float32")
        same = self.leaves == self._leaf(known)[:, None]
        counts = same.sum(axis=1)
        shares = same[counts > 0] / counts[counts > 0, None]
        if not len(shares):
            return np.full(self.leaves.shape[1], 1 / self.leaves.shape[1])
        return np.asarray(shares.mean(axis=0))

    def subset(self, keep: NDArray[Any]) -> Forest:
        """Return the same trees with the datasets at these places only."""
        return replace(self, leaves=self.leaves[:, keep])

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return what a file keeps, by name."""
        return {f"{prefix}_{name}": value for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Forest:
        """Undo `arrays`.

        Raises
        ------
        KeyError
            If an array is missing.
        """
        return cls(**{name: arrays[f"{prefix}_{name}"] for name in cls.__dataclass_fields__})

    def _leaf(self, features: NDArray[np.float32]) -> NDArray[np.int64]:
        trees = np.arange(len(self.feature))
        node = np.zeros(len(trees), dtype="int64")
        while (inner := self.feature[trees, node] >= 0).any():
            goes_left = features[self.feature[trees, node]] <= self.threshold[trees, node]
            below = np.where(goes_left, self.left[trees, node], self.right[trees, node])
            node = np.where(inner, below, node)
        return node
