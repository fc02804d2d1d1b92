"""Stages 1, 2 and 4 of a plan as HTML, and the titles of all four."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..records.plan import Check, Plan, Step
from ..records.run import Measured
from ..records.table import ColumnKind, TableProfile
from . import wording
from .markup import definitions, elided, muted, user

_STEPS_SHOWN, _COLUMNS_SHOWN = 20, 12
_KINDS: tuple[ColumnKind, ...] = ("numeric", "categorical", "date", "text", "constant", "empty")


def stage_titles(plan: Plan, measured: Measured | None) -> list[str]:
    """Return each tab's title: the stage, and in a second line its state."""
    steps = wording.plural(len(plan.data_steps), "step") if plan.data_steps else "from the card"
    return [
        f"1 Data\n{steps}",
        f"2 Model\n{' '.join(plan.model.name.split())}",
        f"3 Hyperparameters and log\n{wording.plural(len(plan.values), 'value')}, {_state(plan, measured)}",
        f"4 Feedback\n{_answered(plan.checks)}",
    ]


def _state(plan: Plan, measured: Measured | None) -> str:
    metric = wording.reported(plan, measured) if measured else ""
    if measured is None or not metric:
        return f"predicted {wording.score(plan.curve.final, wording.places(plan.curve))}"
    if not measured.finished:
        return wording.tag(measured)
    decimals = wording.places(plan.forecast.curves[metric])
    return f"measured {wording.score(measured.curves[metric].final, decimals)}"


def _answered(checks: Sequence[Check]) -> str:
    if not checks:
        return "no limits"
    met = sum(check.met is True for check in checks)
    return f"{met} of {len(checks)} met"


def data_html(plan: Plan) -> str:
    """Return the data stage: what is done to the table, why, and which columns there are."""
    card = plan.cards.data
    about = f'<p class="ag-about">{user(card.description, 600)}</p>' if card.description else ""
    columns = _columns(plan.table) if plan.table else []
    listed = f'<dl class="ag-facts">{definitions(columns)}</dl>' if columns else ""
    return about + _steps(plan.data_steps) + listed


def _columns(table: TableProfile) -> list[tuple[str, str]]:
    """Return the columns of each kind, elided."""
    named = [(kind, table.names(kind)) for kind in _KINDS]
    return [
        (
            f"{wording.count(len(names))} {kind}",
            elided([f"<code>{user(name, 30)}</code>" for name in names], _COLUMNS_SHOWN),
        )
        for kind, names in named
        if names
    ]


def model_html(plan: Plan) -> str:
    """Return the model stage: what the model card says and what is built."""
    model = plan.model
    fixed = [
        f"<code>{user(name)}</code> {user(wording.number(value))}" for name, value in model.hyperparameters.items()
    ]
    facts = [
        ("Model", user(model.name)),
        ("Structure", user(model.structure, 200) if model.structure else ""),
        ("Fixed by your card", elided(fixed, _COLUMNS_SHOWN)),
        ("Source", user(model.source, 120) if model.source else ""),
    ]
    about = f'<p class="ag-about">{user(model.description, 600)}</p>' if model.description else ""
    return f'{about}<dl class="ag-facts">{definitions(facts)}</dl>' + _steps(plan.model_steps)


def _steps(steps: Sequence[Step]) -> str:
    if not steps:
        return ""
    rows = "".join(
        f"<li>{user(step.technique, 200)}{muted(user(step.reason, 300))}</li>" for step in steps[:_STEPS_SHOWN]
    )
    more = f"<li>and {len(steps) - _STEPS_SHOWN} more</li>" if len(steps) > _STEPS_SHOWN else ""
    return f'<ol class="ag-steps">{rows}{more}</ol>'


def feedback_html(plan: Plan) -> str:
    """Return the feedback stage: what the card asks for, and whether the prediction meets it."""
    request = plan.cards.request
    if not request.text and not plan.checks:
        return f"<p>{muted(escape(wording.NO_REQUEST))}</p>"
    text = f'<p class="ag-about">{user(request.text, 600)}</p>' if request.text else ""
    return text + (f'<ul class="ag-steps">{"".join(map(_check, plan.checks))}</ul>' if plan.checks else "")


def _check(check: Check) -> str:
    word = "not understood" if check.met is None else "met" if check.met else "not met"
    mark = f'<b class="ag-{word.replace(" ", "-")}">{word}</b>'
    return f"<li><span>{mark} {user(check.text, 200)}</span>{muted(user(check.detail, 300))}</li>"
