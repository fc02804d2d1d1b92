"""The configurations that were weighed against each other, under the table and the curve."""

from __future__ import annotations

from html import escape

from ..records.answer import Candidate
from ..records.plan import Plan
from . import llm_wording, wording
from .markup import user

_SHOWN = 8


def candidates_html(plan: Plan) -> str:
    """Return the candidates with prediction, time and outcome, and why one was chosen; empty without any."""
    if not plan.candidates:
        return ""
    rows = "".join(_row(plan, one) for one in _shown(plan))
    heads = "".join(f"<th scope='col'{_right(at)}>{escape(name)}</th>" for at, name in enumerate(_heads(plan)))
    more = len(plan.candidates) - _SHOWN
    rest = f'<p class="ag-small">and {more} more</p>' if more > 0 else ""
    why = f'<p class="ag-small">{user(plan.chosen_because, 400)}</p>' if plan.chosen_because else ""
    return (
        f'<table class="ag-cands"><caption>Candidates</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{rest}{why}"
    )


def _shown(plan: Plan) -> list[Candidate]:
    """Return the first candidates, the chosen one always among them."""
    first, rest = [*plan.candidates[:_SHOWN]], plan.candidates[_SHOWN:]
    chosen = [one for one in rest if one.name == plan.chosen]
    return first[: _SHOWN - len(chosen)] + chosen


def _heads(plan: Plan) -> tuple[str, ...]:
    loss = wording.metric_label(plan.forecast.loss.metric)
    return "Configuration", f"Predicted {loss}", "Training", "LLM expects", "Outcome"


def _row(plan: Plan, one: Candidate) -> str:
    chosen = llm_wording.winner(plan)
    outcome = llm_wording.outcome(one, chosen)
    decimals = wording.places(plan.forecast.loss)
    expects = wording.score(one.own_log.final, decimals) if _has_log(one) and one.own_log else ""
    cells = (
        user(llm_wording.predicted(plan, one)),
        escape(wording.about(one.seconds)),
        escape(expects),
        f"<b>{escape(outcome)}</b>" if one is chosen else user(outcome, 160),
    )
    shown = "".join(f"<td{_right(at)}>{cell}</td>" for at, cell in enumerate(cells, 1))
    mark = ' class="ag-chosen"' if one is chosen else ""
    return f'<tr{mark}><th scope="row">{user(one.name, 40)}</th>{shown}</tr>'


def _has_log(one: Candidate) -> bool:
    return one.own_log is not None and len(one.own_log.steps) > 0


def _right(column: int) -> str:
    return ' class="ag-r"' if 1 <= column <= 3 else ""
