"""Users' text in HTML: escaped, shortened and kept from turning its surroundings around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

LONGEST = 60


def user(text: Any, longest: int = LONGEST) -> str:
    """Return text from outside as HTML: escaped, on one line, isolated in direction, cut with the whole as title."""
    whole = " ".join(str(text).split())
    if len(whole) <= longest:
        return f"<bdi>{escape(whole)}</bdi>"
    return f'<bdi title="{escape(whole)}">{escape(whole[: longest - 1].rstrip())}…</bdi>'


def elided(items: Sequence[str], most: int) -> str:
    """Join HTML pieces by commas: the first ones, and how many more there are."""
    more = f", and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a definition list of name and HTML; a pair without content is left out."""
    return "".join(f"<div><dt>{escape(name)}</dt><dd>{content}</dd></div>" for name, content in pairs if content)


def muted(content: str) -> str:
    """Return HTML in the second colour."""
    return f'<span class="ag-muted">{content}</span>' if content else ""
