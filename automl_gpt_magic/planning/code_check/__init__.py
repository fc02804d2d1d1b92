"""Read code that a language model wrote; nothing of it is run here."""

from __future__ import annotations

import ast
from collections.abc import Collection

from ...records.answer import CodeReport
from .columns import column_errors
from .fitting import fitted_on_everything
from .model import estimator_errors, model_errors
from .names import name_errors
from .parsing import report
from .prefix import with_prefix
from .rows import row_errors
from .shape import defined, only_parameter, return_errors, shape_errors
from .syntax import Findings
from .tables import Tables

__all__ = ["check_build", "check_prepare", "fitted_on_everything", "refused"]

_PREPARE_MODULES = ("numpy", "pandas", "sklearn", "re", "math", "datetime")
_IMPORTED_BY_THE_DATA_CELL = frozenset(["np", "pd"])


def check_prepare(source: str, names: str, columns: Collection[str], target: str) -> CodeReport:
    """Return what reading the preprocessing code shows; what it defines gets the plan's prefix.

    It should define ``prepare(rows)``, which takes a table of the ``columns`` without the ``target``
    and returns one with the same rows.
    """
    source = with_prefix(source, names)

    def find(tree: ast.Module, text: str) -> Findings:
        yield from shape_errors(tree, f"{names}_prepare", "rows", _PREPARE_MODULES)
        yield from name_errors(tree, text, f"{names}_prepare", names, _IMPORTED_BY_THE_DATA_CELL)
        function = defined(tree, f"{names}_prepare")
        if function and only_parameter(function):
            tables = Tables(tree, function)
            yield from return_errors(function)
            yield from column_errors(tree, tables, frozenset(columns) - {target}, target)
            yield from row_errors(function, tables)

    return report(source, find)


def check_build(source: str, names: str, estimator: str, module: str, searched: Collection[str]) -> CodeReport:
    """Return what reading the model code shows; what it defines gets the plan's prefix.

    It should define ``build(hyperparameters)``, which returns an untrained ``estimator`` of a library's ``module``;
    ``searched`` are the hyperparameters that it is given.
    """
    source = with_prefix(source, names)

    def find(tree: ast.Module, text: str) -> Findings:
        yield from shape_errors(tree, f"{names}_build", "hyperparameters", (module, "sklearn", "numpy"))
        yield from name_errors(tree, text, f"{names}_build", names, frozenset())
        yield from estimator_errors(tree, estimator)
        function = defined(tree, f"{names}_build")
        if function and only_parameter(function):
            yield from return_errors(function)
            yield from model_errors(tree, function, estimator, searched)

    return report(source, find)


def refused(source: str, why: str) -> CodeReport:
    """Return the report on code that nobody asked for."""
    return report(source, lambda tree, text: iter([(1, why)]))
