"""Closing widgets that nobody will see again: the kernel keeps every one that was not closed."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget with everything in it: children, layouts and styles."""
    for part in [*_parts(widget)]:
        part.close()


def _parts(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    yield widget
    for name in widget.keys:
        value = getattr(widget, name)
        for part in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(part, ipywidgets.Widget):
                yield from _parts(part)
