"""A space searched on the forecast from measured runs: thousands of configurations, none of them trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.evidence import Forecasting, Losses
from ..records.space import Parameter, SearchSpace, StepLimit

N_SEARCHED = 4_096  # a power of two, as Sobol's sequence wants
_DIGITS = 4  # significant ones of a number, as many as a person reads
_APART = 0.25  # of the ranges, as the root of the mean square: what is nearer is a variant of the same
_MOST_TIMED = 64  # each costs a forecast


@dataclass(frozen=True)
class Limits:
    """What every configuration has to keep.

    Attributes
    ----------
    fixed : mapping
        The values of the model card.
    steps : StepLimit or None
        The request's limit on the steps of a training.
    seconds : float or None
        Its limit on training time, which the forecast tells.
    rounds : str
        The hyperparameter that counts the steps.
    """

    fixed: Mapping[str, Any]
    steps: StepLimit | None
    seconds: float | None
    rounds: str

    def narrow(self, space: SearchSpace, forecast: Forecasting, like: Mapping[str, Any]) -> SearchSpace:
        """Return the space with no more steps than allowed, nor than the configuration ``like`` can do in time."""
        within = self.steps.narrow(space) if self.steps else space
        if self.seconds is None or self.rounds in self.fixed:
            return within
        most = int(self.seconds * like[self.rounds] / max(forecast(like).seconds, 1e-9))
        return StepLimit(self.rounds, max(1, most), "steps").narrow(within)


def search(
    space: SearchSpace,
    losses: Losses,
    forecast: Forecasting,
    limits: Limits,
    known: Sequence[Mapping[str, Any]],
    *,
    seed: int,
    count: int,
) -> tuple[Mapping[str, Any], ...]:
    """Return the best configurations that differ from each other; none where none keeps the limits.

    `N_SEARCHED` points fill the space evenly, on the scales of its ranges, beside fixed values.

    Parameters
    ----------
    space : SearchSpace
    losses : callable
        From configurations to their predicted losses; what has none that is finite is left out.
    forecast : callable
        From a whole configuration; asked for the training time.
    limits : Limits
    known : sequence of mapping
        Configurations that are not to be returned. The first is the recommended one.
    seed : int
        The same seed gives the same configurations.
    count : int
        How many to return at most.
    """
    found = _ranked(losses, limits.narrow(space, forecast, known[0]), tuple(limits.fixed.items()), seed)
    taken: list[_Point] = []
    for point in _in_time(_apart(found, taken, known), forecast, limits.seconds):
        taken.append(point)
        if len(taken) == count:
            break
    return tuple(point.values for point in taken)


@dataclass(frozen=True, eq=False)
class _Point:
    """A configuration, and its place in the ranges of what is not fixed: (P,), each from 0 to 1."""

    values: Mapping[str, Any]
    place: NDArray[np.float64]


# A plan is built anew with every edit, and its search stays the same.
@lru_cache(maxsize=2)
def _ranked(losses: Losses, space: SearchSpace, fixed: tuple[tuple[str, Any], ...], seed: int) -> tuple[_Point, ...]:
    """Return the points, that with the lowest predicted loss first."""
    from scipy.stats import qmc

    free = [parameter for parameter in space.parameters if parameter.name not in dict(fixed)]
    if not free:
        return ()
    places = qmc.Sobol(len(free), seed=seed).random(N_SEARCHED)
    columns = {one.name: _values(one, places[:, at]) for at, one in enumerate(free)}
    columns |= {name: [value] * len(places) for name, value in fixed}
    in_order = [columns[parameter.name] for parameter in space.parameters]
    names = [parameter.name for parameter in space.parameters]
    points = [dict(zip(names, row, strict=True)) for row in zip(*in_order, strict=True)]
    predicted = losses(points)
    order = [at for at in np.argsort(predicted, kind="stable") if np.isfinite(predicted[at])]
    return tuple(_Point(points[at], places[at]) for at in order)


def _values(parameter: Parameter, shares: NDArray[np.float64]) -> list[Any]:
    """Return the values at these shares of a parameter's range, on its scale."""
    if parameter.kind == "choice":
        return [parameter.choices[int(share * len(parameter.choices))] for share in shares]
    low, high = parameter.low, parameter.high
    values = low * (high / low) ** shares if parameter.log else low + shares * (high - low)
    if parameter.kind == "int":
        return [int(value) for value in values.round()]
    return [min(max(float(f"{value:.{_DIGITS}g}"), low), high) for value in values]


def _apart(found: Sequence[_Point], taken: Sequence[_Point], known: Sequence[Mapping[str, Any]]) -> Iterator[_Point]:
    """Yield what is not known, nor near to what is taken by then."""
    for point in found:
        steps = [np.sqrt(np.mean((point.place - one.place) ** 2)) for one in taken]
        if min(steps, default=_APART) >= _APART and point.values not in known:
            yield point


def _in_time(points: Iterator[_Point], forecast: Forecasting, seconds: float | None) -> Iterator[_Point]:
    if seconds is None:
        yield from points
        return
    for _, point in zip(range(_MOST_TIMED), points, strict=False):
        if forecast(point.values).seconds <= seconds:
            yield point
