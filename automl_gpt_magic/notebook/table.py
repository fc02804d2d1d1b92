"""The editable hyperparameter table: one row of typed widgets for each value of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

import ipywidgets

from ..errors import ParameterError
from ..records.answer import Refused
from ..records.plan import Plan, PlannedValue
from ..records.space import Parameter
from . import llm_wording, plan_wording, wording
from .closing import close_all
from .draft import Given
from .markup import one_line, user

_HEAD = (
    '<div class="ag-row ag-th"><div class="ag-nv"><span>Hyperparameter</span><span class="ag-r">Value</span></div>'
    '<span>Range</span><span class="ag-c">Source</span><span class="ag-c">Lock</span>'
    '<span class="ag-r">Reset to</span></div>'
)


class Table:
    """The hyperparameters of a plan, and what is wrong with a value that was typed.

    Parameters
    ----------
    on_edit : callable
        Called with name and checked value when the user commits a value that is allowed and new.
    on_reset : callable
        Called with a name when the user resets an edited value.
    on_lock : callable
        Called with a name and whether it should be locked; has shown the new plan when it returns.

    Attributes
    ----------
    widget : ipywidgets.VBox
    note : ipywidgets.HTML
        What is fixed, edited and replaced; while an answer arrives one line, so that nothing below it moves.
    """

    def __init__(
        self,
        on_edit: Callable[[str, Any], object],
        on_reset: Callable[[str], object],
        on_lock: Callable[[str, bool], object],
    ) -> None:
        self._on_edit, self._on_reset, self._on_lock = on_edit, on_reset, on_lock
        self._parameters: tuple[Parameter, ...] = ()
        self._rows: dict[str, _Row] = {}
        self._standing: tuple[str, ...] = ()
        self._head = ipywidgets.HTML(_HEAD)
        self._refused = ipywidgets.HTML().add_class("ag-refused")
        self.note = ipywidgets.HTML().add_class("ag-note")
        self.widget = ipywidgets.VBox().add_class("ag-table")

    def show(self, plan: Plan) -> None:
        """Show a plan's values; a field with a refused value keeps it until that value is changed or reset."""
        parameters = tuple(plan.space[planned.name] for planned in plan.values)
        if parameters != self._parameters:
            self._build(parameters)
        for planned in plan.values:
            self._rows[planned.name].show(planned, llm_wording.refused_value(plan, planned.name))
        self._standing = (plan_wording.fixed_and_edited(plan), llm_wording.stands_and_replaced(plan))
        self._say()

    def arrive(self, values: Mapping[str, Given]) -> None:
        """Show which values of an answer have arrived, with every field off, until `show`; asks for nothing."""
        refused = [said for name, row in self._rows.items() if (said := row.arrive(values.get(name)))]
        self._refused.value, self.note.value = "", _paragraphs([llm_wording.arriving(refused)], 300)

    def drop_refused(self) -> None:
        """Put the plan's values back into the fields that hold a refused one."""
        for row in self._rows.values():
            row.drop_refused()
        self._say()

    def _build(self, parameters: tuple[Parameter, ...]) -> None:
        earlier, self._parameters = self._rows, parameters
        calls = (self._on_edit, self._on_reset, self._on_lock, self._say)
        self._rows = {item.name: _Row(item, *calls) for item in parameters}
        self.widget.children = (self._head, *(row.widget for row in self._rows.values()), self._refused)
        for row in earlier.values():
            close_all(row.widget)

    def _say(self) -> None:
        errors = [row.error for row in self._rows.values() if row.error]
        self._refused.value = "".join(f'<p role="alert">{user(error, 300)}</p>' for error in errors)
        self.note.value = _paragraphs(self._standing, 1200)


def _paragraphs(lines: Iterable[str], longest: int) -> str:
    return "".join(f"<p>{user(line, longest)}</p>" for line in lines if line)


