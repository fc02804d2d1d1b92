"""Which model a task is given: the planned one beside all others that it could be planned with, ranked by evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, nan

from ..errors import one_line
from ..records.assignment import Assignment, Known, ModelOption
from ..records.card import ModelCard
from ..records.curve import LOWER_IS_BETTER, Curve
from ..records.evidence import Evidence
from ..records.plan import Plan
from .costs import work_of
from .families import FAMILIES, family_named, named_by_user, not_installed, options

# tests/benchmarks/assignment.md: of no rule was the loss reliably below that of staying with one family.
STAYS = "On recorded tables, taking the lowest forecast instead did not reliably do better: train both to know"
_OVERLAPS = "as good as {best} as far as the forecasts tell: their 80% ranges meet"
_APART = "worse than {best}: their 80% ranges do not meet"
_BETTER = "better than {best}: their 80% ranges do not meet"


@dataclass(frozen=True, eq=False)
class Rival:
    """Another model card, and the plan with it; without one, the fault that stands against it."""

    card: ModelCard
    plan: Plan | None
    fault: str = ""


def assign(planned: Plan, rivals: Sequence[Rival], because: str) -> Assignment:
    """Rank the planned model among its rivals.

    First come those whose library is installed, of these those that keep the request's limits, of these those whose
    result measured runs predict, the lowest predicted loss first. The others follow in the catalogue's order, and say
    that nothing tells. Where two 80% ranges meet, the reason says so; the order stays that of the losses, as taking the
    faster one then did worse on recorded tables whose landmarks were known.

    Parameters
    ----------
    planned : Plan
    rivals : sequence of Rival
    because : str
        Why the planned model is planned.
    """
    mine = _option(planned, planned.metric)
    ranked = sorted([mine, *(_option_of(one, planned.metric) for one in rivals)], key=_order)
    best = next((one for one in ranked if one.curve is not None and not one.fault), None)
    shown = [replace(one, rank=rank, reason=_reason(one, best)) for rank, one in enumerate(ranked, start=1)]
    chosen = shown[ranked.index(mine)]
    says_more = best is not None and best is not mine and chosen.curve is not None and not chosen.not_kept
    return Assignment(tuple(shown), chosen, f"{because} {STAYS}." if says_more else because)


def why_planned(plan: Plan, given: str = "") -> str:
    """Return in a sentence why the plan has the model that it has; ``given`` is a reason that was found before."""
    name, named = one_line(plan.model.name), named_by_user(plan.cards)
    if plan.llm and plan.answer and plan.answer.model_card == plan.model.name:
        return f"{name} was chosen by {plan.llm}."
    if given:
        return given
    if not named and plan.model == options(replace(plan.cards, models=()))[0]:
        return f"{name} is planned where no card names a model."
    if named and plan.model == named[0]:
        return f"{name} is {'the model of your card' if len(named) == 1 else 'the first of your cards'}."
    return f"{name} was chosen by you."


def _option_of(rival: Rival, metric: str) -> ModelOption:
    if rival.plan is not None:
        return _option(rival.plan, metric)
    return ModelOption(rival.card, "", 0, None, nan, nan, nan, (), "nothing recorded", True, "", fault=rival.fault)


def _option(plan: Plan, metric: str) -> ModelOption:
    evidence, answer = plan.evidence, plan.answer
    told = evidence.n_datasets > 0 or evidence.own is not None
    missing = not_installed(family_named(plan.space.family))
    said = answer.model_reason if answer and answer.model_card == plan.model.name else ""
    return ModelOption(
        card=plan.model,
        family=plan.space.family,
        rank=0,
        curve=plan.forecast.curves.get(metric) if told else None,
        seconds=plan.forecast.seconds,
        memory=plan.forecast.memory,
        size=_size(plan),
        checks=plan.checks,
        known=_known(evidence),
        installed=not missing,
        reason="; ".join([_source(evidence), *(one.rstrip(".") for one in missing)]),
        llm_reason=said,
    )


def _size(plan: Plan) -> float:
    """Return the bytes of the model's file: measured, else predicted; nan where nothing tells."""
    if plan.cost is not None and plan.cost.model_bytes is not None:
        return plan.cost.model_bytes
    work = work_of(family_named(plan.space.family), plan.cards.data, plan.table, plan.hyperparameters)
    return work.n_bytes if work else nan


def _known(evidence: Evidence) -> Known:
    if evidence.own is not None:
        return "measured"
    if evidence.source == "neighbour":
        return "neighbour"
    if evidence.n_datasets:
        return "prior"
    return "published" if evidence.published else "nothing recorded"


def _source(evidence: Evidence) -> str:
    """Say what the numbers rest on."""
    if evidence.own is not None:
        return f"{_runs(evidence.own.n_runs)} of yours on these rows"
    taken = next((one for one in evidence.own_datasets if one.taken), None)
    if taken is not None:
        return f"your own runs on {taken.name}"
    if not evidence.n_datasets:
        return evidence.published or "no run of it was recorded: the library's defaults"
    recorded = _runs(evidence.n_runs, "recorded ")
    if not evidence.near:
        return f"{recorded}, none on a dataset near this one"
    nearest = max(evidence.neighbours, key=lambda one: one.weight)
    return f"{recorded}, most like {nearest.name}"


def _runs(count: int, which: str = "") -> str:
    return f"{count:,} {which}run{'s' if count != 1 else ''}"


def _order(option: ModelOption) -> tuple[bool, bool, bool, bool, float, int]:
    """Return what options are sorted by."""
    place = next((at for at, family in enumerate(FAMILIES) if family.name == option.family), len(FAMILIES))
    return (
        bool(option.fault),
        not option.installed,
        bool(option.not_kept),
        option.curve is None,
        _height(option.curve) if option.curve is not None else inf,
        place,
    )


def _height(curve: Curve) -> float:
    """Return the predicted end as a number that is better the lower it is."""
    return curve.final if LOWER_IS_BETTER.get(curve.metric, True) else -curve.final


def _reason(option: ModelOption, best: ModelOption | None) -> str:
    if option.fault:
        return option.fault
    compared = _compared(option, best) if best is not None and option.curve is not None else ""
    over = "; ".join(f"over the limit: {check.text} ({check.detail})" for check in option.not_kept)
    return "; ".join(part for part in (compared, over, option.reason) if part)


def _compared(option: ModelOption, best: ModelOption) -> str:
    mine, theirs = option.curve, best.curve
    assert mine is not None and theirs is not None, "only predicted results are compared"
    if option is best:
        return "the best predicted result of those that can be compared"
    apart = _BETTER if _height(mine) < _height(theirs) else _APART
    return (_OVERLAPS if _meet(mine, theirs) else apart).format(best=one_line(best.card.name))


def _meet(one: Curve, other: Curve) -> bool:
    """Return whether two 80% ranges have a value in common."""
    (low, high), (their_low, their_high) = _ends(one), _ends(other)
    return low <= their_high and their_low <= high


def _ends(curve: Curve) -> tuple[float, float]:
    if curve.lower is None or curve.upper is None:
        return curve.final, curve.final
    return float(curve.lower[-1]), float(curve.upper[-1])
