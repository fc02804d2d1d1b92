"""How good a prediction was: its last value, its curve and its quantiles against what was measured.

Every prediction is scored at the step whose model the training kept, which is its last unless it stopped early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..records.curve import QUANTILES, Array, Curve
from ..records.run import until

# By the share in percent that each is to hold: its ends among the levels.
INTERVALS: Mapping[int, tuple[int, int]] = {
    50: (QUANTILES.index(0.25), QUANTILES.index(0.75)),
    80: (QUANTILES.index(0.1), QUANTILES.index(0.9)),
    90: (QUANTILES.index(0.05), QUANTILES.index(0.95)),
    95: (QUANTILES.index(0.025), QUANTILES.index(0.975)),
}
_LEVELS = np.array(QUANTILES)


@dataclass(frozen=True, eq=False)
class Score:
    """One prediction against what was measured, in the metric's unit.

    Attributes
    ----------
    predicted, measured : float
        The last value.
    quantiles : (9,) array or None
        Predicted for it; NaN at levels that are not known. None for a line alone.
    error : float
        Between both.
    curve_error : float or None
        See `curve_error`.
    """

    predicted: float
    measured: float
    quantiles: Array | None
    curve_error: float | None

    @property
    def error(self) -> float:
        return abs(self.predicted - self.measured)

    @property
    def crps(self) -> float:
        return self.error if self.quantiles is None else crps(self.quantiles, self.measured)

    @property
    def width(self) -> float | None:
        return None if self.quantiles is None else width(self.quantiles)

    def ends(self, share: int) -> tuple[float, float] | None:
        """Return the ends of the central interval for ``share`` percent; None where they are not known."""
        return None if self.quantiles is None else ends(self.quantiles, share)

    def inside(self, share: int) -> bool | None:
        """Whether the measured value lies in the interval for ``share`` percent; None where that is not known."""
        return None if self.quantiles is None else inside(self.quantiles, self.measured, share)


def why_not_scored(predicted: Curve, measured: Curve | None) -> str:
    """Return why a prediction cannot be scored; empty where it can."""
    if measured is None or not len(measured.value):
        return "not measured"
    if not np.isfinite(measured.final):
        return "measured no finite value"
    told = until(predicted, measured.final_step) if len(predicted.value) else predicted
    if told is None:
        return f"ended before step {predicted.steps[0]}"
    last = [*told.value[-1:], *_known_quantiles(told)]
    return "" if last and np.isfinite(last).all() else "predicted no finite value"


def score(predicted: Curve, measured: Curve) -> Score:
    """Return the scores of a prediction for which `why_not_scored` finds nothing."""
    told = until(predicted, measured.final_step)
    assert told is not None
    quantiles = told.quantiles[:, -1] if told.quantiles is not None and len(_known_quantiles(told)) else None
    return Score(told.final, measured.final, quantiles, curve_error(predicted, measured))


def _known_quantiles(told: Curve) -> Array:
    """Return the last step's quantiles, without levels of which nothing is known at any step."""
    if told.quantiles is None:
        return np.array([])
    return told.quantiles[~np.isnan(told.quantiles).all(axis=1), -1]


def curve_error(predicted: Curve, measured: Curve) -> float | None:
    """Return the mean absolute error over the steps that both curves have, whatever happened between them.

    Values that are not finite count on neither side. None where there are not two such steps: that is no curve.
    """
    _, ours, theirs = np.intersect1d(predicted.steps, measured.steps, return_indices=True)
    misses = np.abs(predicted.value[ours] - measured.value[theirs])
    misses = misses[np.isfinite(misses)]
    return float(misses.mean()) if len(misses) > 1 else None


def ends(quantiles: Array, share: int) -> tuple[float, float] | None:
    """Return the ends of the central interval for ``share`` percent; None where they are not known."""
    low, high = (float(quantiles[place]) for place in INTERVALS[share])
    return (low, high) if np.isfinite([low, high]).all() else None


def inside(quantiles: Array, measured: float, share: int) -> bool | None:
    """Return whether a value lies in the central interval for ``share`` percent, its ends included.

    The mean over many predictions is the interval's coverage, which a calibrated source holds to ``share`` (Gneiting,
    Balabdaoui and Raftery 2007, "Probabilistic forecasts, calibration and sharpness", J. R. Statist. Soc. B 69).
    """
    interval = ends(quantiles, share)
    return None if interval is None else bool(interval[0] <= measured <= interval[1])


def width(quantiles: Array) -> float | None:
    """Return the width of the 80% interval, whose mean is a source's sharpness.

    Of two calibrated sources the sharper one is better (Gneiting, Balabdaoui and Raftery 2007, sections 1 and 3.3).
    """
    interval = ends(quantiles, 80)
    return None if interval is None else interval[1] - interval[0]


def crps(quantiles: Array, measured: float) -> float:
    """Return the continuous ranked probability score of a value under a distribution known by quantiles.

    It is the integral of (F(x) - 1{x >= measured})^2 over x (Gneiting and Raftery 2007, "Strictly proper scoring
    rules, prediction, and estimation", J. Am. Statist. Assoc. 102, equation 20), in the unit of the value, smaller is
    better; for a line alone it is the absolute error. It equals the integral over all levels t of twice the pinball
    loss (measured - q_t) (t - 1{measured < q_t}) (Laio and Tamea 2007, Hydrol. Earth Syst. Sci. 11, equation 8), and
    is mostly approximated by twice the mean of that loss over the levels at hand. Ours are denser at the ends, where
    losses are small, so the plain mean would be a third too low for a calibrated normal distribution; here each level
    counts for the share of all levels that is nearest to it. That is 3% too low for the nine of `QUANTILES`, and 6%
    for the three of a run that an earlier version kept.

    Parameters
    ----------
    quantiles : (9,) array
        At the levels of `QUANTILES`; NaN where not known.
    measured : float
    """
    known = np.isfinite(quantiles)
    levels, values = _LEVELS[known], quantiles[known]
    shares = np.diff(np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]]))
    return float(2 * shares @ ((measured - values) * (levels - (measured < values))))


def below(quantiles: Array, measured: float) -> NDArray[np.float64]:
    """Return for each level whether the value is at most the quantile there, as 1 or 0; NaN where that is not known."""
    return np.where(np.isnan(quantiles), np.nan, measured <= quantiles)
