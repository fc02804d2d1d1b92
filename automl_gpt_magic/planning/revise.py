"""A plan revised for a request: what would change, and what is expected of it. Nothing is changed here."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import AutoMLError, UsageError, one_line
from ..records.metric import METRICS, why_not
from ..records.request import COUNTS, Constraint, Goal, Understood, Wish
from ..records.round import Change
from ..records.space import SearchSpace, StepLimit
from .build import Situation
from .by_construction import NOT_MEASURED, by_construction
from .constraints import counted_steps
from .families import family_named
from .goals import LESS, Predict, Predicted, Wanted, find
from .standing import Standing
from .taking import Replan, metric_for, take

# What a wish for a model that explains itself asks of trees.
_EXPLAINABLE = (Constraint("max_depth", 3), Constraint("trees", 100))
_NOT_BY_VALUES = "no value makes it so; a small tree or a linear model does: take another model card"
_OF: Mapping[Goal, str] = {
    "faster inference": "model's work at a prediction",
    "faster training": "training time",
    "smaller": "file",
    "less memory": "memory",
}
# From a whole configuration, in a situation, to what is predicted of it, by the name of a quantity.
Predicting = Callable[[Situation], Predict]


@dataclass(frozen=True, eq=False)
class Suggested:
    """An LLM's values with their reasons, and its code by stage."""

    values: Mapping[str, tuple[Any, str]]
    code: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Revision:
    """What a request comes to.

    Attributes
    ----------
    changes : tuple of Change
        Empty where there is nothing to change.
    after : Standing
        With every change.
    said : tuple of str
        What could not be done, and why.
    """

    changes: tuple[Change, ...]
    after: Standing
    said: tuple[str, ...] = ()


def revise(
    standing: Standing,
    understood: Understood,
    *,
    replan: Replan,
    predicting: Predicting,
    suggested: Suggested | None = None,
) -> Revision:
    """Return what a request comes to.

    First what the user's own words decide: limits, metric, model, locks and values. Then values that keep the limits
    and serve the goals, with an LLM's among those that are weighed. What is edited or locked stays.
    """
    after = standing
    changes: list[Change] = []
    said: list[str] = []
    for wish in _decisions(understood):
        for change in _CHANGES[wish.want](after, wish, said):
            try:
                after = take(after, [change], replan)
            except AutoMLError as error:
                said.append(one_line(str(error)))
            else:
                changes.append(change)
    values, more = _values(after, understood, changes, predicting, suggested)
    code = [
        Change("code", stage, None, source, "llm", "written for this request")
        for stage, source in (suggested.code if suggested else {}).items()
    ]
    return Revision((*changes, *values, *code), take(after, [*values, *code], replan), (*said, *more))


def _decisions(understood: Understood) -> list[Wish]:
    """Return what the user's own words decide; a model first, as the values are its own, and a lock at the end."""
    order = tuple(_CHANGES)
    return sorted((one for one in understood.wishes if one.want in order), key=lambda one: order.index(one.want))


def _model(standing: Standing, wish: Wish, said: list[str]) -> Iterator[Change]:
    now = standing.situation.model.name
    if wish.name.casefold() == now.casefold():
        said.append(f"the plan has the model {now} already")
    else:
        yield Change("model", "model", now, wish.name, "user", wish.text)


def _metric(standing: Standing, wish: Wish, said: list[str]) -> Iterator[Change]:
    data = standing.situation.cards.data
    now = standing.plan.metric
    try:
        name = metric_for(data.task, wish.name)
    except UsageError as error:
        said.append(str(error).rstrip("."))
        return
    if name == now:
        said.append(f"the plan is chosen by {now} already")
    else:
        yield Change("metric", "metric", now, name, "user", wish.text)


def _limit(standing: Standing, wish: Wish, said: list[str]) -> Iterator[Change]:
    limit = wish.constraint
    assert limit is not None, "a wish for a limit has one"
    wrong = _not_limited(standing, limit.quantity)
    if wrong:
        said.append(wrong)
        return
    now = next((one for one in standing.situation.cards.request.constraints if one.key == limit.key), None)
    if now == limit:
        said.append(f"the plan has the limit already: {wish.text or limit.quantity}")
    else:
        yield Change("limit", limit.key, now, limit, "user", wish.text)


def _not_limited(standing: Standing, quantity: str) -> str:
    """Say why a limit on a quantity would mean nothing; empty where it means something."""
    situation = standing.situation
    family = family_named(situation.space.family)
    if quantity in COUNTS and quantity not in counted_steps(family, standing.plan.hyperparameters):
        return f"{family.name} counts no {quantity}, so no limit on them is kept"
    return why_not(quantity, situation.cards.data.task).rstrip(".") if quantity in METRICS else ""


def _set(standing: Standing, wish: Wish, said: list[str]) -> Iterator[Change]:
    values = standing.plan.hyperparameters
    if wish.name in standing.locked:
        said.append(f"{wish.name} is locked; unlock it first")
    elif wish.name in standing.situation.model.hyperparameters:
        said.append(f"{wish.name} is fixed by your model card; change it there")
    elif values.get(wish.name) == wish.value:
        said.append(f"{wish.name} is {wish.value} already")
    else:
        yield Change("value", wish.name, values.get(wish.name), wish.value, "user", wish.text)


