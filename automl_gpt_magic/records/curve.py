"""Training logs, predicted and measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOWER_IS_BETTER = {"log_loss": True, "accuracy": False, "rmse": True, "mae": True}


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
    lower, upper : (n,) array or None
        The 80% interval of a forecast; None on a measured curve.
    source : {"predicted", "measured"}
    kept : int or None
        Place in ``steps`` of the model that a training stopped early kept; None stands for the last.
    """

    metric: str
    steps: NDArray[np.int64]
    value: Array
    training: Array | None = None
    lower: Array | None = None
    upper: Array | None = None
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
    def half_width(self) -> float:
        """Half the width of the interval at the last step; 0 on a measured curve."""
        return 0.0 if self.lower is None or self.upper is None else float(self.upper[-1] - self.lower[-1]) / 2

    @property
    def best_step(self) -> int:
        """The step with the best value."""
        best = np.argmin(self.value) if LOWER_IS_BETTER.get(self.metric, True) else np.argmax(self.value)
        return int(self.steps[best])
