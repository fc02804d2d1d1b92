"""The one limit that is read from a request's free text: how long training may take."""

from __future__ import annotations

import math
import re

_WORDS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "half a": 0.5,
    "half an": 0.5,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
}
_WORDS |= {
    "five": 5.0,
    "six": 6.0,
    "ten": 10.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "sixty": 60.0,
}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?|" + "|".join(sorted(_WORDS, key=len, reverse=True))
_UNIT = r"s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?"
_DURATION = rf"(?<![\w.,])(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})\b(?!\s*-|\s+(?:per|each|old|ago|clips?)\b)"
_LIMIT = r"(?:in |within |to )?(?:under|below|within|(?:less|shorter|fewer) than|at most|up to|max(?:imum)?|<=?)"
_TRAINING = r"\b(?:train(?:ing|ed|s)?|fit(?:ting)?)\b"
_FILLER = (
    r"(?:\s+(?:an?|the|this|it|models?|time|runs?|must|should|has|have|needs?|can|may|takes?|taking|be|is|stays?|"
    r"kept|finish(?:es)?|completes?|done|fast|quickly|to|of|in|for))*"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_TRAINING}{_FILLER}\s+{_LIMIT}\s+{_DURATION}",
        rf"{_LIMIT}\s+{_DURATION}{_FILLER}\s+{_TRAINING}",
        rf"\b(?:limit|cap|restrict){_FILLER}\s+{_TRAINING}{_FILLER}\s+(?:to|at)\s+{_DURATION}",
        rf"\bmax(?:imum|imal)?{_FILLER}\s+{_TRAINING}{_FILLER}\s+{_DURATION}",
    )
)
_AT_MOST = re.compile(r"\b(?:no|not) (?:more|longer) than\b")
_NEGATION = re.compile(r"\b(?:no|not|never|without|avoid|cannot)\b|n't\b")
_CLAUSE = re.compile(r"[;!?\n()]|[.,](?!\d)")


def training_seconds(text: str) -> float | None:
    """Return the limit on training time that ``text`` states, in seconds; None if it states none.

    Only a plain limit on training is understood; a clause with a negation is left alone, because a
    wrong limit is worse than none. Of several limits the tightest counts.
    """
    limits = [seconds for clause in _CLAUSE.split(text.lower()) for seconds in _in_clause(clause)]
    return min(limits, default=None)


def _in_clause(clause: str) -> list[float]:
    plain = _AT_MOST.sub("at most", " ".join(clause.replace(":", " ").split()))
    if _NEGATION.search(plain):
        return []
    matches = (pattern.search(plain) for pattern in _PATTERNS)
    seconds = [_seconds(match) for match in matches if match]
    return [value for value in seconds if 0 < value < math.inf]


def _seconds(match: re.Match[str]) -> float:
    number = match["number"]
    amount = _WORDS[number] if number in _WORDS else float(number.replace(",", ""))
    return amount * _UNITS[match["unit"][0]]
