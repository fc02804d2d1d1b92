"""Users' text in HTML: escaped, shortened and kept from turning its surroundings around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

LONGEST = 60


def one_line(text: Any) -> str:
    """Return text from outside on one line, without the halves of characters that no message can carry."""
    return " ".join(str(text).encode("utf-8", "replace").decode().split())


def user(text: Any, longest: int = LONGEST) -> str:
    """Return text from outside as HTML: escaped, on one line, isolated in direction, cut with the whole as title."""
    whole = one_line(text)
    if len(whole) <= longest:
        return f"<bdi>{escape(whole)}</bdi>"
    return f'<bdi title="{escape(whole)}">{escape(whole[: longest - 1].rstrip())}…</bdi>'


def code(source: str, most: int = 20_000) -> str:
    """Return code from outside as HTML that keeps its lines; characters that do not print are shown as escapes."""
    rest = f"\n… and {len(source) - most:,} more characters" if len(source) > most else ""
    return f"<pre><code>{escape(printable(source[:most]) + rest)}</code></pre>"


def printable(source: str) -> str:
    """Return code with every character that does not print as an escape, but for line ends and tabs."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else _escape(letter) for letter in source)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def steps(rows: Iterable[tuple[str, str]], most: int = 20) -> str:
    """Return texts from outside, each with its reason, as a list; a long one is cut."""
    listed = [*rows]
    shown = "".join(f"<li>{user(what, 200)}{muted(user(why, 300) if why else '')}</li>" for what, why in listed[:most])
    more = f"<li>and {len(listed) - most} more</li>" if len(listed) > most else ""
    return f'<ol class="ag-steps">{shown}{more}</ol>' if listed else ""


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
