"""How long a training will take, from how long the recorded ones took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.card import DataCard
from ..records.space import SearchSpace
from .bank import Bank
from .similarity import card_fields, n_inputs
from .surrogate import unit_points

Floats = NDArray[np.float64]

_RECORDED_SHARE = 0.6  # of a dataset's rows are trained on
# How log seconds rise with log rows, log inputs and log classes, as far as the runs do not tell: work is proportional
# to the data. Where all recorded datasets have about the same size, a free fit would be wild beyond it.
_USUAL = (1.0, 1.0, 0.0)
_SHRINKAGE = 0.02  # of the number of runs


class Duration:
    """A ridge regression of log seconds a step on the data's size and the configuration, shrunk to proportionality.

    Recorded on one core; the user's machine differs, so the number is an order of magnitude.
    """

    def __init__(self, bank: Bank, card: DataCard, space: SearchSpace) -> None:
        self._bank, self._space = bank, space
        self._size = _size(card.n_rows or 1000, n_inputs(card_fields(card)), len(card.class_balance))
        sizes = np.array([_size(each["n_rows"], n_inputs(each), len(each["class_balance"])) for each in bank.datasets])
        points = unit_points(bank.configurations, bank.parameters, space)
        table = np.hstack([np.repeat(sizes, len(points), axis=0), np.tile(points, (len(sizes), 1))])
        logs = np.log(np.maximum(bank.seconds, 1e-3) / bank.rounds[-1]).ravel()
        usual = np.zeros(table.shape[1])
        usual[: len(_USUAL)] = _USUAL
        self._centre, centred = table.mean(axis=0), table - table.mean(axis=0)
        beside = logs - table @ usual
        penalised = centred.T @ centred + _SHRINKAGE * len(table) * np.eye(len(usual))
        self._coefficients = usual + np.linalg.solve(penalised, centred.T @ (beside - beside.mean()))
        self._mean = logs.mean()

    def seconds(self, configuration: Mapping[str, Any]) -> float:
        """Return the predicted seconds of training ``configuration`` for all its steps on one core."""
        row = np.array([[float(configuration[name]) for name in self._bank.parameters]])
        point = unit_points(row, self._bank.parameters, self._space)[0]
        log_step = self._mean + (np.concatenate([self._size, point]) - self._centre) @ self._coefficients
        return float(np.exp(log_step) * configuration[self._bank.step_name])


def _size(n_rows: float, n_features: int | None, n_classes: int) -> Floats:
    """Return log rows, inputs and classes; boosting grows trees for each of more than two classes."""
    return np.log([_RECORDED_SHARE * n_rows, n_features or 10, max(n_classes, 2)])
