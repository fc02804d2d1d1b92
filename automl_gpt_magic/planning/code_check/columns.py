"""The columns that the preprocessing code names: none is the target, and each exists or is made."""

from __future__ import annotations

import ast

from pandas import DataFrame

from ...errors import did_you_mean
from .syntax import Findings, argument, by_column, constant, each, in_place, method, receiver, walked
from .tables import OPENING, Tables, subscript_parts

_MOST = 10


def column_errors(tree: ast.Module, tables: Tables, columns: frozenset[str], target: str) -> Findings:
    """Yield where the target is named, and the first place of each column that there is not."""
    uses = _Uses(tree, tables)
    for line, column in uses.named:
        if column == target:
            yield line, f"names the target column {target!r}, which the rows do not hold: leave it out."
    missing: dict[str, int] = {}
    known = columns | uses.made | {target}
    for line, column in sorted(uses.read):
        if column not in known and not uses.any_made:
            missing.setdefault(column, line)
    for column, line in list(missing.items())[:_MOST]:  # looking for similar names takes time
        hint = did_you_mean(column, columns)
        hint = hint if len(hint) <= 120 else hint[:119] + "…"
        yield line, f"reads the column {column!r}, which does not exist ({hint})."


class _Uses:
    """What the code names: ``read`` must be there, ``made`` is or may be missing, ``any_made`` if any may be."""

    def __init__(self, tree: ast.Module, tables: Tables) -> None:
        self.named: list[tuple[int, str]] = []
        self.read: list[tuple[int, str]] = []
        self.made: set[str] = set()
        self.any_made = False
        self._tables = tables
        tries = [part for node in each(tree, ast.Try) if node.handlers for part in node.body]
        self._tried = {id(node) for part in tries for node in ast.walk(part)}
        for node in walked(tree):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Subscript):
            self._note_subscript(node)
        elif isinstance(node, ast.Call):
            self._note_call(node)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            self.made.update(self._tables.strings(node.left) or ())
        elif isinstance(node, ast.Attribute) and self._tables.kind(node.value):
            self.any_made |= node.attr == "columns" and isinstance(node.ctx, ast.Store)
            if not hasattr(DataFrame, node.attr):
                self.named.append((node.lineno, node.attr))

    def _use(self, node: ast.expr, key: ast.expr | None, kind: str = "known") -> None:
        """Note columns that are read; those of an open table or in a ``try`` may be missing."""
        names = self._tables.strings(key) or frozenset()
        self.named += [(node.lineno, name) for name in names]
        if kind == "known" and id(node) not in self._tried:
            self.read += [(node.lineno, name) for name in names]
        else:
            self.made.update(names)

    def _make(self, node: ast.expr, key: ast.expr | None) -> None:
        """Note columns that are assigned; a name that is not written here could be any column."""
        self._use(node, key, "made")
        if self._tables.strings(key) is None and not (self._tables.is_mask(key) or isinstance(key, ast.Slice)):
            self.any_made = True

    def _note_subscript(self, node: ast.Subscript) -> None:
        table, _, key = subscript_parts(node)
        kind = self._tables.kind(table)
        if kind and isinstance(node.ctx, ast.Store):
            self._make(node, key)
        elif kind:
            self._use(node, key, kind)

    def _note_call(self, call: ast.Call) -> None:
        name, kind = method(call), self._tables.kind(receiver(call))
        if name == "get_dummies" and call.args and not kind:
            self._use(call, argument(call, "columns"), self._tables.kind(call.args[0]))
        elif kind and name == "drop":
            self._note_drop(call, kind)
        elif kind and name in ("groupby", "pop", "get"):
            self._use(call, argument(call, "by", "item", "key", place=0), "made" if name == "get" else kind)
        elif kind:
            self._note_made(call)

    def _note_drop(self, call: ast.Call, kind: str) -> None:
        if by_column(call) or argument(call, "columns"):
            ignored = constant(argument(call, "errors")) == "ignore"
            self._use(call, argument(call, "columns", "labels", place=0), "made" if ignored else kind)

    def _note_made(self, call: ast.Call) -> None:
        name = method(call)
        if name == "assign":
            for keyword in call.keywords:
                self._use(call, ast.Constant(keyword.arg) if keyword.arg else keyword.value, "made")
        elif name == "insert":
            self._make(call, argument(call, "column", place=1))
        elif name in ("rename", "reindex"):
            given = argument(call, "columns")
            for key in [given, *(given.values if isinstance(given, ast.Dict) else ())]:
                self._use(call, key, "made")
        if in_place(call) and (name in OPENING or self._tables.adds_unknown(call)):
            self.any_made = True
