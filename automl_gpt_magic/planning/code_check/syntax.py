"""Small questions about pieces of syntax."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TypeVar

# Lines, or 0 for none, and what is to be said about them.
Findings = Iterator[tuple[int, str]]
_Node = TypeVar("_Node", bound=ast.AST)


# The same code is walked for each question; a few trees are kept for that.
@lru_cache(maxsize=8)
def walked(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(node))


@lru_cache(maxsize=8)
def own_nodes(function: ast.AST) -> tuple[ast.AST, ...]:
    """Return the nodes of a function without those of functions inside it."""
    found: list[ast.AST] = []
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(node))
    return tuple(found)


def each(node: ast.AST, kind: type[_Node]) -> list[_Node]:
    return [part for part in walked(node) if isinstance(part, kind)]


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str, str, str]]:
    """Yield each import as its statement, module, imported name (may be empty) and the name it gets."""
    for node in walked(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, "", alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            module = "" if node.level else node.module or ""
            for alias in node.names:
                yield node, module, alias.name, alias.asname or alias.name


def returned(function: ast.FunctionDef) -> list[ast.expr]:
    """Return what the function returns beside nothing."""
    values = [node.value for node in own_nodes(function) if isinstance(node, ast.Return)]
    return [value for value in values if value and not (isinstance(value, ast.Constant) and value.value is None)]


def assignments(nodes: Collection[ast.AST]) -> list[tuple[ast.expr, ast.expr]]:
    """Return the target and the value of each assignment."""
    plain = [(target, node.value) for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    return plain + [(node.target, node.value) for node in nodes if isinstance(node, ast.AnnAssign) and node.value]


def method(call: ast.Call) -> str:
    """Return ``b`` for ``a.b()``, and nothing for other calls."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def is_name(node: ast.expr | None, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def argument(call: ast.Call, *words: str, place: int | None = None) -> ast.expr | None:
    """Return an argument by one of its keywords, or by its place."""
    for keyword in call.keywords:
        if keyword.arg in words:
            return keyword.value
    return call.args[place] if place is not None and place < len(call.args) else None


def constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def by_column(call: ast.Call, place: int | None = None) -> bool:
    """Whether the axis of a pandas call is its columns."""
    return constant(argument(call, "axis", place=place)) in (1, "columns")


def in_place(call: ast.Call) -> bool:
    """Whether a pandas call changes the table itself."""
    return constant(argument(call, "inplace")) is True


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
