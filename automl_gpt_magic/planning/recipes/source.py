"""Small helpers to write Python source from untrusted names and values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100


def comment(text: str) -> str:
    """Return one comment line; line breaks and control characters in ``text`` cannot end it."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return "# " + " ".join(printable.split())


def proposed(source: str, warnings: Sequence[str], what: str) -> str:
    """Return a language model's source under comments that say so, and what a person should know of it."""
    lines = [*(comment(f"Warning: {warning}") for warning in warnings), f"# From the language model; {what}."]
    return "\n".join([*lines, source.strip()])


def literal(values: Sequence[Any]) -> str:
    """Return a list literal, wrapped where it is long."""
    items = [repr(plain(value)) for value in values]
    joined = ", ".join(items)
    if len(joined) < WIDTH - 30:
        return f"[{joined}]"
    body = textwrap.fill(joined, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    if any(" " in item for item in items):  # filling could break inside a string
        body = ",\n".join(items)
    return "[\n" + textwrap.indent(body, "    ") + ",\n]"


def dictionary(values: Mapping[str, Any]) -> str:
    """Return a dict literal with one entry a line."""
    return "{\n" + "".join(f"    {name!r}: {plain(value)!r},\n" for name, value in values.items()) + "}"


def plain(value: Any) -> Any:
    """Return a numpy scalar as the Python value whose ``repr`` is valid source."""
    return value.item() if hasattr(value, "item") else value
