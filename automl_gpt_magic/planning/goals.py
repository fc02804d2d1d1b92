"""Values that keep a request's limits and serve its goals, as far as the forecast tells: nothing is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.evidence import Losses
from ..records.request import Constraint, Goal
from ..records.space import Parameter, SearchSpace

# What a wish for less is measured by, and how much of it may be left.
WORK = "work"
LESS: Mapping[Goal, tuple[str, float]] = {
    "faster inference": (WORK, 0.5),
    "faster training": ("training_seconds", 0.5),
    "smaller": ("model_size", 0.5),
    "less memory": ("memory", 0.9),
}
_N_AROUND = 1_536  # a forecast for each would take too long, and is only made where a limit asks for it
_MOVED = (0.15, 0.4)  # the least and the largest share of the values that are moved
_FACTOR = 8.0  # how far a value on a logarithmic scale, or a count, goes up and down
_SHARE_OF_RANGE = 0.5  # how far any other does
_AS_GOOD = 0.02  # of the lowest predicted loss: of those within it the one that changes least is taken

# From the name of a quantity, or the subject of a limit, to what is predicted of it; NaN where nothing tells.
Predicted = Callable[[str], float]
# From a whole configuration to what is predicted of it beside its loss.
Predict = Callable[[Mapping[str, Any]], Predicted]


@dataclass(frozen=True, eq=False)
class Wanted:
    """What values have to do.

    Attributes
    ----------
    limits : sequence of Constraint
        One on a quantity that is not predicted rules nothing out.
    goals : collection of str
        What is to get better than it is with the values that stand.
    kept : mapping
        Values that must not change: the model card's, the user's edits, what is locked.
    """

    limits: Sequence[Constraint]
    goals: Collection[Goal]
    kept: Mapping[str, Any]


def find(
    now: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
    space: SearchSpace,
    wanted: Wanted,
    *,
    losses: Losses | None,
    predict: Predict,
    seed: int,
) -> Mapping[str, Any] | None:
    """Return the values that are expected to do best of those that do what is wanted; None where none is found.

    Values that keep the limits already stay where no goal is named. Of several that are as good those are taken that
    change least. Where no run tells the loss, the least change is.

    Parameters
    ----------
    now : mapping
        The configuration that stands.
    others : sequence of mapping
        Further whole configurations that may be taken.
    space : SearchSpace
        No wider than the limits allow: values outside it are moved to its edge.
    wanted : Wanted
    losses : callable or None
        As in `Situation`.
    predict : callable
        From a whole configuration to what is predicted of it beside its loss.
    seed : int
        The same seed gives the same values.
    """
    free = [parameter for parameter in space.parameters if parameter.name not in wanted.kept]
    if not free:
        return None
    if not wanted.goals and all(_keeps(limit, predict(now)) for limit in wanted.limits):
        return now
    nearest = _within(now, free)
    pool = [{**_within(one, free), **wanted.kept} for one in (nearest, *others, *_around(nearest, free, seed))]
    order, expected = _ranked(pool, losses, now, free)
    if "more accurate" in wanted.goals:
        order = [at for at in order if expected[at] < expected[0] - _AS_GOOD * abs(expected[0])]
    taken: list[int] = []
    for at in _allowed(order, pool, now, wanted, predict):
        if taken and expected[at] > expected[taken[0]] + _AS_GOOD * abs(expected[taken[0]]):
            break
        taken.append(at)
    best = min(taken, key=lambda at: _distance(pool[at], now, free), default=None)
    return None if best is None else pool[best]


def _within(one: Mapping[str, Any], free: Sequence[Parameter]) -> dict[str, Any]:
    """Return a configuration with its free numbers moved into their ranges."""
    numbers = [each for each in free if each.kind != "choice" and one[each.name] != each.default]
    return {
        **one,
        **{each.name: type(one[each.name])(min(max(one[each.name], each.low), each.high)) for each in numbers},
    }


def _around(now: Mapping[str, Any], free: Sequence[Parameter], seed: int) -> Iterator[dict[str, Any]]:
    """Yield configurations around one; in each, most of the values stay."""
    generator = np.random.default_rng(seed)
    places = generator.uniform(-1, 1, (_N_AROUND, len(free)))
    changes = generator.random((_N_AROUND, len(free))) < np.linspace(*_MOVED, _N_AROUND)[:, None]
    for place, change in zip(places, changes, strict=True):
        moved = zip(free, place, change, strict=True)
        yield {**now, **{one.name: _moved(one, now[one.name], at) for one, at, is_changed in moved if is_changed}}


def _moved(parameter: Parameter, value: Any, place: float) -> Any:
    """Return a value moved by a share, from -1 to 1, of how far it may go."""
    if parameter.kind == "choice":
        return parameter.choices[int((place + 1) / 2 * len(parameter.choices) * 0.999999)]
    low, high = parameter.low, parameter.high
    if math.isinf(low) or math.isinf(high):
        return value
    scaled = parameter.log or (parameter.kind == "int" and high >= _FACTOR * max(low, 1))
    moved = max(value, low, 1e-12) * _FACTOR**place if scaled else value + place * _SHARE_OF_RANGE * (high - low)
    within = min(max(moved, low), high)
    return round(within) if parameter.kind == "int" else float(f"{within:.3g}")


def _ranked(
    pool: Sequence[Mapping[str, Any]], losses: Losses | None, now: Mapping[str, Any], free: Sequence[Parameter]
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the places in the pool, the lowest expected loss first; without runs to tell it, the nearest first."""
    if losses is None:
        expected = np.array([_distance(one, now, free) for one in pool])
    else:
        expected = np.asarray(losses(pool), "float64")
    return [int(at) for at in np.argsort(expected, kind="stable") if np.isfinite(expected[at])], expected


def _allowed(
    order: Sequence[int], pool: Sequence[Mapping[str, Any]], now: Mapping[str, Any], wanted: Wanted, predict: Predict
) -> Iterator[int]:
    """Yield the places of what keeps the limits and reaches the goals."""
    before = predict(now)
    for at in order:
        after = predict(pool[at])
        if all(_keeps(limit, after) for limit in wanted.limits) and all(
            _is_less(goal, before, after) for goal in wanted.goals
        ):
            yield at


def _keeps(limit: Constraint, predicted: Predicted) -> bool:
    value = predicted(limit.subject)
    return math.isnan(value) or limit.keeps(value)


def _is_less(goal: Goal, before: Predicted, after: Predicted) -> bool:
    if goal not in LESS:
        return True
    quantity, share = LESS[goal]
    return after(quantity) <= share * before(quantity)


def _distance(one: Mapping[str, Any], now: Mapping[str, Any], free: Sequence[Parameter]) -> float:
    """Return how many values differ, and by less than one more how far."""
    changed = [parameter for parameter in free if one[parameter.name] != now[parameter.name]]
    return len(changed) + sum(_gap(one[each.name], now[each.name]) for each in changed) / (1 + len(changed))


def _gap(one: Any, other: Any) -> float:
    if isinstance(one, str) or isinstance(other, str):
        return 0.5
    larger = max(abs(one), abs(other), 1e-12)
    return float(min(1.0, abs(one - other) / larger))
