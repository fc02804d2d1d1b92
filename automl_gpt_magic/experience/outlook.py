"""How far a training that has begun can still come, from the recorded curves of like configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.space import SearchSpace
from .bank import Bank
from .surrogate import unit_points

Floats = NDArray[np.float64]

_ALIKE = 16  # configurations
_SAME_LEVEL = 0.4  # of their curves: those whose loss stands nearest
_CHANCE = 0.05


class Outlook:
    """The best value that a training still reaches, one in twenty excepted.

    The recorded curves of the 16 configurations that are most alike are looked at, two fifths of them: those that stood
    nearest to the training's loss at the same step. What each still gained, as a factor, is what this training may
    gain.

    Parameters
    ----------
    bank : Bank
        Runs for the task, D datasets.
    space : SearchSpace
    """

    def __init__(self, bank: Bank, space: SearchSpace) -> None:
        self._bank, self._space = bank, space
        self._points = unit_points(bank.configurations, bank.parameters, space)
        self._best: dict[bool, Floats] = {}

    def reachable_loss(self, configuration: Mapping[str, Any], step: int, loss: float, *, is_error: bool) -> float:
        """Return a bound for the best loss up to the last step, given the best up to ``step``.

        Both are relative: to what knowing nothing gives, as the bank's. ``is_error`` says that it is the error share or
        the absolute error that is meant.
        """
        best = self._best_so_far(is_error)[:, self._alike(configuration)]
        last = np.searchsorted(self._bank.rounds, min(int(configuration[self._bank.step_name]), self._bank.rounds[-1]))
        then, end = best[..., np.searchsorted(self._bank.rounds, step).clip(max=last)].ravel(), best[..., last].ravel()
        steps = np.abs(np.log(np.maximum(then, 1e-4) / max(loss, 1e-4)))
        near = steps.argsort()[: max(1, int(_SAME_LEVEL * len(steps)))]
        return float(loss * np.quantile(end[near] / np.maximum(then[near], 1e-9), _CHANCE))

    def _alike(self, configuration: Mapping[str, Any]) -> NDArray[np.int64]:
        row = np.array([[float(configuration[name]) for name in self._bank.parameters]])
        steps = self._points - unit_points(row, self._bank.parameters, self._space)
        return np.argsort((steps**2).sum(axis=1))[:_ALIKE]

    def _best_so_far(self, is_error: bool) -> Floats:
        if is_error not in self._best:
            curves = self._bank.error if is_error else self._bank.valid
            self._best[is_error] = np.minimum.accumulate(curves, axis=2)
        return self._best[is_error]
