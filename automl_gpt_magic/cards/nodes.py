"""A card before its fields are typed: scalars, lists and mappings that know where they stand."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CardError, one_line
from ..records.card import Position

MAX_NODES = 20_000
MAX_DEPTH = 40
_MAX_SHOWN = 40
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True)
class Scalar:
    """One value as it was written; its field decides whether that is text or a number."""

    text: str
    quoted: bool = False
    position: Position | None = None


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    position: Position | None = None


@dataclass(frozen=True)
class Fields:
    """A mapping; ``keys`` holds where each key stands."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Position | None]
    position: Position | None = None


@dataclass(frozen=True)
class Foreign:
    """A Python object that no card can hold, from a card given as a mapping."""

    kind: str
    position: Position | None = None


Node = Scalar | Items | Fields | Foreign


def is_null(node: Node) -> bool:
    """Tell whether nothing was written: an empty value, ``null`` or ``~``."""
    return isinstance(node, Scalar) and not node.quoted and node.text in _NULLS


def found(node: Node) -> str:
    """Name what a node is, for an error message."""
    if isinstance(node, Scalar):
        shown = node.text if len(node.text) <= _MAX_SHOWN else node.text[:_MAX_SHOWN] + "..."
        return "nothing" if is_null(node) else repr(shown)
    return {Items: "a list", Fields: "a mapping"}.get(type(node)) or f"a {getattr(node, 'kind', '')}"


def error_at(position: Position | None, path: str, message: str) -> CardError:
    """Return a CardError for the field ``path`` that stands at ``position``."""
    path = one_line(path)
    if position is None:
        return CardError(message, field=path)
    return CardError(message, field=path, line=position.line, column=position.column)


def check_text(text: str, path: str, position: Position | None = None) -> str:
    """Return ``text`` as it is.

    Raises
    ------
    CardError
        If it holds a lone surrogate, which no file or request can hold.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"the field holds a character that is not valid text, {text[error.start]!r}. Remove it."
        raise error_at(position, path, message) from None
    return text


def join(path: str, name: object) -> str:
    """Return the dotted path of a field inside another."""
    return f"{path}.{name}" if path else str(name)


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Position]]:
    """Yield the dotted path and the position of each field and list item."""
    if path and node.position is not None:
        yield path, node.position
    if isinstance(node, Items):
        for index, item in enumerate(node.items):
            yield from walk(item, join(path, index))
    elif isinstance(node, Fields):
        for name, entry in node.entries.items():
            yield from walk(entry, join(path, name))


@dataclass
class Budget:
    """What a card may still hold, so that a few aliases cannot unfold into millions of values."""

    left: int = MAX_NODES

    def spend(self, depth: int, path: str, position: Position | None) -> None:
        """Count one more node.

        Raises
        ------
        CardError
            If the card has too many nodes, is nested too deeply or contains itself.
        """
        self.left -= 1
        if depth > MAX_DEPTH:
            top = path.partition(".")[0]
            raise error_at(position, top, f"the card is nested deeper than {MAX_DEPTH} levels. Write fewer levels.")
        if self.left < 0:
            raise error_at(position, path, f"the card holds more than {MAX_NODES:,} values. Write a shorter one.")


def from_python(value: Any) -> Node:
    """Return a card given as Python data as a node without positions.

    Raises
    ------
    CardError
        If it is too large, contains itself or names one field twice.
    """
    return _from_python(value, "", 0, Budget())


def _from_python(value: Any, path: str, depth: int, budget: Budget) -> Node:
    budget.spend(depth, path, None)
    if isinstance(value, Mapping):
        return _fields_from(value, path, depth, budget)
    if isinstance(value, (list, tuple)):
        return Items(tuple(_from_python(item, join(path, i), depth + 1, budget) for i, item in enumerate(value)))
    return _scalar_from(value, path)


def _fields_from(mapping: Mapping[Any, Any], path: str, depth: int, budget: Budget) -> Fields:
    entries: dict[str, Node] = {}
    for key, value in mapping.items():
        name = check_text(str(key), path)
        if name in entries:
            raise error_at(None, join(path, name), "the field is given twice. Keep one of them.")
        entries[name] = _from_python(value, join(path, name), depth + 1, budget)
    return Fields(entries, dict.fromkeys(entries))


def _scalar_from(value: Any, path: str) -> Node:
    if value is None:
        return Scalar("null")
    if isinstance(value, str):
        return Scalar(check_text(value, path), quoted=True)
    if isinstance(value, (bool, int)):
        return _whole_from(value)
    if isinstance(value, numbers.Integral):
        return Scalar(str(int(value)))
    if isinstance(value, numbers.Real):
        return Scalar(repr(float(value)))
    return Foreign(type(value).__name__)


def _whole_from(value: int) -> Node:
    try:
        return Scalar(str(value))
    except ValueError:  # Python refuses to write integers of several thousand digits
        return Foreign("number of several thousand digits")
