"""Predicted curves with their bands, before a training and while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.card import REGRESSION, DataCard
from ..records.curve import QUANTILES, Curve
from ..records.evidence import Continuation, Forecast
from ..records.metric import LOSSES
from ..records.space import SearchSpace
from .band import Band
from .bank import KINDS, Bank
from .continuation import Beginnings, continued
from .duration import Duration
from .level import MOST_LOSS, Level, compressed, expanded
from .memory import predicted_memory
from .surrogate import unit_points
from .transfer import Prediction, Transfer

Floats = NDArray[np.float64]

_MIDDLE = QUANTILES.index(0.5)
_LEAST_BAND = 1e-6  # of a relative loss
_JUMP = 3.0  # times what its band reaches: less is usual near the end, where bands are narrow


class Forecaster:
    """The forecasts for one dataset.

    Parameters
    ----------
    bank : Bank
        Runs for its task.
    arm : {"card", "data", "prior", "prior_data"}
        By what the dataset is known; the last two where it is far from all that was recorded.
    transfer : Transfer
    level : Level
    scales : (float, float)
        The units of relative loss and error; see `scales`.
    card : DataCard
    space : SearchSpace
    """

    def __init__(
        self,
        bank: Bank,
        arm: str,
        transfer: Transfer,
        level: Level,
        scales: tuple[float, float],
        card: DataCard,
        space: SearchSpace,
    ) -> None:
        self._bank, self._transfer, self._level = bank, transfer, level
        self._card, self._space, self._scale = card, space, dict(zip(KINDS, scales, strict=True))
        fitted = bank.calibration
        self._bands = {kind: Band(one, card.task) for kind, one in fitted["bands"][arm].items()}
        self._rest = {kind: Band(one, card.task) for kind, one in fitted["continuation"][arm].items()}
        self._duration = Duration(bank, card, space)

    def seconds(self, configuration: Mapping[str, Any]) -> float:
        """Return the predicted training time."""
        return self._duration.seconds(configuration)

    def losses(self, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return the predicted loss after the last step of each of n configurations, (n,): that of `forecast`."""
        return self._scale["loss"] * self._transfer.losses(configurations)

    def forecast(self, configuration: Mapping[str, Any]) -> Forecast:
        """Predict the curves, the training time and the memory of ``configuration``, up to its last step."""
        relative, n_steps = self._transfer.predict(configuration), int(configuration[self._bank.step_name])
        steps = np.unique(np.append(self._bank.rounds[self._bank.rounds < n_steps], n_steps))
        training = self._scale["loss"] * np.interp(steps, self._bank.rounds, relative.train)
        curves = {metric: self._curve(metric, relative, steps) for metric in self._metrics}
        curves = {name: _with_training(one, training) if name in LOSSES else one for name, one in curves.items()}
        return replace(self.resources(configuration), curves=curves, note=self._beyond(n_steps))

    def resources(self, configuration: Mapping[str, Any]) -> Forecast:
        """Predict the training time and the memory alone, which is faster."""
        memory = predicted_memory(self._space.family, self._card, configuration)
        band = (memory.lower, memory.upper)
        return Forecast({}, self.seconds(configuration), memory=memory.bytes, memory_band=band)

    def continued(self, configuration: Mapping[str, Any], measured: Mapping[str, Curve]) -> Continuation:
        """Predict what a training that has begun will still do; see `Advice.continued`."""
        before, default = self._transfer.predict(configuration), self._transfer.predict(self._space.default)
        curves, moved, notes = {}, {}, []
        for metric in self._metrics:
            if metric not in measured or not len(measured[metric].value):
                continue
            if not np.isfinite(measured[metric].value).all():
                notes.append(f"{metric.replace('_', ' ')} is no longer a number: nothing can be said of the rest.")
                continue
            curves[metric], jumped = self._rest_of(metric, configuration, before, measured[metric])
            if jumped:
                notes.append(f"The {metric.replace('_', ' ')} jumped: its band reaches back to where it was.")
            moved[metric] = self._default(metric, configuration, before, default, curves[metric].final)
        return Continuation(replace(self.resources(configuration), curves=curves, note=" ".join(notes)), moved)

    @property
    def _metrics(self) -> tuple[str, ...]:
        return ("rmse", "mae") if self._card.task == REGRESSION else ("log_loss", "accuracy")

    def _curve(self, metric: str, relative: Prediction, steps: NDArray[np.int64]) -> Curve:
        kind = _kind(metric)
        line = relative.valid if kind == "loss" else relative.error
        wider = 1 + np.log(np.maximum(steps / self._bank.rounds[-1], 1.0))
        at = np.interp(steps, self._bank.rounds, line)
        offsets = self._bands[kind].offsets(relative.signs, np.log(self._bank.rounds))
        quantiles = at + wider * np.array([np.interp(steps, self._bank.rounds, one) for one in offsets])
        return self._of_quantiles(metric, steps, quantiles)

    def _of_quantiles(self, metric: str, steps: NDArray[np.int64], quantiles: Floats) -> Curve:
        """Return a forecast from the quantiles (9, n) of a relative loss or error."""
        values = self._scale[_kind(metric)] * np.maximum.accumulate(np.clip(quantiles, 0.0, MOST_LOSS), axis=0)
        if metric == "accuracy":
            values = np.clip(1 - values[::-1], 0, 1)
        return Curve(metric, steps, values[_MIDDLE], quantiles=values)

    def _rest_of(
        self, metric: str, configuration: Mapping[str, Any], before: Prediction, measured: Curve
    ) -> tuple[Curve, bool]:
        """Return the rest of a curve, and whether it jumped much farther than its band would reach."""
        kind, done = _kind(metric), int(measured.steps[-1])
        rounds = self._bank.rounds.astype("float64")
        n_steps = int(configuration[self._bank.step_name])
        later = np.unique(np.append(self._bank.rounds[self._bank.rounds < n_steps], n_steps))
        later = later[later > done]
        seen = compressed(np.minimum(self._relative(metric, measured.value), MOST_LOSS))
        now = expanded(np.full((len(QUANTILES), 1), seen[-1]))
        if not len(later):
            return self._of_quantiles(metric, np.array([done]), now), False
        forecast = compressed(before.valid if kind == "loss" else before.error)
        begun = Beginnings(
            np.repeat(self._point(configuration), len(later), axis=0),
            rounds,
            np.tile(np.interp(rounds, measured.steps, seen), (len(later), 1)),
            np.tile(forecast, (len(later), 1)),
            np.tile(self._level.spread, (len(later), 1)),
            np.full(len(later), float(done)),
            later.astype("float64"),
        )
        line = expanded(continued(self._bank.continuations[kind], begun))
        offsets = self._rest[kind].offsets(begun.signs, begun.places)
        back = np.where(begun.jump > 0, -offsets[0], offsets[-1])
        short = np.abs(begun.jump) / np.maximum(back, _LEAST_BAND)
        quantiles = line + offsets * np.maximum(short, 1.0)
        return self._of_quantiles(metric, np.append(done, later), np.hstack([now, quantiles])), bool(short[-1] > _JUMP)

    def _default(
        self, metric: str, configuration: Mapping[str, Any], before: Prediction, default: Prediction, final: float
    ) -> float:
        """Return what the default comes to, moved as far as the training's own end was."""
        moved = compressed(self._relative(metric, np.array([final]))) - self._end(metric, before, configuration)
        there = expanded(self._end(metric, default, self._space.default) + moved)
        return self._of_quantiles(metric, np.array([1]), np.tile(there, (len(QUANTILES), 1))).final

    def _end(self, metric: str, predicted: Prediction, configuration: Mapping[str, Any]) -> Floats:
        line = predicted.valid if _kind(metric) == "loss" else predicted.error
        return compressed(np.interp([configuration[self._bank.step_name]], self._bank.rounds, line))

    def _relative(self, metric: str, values: Floats) -> Floats:
        return np.asarray((1 - values if metric == "accuracy" else values) / self._scale[_kind(metric)])

    def _point(self, configuration: Mapping[str, Any]) -> Floats:
        row = np.array([[float(configuration[name]) for name in self._bank.parameters]])
        return unit_points(row, self._bank.parameters, self._space)

    def _beyond(self, n_steps: int) -> str:
        last = int(self._bank.rounds[-1])
        if n_steps <= last:
            return ""
        return f"No recorded training went beyond {last} steps: from there on the curve is level and its band widens."


def _kind(metric: str) -> str:
    return "loss" if metric in LOSSES else "error"


def _with_training(curve: Curve, training: Floats) -> Curve:
    return Curve(curve.metric, curve.steps, curve.value, training, curve.quantiles)
