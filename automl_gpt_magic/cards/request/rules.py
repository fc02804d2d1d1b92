"""Rules: an order of tags, and the wishes that words of that order are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...records.request import Wish
from .spans import Span

_FIRST_LETTER = 0xE000  # of those that stand for tags
_letters: dict[str, str] = {}


@dataclass(frozen=True)
class Found:
    """The spans that a rule matched."""

    spans: Sequence[Span]
    hyperparameters: Sequence[str] = ()

    def has(self, *tags: str) -> bool:
        return any(span.tag in tags for span in self.spans)

    def all(self, tag: str) -> list[Any]:
        """Return the values of all spans of a tag."""
        return [span.value for span in self.spans if span.tag == tag]

    def value(self, tag: str, otherwise: Any = None) -> Any:
        """Return the value of the first span of a tag."""
        return next(iter(self.all(tag)), otherwise)

    def words(self, tag: str) -> str:
        return next((span.words for span in self.spans if span.tag == tag), "")


# From what a rule matched to its wishes; None where it cannot be meant so, and none where nothing of it is known here.
Build = Callable[[Found], tuple[Wish, ...] | None]


@dataclass(frozen=True)
class Rule:
    """An order of tags and what it means."""

    pattern: re.Pattern[str]
    build: Build


def rules(build: Build, *patterns: str) -> list[Rule]:
    """Return a rule for each pattern: tags in their order, ``A|B`` for either, ``A?`` for one that may be missing."""
    return [Rule(re.compile("".join(map(_piece, pattern.split()))), build) for pattern in patterns]


def read(spans: Sequence[Span], known: Iterable[Rule], hyperparameters: Sequence[str]) -> list[Wish] | None:
    """Return the wishes of a clause; None where a part of it is no wish."""
    letters = "".join(_letters.get(span.tag, " ") for span in spans)
    wishes: list[Wish] = []
    at = 0
    while at < len(spans):
        matches = [(match.end(), rule) for rule in known if (match := rule.pattern.match(letters, at))]
        if not matches:
            return None
        end = max(end for end, _ in matches)
        found = Found(spans[at:end], hyperparameters)
        built = next((meant for to, rule in matches if to == end and (meant := rule.build(found)) is not None), None)
        if built is None:
            return None
        wishes += built
        at = end
    return wishes


def _piece(item: str) -> str:
    tags = item.removesuffix("?").split("|")
    piece = f"[{''.join(map(_letter, tags))}]"
    return piece + "?" if item.endswith("?") else piece


def _letter(tag: str) -> str:
    return _letters.setdefault(tag, chr(_FIRST_LETTER + len(_letters)))
