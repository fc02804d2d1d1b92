"""The conversation about a plan: the box to ask in, the round that waits for an answer, and those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from ..records.exchange import Usage
from ..records.round import Round
from . import round_wording
from .ask_box import AskBox
from .buttons import button
from .closing import close_all
from .proposal_view import ProposalView
from .round_html import past_html

_SHOWN = 10


class RoundsView:
    """Rounds of requests and answers.

    Parameters
    ----------
    on_ask : callable
        Called with the text that the user asks; returns whether it was taken: else it stays in the box.
    on_take : callable
        Called with the keys of the changes that are taken of the round that waits.
    on_reject, on_undo, on_redo : callable
        Called without arguments.
    on_go : callable
        Called with the number of a round, to have the plan as it was when that was taken.
    """

    def __init__(
        self,
        on_ask: Callable[[str], bool],
        on_take: Callable[[tuple[str, ...]], object],
        on_reject: Callable[[], object],
        on_undo: Callable[[], object],
        on_redo: Callable[[], object],
        on_go: Callable[[int], object],
    ) -> None:
        self._on_go = on_go
        self._box = AskBox(on_ask, round_wording.ASK, round_wording.PLACEHOLDER, round_wording.HINT)
        self._undo = button("Undo", "Take the last change of the plan back", on_undo)
        self._redo = button("Redo", "Do again what was undone last", on_redo)
        self._proposal = ProposalView(lambda keys: self._answer(lambda: on_take(keys)), lambda: self._answer(on_reject))
        self._foot = ipywidgets.HTML()
        self._title = ipywidgets.HTML('<p class="ag-h">Earlier rounds</p>')
        self._list = ipywidgets.VBox().add_class("ag-list")
        self._past: list[_Past] = []
        ask = ipywidgets.Box([self._box, self._undo, self._redo]).add_class("ag-ask-row")
        parts = [ask, self._proposal.widget, self._list, self._foot]
        self.widget = ipywidgets.VBox(parts).add_class("ag-rounds")
        self._shown: tuple[Sequence[Round], bool, bool, bool] = ((), False, False, False)
        self._total = ""
        self._arriving = False
        self._refresh()

    def show(
        self,
        rounds: Sequence[Round],
        *,
        can_undo: bool,
        can_redo: bool,
        busy: bool = False,
        usage: Usage | None = None,
        budget_left: str = "",
    ) -> None:
        """Show rounds in their order; fires no callback.

        Parameters
        ----------
        rounds : sequence of Round
        can_undo, can_redo : bool
        busy : bool
            Whether a request is being answered: then nothing can be clicked.
        usage : Usage or None
            Of all rounds; it is shown where an LLM was asked.
        budget_left : str
            Such as ``$0.48``; empty where nothing limits it.
        """
        self._shown = (tuple(rounds), can_undo, can_redo, busy)
        self._total = round_wording.total(rounds, usage, budget_left)
        self._refresh()

    def wait(self, arriving: bool) -> None:
        """Say whether an answer is arriving: then nothing can be clicked."""
        if arriving != self._arriving:
            self._arriving = arriving
            self._refresh()

    def close(self) -> None:
        """Close the widgets, those that are not shown included."""
        for widget in (self.widget, self._title, *(row.widget for row in self._past)):
            close_all(widget)

    def _answer(self, call: Callable[[], object]) -> None:
        """Answer the round that waits; the button that was clicked goes away, and the focus goes on in the box."""
        call()
        if not round_wording.proposed(self._shown[0]):
            self._box.take_focus()

    def _refresh(self) -> None:
        rounds, can_undo, can_redo, busy = self._shown
        off = busy or self._arriving
        self._box.off = off
        self._undo.disabled, self._redo.disabled = off or not can_undo, off or not can_redo
        current = round_wording.current(rounds)
        self._proposal.show(current, off=off)
        past = [one for one in reversed(rounds) if one is not current]
        self._show_past(past[:_SHOWN], can_redo, off)
        more = f"and {len(past) - _SHOWN} more" if len(past) > _SHOWN else ""
        self._foot.value = "".join(f'<p class="ag-small">{escape(line)}</p>' for line in (more, self._total) if line)

    def _show_past(self, past: Sequence[Round], can_redo: bool, off: bool) -> None:
        while len(self._past) < len(past):
            self._past.append(_Past(self._on_go))
        rows = self._past[: len(past)]
        for row, round_ in zip(rows, past, strict=True):
            row.show(round_, can_redo, off)
        self._list.children = (self._title, *(row.widget for row in rows)) if rows else ()


class _Past:
    """A round that was answered, and the way back to it."""

    def __init__(self, on_go: Callable[[int], object]) -> None:
        self._number = 0
        self._text = ipywidgets.HTML()
        self._go = button("", "", lambda: on_go(self._number)).add_class("ag-link")
        self.widget = ipywidgets.Box([self._text, self._go]).add_class("ag-past")

    def show(self, round_: Round, can_redo: bool, off: bool) -> None:
        self._number, self._text.value = round_.number, past_html(round_)
        is_ahead = round_.standing == "undone"
        self._go.description = f"{'Redo' if is_ahead else 'Back'} to round {round_.number}"
        self._go.tooltip = f"Have the plan as it was when round {round_.number} was taken"
        can_go = can_redo if is_ahead else round_.standing in ("accepted", "partly accepted")
        self._go.layout.visibility = "visible" if can_go else "hidden"
        self._go.disabled = off