def _lock(standing: Standing, wish: Wish, said: list[str]) -> Iterator[Change]:
    locked = wish.want == "lock"
    if wish.name not in standing.situation.space:
        said.append(f"{standing.situation.space.family} has no hyperparameter {wish.name!r}")
        return
    if (wish.name in standing.locked) != locked:
        yield Change("lock", wish.name, not locked, locked, "user", wish.text)
    planned = next(one for one in standing.plan.values if one.name == wish.name)
    if not locked and planned.edited:
        yield Change("value", wish.name, planned.value, planned.proposed, "user", "your edit is let go")
    elif (wish.name in standing.locked) == locked:
        said.append(f"{wish.name} is {'locked' if locked else 'free'} already")


_CHANGES: Mapping[str, Callable[[Standing, Wish, list[str]], Iterator[Change]]] = {
    "model": _model,
    "metric": _metric,
    "limit": _limit,
    "free": _lock,
    "set": _set,
    "lock": _lock,
}


def _values(
    after: Standing,
    understood: Understood,
    changes: Collection[Change],
    predicting: Predicting,
    suggested: Suggested | None,
) -> tuple[list[Change], list[str]]:
    """Return the values that change for limits and goals, and why none do where they should."""
    situation, now = after.situation, after.plan.hyperparameters
    asked: set[Goal] = {wish.goal for wish in understood.wishes if wish.want == "prefer" and wish.goal}
    limits, impossible = _limits(situation, asked)
    space = _narrowed(situation, limits)
    goals = asked - {"explainable"}
    own = _suggested_values(after, suggested)
    if impossible or (not asked and not any(change.part == "limit" for change in changes)):
        return _changed(now, {**now, **own}, own, suggested, "asked for"), impossible
    wanted = Wanted(limits, goals, after.kept)
    evidence = situation.evidence
    known = [evidence.configuration, *(one.best for one in evidence.neighbours), *situation.searched]
    others = [{**situation.space.default, **one} for one in known] + ([{**now, **own}] if own else [])
    predict = predicting(situation)
    found = find(
        now,
        others,
        space,
        wanted,
        losses=situation.losses,
        predict=predict,
        seed=situation.cards.data.split.seed,
    )
    if found is None and _untold(goals, predict(now)):
        built = by_construction(situation, goals, after)
        return built, [*impossible, NOT_MEASURED if built else _not_found(goals, predict(now), after)]
    if found is None:
        return [], [*impossible, _not_found(goals, predict(now), after)]
    changed = _changed(now, found, own, suggested, _reason(asked, limits))
    return changed, [*impossible, *_expected(goals, predict(now), predict(found))]


def _limits(situation: Situation, goals: Collection[Goal]) -> tuple[list[Constraint], list[str]]:
    """Return all that values have to keep, and why a model cannot be made to explain itself where it cannot."""
    limits = list(situation.cards.request.constraints)
    if "explainable" not in goals:
        return limits, []
    asked = [one for one in _EXPLAINABLE if one.quantity in situation.space or one.quantity in COUNTS]
    if "max_depth" not in situation.space:
        return limits, [f"explainable: {_NOT_BY_VALUES}"]
    return [*limits, *asked], []


def _narrowed(situation: Situation, limits: Collection[Constraint]) -> SearchSpace:
    """Return the space with no more than the limits on single hyperparameters allow."""
    space = situation.most_steps.narrow(situation.space) if situation.most_steps else situation.space
    for limit in limits:
        name = family_named(space.family).rounds if limit.quantity in COUNTS else limit.quantity
        if name in space and not limit.at_least and name not in situation.model.hyperparameters:
            space = StepLimit(name, int(limit.bound), name).narrow(space)
    return space


def _suggested_values(after: Standing, suggested: Suggested | None) -> dict[str, Any]:
    """Return an LLM's values but for those that it may not change."""
    given = suggested.values if suggested else {}
    return {name: value for name, (value, _) in given.items() if name not in after.kept}


def _changed(
    now: Mapping[str, Any],
    found: Mapping[str, Any],
    own: Mapping[str, Any],
    suggested: Suggested | None,
    reason: str,
) -> list[Change]:
    differs = {name: value for name, value in found.items() if value != now[name]}
    is_llms = bool(own) and suggested is not None and all(own.get(name) == value for name, value in differs.items())
    return [
        Change("value", name, now[name], value, "llm", suggested.values[name][1])
        if is_llms and suggested is not None
        else Change("value", name, now[name], value, "request", reason)
        for name, value in differs.items()
    ]


def _reason(goals: Collection[Goal], limits: Collection[Constraint]) -> str:
    wanted = " and ".join(sorted(goals)) or "the limits of the request"
    return f"for {wanted}, at the lowest loss that recorded runs predict"


def _expected(goals: Collection[Goal], before: Predicted, after: Predicted) -> list[str]:
    """Say how much is left of what a wish is for less of."""
    shares = {goal: after(LESS[goal][0]) / before(LESS[goal][0]) for goal in sorted(goals) if goal in LESS}
    return [f"{goal}: about {share:.0%} of the {_OF[goal]} is left" for goal, share in shares.items()]


def _untold(goals: Collection[Goal], now: Predicted) -> list[Goal]:
    """Return the goals of which nothing is predicted that could get less."""
    return [goal for goal in goals if goal in LESS and math.isnan(now(LESS[goal][0]))]


def _not_found(goals: Collection[Goal], now: Predicted, after: Standing) -> str:
    if "more accurate" in goals:
        return "no values are expected to do better than these; %automl tune trains to find out"
    unknown = _untold(goals, now)
    if unknown:
        family = family_named(after.situation.space.family).name
        return f"{' and '.join(sorted(unknown))}: nothing tells what the values of {family} cost"
    held = ", ".join(sorted(after.kept))
    return "no values were found that do it" + (f" with {held} as they are" if held else "")
