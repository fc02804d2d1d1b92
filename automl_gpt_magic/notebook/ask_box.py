"""The box in which the user asks for a change: Enter or the button sends the text, once, as it stands at that moment.

`ipywidgets.Text` cannot do that: its Enter is a message that goes out before the text it belongs to, and leaving the
field sends the text like Enter does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class AskBox(anywidget.AnyWidget):
    """A labelled text field with a button.

    Parameters
    ----------
    on_ask : callable
        Called with the text; returns whether it was taken: else the text stays in the field, to be mended.
    label, placeholder, hint : str
        What stands above the field, in it, and under it.

    Attributes
    ----------
    off : bool
        Whether nothing can be asked now.
    """

    _esm = Path(__file__).with_name("ask_box.js").read_text(encoding="utf-8")
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    off = traitlets.Bool().tag(sync=True)

    def __init__(self, on_ask: Callable[[str], bool], label: str, placeholder: str, hint: str) -> None:
        super().__init__(label=label, placeholder=placeholder, hint=hint)
        self._on_ask = on_ask
        self.on_msg(self._hear)
        self.add_class("ag-ask")

    def take_focus(self) -> None:
        """Give the field the focus if nothing else has it, or something that goes away."""
        self.send({"focus": True})

    def _hear(self, _: Any, content: Mapping[str, Any], buffers: Any) -> None:
        text = content.get("ask")
        if not isinstance(text, str):
            return
        taken = False
        try:
            if not self.off:
                taken = self._on_ask(text)
        finally:
            self.send({"answered": taken})
