"""One round as HTML: what was asked and understood, how code would change, what is expected, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..records.request import Wish
from ..records.round import Change, Round
from . import round_wording, wording
from .diff import counted, diff_html
from .markup import elided, muted, one_line, user

_SHOWN = 20
_LONGEST = 600
COLUMNS = ("Change", "From", "To", "Who", "Why")


def question_html(round_: Round) -> str:
    """Return what was asked, what of it was understood and what was not."""
    left = elided([f"“{user(words, 120)}”" for words in round_.understood.left], _SHOWN)
    lines = [
        f'<p class="ag-h" role="status">{escape(round_wording.head(round_))}</p>',
        f'<p class="ag-asked">“{user(round_.text, _LONGEST)}”</p>',
        _wishes(round_.understood.wishes),
        f"<p><b>Not understood:</b> {left}</p>" if left else "",
    ]
    return "".join(lines)


def _wishes(wishes: Sequence[Wish]) -> str:
    shown = [_wish(wish) for wish in wishes[:_SHOWN]]
    more = [f"and {len(wishes) - _SHOWN} more"] if len(wishes) > _SHOWN else []
    return f"<p><b>Understood:</b> {'; '.join([*shown, *more])}</p>" if shown else ""


def _wish(wish: Wish) -> str:
    words = muted(f" (“{user(wish.text, 80)}”)") if wish.text else ""
    return user(round_wording.wish_text(wish), 120) + words


def answer_html(round_: Round) -> str:
    """Return how code would change, folded away, then the answer in words, what is predicted and what it cost."""
    cost = round_wording.cost(round_.usage)
    asked = f"{round_.llm}: {cost}" if round_.llm and cost else cost
    lines = [
        *(_code(stage, *pair) for stage, pair in round_wording.code_pairs(round_).items()),
        f"<p>{user(round_.said, _LONGEST)}</p>" if round_.said else "",
        f"<p>{escape(round_wording.effect(round_.before, round_.after))}</p>",
        f'<p class="ag-small">{user(asked, 200)}</p>' if asked else "",
    ]
    return "".join(line for line in lines if line != "<p></p>")


def _code(stage: str, before: str, after: str) -> str:
    summary = f"Code of {user(stage)}: {escape(counted(before, after))}"
    return f"<details><summary>{summary}</summary>{diff_html(before, after)}</details>"


def change_cells(change: Change) -> tuple[str, str, str, str]:
    """Return what a change is from, to, by whom and why."""
    before, after = (round_wording.side(change, value) for value in (change.before, change.after))
    return user(before, 40), user(after, 40), escape(wording.source_label(_source(change))), user(change.reason, 300)


def change_html(change: Change) -> str:
    """Return the cells as a row of the panel, with words that only a screen reader says."""
    before, after, who, why = change_cells(change)
    chip = f'<span class="ag-chip {_source(change)}" title="{escape(one_line(change.reason))}">{who}</span>'
    return (
        f'<div class="ag-change-cells"><span class="ag-r"><span class="ag-vh">from </span>{before}</span>'
        f'<span class="ag-r ag-to"><span class="ag-vh">to </span>{after}</span>{chip}{muted(why)}</div>'
    )


def _source(change: Change) -> str:
    return change.who if change.who in ("request", "llm", "user") else "default"


def past_html(round_: Round) -> str:
    """Return a round in a line or two: number, words, what became of it, and what it cost."""
    cost = round_wording.cost(round_.usage)
    return (
        f'<div class="ag-past-cells"><span class="ag-r">{round_.number}</span> '
        f"<span>“{user(round_.text, 200)}”<br>{muted(user(round_wording.outcome(round_), 300))}</span> "
        f'<span class="ag-cost">{escape(cost)}</span></div>'
    )
