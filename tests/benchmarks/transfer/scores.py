"""Scores of recommended configurations: 0 is a random one, 1 what 40 trials of TPE come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]

CLIPPED = (-1.0, 1.2)
_LEAST_GAIN = 1e-9
_RESAMPLED = 5_000


def score(loss: Any, mean_random: Any, tuned: Any) -> Floats:
    """Return (mean of random - loss) / (mean of random - tuned), clipped; NaN where tuning gained nothing."""
    gain = np.asarray(mean_random, dtype="float64") - tuned
    worth_it = gain > _LEAST_GAIN
    raw = (np.asarray(mean_random, dtype="float64") - loss) / np.where(worth_it, gain, 1.0)
    return np.where(worth_it, np.clip(raw, *CLIPPED), np.nan)


def expected_of_best(valid: Any, values: Any) -> Floats:
    """Return what is expected of the best of k by validation, k = 1 to n, over all draws without replacement.

    Parameters
    ----------
    valid : (n,) array
        What is chosen by.
    values : (n,) array
        What is then got.
    """
    in_order = np.asarray(values, dtype="float64")[np.argsort(valid, kind="stable")]
    n = len(in_order)
    expected = []
    for k in range(1, n + 1):
        # The chance that the j-th best is the best of k: none of the j before it was drawn.
        chances = [k / n]
        for j in range(n - k):
            chances.append(chances[-1] * (n - k - j) / (n - 1 - j))
        expected.append(float(np.dot(chances, in_order[: len(chances)])))
    return np.array(expected)


def worth(mean_score: float, of_best: Floats) -> str:
    """Return how many random trials score as much on average, given the mean score of the best of k = 1 to n."""
    rising = np.maximum.accumulate(of_best)
    if mean_score < rising[0]:
        return "<1"
    if mean_score > rising[-1]:
        return f">{len(rising)}"
    return f"{np.interp(mean_score, rising, np.arange(1, len(rising) + 1)):.1f}"


def interval(values: Any, groups: Sequence[str], seed: int = 0) -> tuple[float, float]:
    """Return the bootstrap's 95% interval of the mean, near-copies of a dataset drawn together; NaN is left out."""
    values = np.asarray(values, dtype="float64")
    there = ~np.isnan(values)
    _, group = np.unique(np.asarray(groups)[there], return_inverse=True)
    sums, counts = np.bincount(group, values[there]), np.bincount(group)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(_RESAMPLED, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def mean_ranks(losses: Floats) -> Floats:
    """Return the mean rank of every row of (rows, datasets), 1 the best; of equal losses the middle one."""
    return np.asarray(rankdata(losses, axis=0).mean(axis=1))


def excess(ours: Floats, default: Floats, *, squared: bool) -> tuple[float, float]:
    """Return by how much a loss is above the default's, and the standard error of that over the test rows.

    The difference is taken row by row, so that what is hard for both does not count as noise.

    Parameters
    ----------
    ours, default : (n,) array
        Losses of the same rows.
    squared : bool
        The rows are squared errors, and the loss is the root of their mean.
    """
    difference = ours - default
    unit = float(np.sqrt(ours.mean()) + np.sqrt(default.mean())) if squared else 1.0
    unit = unit or 1.0
    return float(difference.mean()) / unit, float(difference.std(ddof=1)) / len(difference) ** 0.5 / unit
