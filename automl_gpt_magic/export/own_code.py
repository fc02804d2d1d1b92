"""A user's own training function as plain code: its source, what it reads of the notebook, and how it is called."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..errors import UsageError
from .code import names

_IMPORTED = "from automl_gpt_magic import OwnModel"
_OWN_MODEL = '''\
from sklearn.base import BaseEstimator


class OwnModel(BaseEstimator):
    """What a function trains: the log that it reports, and the model that it returns, which predicts."""

    def __init__(self, function, hyperparameters):
        self.function, self.hyperparameters = function, hyperparameters

    def fit(self, train=None, valid=None, report=None):
        log = {'training': {}, 'validation': {}}

        def reported(*, training=None, **validation):
            for part, values in {'training': training or {}, 'validation': validation}.items():
                for metric, value in values.items():
                    log[part].setdefault(metric, []).append(float(value))
            return bool(report and report(log))

        data = {} if train is None else {'train': train, 'valid': valid}
        self.trained = self.function(dict(self.hyperparameters), reported, **data)
        self.log = log
        return self

    def __getattr__(self, name):
        if name not in ('predict', 'predict_proba'):
            raise AttributeError(name)
        return getattr(self.trained, name)

    def __sklearn_is_fitted__(self):
        return hasattr(self, 'log')
'''
_PLAIN = (bool, int, float, str, type(None), tuple, list, dict)


def plain_model_cell(source: str, function: Callable[..., Any]) -> str:
    """Return the model cell of a function of the user's with what it needs of this package and of the notebook.

    Raises
    ------
    UsageError
        If the function's source is not at hand.
    """
    own = "" if _is_importable(function) else "\n\n" + _with_what_it_reads(function)
    return source.replace(f"{_IMPORTED}\n", f"{_OWN_MODEL}{own}", 1)


def _with_what_it_reads(function: Callable[..., Any]) -> str:
    """Return a function's source below that of what it reads of the notebook."""
    known: Mapping[str, Any] = getattr(function, "__globals__", {})
    written: dict[str, str] = {}
    waiting = [(function.__name__, function)]
    while waiting:
        name, value = waiting.pop()
        written[name] = _written(name, value)
        read = names(written[name])[0] - {*written} - {waits for waits, _ in waiting}
        waiting += [(one, known[one]) for one in sorted(read) if one in known and _can_be_written(known[one])]
    return "\n\n\n".join(written[name] for name in reversed(written)) + "\n"


def _can_be_written(value: Any) -> bool:
    return isinstance(value, (FunctionType, ModuleType)) or _is_importable(value) or _is_literal(value)


def _written(name: str, value: Any) -> str:
    if isinstance(value, ModuleType):
        return f"import {_as(value, name)}"
    if _is_importable(value):
        return f"from {value.__module__} import {_as(value, name)}"
    return _source(value) if isinstance(value, FunctionType) else f"{name} = {value!r}"


def _as(value: Any, name: str) -> str:
    return name if value.__name__ == name else f"{value.__name__} as {name}"


def _source(function: FunctionType) -> str:
    """Return a function's source without its decorators."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        node = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        raise UsageError(
            f"the source of {function.__name__} is not at hand; put it into a module, import it and export again"
        ) from None
    return "\n".join(source.split("\n")[node.lineno - 1 : node.end_lineno])


def _is_importable(value: Any) -> bool:
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    home = sys.modules.get(module) if isinstance(module, str) and module != "__main__" else None
    return isinstance(name, str) and getattr(home, name, None) is value


def _is_literal(value: Any) -> bool:
    if not isinstance(value, _PLAIN):
        return False
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False
