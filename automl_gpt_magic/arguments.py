"""What stands after a command's name, read: numbers, durations, words in quotation marks."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import UsageError


def numbers(given: Sequence[str], count: int, usage: str) -> list[int]:
    """Return so many numbers; ``usage`` says what the command takes."""
    if len(given) != count or not all(number.isdecimal() for number in given):
        raise UsageError(f"%automl {usage}; {count} of their numbers {'are' if count > 1 else 'is'} needed")
    return [int(number) for number in given]


def bare(text: str) -> str:
    """Return a text without any quotation marks at its ends."""
    return text.strip("\"'")


def unquoted(text: str) -> str:
    """Return a text without the quotation marks around it; one at its end alone is the text's own."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def seconds(text: str) -> float:
    """Read a duration such as 90s, 10m or 1h."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1] in units else (text, 1)
    if not number.replace(".", "", 1).isdecimal():
        raise UsageError(f"--time {text!r} is no duration; write it like 90s, 10m or 1h")
    return float(number) * unit
