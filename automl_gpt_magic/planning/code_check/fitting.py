"""Whether a data cell, as it stands, learns its preprocessing from rows that it is later scored on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_FITS = ("fit", "fit_transform", "partial_fit", "fit_resample")
_PARTS = ("iloc", "loc", "head", "tail", "sample", "query", "get_group")
_CHOOSES_ROWS = (ast.Slice, ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def fitted_on_everything(source: str, names: str, frame: str | None) -> tuple[str, ...]:
    """Return a sentence for each call that fits something on all rows, or on the validation or test rows.

    Parameters
    ----------
    source : str
        Of the data cell, edited or not.
    names : str
        The plan's prefix.
    frame : str or None
        The notebook's table that the rows come from.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return ()
    learnt_from = {f"{names}_train"}
    whole = {f"{names}_rows", f"{names}_valid", f"{names}_test", *filter(None, [frame])}
    found: list[str] = []
    for statement in statements:
        calls = (node for node in _outside_functions(statement) if isinstance(node, ast.Call))
        found += [_said(call, names) for call in calls if _fits(call) and _reads(call.args[0]) & whole]
        whole |= _assigned(statement, whole) - learnt_from
    return tuple(found)


def _said(call: ast.Call, names: str) -> str:
    what = f"line {call.lineno} of the data cell fits {_shown(call)} on rows that are not for training"
    return f"{what}: the validation scores flatter; fit it on {names}_train"


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a statement runs, but not the bodies of the functions that it defines."""
    if isinstance(node, _SCOPES):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_functions(child)


def _fits(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _FITS and bool(call.args)


def _reads(node: ast.AST) -> set[str]:
    """Return the names whose rows an expression takes whole; what picks rows may well pick the training part."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute) and node.attr in _PARTS:
        return set()
    if isinstance(node, ast.Subscript) and isinstance(node.slice, _CHOOSES_ROWS):
        return set()
    if isinstance(node, ast.Call) and _splits(node):
        return set()
    return set().union(*map(_reads, ast.iter_child_nodes(node)))


def _assigned(statement: ast.stmt, whole: set[str]) -> set[str]:
    """Return the names that a statement makes from such rows; a fitted object is not made of them."""
    if not isinstance(statement, ast.Assign) or not _reads(statement.value) & whole:
        return set()
    if isinstance(statement.value, ast.Call) and _fits(statement.value):
        return set()
    return {one.id for target in statement.targets for one in ast.walk(target) if isinstance(one, ast.Name)}


def _splits(call: ast.Call) -> bool:
    called = call.func
    return "split" in (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))


def _shown(call: ast.Call) -> str:
    shown = " ".join(ast.unparse(call.func).split()).rpartition(".")[0]
    return f"`{shown if len(shown) < 40 else shown[:39] + '…'}`"
