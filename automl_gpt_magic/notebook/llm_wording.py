"""Sentences about an LLM's part in a plan: what stands of its answer, and what was chosen."""

from __future__ import annotations

from collections.abc import Sequence

from ..records.answer import Candidate, Refused
from ..records.plan import Plan
from . import wording

ARRIVING = "arriving, not checked yet"
WAITING = "waiting"
FIRST_WORDS = "waiting for the first words"
_VALUES_ARRIVE = "Values arrive checked: a value outside its range is replaced and marked."
DRAWN_LATER = "drawn when stage 3 is complete"
STOP_BY_HAND = "interrupt the kernel to stop"
HAD_ARRIVED = "Had arrived before the stop:"
NO_PRICE = "price unknown"
FREE = "none"
USE_LLM, USE_RECIPE = "Use the LLM's code", "Use the recipe's code"

_REFUSED_SHOWN = 3


def dollars(cost: float) -> str:
    """Return a price as ``$0``, ``under $0.001``, ``$0.006`` or ``$1.25``."""
    if 0 < cost < 0.0005:
        return "under $0.001"
    return "$0" if cost <= 0 else f"${cost:.3f}" if cost < 0.9995 else f"${cost:,.2f}"


def standing(plan: Plan) -> str:
    """Say how many of the LLM's values passed their checks, and how many hyperparameters are its own; else nothing."""
    if plan.answer is None or not plan.answer.given:
        return ""
    noun = "value" if plan.answer.given == 1 else "values"
    own = sum(planned.source == "llm" for planned in plan.values)
    used = wording.plural(own, "hyperparameter")
    passed = f"{plan.answer.taken} of {plan.answer.given} {noun} of the LLM passed the checks"
    return f"{passed}; {used} of the plan {'is' if own == 1 else 'are'} its own"


def arriving(refused: Sequence[str]) -> str:
    """Return the one line about the values that arrive; ``refused`` says why some of them will not stand."""
    if not refused:
        return _VALUES_ARRIVE
    return f"{refused[0]} {len(refused) - 1} more marked above." if len(refused) > 1 else refused[0]


def stands_and_replaced(plan: Plan, most: int = _REFUSED_SHOWN) -> str:
    """Say how the LLM's earlier logs did, how many of its values stand and which were replaced; else nothing."""
    refused = plan.answer.refused if plan.answer else ()
    listed = [replaced(one) for one in refused[:most]]
    if len(refused) > most:
        listed.append(f"and {len(refused) - most} more")
    parts = [standing(plan), f"replaced: {'; '.join(listed)}" if listed else ""]
    said = "; ".join(part for part in parts if part)
    return " ".join(part for part in (record(plan), f"{said}." if said else "") if part)


def record(plan: Plan) -> str:
    """Say how far this LLM's own logs were off here so far; empty where it gives none, or none was ever trained."""
    return plan.llm_records.get(plan.llm, "") if plan.own_log is not None else ""


def replaced(refused: Refused) -> str:
    """Say what was refused and what stands instead, such as ``subsample 1.7 (above 1): 0.85 from neighbours``."""
    given = " ".join(part for part in (short(refused.part), short(refused.given)) if part)
    why = short(refused.reason.rstrip("."), 120)
    return f"{given} ({why})" + (f": {short(refused.instead)}" if refused.instead else "")


def refused_value(plan: Plan, name: str) -> Refused | None:
    """Return what was refused of the LLM under a hyperparameter's name, where something else stands for it."""
    planned = next((one for one in plan.values if one.name == name), None)
    if plan.answer is None or planned is None or planned.proposed_source == "llm":
        return None
    return next((one for one in plan.answer.refused if one.part == name), None)


def winner(plan: Plan) -> Candidate | None:
    """Return the candidate that became the plan."""
    return next((one for one in plan.candidates if one.name == plan.chosen), None)


def outcome(candidate: Candidate, chosen: Candidate | None) -> str:
    """Say that a candidate was chosen, or why not."""
    if chosen is not None and candidate.name == chosen.name:
        return "chosen"
    if candidate.ruled_out:
        return candidate.ruled_out
    if chosen is None or candidate.height < chosen.height:
        return "not chosen"
    return "predicted worse" if candidate.height > chosen.height else "predicted no better"


def predicted(plan: Plan, candidate: Candidate) -> str:
    """Return a candidate's predicted loss with as many places as the plan's own."""
    return wording.score(candidate.predicted, wording.places(plan.forecast.loss))


def candidates(plan: Plan) -> str:
    """Return all candidates in one line, such as ``LLM 1 0.284 (chosen), default 0.292 (predicted worse)``."""
    chosen = winner(plan)
    return ", ".join(
        f"{short(one.name, 40)} {predicted(plan, one)} ({short(outcome(one, chosen), 120)})" for one in plan.candidates
    )


def short(text: str, longest: int = 60) -> str:
    """Return a text cut and without characters that would turn the direction of the sentence around it."""
    whole = " ".join("".join(letter if letter.isprintable() else " " for letter in text[:2000]).split())
    return whole if len(whole) <= longest else f"{whole[: longest - 1].rstrip()}…"
