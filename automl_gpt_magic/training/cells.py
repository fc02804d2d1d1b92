"""What a process that runs a plan's cells does: set itself up, run their source, say in one line what failed."""

from __future__ import annotations

import ast
import contextlib
import multiprocessing
import os
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..errors import AutoMLError
from ..records.digest import digest_of_function
from ..records.extras import install


class CellError(Exception):
    """A cell failed; the message is the line that a user sees."""


def prepare_process() -> None:
    """Leave nothing running when the kernel dies, and let XGBoost wait without taking the cores."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    # Waiting threads that spin make XGBoost many times slower where anything else uses the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def run_cells(sources: Iterable[tuple[str, str]], tables: Mapping[str, Any]) -> dict[str, Any]:
    """Run cells one after another and return the variables they leave.

    Raises
    ------
    CellError
        If one fails.
    """
    namespace: dict[str, Any] = {"__name__": "__main__", **tables}
    for stage, source in sources:
        with told_in_one_line(stage):
            exec(compile(source, f"<{stage} cell>", "exec"), namespace)
    return namespace


@contextlib.contextmanager
def told_in_one_line(stage: str) -> Iterator[None]:
    """Turn whatever a cell's code raises into a `CellError`."""
    try:
        yield
    except MemoryError:
        raise CellError(f"Memory ran out in the {stage} cell; take fewer rows.") from None
    except AutoMLError as error:
        raise CellError(str(error)) from None
    except (Exception, SystemExit) as error:
        raise CellError(_said(stage, error)) from None


def named(error: BaseException) -> str:
    """Return an error's name and words on one line; of ours the words, which say all."""
    if isinstance(error, AutoMLError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300] or 'no further words'}"


def tables_read(sources: Iterable[tuple[str, str]], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the notebook that the cells read and do not define before."""
    read: set[str] = set()
    defined: set[str] = set()
    for _, source in sources:
        loaded, stored = _names(source)
        read |= loaded - stored - defined
        defined |= stored
    return {name: namespace[name] for name in read if name in namespace and not isinstance(namespace[name], ModuleType)}


def functions_read(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return a digest of each function among variables: what it does is no part of the cells' source."""
    return {name: digest_of_function(value) for name, value in variables.items() if isinstance(value, FunctionType)}


def _said(stage: str, error: BaseException) -> str:
    """Return in one line what failed, and in which line of which cell."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == f"<{stage} cell>"]
    where = f", line {lines[-1]}" if lines else f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    advice = f"; {install(missing)}" if missing else "; correct the cell or the data and train again"
    return f"The {stage} cell failed{where}: {named(error)}{advice}"


def _names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell reads, and those that it defines; none where it does not parse."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return set(), set()
    loaded = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    stored |= {(one.asname or one.name).partition(".")[0] for node in imports for one in node.names}
    return loaded, stored
