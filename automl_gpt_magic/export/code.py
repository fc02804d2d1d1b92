"""The cells as Python: their statements with the comments above them, and the names they read and bind."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..errors import UsageError, one_line
from ..notebook.cells import NEWLINE, UNREADABLE

_PACKAGE = "automl_gpt_magic"
_GIVEN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


@dataclass(frozen=True)
class Unit:
    """Top-level statements that share their lines; ``gap`` holds the blank and comment lines above them."""

    gap: str
    text: str

    @cached_property
    def nodes(self) -> list[ast.stmt]:
        return ast.parse(self.text).body

    @cached_property
    def is_import(self) -> bool:
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in self.nodes)

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that it binds in its module."""
        return names(self.text)[1]

    @cached_property
    def read(self) -> frozenset[str]:
        """The names of its module that it reads, those that its functions read when called included."""
        return names(self.text)[0]


def names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a module reads and those that it binds."""
    top = symtable.symtable(source, "<cell>", "exec")
    read, bound = set(), set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
            if (symbol.is_assigned() or symbol.is_imported()) and (table is top or symbol.is_declared_global()):
                bound.add(symbol.get_name())
    return frozenset(read), frozenset(bound)


def checked(stage: str, source: str) -> str:
    """Return a cell as plain Python without the line that draws its curve.

    Raises
    ------
    UsageError
        If it is not plain Python, or needs this package otherwise.
    """
    text = NEWLINE.sub("\n", source).strip("\n") + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the user's own strings; the script says so when it runs
            found = units(text)
    except UNREADABLE as error:
        where = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UsageError(
            f"the {stage} cell is not plain Python{where}: {one_line(str(error))[:200]}; correct it, "
            "take out lines that begin with % or !, and export again"
        ) from None
    kept = [unit for unit in found if not all(_is_watch(node) for node in unit.nodes)]
    if any(_PACKAGE in (unit.read | unit.bound | imported_modules(unit.text)) for unit in kept):
        raise UsageError(
            f"the {stage} cell uses {_PACKAGE}, which a plain project does without; take it out and export again"
        )
    return joined(kept) + _tail(text)


def units(source: str) -> list[Unit]:
    """Return the statements of a module in order; what stands below the last one is not among them."""
    lines = source.split("\n")
    spans: list[tuple[int, int]] = []
    for node in ast.parse(source).body:
        first, last = _lines(node)
        if spans and first <= spans[-1][1]:
            first, last = spans.pop()[0], last
        spans.append((first, last))
    ends = [0, *(last for _, last in spans)]
    return [
        Unit("".join(f"{line}\n" for line in lines[before : first - 1]), "\n".join(lines[first - 1 : last]))
        for before, (first, last) in zip(ends, spans, strict=False)
    ]


def joined(parts: Iterable[Unit]) -> str:
    """Return statements with what stands above them, as they were."""
    return "".join(f"{unit.gap}{unit.text}\n" for unit in parts)


def unknown(sources: Sequence[str]) -> list[str]:
    """Return the names that the sources read and neither they nor Python define."""
    found = [names(source) for source in sources]
    read = frozenset().union(*(one for one, _ in found))
    bound = frozenset().union(*(one for _, one in found))
    return sorted(read - bound - _GIVEN)


def imported_modules(source: str) -> frozenset[str]:
    """Return the top-level modules that a source imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return frozenset(found)


def has_star_import(source: str) -> bool:
    """Tell whether a source imports all names of a module, so that what it defines is not known."""
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in found for alias in node.names)


def replaced(source: str, changes: Iterable[tuple[ast.expr, str]]) -> str:
    """Return a source with the text of some of its expressions replaced."""
    for node, text in sorted(changes, key=lambda change: (change[0].lineno, change[0].col_offset), reverse=True):
        start = _offset(source, node.lineno, node.col_offset)
        end = _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)
        source = source[:start] + text + source[end:]
    return source


def _is_watch(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return all(alias.name == _PACKAGE for alias in node.names)
    called = node.value.func if isinstance(node, (ast.Expr, ast.Assign)) and isinstance(node.value, ast.Call) else None
    owner = called.value if isinstance(called, ast.Attribute) and called.attr == "watch" else None
    return isinstance(owner, ast.Name) and owner.id == _PACKAGE


def _lines(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)]), node.end_lineno or node.lineno


def _tail(text: str) -> str:
    """Return the comments below the last statement."""
    body = ast.parse(text).body
    rest = "\n".join(text.split("\n")[_lines(body[-1])[1] if body else 0 :]).rstrip("\n")
    return f"{rest}\n" if rest.strip() else ""


def _offset(source: str, line: int, column: int) -> int:
    """Turn the parser's position, a line and a column in UTF-8 bytes, into an index."""
    start = sum(len(one) + 1 for one in source.split("\n")[: line - 1])
    return start + len(source[start : start + column].encode()[:column].decode())
