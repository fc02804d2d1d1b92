"""Tokens -> spans: every phrase with what it says, the longest phrase first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .metric_names import spelt_metrics
from .names import spelt_models, spelt_parameters
from .numbers_and_units import ARTICLES, TIMES, UNITS, number, valued
from .tokens import Token, corrected, tokens_of
from .vocabulary import GERMAN, PHRASES

UNKNOWN = "UNKNOWN"
_PERCENTILES = {
    95: "p95|95th percentile|p 95|95 percentile|( p95 )|p95 wert|95 % quantil",
    50: "p50|median|( median )|( p50 )|50th percentile",
}


@dataclass(frozen=True)
class Span:
    """A phrase.

    Attributes
    ----------
    tag : str
        What it says.
    words : str
        In the one spelling of the vocabulary.
    start, end : int
        Where it stands in the text.
    value : object
        Of a number, a unit or a name.
    is_name : bool
        Whether it has a capital letter.
    """

    tag: str
    words: str
    start: int
    end: int
    value: Any = None
    is_name: bool = False


@dataclass(frozen=True)
class Lexicon:
    """What phrases say, by their first word: the phrase's words, its tag and its value, longest first."""

    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], str, Any]]]
    words: Collection[str]

    def at(self, words: Sequence[str], start: int, after: str) -> tuple[int, str, Any]:
        """Return how many words the longest phrase has that begins at a place, its tag and its value.

        A unit stands after a number, and only there: ``us``, ``min`` and ``second`` are other words as well.
        """
        if after == "NUMBER" and words[start] in UNITS:
            return 1, *UNITS[words[start]]
        for phrase, tag, value in self.phrases.get(words[start], ()):
            if tuple(words[start : start + len(phrase)]) == phrase:
                return len(phrase), tag, value
        return 1, UNKNOWN, None


def spans_of(text: str, hyperparameters: Collection[str], models: Collection[str]) -> list[Span]:
    """Return the phrases of a text."""
    lexicon = _lexicon(tuple(hyperparameters), tuple(models))
    tokens = corrected(tokens_of(text), {*lexicon.words, *UNITS})
    in_german = any(token.word in GERMAN for token in tokens)
    words = [token.word for token in tokens]
    spans: list[Span] = []
    at = 0
    while at < len(tokens):
        length, tag, value = lexicon.at(words, at, spans[-1].tag if spans else "")
        span = _span(tokens[at : at + length], tag, value)
        spans.append(_as_number(span, words[at + length : at + length + 1], in_german, tokens[at]))
        at += length
    return spans


def _span(tokens: Sequence[Token], tag: str, value: Any) -> Span:
    words = " ".join(token.word for token in tokens)
    return Span(tag, words, tokens[0].start, tokens[-1].end, value, any(token.is_name for token in tokens))


def _as_number(span: Span, after: Sequence[str], in_german: bool, token: Token) -> Span:
    """Return a span as a number where it is one; so is the article of a unit of time."""
    if token.is_number and span.tag == UNKNOWN:
        value = number(span.words, in_german)
        return span if value is None else replace(span, tag="NUMBER", value=value)
    is_one = span.words in ARTICLES and bool(after) and after[0] in TIMES
    return replace(span, tag="NUMBER", value=1.0) if is_one else span


@lru_cache(8)
def _lexicon(hyperparameters: tuple[str, ...], models: tuple[str, ...]) -> Lexicon:
    """Return all phrases; a word of the vocabulary stands above a name that is spelt like it, but for families."""
    found: dict[tuple[str, ...], tuple[str, Any]] = {}
    named = (*_names("PARAM", spelt_parameters(hyperparameters)), *_names("MODEL", spelt_models(models)))
    for tag, phrase, value in (*named, *_known()):
        words = tuple(token.word for token in tokens_of(phrase)) or (phrase,)
        if words not in found or tag == "COUNT" or (len(words) == 1 and tag != "FAMILY"):
            found[words] = (tag, value)
    by_first: dict[str, list[tuple[tuple[str, ...], str, Any]]] = {}
    for words in sorted(found, key=len, reverse=True):
        by_first.setdefault(words[0], []).append((words, *found[words]))
    return Lexicon(by_first, frozenset(word for words in found for word in words))


def _known() -> Iterable[tuple[str, str, Any]]:
    for tag, listed in PHRASES.items():
        for phrase in listed.split("|"):
            yield tag, phrase if phrase == "\n" else " ".join(phrase.split()), None
    yield from valued()
    yield from (("METRIC", phrase, name) for phrase, name in spelt_metrics())
    yield from (("PERCENTILE", phrase, value) for value, spelt in _PERCENTILES.items() for phrase in spelt.split("|"))


def _names(tag: str, spelt: Mapping[str, str]) -> Iterable[tuple[str, str, Any]]:
    return ((tag, phrase, name) for phrase, name in spelt.items() if phrase)
