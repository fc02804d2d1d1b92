"""The names that the code gives a meaning in the notebook, and those that it reads."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from .syntax import Findings, each, imports

_BUILTINS = frozenset(dir(builtins)) | {"__name__"}
# What the cells around the code mean by these names; a cell must not give them another meaning.
_MEANINGS = {
    "np": "numpy",
    "pd": "pandas",
    "ColumnTransformer": "sklearn.compose.ColumnTransformer",
    "FunctionTransformer": "sklearn.preprocessing.FunctionTransformer",
    "OrdinalEncoder": "sklearn.preprocessing.OrdinalEncoder",
    "clone": "sklearn.base.clone",
    "make_pipeline": "sklearn.pipeline.make_pipeline",
    "train_test_split": "sklearn.model_selection.train_test_split",
}

_ALIASES = ("np", "pd", "xgb")
# What the plan's own cells define under its prefix.
_DATA = ("numeric", "dates", "categorical", "classes", "rows", "features", "target", "train", "valid", "preprocessing")
_PREPARED = ("prepared", "kind", "kinds", "text")
_MODEL = ("build", "fit", "measure", "asked", "each")
_TRAINING = ("candidate", "parts", "seconds", "log", "scores", "valid_scores", "model", "hyperparameters")
_PLANS_OWN = frozenset([*_DATA, *_PREPARED, *_MODEL, *_TRAINING, "test", "test_scores", "plan"])


def name_errors(tree: ast.Module, source: str, own: str, names: str, provided: frozenset[str]) -> Findings:
    """Yield the names that the code must not define, and those that nothing defines.

    ``own`` is the function that it should define, ``names`` the plan's prefix, ``provided`` what the cell imports.
    """
    bound = list(_module_names(tree))
    for line, name, meaning in bound:
        if name != own:
            yield from _meaning_errors(line, name, meaning, names)
    for line in [line for line, name, _ in bound if name == own][1:]:
        yield line, f"defines {own} again: define it once."
    for node in each(tree, ast.Global):
        yield node.lineno, "changes global names: pass values as arguments and return them."
    yield from _undefined(tree, source, provided)


def _meaning_errors(line: int, name: str, meaning: str, names: str) -> Findings:
    if not meaning and name.startswith(f"{names}_"):
        if name.removeprefix(f"{names}_") in _PLANS_OWN:
            yield line, f"defines {name}, which belongs to the plan: choose another name."
    elif name in _BUILTINS or name == "rows" or not meaning:
        yield line, f"gives {name} another meaning in the whole notebook: choose another name."
    elif _MEANINGS.get(name, meaning) != meaning or name not in (*_MEANINGS, meaning.rpartition(".")[2], *_ALIASES):
        yield line, f"imports {meaning} as {name}: import it under its own name."


def _module_names(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the line, name and imported meaning of what the code defines in the notebook."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.lineno, node.name, ""
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for _, module, name, bound in imports(node):
                yield node.lineno, bound, f"{module}.{name}" if name else module
        else:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.lineno, part.id, ""


def _undefined(tree: ast.Module, source: str, provided: frozenset[str]) -> Findings:
    module = symtable.symtable(source, "<code>", "exec")
    own = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    missing = _global_names(module) - own - _BUILTINS - provided
    lines = sorted((node.lineno, node.id) for node in each(tree, ast.Name) if node.id in missing)
    for name, line in {name: line for line, name in reversed(lines)}.items():
        yield line, f"reads {name}, which is defined nowhere: define or import it."


def _global_names(table: symtable.SymbolTable) -> set[str]:
    """Return the names that are read in a scope or those inside it, and are no function's own."""
    read = [symbol for symbol in table.get_symbols() if symbol.is_referenced()]
    found = {symbol.get_name() for symbol in read if symbol.is_global() or table.get_type() == "module"}
    return found.union(*map(_global_names, table.get_children()))
