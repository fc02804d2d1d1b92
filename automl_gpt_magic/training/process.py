"""Run a plan's cells in a process of their own: the notebook stays usable, and what fails there ends there.

The process runs exactly the source that stands in the cells. It gets the tables that they name, and gives back what
they define; nothing of it is written to a file.
"""

from __future__ import annotations

import ast
import contextlib
import io
import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from ..records.run import Ended, Measured
from .live import announcements

# Larger tables and arrays that the cells define stay in the process: the notebook has the rows they came from.
_LARGEST_RETURNED = 64_000_000
_SECONDS_TO_END = 2.0


@dataclass(frozen=True)
class Job:
    """What to run.

    Parameters
    ----------
    names : str
        The plan's prefix; what the cells define under it is given back.
    sources : sequence of (stage, source)
    tables : mapping
        The notebook's variables that the cells read.
    folder : str
        Where relative paths are looked up.
    """

    names: str
    sources: Sequence[tuple[str, str]]
    tables: Mapping[str, Any]
    folder: str


class CellProcess:
    """One run of a job. `hear` and `end` are called in a thread of this object, one call at a time.

    Parameters
    ----------
    job : Job
    hear : callable
        Called with each report of the training.
    end : callable
        Called once, with how it ended.
    """

    def __init__(self, job: Job, hear: Callable[[Measured], None], end: Callable[[Ended], None]) -> None:
        self._hear, self._end = hear, end
        self._cancelled = False
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(theirs, packed(job)), name="automl-training", daemon=True)
        self._process.start()
        theirs.close()
        self._reader = threading.Thread(target=self._read, name="automl-training-reader", daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        return self._reader.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def cancel(self) -> None:
        """End the process; `end` is called with the state ``cancelled``."""
        self._cancelled = True
        self._process.terminate()

    def join(self, timeout: float | None = None) -> None:
        """Wait until `end` has been called."""
        self._reader.join(timeout)

    def _read(self) -> None:
        ended: Ended | None = None
        try:
            while ended is None:
                kind, value = unpacked(self._connection.recv_bytes())
                if kind == "measured":
                    self._hear(value)
                else:
                    ended = value
        except (EOFError, OSError):
            pass
        finally:
            self._connection.close()
        self._process.join(_SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._end(ended if ended and not self._cancelled else self._ended_early())

    def _ended_early(self) -> Ended:
        if self._cancelled:
            return Ended("cancelled", "Training cancelled.")
        code = self._process.exitcode
        if code == -9:
            return Ended("failed", "The system ended the training, as it does when memory runs out; take fewer rows.")
        return Ended("failed", f"The training process ended with code {code} and without a result.")


def _run(connection: Connection, sent: bytes) -> None:
    """Run the job in this process and send what comes of it."""
    end_with_the_notebook()
    # Waiting threads that spin make XGBoost many times slower where anything else uses the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    job: Job = unpacked(sent)
    os.chdir(job.folder)
    announcements.listen(job.names, lambda measured: connection.send_bytes(packed(("measured", measured))))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ended = _ended(job, printed)
    connection.send_bytes(packed(("ended", ended)))
    connection.close()


def _ended(job: Job, printed: io.StringIO) -> Ended:
    namespace: dict[str, Any] = {"__name__": "__main__", **job.tables}
    for stage, source in job.sources:
        try:
            exec(compile(source, f"<{stage} cell>", "exec"), namespace)
        except MemoryError:
            return Ended("failed", f"Memory ran out in the {stage} cell; take fewer rows.", printed.getvalue())
        except (Exception, SystemExit) as error:
            return Ended("failed", said(stage, error), printed.getvalue())
    return Ended("finished", "", printed.getvalue(), _returned(job.names, namespace))


def said(stage: str, error: BaseException) -> str:
    """Return in one line what failed, and in which line of which cell."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == f"<{stage} cell>"]
    where = f", line {lines[-1]}" if lines else f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    advice = f"; install {missing}" if missing else "; correct the cell or the data and train again"
    words = " ".join(str(error).split())[:300] or "no further words"
    return f"The {stage} cell failed{where}: {type(error).__name__}: {words}{advice}"


def _returned(names: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in namespace.items() if name.startswith(f"{names}_")}
    return {name: value for name, value in own.items() if _size(value) <= _LARGEST_RETURNED and _can_be_sent(value)}


def _size(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value))
    if hasattr(value, "memory_usage"):
        used = value.memory_usage(deep=False)
        return int(used if isinstance(used, int) else used.sum())
    return int(getattr(value, "nbytes", 0))


def _can_be_sent(value: Any) -> bool:
    try:
        packed(value)
    except Exception:  # whatever an object's own pickling raises: it stays in the process
        return False
    return True


def end_with_the_notebook() -> None:
    """Leave nothing running when the kernel dies."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def packed(value: Any) -> bytes:
    """Serialise by value, functions of the cells included; it goes to and from our own process only."""
    import cloudpickle

    return bytes(cloudpickle.dumps(value))


def unpacked(data: bytes) -> Any:
    import pickle

    return pickle.loads(data)


def tables_read(sources: Sequence[tuple[str, str]], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the notebook that the cells read and do not define before."""
    read: set[str] = set()
    defined: set[str] = set()
    for _, source in sources:
        loaded, stored = _names(source)
        read |= loaded - stored - defined
        defined |= stored
    return {name: namespace[name] for name in read if name in namespace and not isinstance(namespace[name], ModuleType)}


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


def current_folder() -> str:
    """Return the folder that the notebook's relative paths start from."""
    return str(Path.cwd())
