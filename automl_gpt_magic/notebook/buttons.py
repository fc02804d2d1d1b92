"""A button that calls a function without arguments."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets


def button(label: str, tooltip: str, on_click: Callable[[], object]) -> ipywidgets.Button:
    """Return a button with a text and, under the pointer, what it does."""
    made = ipywidgets.Button(description=label, tooltip=tooltip)
    made.on_click(lambda _: on_click())
    return made
