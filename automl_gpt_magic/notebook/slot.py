"""The panel's status slot: everything that happens is said here, in the same place and height."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import ipywidgets

from .closing import close_all
from .llm_wording import STOP_BY_HAND
from .markup import user
from .plan_wording import UPDATE_CELLS

Kind = Literal["idle", "calm", "warn", "error"]

_LONGEST = 400


class Slot:
    """Two lines of text, a progress bar while something runs, the offer to update the cells, and how far an answer is.

    Parameters
    ----------
    on_update_cells : callable
        Called without arguments when the offer is taken.
    """

    def __init__(self, on_update_cells: Callable[[], object]) -> None:
        self._text = ipywidgets.HTML()
        self._button = ipywidgets.Button(
            description=UPDATE_CELLS, tooltip="Write the plan as it stands into the cells below"
        )
        self._button.on_click(lambda _: on_update_cells())
        self._stop = ipywidgets.Button(
            description="Stop", tooltip="Interrupts the kernel: the last complete plan and what has arrived are kept"
        ).add_class("ag-stop")
        self._by_hand = ipywidgets.HTML(f'<p class="ag-small ag-by-hand">{STOP_BY_HAND}</p>')
        self._stage = ipywidgets.HTML().add_class("ag-vh")
        self._said = ""
        self._offer = ""
        self._offered = self._arriving = self._stops = False
        self.widget = ipywidgets.Box([self._text]).add_class("ag-sec").add_class("ag-slot")

    def say(self, first: str, second: str = "", kind: Kind = "idle", share: float | None = None) -> None:
        """Say something; ``share`` of 1 draws the progress bar."""
        self._said = _notice(first, second, kind) + (_bar(share) if share is not None else "")
        if not self._arriving:
            self._text.value = self._said

    def offer(self, text: str) -> None:
        """Say ``text`` and show the button until the offer is cleared; later messages keep the button."""
        self._offer, self._offered = _notice(text, "", "warn"), True
        if not self._arriving:
            self._text.value = self._offer
        self._arrange()

    def clear_offer(self) -> None:
        """Take the offer back; what was said before it stands again."""
        self._offered = False
        if self._text.value == self._offer:
            self._text.value = self._said
        self._arrange()

    def stoppable(self, stop_class: str) -> None:
        """Let the Stop button carry the class that the page listens to."""
        self._stop.add_class(stop_class)
        self._stops = True

    def arrive(self, facts: str, stage: str) -> None:
        """Show how far an answer is, as HTML, with the way to stop it; ``stage`` is announced when it changes."""
        self._text.value = facts
        self._stage.value = f'<span role="status">{user(stage)}</span>'
        if not self._arriving:
            self._arriving = True
            self._arrange()

    def arrived(self) -> None:
        """Show again what was said last, before or since."""
        if self._arriving:
            self._arriving = False
            self._text.value = self._said
            self._arrange()

    def close(self) -> None:
        """Close the widgets, those that are not shown included."""
        for widget in (self.widget, self._button, self._stop, self._by_hand, self._stage):
            close_all(widget)

    def _arrange(self) -> None:
        if self._arriving:
            self.widget.children = (self._text, self._stop if self._stops else self._by_hand, self._stage)
        else:
            self.widget.children = (self._text, self._button) if self._offered else (self._text,)


def _notice(first: str, second: str, kind: Kind) -> str:
    role = "alert" if kind == "error" else "status"
    lines = f"<p><b>{user(first, _LONGEST)}</b></p>" + (f"<p>{user(second, _LONGEST)}</p>" if second else "")
    return f'<div class="ag-notice {kind}" role="{role}">{lines}</div>'


def _bar(share: float) -> str:
    done = round(100 * min(max(share, 0.0), 1.0))
    return (
        f'<div class="ag-bar" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{done}"><div style="width:{done}%"></div></div>'
    )
