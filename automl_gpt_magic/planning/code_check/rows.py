"""Whether the preprocessing code returns every row in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .syntax import Findings, argument, assignments, by_column, in_place, is_name, method, own_nodes, receiver, returned
from .tables import CHANGES_ROWS, NEW_TABLES, Tables, subscript_parts

_KEEP = "but every row must come back in its place: fill or mark the values instead"
_INSTEAD = {
    "dropna": "but every row must come back: leave values missing, or fill them",
    "drop": "but every row must come back: write .drop(columns=[...]) to drop columns",
}


def row_errors(prepare: ast.FunctionDef, tables: Tables) -> Findings:
    """Yield what drops or reorders rows on the way to the function's result, and to that of its helpers."""
    done: set[str] = set()
    todo = [prepare.name]
    while todo:
        name = todo.pop()
        if name in tables.functions and name not in done:
            done.add(name)
            for node in _sources(tables.functions[name]):
                yield from _row_error(node, tables)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    todo.append(node.func.id)


def _sources(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the calls, subscripts and names that a function's result is made by."""
    reached: set[str] = set()
    todo = returned(function)
    while todo:
        for node in _spine(todo.pop()):
            yield node
            if isinstance(node, ast.Name) and node.id not in reached:
                reached.add(node.id)
                todo += _values(function, node.id)


def _values(function: ast.FunctionDef, name: str) -> list[ast.expr]:
    """Return what a function assigns to a name, and the calls that change it in place."""
    nodes = own_nodes(function)
    changed = [node for node in nodes if isinstance(node, ast.Call) and in_place(node)]
    assigned = [value for target, value in assignments(nodes) if is_name(target, {name})]
    return assigned + [call for call in changed if is_name(receiver(call), {name})]


def _spine(expression: ast.expr) -> Iterator[ast.AST]:
    """Yield the calls, subscripts and names that an expression's rows come from."""
    todo: list[ast.AST] = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Call, ast.Subscript, ast.Name)):
            yield node
        if isinstance(node, ast.Call):
            makes = isinstance(node.func, ast.Name) or method(node) in NEW_TABLES
            todo += [node.func, *(node.args if makes else ())]
        elif isinstance(node, (ast.Subscript, ast.Attribute)):
            todo.append(node.value)
        elif isinstance(node, (ast.List, ast.Tuple)):
            todo += node.elts
        elif isinstance(node, ast.IfExp):
            todo += [node.body, node.orelse]


def _row_error(node: ast.AST, tables: Tables) -> Findings:
    if isinstance(node, ast.Call) and tables.kind(receiver(node)):
        name = method(node)
        of_columns = name in ("drop", "dropna") and (by_column(node) or argument(node, "columns"))
        if name in CHANGES_ROWS and not of_columns:
            yield node.lineno, f".{name}() changes the rows, {_INSTEAD.get(name, _KEEP)}."
    elif isinstance(node, ast.Call) and method(node) == "concat" and not by_column(node, place=1):
        yield node.lineno, "concat puts rows below rows: write axis=1."
    elif isinstance(node, ast.Subscript) and _leaves_out_rows(node, tables):
        yield node.lineno, f"`{ast.unparse(node)[:60]}` leaves out rows, {_KEEP}."


def _leaves_out_rows(node: ast.Subscript, tables: Tables) -> bool:
    table, key, _ = subscript_parts(node)
    picks = bool(key.lower or key.upper) if isinstance(key, ast.Slice) else tables.is_mask(key)
    return picks and tables.kind(table) != ""
