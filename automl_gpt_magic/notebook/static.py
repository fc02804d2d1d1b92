"""A plan without widgets: for terminals, for nbconvert and for pages that show a saved notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ..records.exchange import Offer
from ..records.plan import Plan, PlannedValue
from ..records.round import Round
from ..records.run import Measured
from . import evidence_wording, llm_wording, plan_wording, plot, training_wording, wording
from .architecture_view import network_size
from .checks_view import checks_text
from .frame import HEIGHT, WIDTH
from .header import facts, task_html
from .markup import user
from .spoken import spoken
from .static_rounds import rounds_html, rounds_text

VIEW = "application/vnd.jupyter.widget-view+json"

_LONGEST = 60
_NEIGHBOURS = 3


def text(plan: Plan, measured: Measured | None = None, rounds: Sequence[Round] = ()) -> str:
    """Return a plan, and the conversation about it, as a few aligned lines."""
    rows = [("task", _task(plan)), ("evidence", _evidence(plan)), *_network(plan), ("predicted", effect(plan))]
    if measured and measured.finished:
        rows.append(("measured", ". ".join(training_wording.verdict(plan, measured))))
    rows += [("limit", _line(said, 300)) for said in checks_text(plan.checks)]
    rows += [(name, _line(said, 400)) for name, said in _llm(plan)]
    rows += rounds_text(rounds)
    notes = [("note", _line(note, 300)) for note in (plan.evidence.note, *plan.notes) if note]
    return "\n".join([*aligned([*rows, *notes]), "", *aligned([_value(planned) for planned in plan.values])])


def html(plan: Plan, measured: Measured | None = None, rounds: Sequence[Round] = ()) -> str:
    """Return a plan, and the conversation about it, as HTML that needs no style sheet and no script."""
    return _page(plan, measured, rounds, plot.png(plan, plan.curve.metric, measured))


def bundle(
    plan: Plan, panel_widget: Any = None, measured: Measured | None = None, rounds: Sequence[Round] = ()
) -> dict[str, Any]:
    """Return what to display: text, HTML and picture, and the panel's view where there is a panel."""
    picture = plot.png(plan, plan.curve.metric, measured)
    static = {
        "text/plain": text(plan, measured, rounds),
        "text/html": _page(plan, measured, rounds, picture),
        "image/png": picture,
    }
    if panel_widget is None:
        return static
    shown: dict[str, Any] = panel_widget._repr_mimebundle_()
    return {**static, VIEW: shown[VIEW]}


def asking(offer: Offer, panel_widget: Any) -> dict[str, Any]:
    """Return what to display while an LLM answers: the panel, and for terminals what is sent and where."""
    cost = f", for at most ${offer.most_cost:.3f}" if offer.most_cost else ""
    said = f"Asking {_line(offer.model)} at {_line(offer.host)}: about {offer.prompt_tokens:,} tokens{cost}"
    shown: dict[str, Any] = panel_widget._repr_mimebundle_()
    return {"text/plain": said, VIEW: shown[VIEW]}


def effect(plan: Plan) -> str:
    """Return the prediction in one sentence."""
    return "".join(words + shown for words, shown in plan_wording.effect(plan, plan.curve.metric))


def _line(value: Any, longest: int = _LONGEST) -> str:
    """Return text from outside on one line, cut, without characters that steer a terminal or turn the direction."""
    whole = "".join(letter if letter.isprintable() else " " for letter in str(value))
    whole = " ".join(whole.split())
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def _task(plan: Plan) -> str:
    card = plan.cards.data
    of = f" of {_line(card.target)}" if card.target else ""
    return f"{_line(card.name)}: {card.task}{of}, {_line(plan.model.name)} ({_line(plan_wording.badge(plan))})"


def _evidence(plan: Plan) -> str:
    if not plan.evidence.near:
        return _line(" ".join(evidence_wording.abstention(plan.evidence)), 300)
    ranked = sorted(plan.evidence.neighbours, key=lambda neighbour: -neighbour.weight)
    likeness = [f"{neighbour.weight:.0%} like {_line(neighbour.name, 40)}" for neighbour in ranked[:_NEIGHBOURS]]
    more = f", and {len(ranked) - _NEIGHBOURS} more" if len(ranked) > _NEIGHBOURS else ""
    return f"{', '.join(likeness)}{more}. {evidence_wording.nearness(plan.evidence)}"


def _llm(plan: Plan) -> list[tuple[str, str]]:
    """Return what was weighed and what stands of an LLM's answer, each with its name."""
    why = f". {plan.chosen_because}" if plan.chosen_because else ""
    weighed = f"{llm_wording.candidates(plan)}{why}" if plan.candidates else ""
    said = [("candidates", weighed), ("LLM", llm_wording.stands_and_replaced(plan))]
    return [(name, shown) for name, shown in said if shown]


def _network(plan: Plan) -> list[tuple[str, str]]:
    """Return the planned network's size and loss with its name; nothing for other models."""
    planned = plan.architecture
    return [("network", _line(f"{network_size(planned)}; loss {planned.loss}", 200))] if planned else []


def _value(planned: PlannedValue) -> tuple[str, str, str]:
    return _line(planned.name, 30), _line(wording.number(planned.value), 24), wording.source_label(planned.source)


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows with every column but the last padded to one width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=False)] for row in rows]
    return ["  ".join([*cells, row[-1]]).rstrip() for cells, row in zip(padded, rows, strict=True)]


def _page(plan: Plan, measured: Measured | None, rounds: Sequence[Round], picture: str) -> str:
    parts = [
        f"<h4>{user(plan.cards.data.name)}</h4><p>{task_html(plan)}; {user(plan_wording.badge(plan))}</p>",
        f"<p>{'; '.join(f'{name}: {value}' for name, value in facts(plan) if value)}</p>",
        f"<p>{escape(_evidence(plan))}</p>",
        *(f"<p>{escape(name)}: {user(said, 400)}</p>" for name, said in (*_network(plan), *_llm(plan))),
        *(f"<p>{user(note, 300)}</p>" for note in (plan.evidence.note, *plan.notes) if note),
        _html_table(plan),
        f'<img width="{WIDTH}" height="{HEIGHT}" style="max-width:100%;height:auto" '
        f'alt="{escape(spoken(plan, plan.curve.metric, measured))}" src="data:image/png;base64,{picture}">',
        f"<p>{escape(effect(plan))}</p>",
        *(f"<p>{user(said, 400)}</p>" for said in checks_text(plan.checks)),
    ]
    if measured and measured.finished:
        parts.append(f"<p><b>{user('. '.join(training_wording.verdict(plan, measured)), 400)}</b></p>")
    parts.append(rounds_html(rounds))
    return f'<div style="max-width:800px;overflow-wrap:anywhere">{"".join(parts)}</div>'


def _html_table(plan: Plan) -> str:
    cell = 'style="text-align:left;padding:2px 16px 2px 0;vertical-align:top"'
    heads = "".join(f"<th {cell}>{name}</th>" for name in ("Hyperparameter", "Value", "Source", "Why"))
    rows = "".join(
        f"<tr><td {cell}><code>{user(planned.name)}</code></td><td {cell}>{user(wording.number(planned.value))}</td>"
        f"<td {cell}>{escape(wording.source_label(planned.source))}</td>"
        f"<td {cell}>{user(planned.reason, 160)}</td></tr>"
        for planned in plan.values
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
