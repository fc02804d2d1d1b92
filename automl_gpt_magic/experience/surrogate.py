"""What a configuration that was never run would have given, from those that were.

A Gaussian-process mean (Rasmussen and Williams 2006, equation 2.25) over the shared configurations. It is linear in
the recorded values, so one weight vector serves every dataset and every round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.space import SearchSpace
from .bank import Bank

Floats = NDArray[np.float64]


class Surrogate:
    """Weights over the bank's C configurations for any other configuration.

    Parameters
    ----------
    bank : Bank
    space : SearchSpace
        Gives each parameter's scale and range.
    lengths : sequence of float
        One correlation length a parameter, as a share of its range, or one for all.
    noise : float
        Variance of a recorded value over that of the signal.
    """

    def __init__(self, bank: Bank, space: SearchSpace, lengths: Sequence[float], noise: float) -> None:
        self._space, self._names, self._lengths = space, bank.parameters, np.asarray(lengths)
        self._points = unit_points(bank.configurations, self._names, space)
        self._solve = _inverse(self._points.tobytes(), self._points.shape, tuple(lengths), noise)

    def weights(self, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return weights of shape (n, C); they apply to values centred over the configurations."""
        table = np.array([[float(configuration[name]) for name in self._names] for configuration in configurations])
        return np.asarray(self._covariance(unit_points(table, self._names, self._space)) @ self._solve)

    def _covariance(self, points: Floats) -> Floats:
        return _covariance(points, self._points, self._lengths)


@lru_cache(maxsize=8)
def _inverse(points: bytes, shape: tuple[int, ...], lengths: tuple[float, ...], noise: float) -> Floats:
    """Return the inverse of the covariance of points; every dataset of a bank has the same."""
    table = np.frombuffer(points).reshape(shape)
    covariance = _covariance(table, table, np.asarray(lengths))
    return np.asarray(np.linalg.inv(covariance + noise * np.eye(len(table))))


def _covariance(one: Floats, other: Floats, lengths: Floats) -> Floats:
    steps = (one[:, None, :] - other[None, :, :]) / lengths
    return np.asarray(np.exp(-0.5 * (steps**2).sum(axis=-1)))


def unit_points(table: Floats, names: Sequence[str], space: SearchSpace) -> Floats:
    """Return configurations (n, P) on the scales of their ranges, from 0 to 1."""
    return np.stack([_scaled(table[:, i], space[name]) for i, name in enumerate(names)], axis=1)


def _scaled(values: Floats, parameter: Any) -> Floats:
    if parameter.kind == "choice":  # of numbers, in their order
        return np.asarray(np.searchsorted(parameter.choices, values) / (len(parameter.choices) - 1))
    values = np.clip(values, parameter.low, parameter.high)
    if parameter.log:
        return np.asarray(np.log(values / parameter.low) / np.log(parameter.high / parameter.low))
    return np.asarray((values - parameter.low) / (parameter.high - parameter.low))
