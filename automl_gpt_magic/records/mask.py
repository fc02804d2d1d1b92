"""Which neutral words stand for a user's names where an LLM reads or writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

DATASET, TARGET, SPLIT_BY = "dataset", "target", "split column"
_HIDDEN = "hidden name"

_TOKEN = re.compile(r"\b(column|class) (\d+)(?!\d)", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_SHORTEST = 3


@dataclass(frozen=True, eq=False)
class Mask:
    """Each mapping is of a token, such as ``column 3``, to the name it stands for.

    Attributes
    ----------
    columns, classes : mapping
    models : mapping
        Of a model card's name as the LLM reads it to the name itself.
    others : mapping
        What is hidden and never put back: dataset, target, and the column that rows are split by.
    """

    columns: Mapping[str, str]
    classes: Mapping[str, str]
    models: Mapping[str, str]
    others: Mapping[str, str]

    def hide(self, text: str, *, in_code: bool = False) -> str:
        """Return free text with each name as its token; numbers and names of one or two letters tell nothing.

        In code a name may also be a part of another, such as of ``age_squared``.
        """
        plain = _plain(text)
        found = sorted((name for name in self._tokens if name in plain), key=len, reverse=True)
        if not found:
            return text
        names = "|".join(_pattern(self._tokens[name][1]) for name in found)
        letter = r"[^\W_]" if in_code else r"\w"
        pattern = re.compile(rf"(?<!{letter})(?:{names})(?!{letter})", re.IGNORECASE)
        return pattern.sub(lambda at: self._tokens.get(_plain(at[0]), (_HIDDEN,))[0], text)

    def show(self, text: str) -> str:
        """Return a text with the names of the columns and classes whose tokens stand in it."""
        return _TOKEN.sub(lambda found: self.known.get(found[0].lower(), found[0]), text)

    @cached_property
    def known(self) -> dict[str, str]:
        """Columns and classes by token."""
        return {**self.columns, **self.classes}

    @cached_property
    def _tokens(self) -> dict[str, tuple[str, str]]:
        """Token and name as it is, by the name as it is compared."""
        named = {**self.columns, **self.classes, **self.others}
        return {_plain(name): (token, name) for token, name in named.items() if _tells(name)}


def _plain(text: str) -> str:
    """Return a text as names are compared: ``Fixed_Acidity`` is ``fixed acidity``."""
    return _BETWEEN_WORDS.sub(" ", text).casefold().strip()


def _pattern(name: str) -> str:
    return r"[\s_-]+".join(map(re.escape, filter(None, _BETWEEN_WORDS.split(name))))


def _tells(name: str) -> bool:
    short = len(_plain(name)) < _SHORTEST and name.isascii()
    return not short and not re.fullmatch(r"[\d\W_]*", name)
