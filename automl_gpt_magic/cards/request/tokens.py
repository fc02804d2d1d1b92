"""The words, numbers and signs of a request, in one spelling each and with their places in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

_NUMBER = r"[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+\b)?|(?<![^\s(:=])\.[0-9]+"
_WORD = r"[^\W0-9_]\w*(?:['’]\w+)*"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|{_WORD}|[<>]=|<|>|\n|\S", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<=\w)-(?=[^\W0-9_])")
_SAYS_NOTHING = frozenset("'\"`“”„‚‘’«»*_")
_BULLET = re.compile(r"^[^\S\n]*(?:[-*•–]|\d{1,2}[.)])[^\S\n]+", re.MULTILINE)
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_OWN_S = re.compile(r"(?<!^it)(?<!^let)(?<!^that)['’]s$")
_LEAST_LETTERS = 6  # of a word that may be misspelt; shorter words are too near to each other
_MOST_LETTERS = 25


@dataclass(frozen=True)
class Token:
    """A word, number or sign.

    Attributes
    ----------
    word : str
        In lower case, umlauts written out.
    start, end : int
        Where it stands in the text.
    is_number : bool
    is_name : bool
        Whether it has a capital letter.
    """

    word: str
    start: int
    end: int
    is_number: bool = False
    is_name: bool = False


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text; bullets are none, and words end at hyphens and underscores."""
    listed = _HYPHEN.sub(" ", _BULLET.sub(lambda bullet: " " * len(bullet[0]), text))
    found = (_token(match) for match in _TOKEN.finditer(listed))
    return [token for whole in found for token in _parts(whole) if not _is_decoration(token.word)]


def normal(word: str) -> str:
    """Return a word in the one spelling that the vocabulary has."""
    spelt = unicodedata.normalize("NFKC", word).casefold().translate(_LETTERS).replace("’", "'")
    return _OWN_S.sub("", spelt)


def corrected(tokens: Iterable[Token], vocabulary: Collection[str]) -> list[Token]:
    """Return tokens with long words that are one slip away from exactly one known word put right."""
    known = set(vocabulary)
    long: dict[str, list[str]] = {}
    for word in sorted(known):
        if len(word) >= _LEAST_LETTERS:
            long.setdefault(word[0], []).append(word)
    return [
        replace(token, word=_meant(token.word, long.get(token.word[0], ()))) if token.word not in known else token
        for token in tokens
    ]


def _token(match: re.Match[str]) -> Token:
    raw = match[0]
    is_number = match["number"] is not None
    word = raw if raw == "\n" else normal(raw)
    return Token(word, match.start(), match.end(), is_number, raw != raw.lower())


def _parts(token: Token) -> list[Token]:
    """Return the parts of a word with underscores."""
    if "_" not in token.word or token.is_number:
        return [token]
    return [replace(token, word=part) for part in token.word.split("_")]


def _meant(word: str, candidates: Sequence[str]) -> str:
    if not _LEAST_LETTERS <= len(word) <= _MOST_LETTERS:
        return word
    near = [known for known in candidates if _is_one_slip(word, known)]
    return near[0] if len(near) == 1 else word


def _is_decoration(word: str) -> bool:
    return not word or word in _SAYS_NOTHING or (len(word) == 1 and unicodedata.category(word) in ("So", "Mn", "Cf"))


def _is_one_slip(word: str, known: str) -> bool:
    """Whether one letter was left out, put in, replaced, or changed places with the next."""
    if abs(len(word) - len(known)) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    rest, other = word[at:], known[at:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
