"""What went wrong in YAML text, in the words of a person who has to repair it."""

from __future__ import annotations

import re
from typing import Any

import yaml

Mark = tuple[int, int]
"""0-based line and column."""

# (part of PyYAML's own words, whether the cause stands at the context mark, what to tell)
_CAUSES: tuple[tuple[str, bool, str], ...] = (
    ("found character '\\t'", False, "a tab stands where spaces belong. Indent with spaces."),
    (
        "that cannot start any token",
        False,
        "a value cannot start with {character}. Write the value in quotes.",
    ),
    (
        "undefined alias",
        False,
        "a value that starts with * is a YAML alias, and nothing is named so. Write the value in quotes.",
    ),
    ("while scanning an alias", True, "a value cannot start with *. Write the value in quotes."),
    ("while scanning an anchor", True, "a value cannot start with &. Write the value in quotes."),
    ("while scanning a block scalar", True, "a value cannot start with > or |. Write the value in quotes."),
    ("while scanning a tag", True, "a value cannot start with !. Write the value in quotes."),
    (
        "while scanning a directive",
        True,
        "a line cannot start with %. Remove it, or write the value in quotes.",
    ),
    (
        "unknown escape character",
        False,
        "a backslash in \"double quotes\" starts an escape. Write 'single quotes'.",
    ),
    ("escape sequence", False, "a backslash in \"double quotes\" starts an escape. Write 'single quotes'."),
    ("while scanning a quoted scalar", True, "the quote that opens here is not closed. Close it."),
    ("while scanning a double-quoted scalar", True, "the quote that opens here is not closed. Close it."),
    ("could not find expected ':'", True, "no colon and space after the field's name. Write name: value."),
    ("while parsing a flow sequence", True, "the [ that opens here is not closed. Close it with ]."),
    ("while parsing a flow mapping", True, "the {{ that opens here is not closed. Close it with }}."),
    (
        "expected <block end>",
        False,
        "this does not continue what stands above it. Give fields of one card the same indentation, "
        "and write no text after a closing quote or bracket.",
    ),
    (
        "sequence entries are not allowed",
        False,
        "a list cannot start here. Write each - item in a line of its own.",
    ),
    (
        "expected '<document start>'",
        False,
        "this belongs to no field. Write name: value, with the same indentation.",
    ),
)


def explain(error: Exception, text: str, loader: Any) -> tuple[Mark, str]:
    """Return where a YAML error comes from and what to write instead."""
    if isinstance(error, yaml.reader.ReaderError):
        return _unprintable(error, text)
    if not isinstance(error, yaml.MarkedYAMLError):
        message = "this escape or directive is not valid YAML. Write it in single quotes."
        return _mark(loader and loader.get_mark()), message
    return _marked(error, text)


def _marked(error: yaml.MarkedYAMLError, text: str) -> tuple[Mark, str]:
    words = f"{error.context or ''}, {error.problem or ''}"
    here = _mark(error.problem_mark or error.context_mark)
    if "mapping values are not allowed" in words:
        return _stray_colon(text, here)
    for part, at_context, advice in _CAUSES:
        if part in words:
            mark = _mark(error.context_mark) if at_context and error.context_mark else here
            return mark, advice.format(character=_character(text, mark))
    return here, f"this is not valid YAML ({error.problem or error.context})."


def _stray_colon(text: str, here: Mark) -> tuple[Mark, str]:
    """Tell a second colon in one line from a line that does not fit to the one above it."""
    lines = text.splitlines()
    if ": " in lines[here[0]][: here[1]]:
        return here, "a second colon stands in this line. Write the text in quotes, or one field in a line."
    above = next((index for index in range(here[0] - 1, -1, -1) if lines[index].strip()), here[0])
    glued = re.match(r"[\s-]*\w+(:)\S", lines[above])
    if glued:
        return (above, glued.start(1)), "no space after the colon. Write name: value."
    return here, "this line is indented deeper than its field. Give fields of one card the same indentation."


def _unprintable(error: yaml.reader.ReaderError, text: str) -> tuple[Mark, str]:
    before = text[: error.position]
    line = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1)
    return (
        line,
        column,
    ), f"the invisible character U+{ord(text[error.position]):04X} is not allowed. Remove it."


def _mark(mark: Any) -> Mark:
    return (mark.line, mark.column) if mark is not None else (0, 0)


def _character(text: str, mark: Mark) -> str:
    lines = text.splitlines()
    line = lines[mark[0]] if mark[0] < len(lines) else ""
    return line[mark[1] : mark[1] + 1]
