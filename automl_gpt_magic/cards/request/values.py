"""Hyperparameters that are set, kept or let go."""

from __future__ import annotations

from typing import Any

from ...records.request import Want, Wish
from .names import counting
from .rules import Found, Rule, rules

_EXACT = 2**53  # beyond, floats have no digits of their own any more


def _set(found: Found) -> tuple[Wish, ...] | None:
    names = _named(found)
    if names is None or len(names) > 1:
        return None
    return tuple(Wish("set", name=name, value=_value(found)) for name in names)


def _lock(found: Found) -> tuple[Wish, ...] | None:
    return _each("lock", found)


def _free(found: Found) -> tuple[Wish, ...] | None:
    return _each("free", found)


def _each(want: Want, found: Found) -> tuple[Wish, ...] | None:
    names = _named(found)
    return None if names is None else tuple(Wish(want, name=name) for name in names)


def _named(found: Found) -> tuple[str, ...] | None:
    """Return the hyperparameters that are meant; None where this model counts no such steps."""
    if found.has("PARAM"):
        return tuple(found.value("PARAM"))
    name = counting(found.value("COUNT"), found.hyperparameters)
    return (name,) if name else None


def _value(found: Found) -> Any:
    number = found.value("NUMBER")
    if number is None:
        return found.words("UNKNOWN")
    if found.has("PERCENT"):
        return number / 100
    written = found.words("NUMBER")
    is_whole = number == int(number) and abs(number) < _EXACT and not written.endswith(".0")
    return int(number) if is_whole else number


_NAMED = "PARAM|COUNT"
_PUT = "SET|USE|FIX|KEEP|TOUCH|HIGH|LOW"

VALUES: list[Rule] = [
    *rules(
        _set,
        "SET|USE? PARAM EQUALS|TO? NUMBER PERCENT? SET|USE|FIX|KEEP?",
        "FIX|KEEP|TOUCH|HIGH|LOW PARAM TO|EQUALS NUMBER PERCENT?",
        "SET|FIX|KEEP|TOUCH|HIGH|LOW COUNT TO|EQUALS NUMBER",
        "COUNT TO NUMBER SET|FIX|KEEP|TOUCH",
        "COUNT EQUALS? NUMBER",
        "USE NUMBER COUNT",
        "NUMBER COUNT USE",
        "USE NUMBER PARAM",
    ),
    *rules(_set, "SET|USE? PARAM EQUALS|TO UNKNOWN SET?"),
    *rules(
        _lock,
        f"KEEP|FIX {_NAMED} AS_IS?",
        f"KEEP AS_IS {_NAMED}",
        f"{_NAMED} AS_IS KEEP?",
        f"{_NAMED} FIX",
        f"KEEP {_NAMED} NEGATION TOUCH",
        f"PERMIT? NEGATION TOUCH {_NAMED}",
        f"PERMIT? {_NAMED} NEGATION TOUCH",
        f"{_NAMED} PERMIT? NEGATION TOUCH",
        f"NEGATION {_NAMED} TOUCH",
        f"TOUCH {_NAMED} NEGATION",
    ),
    *rules(
        _free,
        f"PERMIT TOUCH {_NAMED}",
        f"PERMIT {_NAMED} TOUCH",
        f"{_NAMED} PERMIT TOUCH",
        f"PERMIT? FREE {_NAMED}",
        f"{_NAMED} FREE",
    ),
]
