"""What both pieces of code must be: imports, constants, and functions that only compute."""

from __future__ import annotations

import ast

from .syntax import Findings, each, imports, own_nodes, returned

_FITTING = frozenset(["fit", "fit_transform", "fit_predict", "fit_resample", "partial_fit"])


def shape_errors(tree: ast.Module, name: str, parameter: str, modules: tuple[str, ...]) -> Findings:
    """Yield what keeps the code from being imports of ``modules``, constants and ``def name(parameter)``."""
    yield from _import_errors(tree, modules)
    yield from _top_level_errors(tree)
    yield from _signature_errors(tree, name, parameter)
    for node in each(tree, ast.Attribute):
        if node.attr in _FITTING:
            yield (
                node.lineno,
                f"calls .{node.attr}, which would learn from validation rows too: "
                "only compute here, the cells fit on training rows.",
            )


def defined(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """Return the last definition of a function, which is the one that counts."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def only_parameter(function: ast.FunctionDef) -> str:
    """Return the name of the only parameter; empty if there are others."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs
    return positional[0].arg if len(positional) == 1 and not others else ""


def return_errors(function: ast.FunctionDef) -> Findings:
    """Yield what keeps the function from returning a value."""
    if not returned(function):
        yield function.lineno, f"{function.name} returns nothing: end it with `return` and a value."
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(function)):
        yield function.lineno, f"{function.name} yields: end it with one `return`."


def _import_errors(tree: ast.Module, modules: tuple[str, ...]) -> Findings:
    allowed = ", ".join(modules)
    for node, module, name, _ in imports(tree):
        if module.split(".")[0] not in modules:
            yield node.lineno, f"imports {module or 'a relative module'}: import only {allowed}."
        if name == "*":
            yield node.lineno, f"imports every name of {module}: name those that you need."


def _signature_errors(tree: ast.Module, name: str, parameter: str) -> Findings:
    function = defined(tree, name)
    if function is None:
        yield 0, f"the code defines no function {name} at its left margin: write `def {name}({parameter}):`."
    elif not only_parameter(function):
        yield function.lineno, f"{name} has other parameters than one: write `def {name}({parameter}):`."


def _top_level_errors(tree: ast.Module) -> Findings:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _definition_errors(node)
        elif not _is_harmless(node):
            text = " ".join(ast.unparse(node).split())[:60]
            yield node.lineno, f"runs `{text}` outside a function: keep to imports, constants and functions there."


def _definition_errors(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Findings:
    if isinstance(node, ast.AsyncFunctionDef):
        yield node.lineno, f"{node.name} is async: write a plain def."
    if node.decorator_list:
        yield node.lineno, f"{node.name} has a decorator, which would run at once: write it without."
    if not (_is_literal(node.args) and (node.returns is None or _is_literal(node.returns))):
        yield node.lineno, f"{node.name} computes a default or annotation outside a function: write a literal."


def _is_harmless(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return all(_is_literal(part) for part in ast.iter_child_nodes(node))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))


_VALUES = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Name, ast.Attribute, ast.Subscript)
_SIGNS = (ast.UnaryOp, ast.unaryop, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.BitOr)
_LITERAL = (*_VALUES, *_SIGNS, ast.expr_context, ast.arguments, ast.arg)


def _is_literal(value: ast.AST) -> bool:
    """Whether an expression only puts values together; ``**`` is left out, as it can take forever."""
    return all(isinstance(node, _LITERAL) and not _changes_object(node) for node in ast.walk(value))


def _changes_object(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store)
