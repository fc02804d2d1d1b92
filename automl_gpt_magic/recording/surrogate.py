"""Fit how much each parameter matters between recorded configurations, by leaving one configuration out at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..experience.bank import Bank
from ..experience.surrogate import covariance, unit_points
from ..experience.transfer import TransferSettings, effects
from ..records.space import SearchSpace

Floats = NDArray[np.float64]

_TRIED = (0.1, 0.3, 1.0, 3.0)
_SWEEPS = 2
_MIXTURES, _MIXED = 16, 8  # what is interpolated is a mixture of neighbours, and less noisy than one of them
_LEAST_GAIN = 1e-5


def fitted_shares(bank: Bank, space: SearchSpace) -> tuple[float, ...]:
    """Return one share a parameter: the best of those tried for one after another.

    Parameters
    ----------
    bank : Bank
        Its C configurations are each predicted from the others.
    space : SearchSpace
    """
    points, values = unit_points(bank.configurations, bank.parameters, space), _mixtures(bank)
    shares = np.ones(points.shape[1])
    least = missed(points, values, shares)
    for place in [*range(len(shares))] * _SWEEPS:
        for one in _TRIED:
            changed = np.where(np.arange(len(shares)) == place, one, shares)
            error = missed(points, values, changed)
            if error < least - _LEAST_GAIN:
                least, shares = error, changed
    print(f"between configurations {least:.3f} of the variance is missed")
    return tuple(float(share) for share in shares)


def missed(points: Floats, values: Floats, shares: Floats) -> float:
    """Return the share of the variance of values (C, n) that is missed where their own configuration is left out.

    All are left out at once (Rasmussen and Williams 2006, equation 5.12).
    """
    noise = TransferSettings.noise * np.eye(len(points))
    inverse = np.linalg.inv(covariance(points, points, shares) + noise)
    return float(np.mean((inverse @ values / np.diag(inverse)[:, None]) ** 2) / np.mean(values**2))


def _mixtures(bank: Bank) -> Floats:
    """Return means of the effects of a few datasets each, centred over the configurations, (C, n)."""
    chance, every = np.random.default_rng(0), effects(bank).astype("float64")
    drawn = [chance.choice(len(every), min(_MIXED, len(every)), replace=False) for _ in range(_MIXTURES)]
    means = np.concatenate([every[some].mean(axis=0) for some in drawn], axis=1)
    return np.asarray(means - means.mean(axis=0))
