"""Every error this package raises on purpose.

AutoMLError
 ├─ CardError        a card is not what the card language allows (has line, column and field)
 ├─ DataError        the data named by a card cannot be used
 ├─ ParameterError   a hyperparameter's value is outside its space
 ├─ ExperienceError  the bank of recorded runs cannot be read
 ├─ LLMError         an LLM was not reached, refused, or gave no answer that can be read
 ├─ StoreError       the file of what happened cannot be read or written
 ├─ TrainingError    a training in a process of its own did not get to its end
 ├─ StoppedError     the user stopped an LLM's answer or a training; what stood before it stands
 └─ UsageError       a command or setting is not understood

In a notebook each prints as one line, because IPython asks an exception for `_render_traceback_`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AutoMLError(Exception):
    """Base of all errors; the message says what happened, where, and what to do next."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CardError(AutoMLError):
    """A card field is missing, unknown or holds a value that cannot be used.

    Parameters
    ----------
    message : str
        What is wrong and what to write instead.
    field : str
        Dotted path of the field, such as ``data.target``; empty for the whole card.
    line, column : int or None
        1-based position in the cell (line 1 is the ``%%automl`` line) or in the YAML text; None for a
        card given as a mapping.
    """

    def __init__(self, message: str, *, field: str = "", line: int | None = None, column: int | None = None) -> None:
        self.message, self.field, self.line, self.column = message, field, line, column
        where = f"line {line}, column {column}" if line is not None else ""
        super().__init__(
            "; ".join(part for part in (where, field) if part) + (": " if where or field else "") + message
        )


class DataError(AutoMLError):
    """The table, the file or the target that a card names cannot be planned for."""


class ParameterError(AutoMLError):
    """A hyperparameter's name or value does not belong to the search space."""


class ExperienceError(AutoMLError):
    """The recorded runs or the text encoder cannot be read."""


class LLMError(AutoMLError):
    """A call of an LLM came to nothing; the plan from the evidence stands."""


class StoreError(AutoMLError):
    """The file that keeps what happened cannot be read or written."""


class TrainingError(AutoMLError):
    """The cells of a plan failed in their process, or the process ended early; the notebook is as it was."""


class StoppedError(AutoMLError):
    """The user interrupted an LLM's answer or a training; raised once what stands is shown, so that Run All stops."""


class UsageError(AutoMLError):
    """A magic's arguments, or a setting, are not understood."""


def one_line(message: str) -> str:
    """Return a message with line breaks and other characters that do not print as their escapes."""
    if message.isprintable():
        return message
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in message)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean X?`` for the nearest known word, or the list of known words."""
    names = sorted(known)
    near = difflib.get_close_matches(str(word).lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    if near:
        return f"did you mean {next(name for name in names if name.lower() == near[0])}?"
    return f"write one of {', '.join(names)}"
