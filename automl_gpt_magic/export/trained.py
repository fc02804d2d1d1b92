"""The trained model as files that hold no pickle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

from ..errors import DataError, UsageError, one_line

_MODULE = "preprocess"


def has_skops() -> bool:
    """Tell whether skops is installed."""
    return find_spec("skops") is not None


def check_model(model: Any, hyperparameters: Mapping[str, Any] | None) -> None:
    """Raise where a model is not a trained pipeline that ends in an XGBoost model with these hyperparameters.

    Raises
    ------
    UsageError
    """
    steps: Any = getattr(model, "steps", ())
    last = steps[-1][1] if len(steps) > 1 else None
    if last is None or not hasattr(last, "save_model") or not hasattr(last, "get_booster"):
        raise UsageError(
            "the model is no pipeline from rows to an XGBoost model; run the training cell as generated, then export"
        )
    held = last.get_params()
    other = [name for name, value in (hyperparameters or {}).items() if name in held and held[name] != value]
    if other:
        raise UsageError(
            f"the trained model has other values than the training cell ({', '.join(map(one_line, other))}); "
            "run the training cell, then export again"
        )


def packed_preprocessing(model: Any, functions: Collection[str]) -> bytes | None:
    """Return a pipeline's steps before the model in skops' format; None where they cannot be loaded from it.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
    functions : collection of str
        The functions that ``preprocess.py`` defines: the notebook's own are saved under its name.

    Raises
    ------
    UsageError
        If skops is not installed.
    """
    try:
        skops_io = import_module("skops.io")
    except ImportError:
        raise UsageError(
            "a trained model is saved with skops, which is not installed; "
            "pip install 'automl_gpt_magic[export]' and export again"
        ) from None
    try:
        packed: bytes = skops_io.dumps(_of_the_module(model[:-1], functions))
        untrusted = skops_io.get_untrusted_types(data=packed)
    # skops raises its own errors, and those of every type that it meets.
    except Exception:
        return None
    return packed if set(untrusted) <= {f"{_MODULE}.{name}" for name in functions} else None


def write_booster(model: Any, path: Path) -> None:
    """Write the XGBoost model in its own format.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    try:
        model[-1].save_model(path)
    # XGBoost's errors share no base with Python's.
    except Exception as error:
        reason = one_line(str(error).partition("\n")[0])[:200]
        raise DataError(f"the model was not saved ({reason}); train again and name a writable folder") from error


def _of_the_module(preprocessing: Any, functions: Collection[str]) -> Any:
    """Return a copy whose functions from the notebook's cells are named as those of ``preprocess.py``."""
    copied = deepcopy(preprocessing)
    for name, value in copied.get_params(deep=True).items():
        if isinstance(value, FunctionType) and value.__name__ in functions and not _is_importable(value):
            named = FunctionType(value.__code__, {}, value.__name__)
            named.__module__, named.__qualname__ = _MODULE, value.__name__
            copied.set_params(**{name: named})
    return copied


def _is_importable(function: FunctionType) -> bool:
    """Whether it comes from a module's file rather than from a cell."""
    return bool(function.__globals__.get("__spec__")) and function.__module__ != "__main__"
