"""What a training that has begun will still do, from its curve so far and what had been forecast of it.

The rest of the forecast curve is moved to the measured one, and boosted trees add what such a beginning was usually
followed by on the recorded datasets. All losses are on the scale of `level.compressed`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .level import expanded
from .trees import Trees

Floats = NDArray[np.float64]

_SHARES = (0.25, 0.5, 0.75)  # of the steps so far
_LATE = 0.75


@dataclass(frozen=True, eq=False)
class Beginnings:
    """M trainings that have begun, and what had been forecast of each.

    Attributes
    ----------
    points : (M, P) array
        The configurations on the scales of their ranges; see `surrogate.unit_points`.
    rounds : (T,) array
        The steps of the curves.
    measured : (M, T) array
        What was measured; after ``done`` steps it is not looked at.
    forecast, spread : (M, T) array
        The curve that was forecast, and how unsure its level was.
    done, wanted : (M,) array
        After how many steps a training is, and at which step its value is wanted.
    """

    points: Floats
    rounds: Floats
    measured: Floats
    forecast: Floats
    spread: Floats
    done: Floats
    wanted: Floats

    @property
    def moved(self) -> Floats:
        """What the forecast says at the wanted step, if all of it is moved to the measured value, (M,)."""
        return self._now + self._still

    @property
    def signs(self) -> Floats:
        """Signs of a large error, (6, M).

        What is still to come; how far the forecast was off, and how much of that came of late, as after a jump; and
        how large the loss is.
        """
        ahead, unsure = np.log(self.wanted / self.done), self._along(self.spread, self.wanted)
        return np.array([ahead, self._still, unsure, self._off(self.done), self._since(_LATE), expanded(self._now)])

    @property
    def jump(self) -> Floats:
        """How far the loss rose lately beyond what was forecast, (M,)."""
        return np.asarray(expanded(self._now) - expanded(self._now - self._since(_LATE)))

    @property
    def places(self) -> Floats:
        """How much is done, as the logarithm of a share, (M,)."""
        return np.asarray(np.log(self.done / self.wanted))

    def features(self) -> Floats:
        """Return what the trees know, (M, F)."""
        now, then = self._now, self._along(self.forecast, self.done)
        shape = []
        for share in _SHARES:
            step = np.maximum(1.0, share * self.done)
            shape += [self._along(self.measured, step) - now, -self._since(share)]
        first = self._along(self.measured, np.ones(len(now))) - now
        steps = [np.log(self.done), np.log(self.wanted), np.log(self.wanted / self.done)]
        known = [*steps, now, now - then, self._still, then + self._still, first, self._along(self.spread, self.wanted)]
        return np.column_stack([self.points, *known, *shape])

    @property
    def _now(self) -> Floats:
        return self._along(self.measured, self.done)

    def _since(self, share: float) -> Floats:
        """How much of its error the forecast has come to since this share of the steps so far, (M,)."""
        return self._off(self.done) - self._off(np.maximum(1.0, share * self.done))

    def _off(self, steps: Floats) -> Floats:
        return self._along(self.measured, steps) - self._along(self.forecast, steps)

    @property
    def _still(self) -> Floats:
        """What the forecast has still to fall or rise, (M,)."""
        return self._along(self.forecast, self.wanted) - self._along(self.forecast, self.done)

    def _along(self, curves: Floats, steps: Floats) -> Floats:
        """Return each curve at its own step, (M,)."""
        grid = np.log(self.rounds)
        at = np.clip(np.log(steps), grid[0], grid[-1])
        after = np.clip(np.searchsorted(grid, at), 1, len(grid) - 1)
        share = (at - grid[after - 1]) / (grid[after] - grid[after - 1])
        rows = np.arange(len(curves))
        return np.asarray((1 - share) * curves[rows, after - 1] + share * curves[rows, after])


def continued(trees: Trees, begun: Beginnings) -> Floats:
    """Return what each training comes to at its wanted step, (M,)."""
    return begun.moved + trees.predict(begun.features())
