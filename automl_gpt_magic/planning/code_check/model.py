"""What the model code builds: the task's estimator, with the hyperparameters and a metric."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from ...records.space import EARLY_STOPPING
from .shape import only_parameter
from .syntax import Findings, assignments, constant, each, imports, is_name, method, own_nodes, receiver, returned


def estimator_errors(tree: ast.Module, estimator: str) -> Findings:
    """Yield where the other estimator is imported."""
    classifier, regressor = (re.sub("Classifier$|Regressor$", kind, estimator) for kind in ("Classifier", "Regressor"))
    others = {classifier, regressor} - {estimator}
    for statement, _, name, _ in imports(tree):
        if name in others:
            yield statement.lineno, f"imports {name}: this task needs {estimator}."


def model_errors(tree: ast.Module, function: ast.FunctionDef, estimator: str, searched: Collection[str]) -> Findings:
    """Yield what is wrong with the model that the function returns."""
    called = {estimator} | {bound for _, _, name, bound in imports(tree) if name == estimator}
    models = [call for call in each(function, ast.Call) if _is_call_of(call, called)]
    parameter = only_parameter(function)
    for value in returned(function):
        if not _is_model(value, function, called):
            yield value.lineno, f"returns something else than the model: write `return {estimator}(...)` here."
    if models and not _passes(function, models, parameter):
        yield models[0].lineno, f"does not pass the hyperparameters on: write {estimator}(..., **{parameter})."
    if models and estimator.startswith("XGB") and not _sets_metric(function):
        yield models[0].lineno, "sets no eval_metric, so that no log would be kept: add eval_metric=[...]."
    yield from _keyword_errors(function, models, parameter, searched)
    yield from _changed_parameter(function, parameter)


def _is_call_of(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and (is_name(node.func, names) or method(node) in names)


def _is_model(node: ast.expr | None, function: ast.FunctionDef, called: set[str]) -> bool:
    if isinstance(node, ast.Name):
        values = [value for target, value in assignments(own_nodes(function)) if is_name(target, {node.id})]
        return bool(values) and all(_is_call_of(value, called) for value in values)
    if isinstance(node, ast.Call) and method(node) == "set_params":
        return _is_model(receiver(node), function, called)
    return node is not None and _is_call_of(node, called)


def _passes(function: ast.FunctionDef, models: list[ast.Call], parameter: str) -> bool:
    """Whether the parameter is read, and the model gets a dict by ``**``."""
    setting = [call for call in each(function, ast.Call) if method(call) == "set_params"]
    unpacks = any(word.arg is None for call in [*models, *setting] for word in call.keywords)
    return unpacks and any(name.id == parameter for name in each(function, ast.Name))


def _sets_metric(function: ast.FunctionDef) -> bool:
    words = [keyword.arg for keyword in each(function, ast.keyword)]
    return "eval_metric" in [*words, *(constant(node) for node in each(function, ast.Constant))]


def _keyword_errors(
    function: ast.FunctionDef, models: list[ast.Call], parameter: str, searched: Collection[str]
) -> Findings:
    for call in models:
        direct = any(word.arg is None and is_name(word.value, {parameter}) for word in call.keywords)
        for word in call.keywords:
            if direct and word.arg in searched:
                yield word.value.lineno, f"sets {word.arg}, which the hyperparameters hold already: leave it out."
    for word in each(function, ast.keyword):
        if word.arg == EARLY_STOPPING:
            yield word.value.lineno, "stops early, which the refit on all rows cannot: leave out early_stopping_rounds."


def _changed_parameter(function: ast.FunctionDef, parameter: str) -> Findings:
    """Yield what changes the caller's dict, which the training cell uses again."""
    names = [name for name in each(function, ast.Name) if name.id == parameter]
    if any(isinstance(name.ctx, ast.Store) for name in names):
        return  # most likely a copy
    items = [part for part in each(function, ast.Subscript) if not isinstance(part.ctx, ast.Load)]
    changing = ("pop", "popitem", "update", "setdefault", "clear")
    calls = [call for call in each(function, ast.Call) if method(call) in changing]
    for node, changed in [*((part, part.value) for part in items), *((call, receiver(call)) for call in calls)]:
        if is_name(changed, {parameter}):
            yield node.lineno, f"changes {parameter}, which are used again: work on `dict({parameter})`."
