"""The round that waits for the user's answer: its changes to be ticked, and taken or rejected."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from ..records.round import Change, Round
from . import round_wording
from .buttons import button
from .closing import close_all
from .round_html import COLUMNS, answer_html, change_html, question_html

_HEAD = (
    '<div class="ag-change ag-th" aria-hidden="true"><span>{}</span><div class="ag-change-cells"><span class="ag-r">{}'
    '</span><span class="ag-r">{}</span><span class="ag-c">{}</span><span>{}</span></div></div>'
).format(*COLUMNS)


class ProposalView:
    """Hidden where no round is shown.

    Parameters
    ----------
    on_take : callable
        Called with the keys of the changes that the user takes.
    on_reject : callable
        Called without arguments.
    """

    def __init__(self, on_take: Callable[[tuple[str, ...]], object], on_reject: Callable[[], object]) -> None:
        self._round: Round | None = None
        self._ticks: dict[str, ipywidgets.Checkbox] = {}
        self._off = False
        self._question, self._answer = ipywidgets.HTML(), ipywidgets.HTML()
        self._changes = ipywidgets.VBox().add_class("ag-changes")
        self._all = button("Accept all", "Take every change", lambda: on_take(tuple(self._ticks))).add_class("ag-go")
        self._some = button("Accept selected", "Take the changes that are ticked", lambda: on_take(self._ticked()))
        self._none = button("Reject", "Leave the plan as it is", on_reject)
        self._buttons = ipywidgets.Box([self._all, self._some, self._none]).add_class("ag-act")
        parts = [self._question, self._changes, self._answer, self._buttons]
        self.widget = ipywidgets.VBox(parts).add_class("ag-answer")
        self.show(None)

    def show(self, round_: Round | None, *, off: bool = False) -> None:
        """Show a round, or None; the same round shown again keeps what the user ticked."""
        self._off = off
        if not _is_same(self._round, round_):
            self._build(round_.changes if round_ is not None and round_.standing == "proposed" else ())
        self._round = round_
        self.widget.layout.display = "none" if round_ is None else None
        self._question.value = question_html(round_) if round_ else ""
        self._answer.value = answer_html(round_) if round_ else ""
        self._buttons.layout.display = self._changes.layout.display = None if self._ticks else "none"
        self._refresh()

    def _build(self, changes: tuple[Change, ...]) -> None:
        earlier = self._changes.children
        self._ticks = {change.key: _tick(change) for change in changes}
        rows = [
            ipywidgets.Box([self._ticks[change.key], ipywidgets.HTML(change_html(change))]).add_class("ag-change")
            for change in changes
        ]
        self._changes.children = (ipywidgets.HTML(_HEAD), *rows) if rows else ()
        for row in earlier:
            close_all(row)
        for tick in self._ticks.values():
            tick.observe(lambda _: self._refresh(), names="value")

    def _ticked(self) -> tuple[str, ...]:
        return tuple(key for key, tick in self._ticks.items() if tick.value)

    def _refresh(self) -> None:
        self._all.disabled = self._none.disabled = self._off
        self._some.disabled = self._off or not self._ticked()
        for tick in self._ticks.values():
            tick.disabled = self._off


def _is_same(one: Round | None, other: Round | None) -> bool:
    return one is other or (one is not None and other is not None and _identity(one) == _identity(other))


def _identity(round_: Round) -> tuple[object, ...]:
    return round_.number, round_.date, round_.standing, round_.changes


def _tick(change: Change) -> ipywidgets.Checkbox:
    tooltip = round_wording.change_text(change)
    return ipywidgets.Checkbox(
        value=True, description=round_wording.subject(change), tooltip=tooltip, indent=False
    ).add_class("ag-tick")
