"""The models for the task in the panel, with a button that plans with another one."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

from ..errors import AutoMLError
from ..records.assignment import ModelOption
from ..records.plan import Plan
from .buttons import button
from .closing import close_all
from .markup import one_line, user
from .models_table import models_html

_WAITS = "The models are compared when this stage is opened."
_NAME = 40


class ModelsView:
    """Empty until somebody looks: comparing takes longer than planning.

    Parameters
    ----------
    on_switch : callable
        Called with the name of the model card that the user wants; has shown the new plan when it returns.
    """

    def __init__(self, on_switch: Callable[[str], object]) -> None:
        self._on_switch = on_switch
        self._plan: Plan | None = None
        self._looked_at = self._off = False
        self._names: list[str] = []
        self._table = ipywidgets.HTML()
        self._buttons = ipywidgets.Box([]).add_class("ag-act")
        self.widget = ipywidgets.VBox([self._table, self._buttons]).add_class("ag-models-view")

    def show(self, plan: Plan) -> None:
        """Show the models of a plan, at once where the view is in sight, else when it is; fires no callback."""
        self._plan = plan
        self._refresh()

    def look(self, looked_at: bool) -> None:
        """Say whether the view is in sight; what was shown stays."""
        self._looked_at = looked_at
        if looked_at:
            self._refresh()

    def wait(self, off: bool) -> None:
        """Say whether an answer is arriving: then nothing can be clicked."""
        self._off = off
        for one in self._buttons.children:
            one.disabled = off

    def _refresh(self) -> None:
        if self._plan is None or not self._looked_at:
            self._draw(f'<p class="ag-small">{escape(_WAITS)}</p>', [])
            return
        try:
            assignment = self._plan.assignment
        except AutoMLError as error:
            self._draw(f'<p role="alert">{user(error, 300)}</p>', [])
            return
        others = [one for one in assignment.options if one is not assignment.chosen] if assignment else []
        self._draw(models_html(assignment) if assignment else "", [one for one in others if not one.fault])

    def _draw(self, table: str, others: list[ModelOption]) -> None:
        self._table.value = table
        names = [option.card.name for option in others]
        if names != self._names:
            earlier, self._names = self._buttons.children, names
            self._buttons.children = [self._button(name) for name in names]
            for one in earlier:
                close_all(one)
        self.wait(self._off)

    def _button(self, name: str) -> ipywidgets.Button:
        label = one_line(name)
        short = label if len(label) <= _NAME else f"{label[: _NAME - 1]}…"
        tooltip = f"Plan again with {short}; undo brings this plan back"
        return button(f"Use {short}", tooltip, lambda: self._on_switch(name))
