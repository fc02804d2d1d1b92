"""The conversation about a plan without widgets: for terminals, and as HTML that needs no style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..records.round import Change, Round
from . import round_wording
from .llm_wording import short
from .markup import user
from .round_html import COLUMNS, answer_html, change_cells, past_html, question_html

_SHOWN = 10
_LONGEST = 120
_CELL = 'style="text-align:left;padding:2px 16px 2px 0;vertical-align:top"'


def rounds_text(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    """Return the last rounds in one line each, oldest first: its name, and what was asked and came of it."""
    return [(f"round {one.number}", _said(one)) for one in rounds[-_SHOWN:]]


def _said(round_: Round) -> str:
    parts = [f"“{short(round_.text, _LONGEST)}”", _became(round_), round_wording.cost(round_.usage)]
    return "; ".join(part for part in parts if part)


def _became(round_: Round) -> str:
    if round_.standing != "proposed":
        return short(round_wording.outcome(round_), 300)
    changes = ", ".join(short(round_wording.change_text(change), _LONGEST) for change in round_.changes)
    left = ", ".join(f"“{short(words)}”" for words in round_.understood.left)
    parts = [f"proposed: {changes}", f"not understood: {left}" if left else "", short(round_.said, 300)]
    return "; ".join(part for part in parts if part)


def rounds_html(rounds: Sequence[Round]) -> str:
    """Return the round that waits for an answer with its changes, then those before it; empty without any."""
    current = round_wording.current(rounds)
    past = [one for one in reversed(rounds) if one is not current]
    shown = "".join(f"<li>{past_html(one)}</li>" for one in past[:_SHOWN])
    more = f"<p>and {len(past) - _SHOWN} more</p>" if len(past) > _SHOWN else ""
    earlier = f'<p>Earlier rounds</p><ul style="list-style:none;padding:0">{shown}</ul>{more}' if past else ""
    total = round_wording.total(rounds, round_wording.used(rounds), "")
    return (_open(current) if current else "") + earlier + (f"<p>{escape(total)}</p>" if total else "")


def _open(round_: Round) -> str:
    table = ""
    if round_.standing == "proposed":
        heads = "".join(f"<th {_CELL}>{name}</th>" for name in COLUMNS)
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, round_.changes))}</tbody></table>"
    return question_html(round_) + table + answer_html(round_)


def _row(change: Change) -> str:
    cells = (user(round_wording.subject(change)), *change_cells(change))
    return f"<tr>{''.join(f'<td {_CELL}>{cell}</td>' for cell in cells)}</tr>"
