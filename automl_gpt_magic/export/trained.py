"""The trained model as files that hold no pickle."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

from ..errors import DataError, UsageError, one_line
from ..planning.families import Family
from ..planning.families.family import STOPPING
from ..planning.families.saving import Saving

_MODULE = "preprocess"
# What scikit-learn's own transformers hold and skops does not know as harmless.
_HARMLESS = ("numpy.dtype",)


def has_skops() -> bool:
    """Tell whether skops is installed."""
    return find_spec("skops") is not None


def check_model(family: Family, model: Any, hyperparameters: Mapping[str, Any] | None) -> None:
    """Raise where a model is not a trained pipeline that ends in one with these hyperparameters.

    Raises
    ------
    UsageError
    """
    steps: Any = getattr(model, "steps", ())
    last = steps[-1][1] if len(steps) > 1 else None
    if last is None or not hasattr(last, "get_params"):
        raise UsageError(
            "the model is no pipeline from rows to predictions; run the training cell as generated, then export"
        )
    held, given = last.get_params(), dict(hyperparameters or {})
    if given.pop(STOPPING.name, None):
        given.pop(family.rounds, None)  # the refit has those of the best step
    other = [name for name, value in given.items() if name in held and held[name] != value]
    if other:
        raise UsageError(
            f"the trained model has other values than the training cell ({', '.join(map(one_line, other))}); "
            "run the training cell, then export again"
        )


def packed_model(saving: Saving, names: str, model: Any) -> bytes | None:
    """Return a pipeline's model as the file that ``saving`` names; None where it is of another kind.

    Raises
    ------
    UsageError
        If skops is needed and not installed.
    DataError
        If it cannot be written.
    """
    if saving.by_skops:
        return _packed(model[-1], saving.trusted)
    if type(model[-1]).__name__ != saving.kind:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            exec(f"{saving.imports}\n{saving.save}", {f"{names}_model": model, f"{names}_folder": Path(folder)})
            return Path(folder, saving.file).read_bytes()
        # The libraries' errors share no base with Python's.
        except Exception as error:
            reason = one_line(str(error).partition("\n")[0])[:200]
            raise DataError(f"the model was not saved ({reason}); train again, then export again") from error


def packed_preprocessing(model: Any, functions: Collection[str]) -> bytes | None:
    """Return a pipeline's steps before the model in skops' format; None where they cannot be loaded from it.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
    functions : collection of str
        The functions and classes that ``preprocess.py`` defines: the notebook's own are saved under its name.

    Raises
    ------
    UsageError
        If skops is not installed.
    """
    return _packed(_of_the_module(model[:-1], functions), trusted_types(functions))


def trusted_types(functions: Collection[str]) -> list[str]:
    """Return the types that a preprocessing of these functions and classes may hold."""
    return [*_HARMLESS, *(f"{_MODULE}.{name}" for name in functions)]


def _packed(model: Any, trusted: Collection[str]) -> bytes | None:
    try:
        skops_io = import_module("skops.io")
    except ImportError:
        raise UsageError(
            "a trained model is saved with skops, which is not installed; "
            "pip install 'automl_gpt_magic[export]' and export again"
        ) from None
    try:
        packed: bytes = skops_io.dumps(model)
        untrusted = skops_io.get_untrusted_types(data=packed)
    # skops raises its own errors, and those of every type that it meets.
    except Exception:
        return None
    return packed if set(untrusted) <= set(trusted) else None


def _of_the_module(preprocessing: Any, functions: Collection[str]) -> Any:
    """Return a copy whose functions and classes from the notebook's cells are named as those of ``preprocess.py``."""
    copied = deepcopy(preprocessing)
    for name, value in copied.get_params(deep=True).items():
        if isinstance(value, FunctionType) and value.__name__ in functions and not _is_importable(value):
            named = FunctionType(value.__code__, {}, value.__name__)
            named.__module__, named.__qualname__ = _MODULE, value.__name__
            copied.set_params(**{name: named})
        elif type(value).__name__ in functions:
            value.__class__ = type(type(value).__name__, (type(value),), {"__module__": _MODULE})
    return copied


def _is_importable(function: FunctionType) -> bool:
    """Whether it comes from a module's file rather than from a cell."""
    return bool(function.__globals__.get("__spec__")) and function.__module__ != "__main__"
