"""The target's values and the class names of the card, brought together."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from ..errors import DataError, one_line
from ..records.card import Cards, Label

_NEGATIVE = frozenset({"no", "n", "false", "f", "off", "negative"})
_MAX_SHOWN = 8


@dataclass(frozen=True)
class NamedClasses:
    """The values of the target and their labels, in one order."""

    classes: tuple[Any, ...]
    labels: tuple[Label, ...]
    notes: tuple[str, ...] = ()


def as_text(value: object) -> str:
    """Return a class as a person writes it: 1.0 is ``1``, and blanks around it do not count."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def has_literal(value: object) -> bool:
    """Tell whether the value can be written into Python source as it is, as code that names classes needs."""
    try:
        again = ast.literal_eval(repr(value))
        return type(again) is type(value) and bool(again == value)
    except Exception:  # the value's own repr, or what is no literal
        return False


def name_classes(cards: Cards, values: list[Any]) -> NamedClasses:
    """Return the target's values in the order of the label space, or sorted where the card has none.

    Raises
    ------
    CardError
        If the label space does not name the target's values.
    DataError
        If two values differ only in blanks or in type.
    """
    stated = cards.data.label_space
    by_text = _by_text(cards, values)
    if not stated:
        return NamedClasses(tuple(by_text.values()), tuple(Label(name) for name in by_text))
    matched = _match(stated, by_text)
    if len(matched) == len(by_text):
        return _matched(stated, matched)
    if _are_codes(values) and len(stated) == len(values) and not matched:
        return _in_order(stated, list(by_text.values()))
    raise cards.error(
        "data.label_space",
        f"the label space has {_shown([label.name for label in stated])}, but {cards.data.target} holds "
        f"{_shown(list(by_text))}. Write the target's own values.",
    )


def _by_text(cards: Cards, values: list[Any]) -> dict[str, Any]:
    by_text: dict[str, Any] = {}
    for value in _sorted(values):
        name = as_text(value)
        if name in by_text:
            message = f"{cards.data.target} holds both {by_text[name]!r} and {value!r}, which read the same. "
            message += "Make them one value above this cell, for example with .astype(str).str.strip()."
            raise DataError(one_line(message))
        by_text[name] = value
    return by_text


def _sorted(values: list[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:  # values of several types
        return sorted(values, key=lambda value: (type(value).__name__, str(value)))


def _match(stated: tuple[Label, ...], by_text: dict[str, Any]) -> dict[str, Any]:
    """Return label name -> value for each label that names a value, if need be in another case."""
    folded = {name.casefold(): value for name, value in by_text.items()}
    alike = by_text if len(folded) < len(by_text) else folded
    found = {label.name: by_text.get(label.name, alike.get(label.name.casefold())) for label in stated}
    named = {name: value for name, value in found.items() if value is not None}
    return named if len(set(map(as_text, named.values()))) == len(named) else {}


def _matched(stated: tuple[Label, ...], matched: dict[str, Any]) -> NamedClasses:
    labels = tuple(label for label in stated if label.name in matched)
    absent = [label.name for label in stated if label.name not in matched]
    notes = (f"no row of the table has the class {_shown(absent)}: left out",) if absent else ()
    return NamedClasses(tuple(matched.values()), labels, notes)


def _are_codes(values: list[Any]) -> bool:
    return all(isinstance(value, int) or (isinstance(value, float) and value.is_integer()) for value in values)


def _in_order(stated: tuple[Label, ...], values: list[Any]) -> NamedClasses:
    names = [label.name.casefold() for label in stated]
    if len(names) == 2 and names[1] in _NEGATIVE:
        values = values[::-1]
    pairs = ", ".join(f"{as_text(value)} = {label.name}" for value, label in zip(values, stated, strict=True))
    return NamedClasses(tuple(values), stated, (f"class names are taken in the order of the values: {pairs}",))


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return ", ".join(map(repr, names[:_MAX_SHOWN])) + more