class _Row:
    """One value: field, range, source, lock and the way back."""

    def __init__(
        self,
        parameter: Parameter,
        on_edit: Callable[[str, Any], object],
        on_reset: Callable[[str], object],
        on_lock: Callable[[str, bool], object],
        on_error: Callable[[], object],
    ) -> None:
        self._parameter = parameter
        self._on_edit, self._on_reset, self._on_lock, self._on_error = on_edit, on_reset, on_lock, on_error
        self._planned: PlannedValue | None = None
        self._refused: Refused | None = None
        self._given: Given | None = None
        self._arriving = False
        self._wrong = ""
        self._showing = False
        self.error = ""
        self._field = _field(parameter)
        self._chip = ipywidgets.HTML()
        self._lock = _lock(parameter.name)
        self._reset = ipywidgets.Button().add_class("ag-link")
        hint = ipywidgets.HTML(f'<span class="ag-hint">{escape(parameter.range_text())}</span>')
        self.widget = ipywidgets.Box((self._field, hint, self._chip, self._lock, self._reset)).add_class("ag-row")
        self._field.observe(self._typed, names="value")
        self._lock.observe(self._ticked, names="value")
        self._reset.on_click(lambda _: self._go_back())

    def show(self, planned: PlannedValue, refused: Refused | None = None) -> None:
        """Show a planned value without calling anybody; ``refused`` is what it stands for."""
        if self._planned is None or planned.value != self._planned.value:
            self.error = ""
        self._planned, self._refused = planned, refused
        self._arriving = False
        self._wrong = ""
        self._field.remove_class("ag-waiting")
        self._refresh()

    def arrive(self, given: Given | None) -> str:
        """Show what has arrived of this value, None for nothing; return why it will be replaced, if it will."""
        planned = self._planned
        assert planned is not None
        if self._arriving and given == self._given:
            return self._wrong
        if not self._arriving:
            self._arriving = True
            self.drop_refused()
            self._reset.layout.visibility = "hidden"
        self._given = given
        if "user" not in (planned.source, planned.proposed_source):
            self._show_given(given)
        return self._wrong

    def _show_given(self, given: Given | None) -> None:
        allowed, self._wrong = False, ""
        if given is not None:
            try:
                self._fill(self._parameter.check(given.value))
                allowed = True
            except ParameterError as error:
                self._wrong = f"{str(error).partition('. Write')[0].rstrip('.')}: it will be replaced."
        (self._field.remove_class if allowed else self._field.add_class)("ag-waiting")
        self._chip.value = _arriving_chip(given, self._wrong)

    def drop_refused(self) -> None:
        """Put the planned value back."""
        self.error = ""
        self._refresh()

    def _refresh(self) -> None:
        planned = self._planned
        assert planned is not None
        if not self.error:
            self._fill(planned.value)
        self._chip.value = _chip(planned, self._refused)
        self._reset.description = wording.number(planned.proposed)
        self._reset.tooltip = f"Reset {planned.name} to the proposed {wording.number(planned.proposed)}"
        (self._field.add_class if self.error else self._field.remove_class)("ag-bad")
        self._reset.layout.visibility = "visible" if planned.edited or self.error else "hidden"
        self._show_lock(planned.locked)

    def _show_lock(self, locked: bool) -> None:
        self._show_in(self._lock, locked)
        self._lock.disabled = self._arriving
        self._field.disabled = self._arriving or locked
        self._reset.disabled = locked

    def _fill(self, value: Any) -> None:
        self._show_in(self._field, wording.rounded(value) if self._parameter.kind == "float" else value)

    def _show_in(self, widget: Any, value: Any) -> None:
        self._showing = True
        try:
            widget.value = value
        finally:
            self._showing = False

    def _ticked(self, change: dict[str, Any]) -> None:
        if self._showing or self._arriving or self._planned is None:
            return
        self.error = ""
        self._on_lock(self._parameter.name, change["new"])
        self._refresh()
        self._on_error()

    def _typed(self, change: dict[str, Any]) -> None:
        if self._showing or self._arriving or self._planned is None:
            return
        self.error = ""
        try:
            value = self._meant(change["new"])
            if value != self._planned.value:
                self._on_edit(self._parameter.name, value)
        except ParameterError as error:
            self.error = plan_wording.bad_value(str(error), self._planned.value)
        self._refresh()
        self._on_error()

    def _meant(self, typed: Any) -> Any:
        """Return the checked value; a number that is shown rounded means the number itself."""
        value = self._parameter.check(typed)
        assert self._planned is not None
        for known in (self._planned.value, self._planned.proposed):
            if self._parameter.kind == "float" and value == wording.rounded(known):
                return known
        return value

    def _go_back(self) -> None:
        assert self._planned is not None
        if self._arriving:
            return
        self.drop_refused()
        self._on_error()
        if self._planned.edited:
            self._on_reset(self._parameter.name)


def _field(parameter: Parameter) -> Any:
    about = f"{parameter.name}: {parameter.meaning}" if parameter.meaning else parameter.name
    common: dict[str, Any] = {"description": parameter.name, "tooltip": about}
    if parameter.open:
        field = ipywidgets.Combobox(options=parameter.choices, continuous_update=False, **common)
    elif parameter.kind == "choice":
        field = ipywidgets.Dropdown(
            options=[(wording.number(choice), choice) for choice in parameter.choices], **common
        )
    else:
        kind = ipywidgets.IntText if parameter.kind == "int" else ipywidgets.FloatText
        field = kind(continuous_update=False, **common)
    return field.add_class("ag-in")


def _lock(name: str) -> ipywidgets.Checkbox:
    """Return a box to tick: of what ipywidgets has, only this tells a screen reader its state."""
    tooltip = f"Lock {name}: no request changes a locked value"
    return ipywidgets.Checkbox(description=f"Lock {name}", tooltip=tooltip, indent=False).add_class("ag-lock")


def _chip(planned: PlannedValue, refused: Refused | None) -> str:
    reason = planned.reason
    if refused is not None:
        reason = f"{reason}; stands instead of the LLM's {refused.given}: {refused.reason}"
    return _chip_html(planned.source, wording.source_label(planned.source), reason)


def _arriving_chip(given: Given | None, wrong: str) -> str:
    if given is None:
        return '<span class="ag-chip none" aria-label="has not arrived"></span>'
    if wrong:
        return _chip_html("default", "replaced", wrong)
    return _chip_html("llm", wording.source_label("llm"), given.reason)


def _chip_html(kind: str, label: str, reason: str) -> str:
    return f'<span class="ag-chip {kind}" title="{escape(one_line(reason))}">{escape(label)}</span>'
