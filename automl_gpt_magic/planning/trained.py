"""What finished trainings on the plan's rows tell of one that is only planned: above all what predictions cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from ..records.cost import Cost, Latency, this_machine
from ..records.request import UNITS, Constraint
from ..records.run import Measured, Run
from .costs import Work

# Runs whose work is nearer to each other than this say nothing of what more work costs.
_APART = 1.2
_ABSENT = object()


@dataclass(frozen=True)
class Trained:
    """One finished training.

    Attributes
    ----------
    family : str
    configuration : mapping
    n_steps : int
        Of the model that was kept.
    seconds : float
    values : mapping of metric to float
        Of the validation part.
    cost : Cost or None
        What was measured of the model.
    here : bool
        Whether it was trained on this machine.
    """

    family: str
    configuration: Mapping[str, Any]
    n_steps: int
    seconds: float
    values: Mapping[str, float]
    cost: Cost | None = None
    here: bool = True

    def is_of(self, family: str, configuration: Mapping[str, Any]) -> bool:
        """Return whether these are the values that it was trained with."""
        return self.family == family and all(
            self.configuration.get(name, _ABSENT) == value for name, value in configuration.items()
        )

    def value(self, limit: Constraint) -> float | None:
        """Return what was measured of what a limit is on; None where it was not, or on another machine."""
        if limit.quantity not in UNITS:
            return self.values.get(limit.quantity)
        if not self.here and limit.quantity != "model_size":
            return None
        if limit.quantity == "training_seconds":
            return self.seconds
        return self.cost.value(limit) if self.cost else None


def trained_in(runs: Iterable[Run], split: Mapping[str, Any]) -> tuple[Trained, ...]:
    """Return what runs on the same rows tell, those with this split, in their order."""
    return tuple(
        Trained(run.family, run.configuration, _steps(run), run.seconds, _finals(run), run.cost, _is_here(run))
        for run in runs
        if run.split == split
    )


def _is_here(run: Run) -> bool:
    return run.cost.machine == this_machine() if run.cost else not run.imported


def just_trained(family: str, measured: Measured) -> Trained:
    """Return what a training that has just finished tells."""
    values = {**measured.scores, **_finals(measured)}
    return Trained(family, measured.hyperparameters, _steps(measured), measured.seconds, values, measured.cost)


def _finals(measured: Run | Measured) -> dict[str, float]:
    return {metric: curve.final for metric, curve in measured.curves.items() if len(curve.steps)}


def _steps(measured: Run | Measured) -> int:
    return max((curve.final_step for curve in measured.curves.values() if len(curve.steps)), default=0)


@dataclass(frozen=True)
class PredictedCost:
    """What a model will cost to use, from its work and from what others on the same rows cost.

    Attributes
    ----------
    work : Work or None
    known : sequence of (Work, Cost)
        Of models of the same family.
    """

    work: Work | None = None
    known: Sequence[tuple[Work, Cost]] = ()

    @property
    def is_counted(self) -> bool:
        """Whether the size is exact before anything was measured."""
        return self.work is not None and self.work.is_counted

    @property
    def here(self) -> list[tuple[Work, Cost]]:
        """What was measured on this machine."""
        return [one for one in self.known if one[1].machine == this_machine()]

    def value(self, limit: Constraint) -> float | None:
        """Return what a limit on latency, throughput or size is on; None where nothing tells it."""
        if self.work is None:
            return None
        if limit.quantity == "model_size":
            return self._bytes(self.work)
        if limit.quantity not in ("latency", "throughput"):
            return None
        return self._latency(self.work, limit)

    def _bytes(self, work: Work) -> float:
        points = [(one.n_bytes, cost.model_bytes) for one, cost in self.known if cost.model_bytes]
        return _scaled(work.n_bytes, points) if points else work.n_bytes

    def _latency(self, work: Work, limit: Constraint) -> float | None:
        timed = [(one, cost.latency(limit.batch), cost.model_latency(limit.batch)) for one, cost in self.here]
        both = [(one, whole, alone) for one, whole, alone in timed if whole is not None and alone is not None]
        if not both:
            return None
        points = [(one.seconds(limit.batch), alone.p50) for one, _, alone in both]
        around = median(max(0.0, whole.p50 - alone.p50) for _, whole, alone in both)
        p50 = around + _scaled(work.seconds(limit.batch), points)
        slower = median(whole.p95 / whole.p50 for _, whole, _ in both)
        return Latency(limit.batch, p50, p50 * slower, 0).value(limit)


def _scaled(work: float, points: Sequence[tuple[float, float]]) -> float:
    """Return what work takes, given what other work took.

    Runs that are apart give a line, with what does not depend on the work and what does; without them, twice the work
    takes twice as long as in the run that is nearest.
    """
    least, most = min(one for one, _ in points), max(one for one, _ in points)
    if most < _APART * least:
        near, took = min(points, key=lambda point: abs(point[0] - work))
        return took * work / near
    mean, mean_taken = fmean(one for one, _ in points), fmean(took for _, took in points)
    covariance = sum((one - mean) * (took - mean_taken) for one, took in points)
    slope = min(max(0.0, covariance / sum((one - mean) ** 2 for one, _ in points)), mean_taken / mean)
    return mean_taken + slope * (work - mean)
