"""Read a JSON object while it is still arriving, from a text that may hold more than the object."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

_CLOSERS = {"{": "}", "[": "]"}
_DEEPEST, _MOST_DIGITS = 30, 300
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)


class JsonStream:
    """The last object of a text that has one of the ``known`` keys, as far as it has arrived.

    What stands before and after it (prose, fences) is passed over; comments and commas before a closing bracket
    are left out. A value counts only once it has ended, so that a number which was cut off is never taken for whole.

    Parameters
    ----------
    known : collection of str
        The object's top-level keys.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(known)
        self._whole: dict[str, Any] | None = None
        self._finished: tuple[str, ...] = ()
        self._finished_at = 0
        self._forget()

    @property
    def whole(self) -> bool:
        """Whether an object of the known kind has arrived to its end."""
        return self._whole is not None

    @property
    def draft(self) -> Mapping[str, Any]:
        """What is complete so far; empty before anything is."""
        return self._whole if self._whole is not None else self._parsed(self._cut, self._open_at_cut)

    @property
    def finished(self) -> tuple[str, ...]:
        """The top-level keys whose values are complete, in their order."""
        if self._whole is not None:
            return self._keys(self._whole)
        if self._finished_at != self._top_cut:
            self._finished_at, self._finished = self._top_cut, self._keys(self._parsed(self._top_cut, ["{"]))
        return self._finished

    def feed(self, text: str) -> None:
        """Take the next piece."""
        for letter in text:
            self._take(letter)

    def _forget(self) -> None:
        """Wait for the next object."""
        self._kept: list[str] = []
        self._open: list[str] = []
        self._cut = self._top_cut = 0
        self._open_at_cut: list[str] = []
        self._in_string = self._escaped = False
        self._comment = ""
        self._finished_at, self._finished = 0, ()

    def _keys(self, found: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(key for key in found if key in self._known)

    def _take(self, letter: str) -> None:
        if self._comment:
            self._end_comment(letter)
        elif self._in_string:
            self._kept.append(letter)
            self._in_string = self._escaped or letter != '"'
            self._escaped = letter == "\\" and not self._escaped
        elif letter == "{" or self._open:
            self._structure(letter)

    def _structure(self, letter: str) -> None:
        if letter in "/*" and self._kept and self._kept[-1] == "/":
            self._kept.pop()
            self._comment = letter
            return
        if letter in "}]":
            self._close(letter)
            return
        self._kept.append(letter)
        if letter == '"':
            self._in_string = True
        elif letter in _CLOSERS:
            self._open.append(letter)
            if len(self._open) > _DEEPEST:
                self._forget()
        elif letter == "," and len(self._open) == 1:
            self._mark(len(self._kept) - 1)

    def _close(self, letter: str) -> None:
        while self._kept and (self._kept[-1].isspace() or self._kept[-1] == ","):
            self._kept.pop()
        opened = self._open.pop()
        self._kept.append(letter)
        if _CLOSERS[opened] != letter:
            self._forget()
        elif self._open:
            self._mark(len(self._kept))
        else:
            self._end_object()

    def _mark(self, length: int) -> None:
        """Remember that the text up to here is complete but for its closing brackets."""
        self._cut, self._open_at_cut = length, list(self._open)
        if len(self._open) == 1:
            self._top_cut = length

    def _end_object(self) -> None:
        found = self._parsed(len(self._kept), [])
        if self._known & found.keys():
            self._whole = found
        self._forget()

    def _parsed(self, length: int, still_open: list[str]) -> dict[str, Any]:
        closing = "".join(_CLOSERS[bracket] for bracket in reversed(still_open)) if length else ""
        try:
            text = "".join(self._kept[:length]) + closing or "{}"
            found = json.loads(text, strict=False, parse_int=_number)
        except (ValueError, RecursionError):
            return {}
        return _printable(found) if isinstance(found, dict) else {}

    def _end_comment(self, letter: str) -> None:
        if self._comment == "/":
            self._comment = "" if letter in "\r\n" else "/"
        else:
            self._comment = "" if self._comment == "**" and letter == "/" else "**" if letter == "*" else "*"


def _number(digits: str) -> int | float:
    """Return a whole number; Python refuses to read thousands of digits."""
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def _printable(value: Any) -> Any:
    """Return a value without halves of surrogate pairs, which no message to a page can carry."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_printable(one) for one in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(one) for name, one in value.items()}
    return value


def read_json(text: str, known: Collection[str]) -> tuple[dict[str, Any], bool]:
    """Return the object in a finished text, or what of it is complete, and whether it is whole."""
    stream = JsonStream(known)
    stream.feed(_THOUGHTS.sub("", text))
    if not stream.whole and not stream.draft:
        stream = _from_a_later_bracket(text, known) or stream
    return dict(stream.draft), stream.whole


def _from_a_later_bracket(text: str, known: Collection[str], most: int = 40) -> JsonStream | None:
    """Look behind a bracket in prose that never closes."""
    for match in list(re.finditer(r"\{", text))[1:most]:
        stream = JsonStream(known)
        stream.feed(text[match.start() :])
        if stream.whole:
            return stream
    return None
