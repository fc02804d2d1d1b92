"""What a configuration that was never run would have given, from those that were.

A Gaussian-process mean (Rasmussen and Williams 2006, equation 2.25) over the shared configurations. It is linear in
the recorded values, so one weight vector serves every dataset and every round. Its covariance is additive (Duvenaud,
Nickisch and Rasmussen 2011): a sum over single parameters, pairs and triples of them. Two configurations that share a
learning rate have something in common however far apart the rest is, which so few configurations in so many dimensions
need.
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

# Chosen on the configurations of all five families, each left out in turn. A length is a share of a parameter's range:
# fitted lengths did no better than fitted shares.
_LENGTH = 0.4
_OF_SINGLES, _OF_PAIRS, _OF_TRIPLES = 0.3, 0.4, 0.3


class Surrogate:
    """Weights over the bank's C configurations for any other configuration.

    Parameters
    ----------
    bank : Bank
    space : SearchSpace
        Gives each parameter's scale and range.
    shares : sequence of float
        How much each parameter matters.
    noise : float
        Variance of a recorded value over that of the signal.
    """

    def __init__(self, bank: Bank, space: SearchSpace, shares: Sequence[float], noise: float) -> None:
        self._space, self._names, self._shares = space, bank.parameters, np.asarray(shares)
        self._points = unit_points(bank.configurations, self._names, space)
        self._solve = _inverse(self._points.tobytes(), self._points.shape, tuple(shares), noise)

    def weights(self, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return weights of shape (n, C); they apply to values centred over the configurations."""
        table = np.array([[float(configuration[name]) for name in self._names] for configuration in configurations])
        points = unit_points(table, self._names, self._space)
        return np.asarray(covariance(points, self._points, self._shares) @ self._solve)


@lru_cache(maxsize=8)
def _inverse(points: bytes, shape: tuple[int, ...], shares: tuple[float, ...], noise: float) -> Floats:
    """Return the inverse of the covariance of points; every dataset of a bank has the same."""
    table = np.frombuffer(points).reshape(shape)
    return np.asarray(np.linalg.inv(covariance(table, table, np.asarray(shares)) + noise * np.eye(len(table))))


def covariance(one: Floats, other: Floats, shares: Floats) -> Floats:
    """Return the covariances (n, m) of points (n, P) and (m, P); that of a point with itself is 1.

    Sums over pairs and triples follow from those of powers (Newton's identities).
    """
    alike = shares * np.exp(-0.5 * ((one[:, None, :] - other[None, :, :]) / _LENGTH) ** 2)
    return np.asarray(_by_order(alike) / _by_order(shares))


def _by_order(alike: Floats) -> Floats:
    """Return the weighted means of products over one, two and three different parameters, (..., P) to (...)."""
    n = alike.shape[-1]
    first, second, third = (np.sum(alike**power, axis=-1) for power in (1, 2, 3))
    singles, pairs = first / n, (first**2 - second) / (n * (n - 1))
    triples = (first**3 - 3 * first * second + 2 * third) / (n * (n - 1) * (n - 2))
    return np.asarray(_OF_SINGLES * singles + _OF_PAIRS * pairs + _OF_TRIPLES * triples)


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
