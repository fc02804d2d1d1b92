"""Boosted regression trees as plain arrays, so that a shipped model is data and needs no library to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trees:
    """T trees over F features, whose answers are added; a tree has at most N nodes.

    Attributes
    ----------
    feature : (T, N) array of int
        What a node asks for; -1 in a leaf.
    threshold : (T, N) array
        Go left where the feature is at most this.
    left, right : (T, N) array of int
        The next node.
    value : (T, N) array
        A leaf's answer.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]

    def predict(self, known: Floats) -> Floats:
        """Return the answers, (m,), for features (m, F)."""
        trees = np.arange(len(self.feature))[:, None]
        rows = np.arange(len(known))[None, :]
        node = np.zeros((len(self.feature), len(known)), dtype="int64")
        while (inner := self.feature[trees, node] >= 0).any():
            goes_left = known[rows, self.feature[trees, node]] <= self.threshold[trees, node]
            below = np.where(goes_left, self.left[trees, node], self.right[trees, node])
            node = np.where(inner, below, node)
        return np.asarray(self.value[trees, node].sum(axis=0, dtype="float64"))

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return what a file keeps, by name."""
        return {f"{prefix}_{name}": value for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Trees:
        """Undo `arrays`.

        Raises
        ------
        KeyError
            If an array is missing.
        """
        return cls(**{name: arrays[f"{prefix}_{name}"] for name in cls.__dataclass_fields__})
