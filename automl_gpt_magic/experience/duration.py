"""How long a training will take, from how long the recorded ones took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.card import MULTICLASS, DataCard
from .bank import Bank

_RECORDED_SHARE = 0.6  # of a dataset's rows are trained on


class Duration:
    """A least-squares fit of log seconds a round on rows, features, depth and learning rate.

    Recorded on one core; the user's machine differs, so the number is an order of magnitude.
    """

    def __init__(self, bank: Bank, card: DataCard) -> None:
        self._trees = max(1, len(card.class_balance)) if card.task == MULTICLASS else 1
        self._size = _size(card.n_rows or 1000, card.n_features or 10)
        self._names = ("max_depth", "learning_rate")
        columns = [bank.parameters.index(name) for name in self._names]
        sizes = np.array([_size(recorded["n_rows"], recorded["n_features"]) for recorded in bank.datasets])
        shapes = np.array([_shape(configuration[columns]) for configuration in bank.configurations])
        rows = np.hstack([np.repeat(sizes, len(shapes), axis=0), np.tile(shapes, (len(sizes), 1))])
        trees = np.array([max(1, len(d["class_balance"])) if d["task"] == MULTICLASS else 1 for d in bank.datasets])
        logs = np.log(np.maximum(bank.seconds, 1e-3) / bank.rounds[-1] / trees[:, None]).ravel()
        self._coefficients = np.linalg.lstsq(rows, logs, rcond=None)[0]

    def seconds(self, configuration: Mapping[str, Any]) -> float:
        """Return the predicted seconds of training ``configuration`` for its ``n_estimators`` on one core."""
        shape = _shape(np.array([float(configuration[name]) for name in self._names]))
        a_round = np.exp(np.concatenate([self._size, shape]) @ self._coefficients)
        return float(a_round * self._trees * configuration["n_estimators"])


def _size(n_rows: float, n_features: float) -> NDArray[np.float64]:
    return np.array([1.0, np.log(_RECORDED_SHARE * n_rows), np.log(n_features)])


def _shape(values: NDArray[np.float64]) -> NDArray[np.float64]:
    depth, rate = values
    return np.array([depth, np.log(rate)])
