"""Stages 1, 2 and 4 of a plan as HTML, and the titles of all four."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..records.plan import Plan, Step
from ..records.run import Measured
from ..records.table import ColumnKind, TableProfile
from . import plan_wording, training_wording, wording
from .architecture_view import architecture_html
from .checks_view import answered, checks_html, cost_html
from .llm_stages import beside, notes_html, techniques_html
from .llm_stages import model_html as llm_model_html
from .markup import definitions, elided, muted, steps, user

_COLUMNS_SHOWN = 12
_KINDS: tuple[ColumnKind, ...] = ("numeric", "categorical", "date", "text", "constant", "empty")


def stage_titles(plan: Plan, measured: Measured | None, proposed: int = 0) -> list[str]:
    """Return each tab's title: the stage, and in a second line its state.

    Parameters
    ----------
    plan : Plan
    measured : Measured or None
    proposed : int
        How many rounds wait for the user's answer.
    """
    waiting = f"{proposed} proposed; " if proposed else ""
    done = wording.plural(len(plan.data_steps), "step") if plan.data_steps else "from the card"
    return [
        f"1 Data\n{done}",
        f"2 Model\n{' '.join(plan.model.name.split())}",
        f"3 Hyperparameters and log\n{wording.plural(len(plan.values), 'value')}, {_state(plan, measured)}",
        f"4 Feedback\n{waiting}{answered(plan.checks)}",
    ]


def _state(plan: Plan, measured: Measured | None) -> str:
    metric = training_wording.reported(plan, measured) if measured else ""
    if measured is None or not metric:
        return f"predicted {wording.score(plan.curve.final, wording.places(plan.curve))}"
    if not measured.finished:
        return training_wording.tag(measured)
    decimals = wording.places(plan.forecast.curves.get(metric, measured.curves[metric]))
    return f"measured {wording.score(measured.curves[metric].final, decimals)}"


def data_html(plan: Plan) -> str:
    """Return the data stage: what is done to the table, why, and which columns there are."""
    card = plan.cards.data
    about = f'<p class="ag-about">{user(card.description, 600)}</p>' if card.description else ""
    columns = _columns(plan.table) if plan.table else []
    listed = f'<dl class="ag-facts">{definitions(columns)}</dl>' if columns else ""
    done = beside(plan, "data", _steps(plan.data_steps), techniques_html(plan), "techniques")
    return about + done + listed


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
    built = beside(plan, "model", _steps(plan.model_steps), llm_model_html(plan), "model")
    return f'{about}<dl class="ag-facts">{definitions(facts)}</dl>{built}{architecture_html(plan)}'


def _steps(planned: Sequence[Step]) -> str:
    return steps((step.technique, step.reason) for step in planned)


def feedback_html(plan: Plan) -> str:
    """Return the feedback stage: what the card asks for, what meets it, what was measured, and what the LLM notes."""
    return _requested(plan) + cost_html(plan.cost) + notes_html(plan)


def _requested(plan: Plan) -> str:
    request = plan.cards.request
    if not request.text and not plan.checks:
        return f"<p>{muted(escape(plan_wording.NO_REQUEST))}</p>"
    text = f'<p class="ag-about">{user(request.text, 600)}</p>' if request.text else ""
    return text + checks_html(plan.checks)
