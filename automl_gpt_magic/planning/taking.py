"""What becomes of a plan when the user takes changes: each in its place, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..errors import AutoMLError, UsageError, did_you_mean
from ..records.answer import Answer
from ..records.card import Cards, ModelCard
from ..records.metric import metric_named, why_not
from ..records.request import merged
from ..records.round import Change, Revised
from .build import Situation
from .code_check.parsing import report
from .edits import still_meant
from .families import FAMILIES, family_of
from .standing import Standing

# Makes the situation of other cards, or of another of their models.
Replan = Callable[[Situation, ModelCard], Situation]


def take(standing: Standing, changes: Iterable[Change], replan: Replan) -> Standing:
    """Return how the plan stands with changes taken.

    Raises
    ------
    AutoMLError
        If one of them cannot be done: an unknown model, or a metric that this task has not.
    """
    for change in changes:
        after = _PARTS[change.part](standing, change, replan)
        standing = replace(after, taken=(*standing.taken, change))
    return standing


def rebased(standing: Standing, situation: Situation, replan: Replan) -> Standing:
    """Return what the user decided, laid over another situation of the same data; what means nothing there is dropped.

    Changes that cannot be taken there any more are left out with all that came after them.
    """
    again = Standing(situation)
    with suppress(AutoMLError):
        for change in standing.taken:
            again = take_again(again, change, replan)
    edits = still_meant(standing.situation, again.situation, standing.edits)
    locked = frozenset(name for name in standing.locked if name in again.situation.space)
    return replace(again, edits=edits, wanted_code=standing.wanted_code, locked=locked)


def take_again(standing: Standing, change: Change, replan: Replan) -> Standing:
    """Return how the plan stands with a change that was taken before, whatever was locked or let go of since.

    Raises
    ------
    AutoMLError
        If it cannot be done any more.
    """
    return take(replace(standing, locked=frozenset()), [change], replan)


def model_named(situation: Situation, name: str) -> ModelCard:
    """Return the model card of a name, or one for the model family of that name.

    Raises
    ------
    UsageError
        If there is none for this data.
    """
    cards = situation.cards
    known = next((card for card in (*cards.models, *situation.models) if card.name.casefold() == name.casefold()), None)
    card = known or ModelCard(name)
    family = family_of(card, cards.data)
    if family is None or cards.data.input_type not in family.inputs or cards.data.task not in family.tasks:
        fitting = [one.name for one in FAMILIES if _takes(one, cards)]
        raise UsageError(f"there is no model {name!r} for this data; {did_you_mean(name, fitting)}")
    return known or ModelCard(family.name, structure=family.structure)


def _takes(family: Any, cards: Cards) -> bool:
    return cards.data.input_type in family.inputs and cards.data.task in family.tasks


def metric_for(task: str, name: str) -> str:
    """Return the metric of a name, in any of the ways that people write it.

    Raises
    ------
    UsageError
        If there is none, or it cannot be computed for the task.
    """
    try:
        found = metric_named(name).name
    except ValueError as error:
        raise UsageError(str(error)) from None
    wrong = why_not(found, task)
    if wrong:
        raise UsageError(wrong)
    return found


def _model(standing: Standing, change: Change, replan: Replan) -> Standing:
    before = standing.situation
    card = model_named(before, change.after)
    cards = before.cards if card in before.cards.models else replace(before.cards, models=(*before.cards.models, card))
    situation = replan(replace(before, cards=cards, revised={}, answer=None, llm=""), card)
    return standing.in_situation(situation)


def _metric(standing: Standing, change: Change, replan: Replan) -> Standing:
    before = standing.situation
    data = before.cards.data
    name = metric_for(data.task, change.after)
    others = [metric for metric in data.metrics if metric not in (name, standing.plan.metric)]
    metrics = (name, *others)
    cards = replace(before.cards, data=replace(data, metrics=metrics))
    after = replan(replace(before, cards=cards), before.model)
    return standing.in_situation(_as_answered(after, before))


def _limit(standing: Standing, change: Change, replan: Replan) -> Standing:
    before = standing.situation
    request = before.cards.request
    others = (one for one in request.constraints if one != change.before)
    limits = merged(others, () if change.after is None else (change.after,))
    cards = replace(before.cards, request=replace(request, constraints=limits))
    return standing.in_situation(replace(before, cards=cards))


def _lock(standing: Standing, change: Change, replan: Replan) -> Standing:
    return standing.with_lock(change.name, bool(change.after))


def _value(standing: Standing, change: Change, replan: Replan) -> Standing:
    situation = standing.situation
    if change.name in standing.locked:
        raise UsageError(f"{change.name} is locked; unlock it first, or take its unlocking too")
    value = situation.space[change.name].check(change.after)
    if change.who == "user":
        return standing.with_edits({**standing.edits, change.name: value})
    revised = {**situation.revised, change.name: Revised(value, change.who, change.reason)}
    return standing.in_situation(replace(situation, revised=revised))


def _code(standing: Standing, change: Change, replan: Replan) -> Standing:
    situation = standing.situation
    # It was checked when it came; what a person should read first is found again.
    answer, read = situation.answer or Answer(), report(change.after, lambda tree, text: iter(()))
    answer = replace(answer, data_code=read) if change.name == "data" else replace(answer, model_code=read)
    wanted = {**standing.wanted_code, change.after: True}
    return replace(standing, situation=replace(situation, answer=answer), wanted_code=wanted)


def _as_answered(situation: Situation, before: Situation) -> Situation:
    """Return a situation with the LLM's answer, and the values that the user took, of another of the same space."""
    return replace(situation, answer=before.answer, llm=before.llm, replayed=before.replayed, revised=before.revised)


_PARTS: Mapping[str, Callable[[Standing, Change, Replan], Standing]] = MappingProxyType(
    {"model": _model, "metric": _metric, "limit": _limit, "lock": _lock, "value": _value, "code": _code}
)
