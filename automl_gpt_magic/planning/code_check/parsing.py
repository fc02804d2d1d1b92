"""From text to a syntax tree, and from what was found in it to sentences."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Callable

from ...records.answer import CodeReport
from .risks import risks
from .syntax import Findings

_LONGEST = 8_000


class _UnreadableError(Exception):
    """The code cannot be read; the message says why."""


def report(source: str, find: Callable[[ast.Module, str], Findings]) -> CodeReport:
    """Return the errors that ``find`` yields for the code, and its risks."""
    source = source.strip()
    try:
        tree = _parse(source)
        return CodeReport(source, _sentences(find(tree, source)), _sentences(risks(tree)))
    except _UnreadableError as error:
        return CodeReport(source, (str(error),))
    except (RecursionError, MemoryError):
        return CodeReport(source, ("the code is nested too deeply to be read: write it in shorter steps.",))


def _parse(source: str) -> ast.Module:
    if len(source) > _LONGEST:
        raise _UnreadableError(f"the code has {len(source):,} characters: write at most {_LONGEST:,}.")
    _refuse_hidden_characters(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as for "\d", which the reader sees anyway
            symtable.symtable(source, "<code>", "exec")  # finds what the grammar alone allows
            return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        # The parser's own message may be long; its first part says what is wrong.
        message = (getattr(error, "msg", "") or str(error)).split(";")[0].split(" - ")[0][:80]
        line = getattr(error, "lineno", None) or 1
        raise _UnreadableError(f"line {line}: this is not Python ({message}): write plain Python code.") from None


def _refuse_hidden_characters(source: str) -> None:
    """Refuse what a person would not see: null bytes, and characters that reorder or hide text."""
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        hidden = next((letter for letter in line if not letter.isprintable() and letter != "\t"), None)
        if hidden is not None:
            raise _UnreadableError(
                f"line {number}: holds the invisible character U+{ord(hidden):04X}: remove it or write an escape."
            )


def _sentences(findings: Findings) -> tuple[str, ...]:
    ordered = dict.fromkeys(sorted(findings))
    return tuple(f"line {line}: {text}" if line else text for line, text in ordered)
