"""The panel's last row: what can be done with the trained model, each a cell that one click writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from html import escape

import ipywidgets

from ..records.next_step import NEXT_STEPS
from ..records.plan import Plan
from . import plan_wording, training_wording
from .closing import close_all


class NextRow:
    """A button for each step that suits the plan, and a word on the one that is advised.

    Parameters
    ----------
    on_next : callable
        Called with a step's name at a click.
    """

    def __init__(self, on_next: Callable[[str], object]) -> None:
        self._trained = self._can_write = False
        self._title = ipywidgets.HTML('<span class="ag-h">Next</span>')
        self._hint = ipywidgets.HTML()
        self._buttons = {name: _button(name, on_next) for name in NEXT_STEPS}
        self._offered: list[str] = []
        self.widget = ipywidgets.Box([]).add_class("ag-sec").add_class("ag-act").add_class("ag-next")

    def show(self, plan: Plan, *, can_write: bool) -> None:
        """Offer what suits a plan; nothing where it has no cells."""
        self._offered, self._can_write = list(plan.next_code), can_write
        self._hint.value = f'<span class="ag-small">{escape(plan_wording.next_hint(plan))}</span>'
        self.widget.layout.display = "flex" if self._offered else "none"
        self.widget.children = (self._title, *(self._buttons[name] for name in self._offered), self._hint)
        self._refresh()

    def trained(self, is_trained: bool) -> None:
        """Say whether there is a trained model, which every step needs."""
        if is_trained != self._trained:
            self._trained = is_trained
            self._refresh()

    def close(self) -> None:
        """Close the widgets, those that are not shown included."""
        for widget in (self.widget, self._title, self._hint, *self._buttons.values()):
            close_all(widget)

    def _refresh(self) -> None:
        for name in self._offered:
            button = self._buttons[name]
            button.disabled = not (self._trained and self._can_write)
            button.tooltip = NEXT_STEPS[name].meaning if self._trained else training_wording.TRAIN_FIRST


def _button(name: str, on_next: Callable[[str], object]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=NEXT_STEPS[name].label)
    button.on_click(lambda _: on_next(name))
    return button


def needed_first(plan: Plan, name: str, defined: Container[str]) -> str:
    """Say what must be run before a step's cell; empty where all it uses is defined."""
    prefixed = re.compile(rf"\b{plan.names}_\w+")
    made = {one for source in plan.code.values() for one in prefixed.findall(source)}
    missing = [one for one in sorted(made.intersection(prefixed.findall(plan.next_code[name]))) if one not in defined]
    if not missing:
        return ""
    if f"{plan.names}_model" not in defined:
        return f"Train first: it needs {plan.names}_model."
    return f"Run the cells above it first: {', '.join(missing)} stayed in the training's process."
