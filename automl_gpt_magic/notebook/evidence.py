"""The panel's evidence strip: which recorded datasets the values come from."""

from __future__ import annotations

from html import escape

from ..records.evidence import Evidence, Neighbour, OwnDataset
from ..records.plan import Plan
from . import wording
from .evidence_wording import abstention, nearness, own_dataset
from .markup import muted, user

_SHOWN, _OWN_SHOWN = 4, 3
_LONGEST_NAME = 80


def evidence_html(plan: Plan) -> str:
    """Return the neighbours with weight, similarity and why, or that nothing is near; own datasets; then the notes."""
    body = _neighbours(plan.evidence) if plan.evidence.near else _abstention(plan.evidence)
    body += _own_datasets(plan.evidence)
    notes = [note for note in (plan.evidence.note, *plan.notes) if note]
    below = "".join(f'<p class="ag-small">{user(note, 300)}</p>' for note in notes)
    return (
        '<div class="ag-ev" role="group" aria-label="Evidence"><div class="ag-h">Evidence</div>'
        f"<div>{body}{below}</div></div>"
    )


def _neighbours(evidence: Evidence) -> str:
    ranked = sorted(evidence.neighbours, key=lambda neighbour: -neighbour.weight)
    rows = "".join(_row(neighbour) for neighbour in ranked[:_SHOWN])
    return f'<div class="ag-evt">{rows}{_rest(ranked[_SHOWN:])}</div><p class="ag-small">{nearness(evidence)}</p>'


def _row(neighbour: Neighbour) -> str:
    name = user(neighbour.name, _LONGEST_NAME)
    return (
        f'<span class="ag-w">{neighbour.weight:.0%}</span><span>like <b>{name}</b></span>'
        f"<span>similarity {neighbour.similarity:.2f}</span>{muted(user(neighbour.why, 160))}"
    )


def _rest(neighbours: list[Neighbour]) -> str:
    if not neighbours:
        return ""
    names = escape(", ".join(neighbour.name for neighbour in neighbours))
    weight = sum(neighbour.weight for neighbour in neighbours)
    return (
        f'<span class="ag-w">{weight:.0%}</span><span title="{names}">and {len(neighbours)} more</span>'
        "<span></span><span></span>"
    )


def _own_datasets(evidence: Evidence) -> str:
    shown, rest = evidence.own_datasets[:_OWN_SHOWN], evidence.own_datasets[_OWN_SHOWN:]
    more = f'<p class="ag-small">and {wording.plural(len(rest), "more dataset")} of yours</p>' if rest else ""
    return f'<div class="ag-evt">{"".join(map(_own_row, shown))}</div>{more}' if shown else ""


def _own_row(dataset: OwnDataset) -> str:
    name = user(dataset.name, _LONGEST_NAME)
    return (
        f'<span class="ag-w">yours</span><span><b>{name}</b></span>'
        f"<span>{wording.plural(dataset.n_runs, 'run')}</span>{muted(user(own_dataset(dataset), 160))}"
    )


def _abstention(evidence: Evidence) -> str:
    first, second = abstention(evidence)
    return f'<div class="ag-notice calm"><b>{user(first, 200)}</b> {muted(user(second, 200))}</div>'
