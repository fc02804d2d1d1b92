"""The panel's first strip: what the task is, and what is known of the data."""

from __future__ import annotations

from html import escape

from ..records.card import DETECTION, DataCard
from ..records.plan import Plan
from . import plan_wording, wording
from .markup import definitions, elided, muted, one_line, user

_CLASSES_SHOWN = 3


def header_html(plan: Plan, called: str = "") -> str:
    """Return title, badge and facts; a fact that is not known is left out.

    ``called`` is the LLM that is being called, which the badge then names.
    """
    badge = f"LLM: {called}" if called else plan_wording.badge(plan)
    when = "" if called or not plan.replayed else _title(plan.replayed)
    return (
        f'<div class="ag-head" role="group" aria-label="Task"><div class="ag-title">{user(plan.cards.data.name)}'
        f"<span>{task_html(plan)}</span></div>"
        f'<div class="ag-badge"{when}>{user(badge)}</div>'
        f'<dl class="ag-facts">{definitions(facts(plan))}</dl></div>'
    )


def _title(replayed: str) -> str:
    said = escape(f"answered {one_line(replayed)}")
    return f' title="{said}"'


def task_html(plan: Plan) -> str:
    """Return the task in words, such as ``binary classification of income, XGBoost``."""
    card = plan.cards.data
    of = f" of <code>{user(card.target)}</code>" if card.target else ""
    return f"{escape(card.task)}{of}, {user(plan.model.name)}"


def facts(plan: Plan) -> list[tuple[str, str]]:
    """Return name and HTML of each fact; empty where it is not known."""
    card = plan.cards.data
    return [
        ("Rows", wording.count(card.n_rows) if card.n_rows is not None else ""),
        ("Features", _features(card)),
        ("Classes", _classes(card)),
        ("Missing", _missing(plan)),
        ("Metrics", ", ".join(_metric(plan, metric) for metric in card.metrics or plan.forecast.curves)),
    ]


def _metric(plan: Plan, metric: str) -> str:
    shown = user(wording.metric_label(metric))
    return shown if metric in plan.forecast.curves else f"{shown} {muted(plan_wording.MEASURED_ONLY)}"


def _features(card: DataCard) -> str:
    if card.n_features is None:
        return ""
    kinds = [(card.n_numeric, "numeric"), (card.n_categorical, "categorical")]
    known = ", ".join(f"{wording.count(n)} {kind}" for n, kind in kinds if n)
    return f"{wording.count(card.n_features)} {muted(f'({known})' if known else '')}"


def _classes(card: DataCard) -> str:
    names = list(card.class_balance) or [label.name for label in card.label_space]
    if not (card.is_classification or card.task == DETECTION) or not names:
        return ""
    pieces = [_class(name, card.class_balance.get(name)) for name in names]
    return f"{len(names)} {muted(f'({elided(pieces, _CLASSES_SHOWN)})')}"


def _class(name: str, share: float | None) -> str:
    return user(name, 24) + (f" {wording.percent(share)}" if share is not None else "")


def _missing(plan: Plan) -> str:
    share = plan.cards.data.missing_fraction
    if share is None:
        return ""
    gaps = sum(column.missing > 0 for column in plan.table.columns) if plan.table else 0
    return wording.percent(share) + (" " + muted(f"({wording.plural(gaps, 'column')})") if gaps else "")
