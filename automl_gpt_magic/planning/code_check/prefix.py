"""Give what the code defines the plan's prefix, so that it overwrites nothing in the notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Span = tuple[int, int, str]


def with_prefix(source: str, names: str) -> str:
    """Return the code with every function and constant of its top level called ``{names}_...``.

    Code that does not parse comes back as it is.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    own = {name for name in _defined(tree) if not name.startswith(f"{names}_")}
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    for line, column, name in sorted(set(_spans(tree, own, lines)), reverse=True):
        text = lines[line - 1]
        lines[line - 1] = text[:column] + f"{names}_{name}".encode() + text[column + len(name.encode()) :]
    return b"".join(lines).decode()


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            yield from (part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))


def _spans(tree: ast.Module, own: set[str], lines: list[bytes]) -> Iterator[Span]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in own:
            yield node.lineno, node.col_offset, node.id
        elif isinstance(node, ast.arg) and node.arg in own:
            yield node.lineno, node.col_offset, node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in own:
            found = re.compile(rb"(def|class)\s+").search(lines[node.lineno - 1], node.col_offset)
            if found:
                yield node.lineno, found.end(), node.name
