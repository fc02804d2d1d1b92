"""The panel's status slot: everything that happens is said here, in the same place and height."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import ipywidgets

from .closing import close_all
from .markup import user
from .wording import UPDATE_CELLS

Kind = Literal["idle", "calm", "warn", "error"]

_LONGEST = 400


class Slot:
    """Two lines of text, a progress bar while something runs, and the offer to update the cells.

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
        self._said = ""
        self._offer = ""
        self.widget = ipywidgets.Box([self._text]).add_class("ag-sec").add_class("ag-slot")

    def say(self, first: str, second: str = "", kind: Kind = "idle", share: float | None = None) -> None:
        """Say something; ``share`` of 1 draws the progress bar."""
        self._said = _notice(first, second, kind) + (_bar(share) if share is not None else "")
        self._text.value = self._said

    def offer(self, text: str) -> None:
        """Say ``text`` and show the button until the offer is cleared; later messages keep the button."""
        self._offer = self._text.value = _notice(text, "", "warn")
        self.widget.children = (self._text, self._button)

    def close(self) -> None:
        """Close the widgets, those that are not shown included."""
        close_all(self.widget)
        close_all(self._button)

    def clear_offer(self) -> None:
        """Take the offer back; what was said before it stands again."""
        self.widget.children = (self._text,)
        if self._text.value == self._offer:
            self._text.value = self._said


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
