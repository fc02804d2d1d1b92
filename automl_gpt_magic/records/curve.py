"""Training logs, predicted and measured."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .metric import METRICS

Array = NDArray[np.float64]

# Of a forecast, at every step: so much of what may come lies below.
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
_LOW, _HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)

LOWER_IS_BETTER = {name: metric.lower_is_better for name, metric in METRICS.items()}


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric over a training run.

    Parameters
    ----------
    metric : str
        Such as ``log_loss`` (nats) or ``accuracy`` (share of 1); ``rmse`` and ``mae`` are in the
        target's unit.
    steps : (n,) array of int
        Boosting rounds or epochs, counted from 1.
    value : (n,) array
        On the validation part: the median forecast, or what was measured.
    training : (n,) array or None
        The same on the training part.
    quantiles : (9, n) array or None
        Of a forecast: the value at each level of `QUANTILES`, rising; that at 0.5 is ``value``. None on a measured
        curve, and where only a line was predicted.
    source : {"predicted", "measured"}
    kept : int or None
        Place in ``steps`` of the model that a training stopped early kept; None stands for the last.
    """

    metric: str
    steps: NDArray[np.int64]
    value: Array
    training: Array | None = None
    quantiles: Array | None = None
    source: Literal["predicted", "measured"] = "predicted"
    kept: int | None = None

    @property
    def final(self) -> float:
        """The value of the model that is kept: that of the last step, unless `kept` is another."""
        return float(self.value[self._end])

    @property
    def final_step(self) -> int:
        """The step of that model."""
        return int(self.steps[self._end])

    @property
    def _end(self) -> int:
        return -1 if self.kept is None else self.kept

    @property
    def lower(self) -> Array | None:
        """The lower end of a forecast's 80% interval, (n,)."""
        return None if self.quantiles is None else self.quantiles[_LOW]

    @property
    def upper(self) -> Array | None:
        """Its upper end, (n,)."""
        return None if self.quantiles is None else self.quantiles[_HIGH]

    @property
    def half_width(self) -> float:
        """Half the width of the interval at the last step; 0 on a measured curve."""
        return 0.0 if self.lower is None or self.upper is None else float(self.upper[-1] - self.lower[-1]) / 2

    @property
    def best_step(self) -> int:
        """The step with the best value."""
        best = np.argmin(self.value) if LOWER_IS_BETTER.get(self.metric, True) else np.argmax(self.value)
        return int(self.steps[best])

    def chance_below(self, bound: float) -> float:
        """Return how likely the last value is below ``bound``, by the quantiles; 0 or 1 where there are none."""
        if self.quantiles is None:
            return float(self.final < bound)
        return float(np.interp(bound, np.maximum.accumulate(self.quantiles[:, -1]), QUANTILES, left=0.0, right=1.0))


def quantiles_within(lower: Array, middle: Array, upper: Array) -> Array:
    """Return the quantiles, (9, n), of a two-piece normal distribution by its median and 80% interval, each (n,)."""
    ends = NormalDist().inv_cdf(QUANTILES[_HIGH])
    shares = np.array([NormalDist().inv_cdf(level) / ends for level in QUANTILES])[:, None]
    return np.asarray(middle + np.where(shares < 0, shares * (middle - lower), shares * (upper - middle)))
