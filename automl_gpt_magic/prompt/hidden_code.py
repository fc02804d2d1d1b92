"""Code that a user edited, as an LLM reads it."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import replace

from ..records.card import DataCard
from ..records.mask import Mask

_UNREADABLE = (SyntaxError, tokenize.TokenError, ValueError)
_PYTHONS = frozenset([*keyword.kwlist, *dir(builtins)])


def without_prefix(source: str, names: str) -> str:
    """Return code whose names lost the plan's prefix, as an LLM is asked to write it."""
    return re.sub(rf"\b{re.escape(names)}_(?=\w)", "", source)


def mask_of_code(mask: Mask, card: DataCard) -> Mask:
    """Return a mask that also hides what only code names: variables and files."""
    split = card.split
    places = {"table": card.frame, "file": card.path, "source": card.dataset}
    places |= {"test table": split.test_frame, "test file": split.test_path}
    return replace(mask, others={**mask.others, **{token: name for token, name in places.items() if name}})


def hidden_code(source: str, mask: Mask, known: Collection[str]) -> str | None:
    """Return code with the user's names as their tokens; None where that is not sure.

    Parameters
    ----------
    source : str
    mask : Mask
    known : collection of str
        Names that stay beside Python's own: those of hyperparameters.
    """
    try:
        hidden = _replaced(source, mask, known)
        left = [token for token in _tokens(hidden) if _hide(token, mask, known) != token.string]
    except _UNREADABLE:
        return None
    return None if left else hidden


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(source).readline)


def _replaced(source: str, mask: Mask, known: Collection[str]) -> str:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for token in reversed(list(_tokens(source))):
        begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        shown = _hide(token, mask, known)
        if shown != token.string and source[begin:end] == token.string:
            source = source[:begin] + shown + source[end:]
    return source


def _hide(token: tokenize.TokenInfo, mask: Mask, known: Collection[str]) -> str:
    if token.string.strip("'\"") in known:
        return token.string
    if token.type != tokenize.NAME:
        return mask.hide(token.string, in_code=True)
    return token.string if token.string in _PYTHONS else mask.hide(token.string, in_code=True).replace(" ", "_")
