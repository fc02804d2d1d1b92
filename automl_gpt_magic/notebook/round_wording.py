"""Sentences about the rounds of a conversation: what was understood, what changes, what is expected, what it cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..records.evidence import Forecast
from ..records.exchange import Usage
from ..records.quantities import bound_text, limit_text, limited_text
from ..records.request import Constraint, Wish
from ..records.round import Change, Round
from . import wording
from .llm_wording import NO_PRICE, dollars

ASK = "Ask for a change"
PLACEHOLDER = "faster, under 50 MB, recall at least 0.9, …"
HINT = (
    "Understood without an LLM: faster, smaller, more accurate, another metric or model, limits on time, memory and "
    "size, a value to set, to keep or to let go."
)
OPEN = ("proposed", "nothing to change")
_NO_LIMIT = "no limit"
_STAGES_CELL = "the {} cell"


def head(round_: Round) -> str:
    """Return a round's number and how it stands."""
    changes = wording.plural(len(round_.changes), "change")
    state = f"{changes} proposed" if round_.standing == "proposed" else round_.standing
    return f"Round {round_.number}: {state}"


def wish_text(wish: Wish) -> str:
    """Return what a wish was understood to want."""
    if wish.constraint is not None:
        return limit_text(wish.constraint)
    return {
        "prefer": wish.goal,
        "metric": f"choose by {wording.metric_label(wish.name)}",
        "set": f"{wish.name} set to {wording.number(wish.value)}",
        "lock": f"{wish.name} stays as it is",
        "free": f"{wish.name} may change",
        "model": f"the model {wish.name}",
    }.get(wish.want, wish.want)


def subject(change: Change) -> str:
    """Return what changes."""
    limit = change.after if change.after is not None else change.before
    if isinstance(limit, Constraint):
        return limited_text(limit)
    return {"code": _STAGES_CELL.format(change.name), "metric": "metric", "model": "model"}.get(
        change.part, change.name
    )


def side(change: Change, value: Any) -> str:
    """Return what a change's subject was, or will be."""
    if isinstance(value, Constraint):
        return bound_text(value)
    if change.part == "limit" and value is None:
        return _NO_LIMIT
    if change.part == "lock":
        return "locked" if value else "free"
    if change.part == "code":
        return wording.plural(len(value.splitlines()), "line") if isinstance(value, str) else ""
    if change.part == "metric" and value is not None:
        return wording.metric_label(str(value))
    return "" if value is None else wording.number(value)


def change_text(change: Change) -> str:
    """Return a change in one phrase, such as ``max_depth 6 → 4``."""
    if change.part == "code":
        return f"new code in {subject(change)}"
    before, after = side(change, change.before), side(change, change.after)
    return f"{subject(change)} {before} → {after}" if before else f"{subject(change)} {after}"


def outcome(round_: Round) -> str:
    """Return what became of a round, with what was taken of it, or why there was nothing to take."""
    taken = [change_text(change) for change in round_.changes if change.key in round_.taken]
    detail = ", ".join(taken) if taken else round_.said if round_.standing == "nothing to change" else ""
    return f"{round_.standing}: {detail}" if detail else round_.standing


def effect(before: Forecast | None, after: Forecast | None) -> str:
    """Say what is predicted with every change against what is without; empty where nothing tells it."""
    if after is None or not after.curves:
        return ""
    metric, curve = next(iter(after.curves.items()))
    earlier = before.curves.get(metric) if before else None
    was = f"{wording.score(earlier.final, wording.places(curve))} → " if earlier else ""
    longer = wording.longer_than(before.seconds, after.seconds) if before else ""
    parts = [
        f"{wording.metric_label(metric)} {was}{wording.ending(curve)}",
        f"training {longer}{wording.seconds(after.seconds)}" if math.isfinite(after.seconds) else "",
        _memory(before.memory if before else math.nan, after.memory),
    ]
    return f"Predicted with all of it: {', '.join(part for part in parts if part)}."


def _memory(before: float, after: float) -> str:
    if not math.isfinite(after):
        return ""
    was, now = wording.size(before) if math.isfinite(before) else "", wording.size(after)
    return f"memory {was} → {now}" if was and was != now else f"memory {now}"


def cost(usage: Usage | None) -> str:
    """Return tokens and money, such as ``1,234 tokens, $0.002``; empty where no LLM was asked."""
    if usage is None:
        return ""
    tokens = wording.plural(usage.prompt_tokens + usage.answer_tokens, "token")
    money = NO_PRICE if usage.cost is None else dollars(usage.cost)
    return f"{'about ' if usage.estimated else ''}{tokens}, {money}"


def used(rounds: Sequence[Round]) -> Usage | None:
    """Return what all rounds used; None where no LLM was asked."""
    usages = [one.usage for one in rounds if one.usage]
    return sum(usages, Usage(cost=0.0)) if usages else None


def total(rounds: Sequence[Round], usage: Usage | None, budget_left: str) -> str:
    """Return what the conversation cost, and what is left; empty where no LLM was asked."""
    if usage is None or not any(one.usage for one in rounds):
        return ""
    left = f"; {budget_left}" if budget_left else ""
    return f"This conversation: {cost(usage)}{left}"


def proposed(rounds: Sequence[Round]) -> int:
    """Return how many rounds wait for an answer."""
    return sum(one.standing == "proposed" for one in rounds)


def current(rounds: Sequence[Round]) -> Round | None:
    """Return the round that is shown in full: the one that waits, or the last where it came to nothing."""
    waiting = [one for one in rounds if one.standing == "proposed"]
    last = rounds[-1] if rounds and rounds[-1].standing in OPEN else None
    return waiting[-1] if waiting else last


def code_pairs(round_: Round) -> dict[str, tuple[str, str]]:
    """Return the cells whose code would change, each with what it holds and what it would hold."""
    written = {one.name: (one.before or "", one.after or "") for one in round_.changes if one.part == "code"}
    return {**written, **round_.code}
