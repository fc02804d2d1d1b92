"""Users' text in Markdown: on one line, and with nothing in it that Markdown or HTML would read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

_MARKS = re.compile(r"([\\`*_\[\]{}|~$#!@])")
_LINE_START = re.compile(r"^([-+=]|\d+(?=[.)](\s|$)))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain(text: Any, longest: int = 2000) -> str:
    """Return text on one line, without characters that do not print."""
    whole = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    return whole if len(whole) <= longest else f"{whole[: longest - 1].rstrip()}…"


def user(text: Any, longest: int = 300) -> str:
    """Return text from outside as Markdown that reads as it was written."""
    escaped = _MARKS.sub(r"\\\1", plain(text, longest))
    escaped = "".join(_ENTITIES.get(letter, letter) for letter in escaped)
    escaped = escaped.replace("://", r"\://").replace("www.", r"www\.")
    start = _LINE_START.match(escaped)
    if not start:
        return escaped
    return f"\\{escaped}" if not start[1].isdigit() else escaped.replace(start[1], f"{start[1]}\\", 1)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list of items that are Markdown already."""
    return "\n".join(f"- {item}" for item in items)
