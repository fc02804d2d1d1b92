"""A round as printed text, for those who ask by `%automl ask`."""

from __future__ import annotations

from collections.abc import Iterator

from ..records.round import Round
from . import round_wording as wording


def printed(round_: Round) -> str:
    """Return what was understood, what would change, and how to take it."""
    return "\n".join(_lines(round_))


def listed(rounds: tuple[Round, ...]) -> str:
    """Return a line for each round, the newest first."""
    if not rounds:
        return "Nothing was asked for yet; %automl ask faster, for example."
    return "\n".join(
        f"{one.number}  {one.date[:16].replace('T', ' ')}  {one.text!r}  {wording.outcome(one)}" for one in rounds[::-1]
    )


def _lines(round_: Round) -> Iterator[str]:
    yield f"{wording.head(round_)}."
    understood = [wording.wish_text(wish) for wish in round_.understood.wishes]
    if understood:
        yield f"Understood: {'; '.join(understood)}."
    if round_.understood.left:
        yield f"Not understood: {'; '.join(map(repr, round_.understood.left))}."
    if round_.said:
        yield round_.said
    for change in round_.changes:
        reason = f"  ({change.who}: {change.reason})" if change.reason else f"  ({change.who})"
        yield f"  {change.key:<26}  {wording.change_text(change)}{reason}"
    effect = wording.effect(round_.before, round_.after)
    if effect:
        yield effect
    if wording.cost(round_.usage):
        yield wording.cost(round_.usage)
    if round_.standing == "proposed":
        yield "%automl accept takes all of it, %automl accept KEY ... some of it, %automl reject none."
