"""Run a plan's cells in a process of their own: the notebook stays usable, and what fails there ends there.

The process runs exactly the source that stands in the cells. It gets the tables that they name, and gives back what
they define; nothing of it is written to a file. What the trained model costs is measured after that, when the training
itself is safe.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..errors import AutoMLError, TrainingError
from ..records.run import Ended, Measured
from .cells import CellError, named, prepare_process, run_cells
from .cost import Measuring, measured_cost
from .live import announcements
from .memory import PeakMemory

# Larger tables and arrays that the cells define stay in the process: the notebook has the rows they came from.
_LARGEST_RETURNED = 64_000_000
_SECONDS_TO_END = 2.0
_SECONDS_TO_MEASURE = 60.0


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
    measuring : Measuring or None
        What to measure of the trained model; None for nothing.
    """

    names: str
    sources: Sequence[tuple[str, str]]
    tables: Mapping[str, Any]
    folder: str
    measuring: Measuring | None = None


class CellProcess:
    """One run of a job. `hear` and `end` are called in a thread of this object, one call at a time.

    Parameters
    ----------
    job : Job
    hear : callable
        Called with each report of the training.
    end : callable
        Called once, with how it ended, when also the model has been measured.
    """

    def __init__(self, job: Job, hear: Callable[[Measured], None], end: Callable[[Ended], None]) -> None:
        self._hear, self._end = hear, end
        self._cancelled = False
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe(duplex=False)
        arguments = (theirs, *_packed_job(job))
        self._process = context.Process(target=_run, args=arguments, name="automl-training", daemon=True)
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
        """End the process; `end` is called with the state ``cancelled``, unless the training had finished."""
        self._cancelled = True
        self._process.terminate()

    def join(self, timeout: float | None = None) -> None:
        """Wait until `end` has been called."""
        self._reader.join(timeout)

    def _read(self) -> None:
        ended: Ended | None = None
        try:
            while ended is None or (ended.cost is None and self._connection.poll(_SECONDS_TO_MEASURE)):
                kind, value = unpacked(self._connection.recv_bytes())
                if kind == "measured":
                    self._hear(value)
                elif kind == "cost" and ended:
                    ended = replace(ended, cost=value)
                else:
                    ended = None if self._cancelled else value
        except (EOFError, OSError):
            pass
        finally:
            self._connection.close()
        self._process.join(_SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._end(ended or self._ended_early())

    def _ended_early(self) -> Ended:
        if self._cancelled:
            return Ended("cancelled", "Training cancelled.")
        code = self._process.exitcode
        if code == -9:
            return Ended("failed", "The system ended the training, as it does when memory runs out; take fewer rows.")
        return Ended("failed", f"The training process ended with code {code} and without a result.")


def _run(connection: Connection, sent: bytes, tables: bytes) -> None:
    """Run the job in this process and send what comes of it."""
    prepare_process()
    job: Job = unpacked(sent)
    os.chdir(job.folder)

    def send(kind: str, value: Any) -> None:
        connection.send_bytes(packed((kind, value)))

    announcements.listen(job.names, lambda measured: send("measured", measured))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        peak = PeakMemory(source for _, source in job.sources)
        ended, namespace = _ended(job, tables, printed)
        n_bytes = peak.bytes()
        send("ended", ended)
        if job.measuring and ended.state == "finished":
            with contextlib.suppress(AutoMLError):  # a model that does not predict; %automl measure says why
                send("cost", measured_cost(job.names, namespace, job.measuring, n_bytes))
    connection.close()


def _ended(job: Job, tables: bytes, printed: io.StringIO) -> tuple[Ended, Mapping[str, Any]]:
    """Run the cells and return how they ended, with all variables that they left."""
    try:
        namespace = run_cells(job.sources, unpacked(tables))
    except CellError as error:
        return Ended("failed", str(error), printed.getvalue()), {}
    return Ended("finished", "", printed.getvalue(), _returned(job.names, namespace)), namespace


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


def packed(value: Any) -> bytes:
    """Serialise by value, functions of the cells included; it goes to and from our own process only."""
    import cloudpickle

    return bytes(cloudpickle.dumps(value))


def _packed_job(job: Job) -> tuple[bytes, bytes]:
    """Serialise a job, and its tables apart: they are read when the peak of the memory is counted."""
    try:
        return packed(replace(job, tables={})), packed(job.tables)
    except Exception as error:  # whatever an object's own pickling raises
        raise TrainingError(
            f"what the cells read of the notebook cannot be sent to a process ({named(error)}); "
            "make it inside the function that uses it, or run the cells here"
        ) from error


def unpacked(data: bytes) -> Any:
    import pickle

    return pickle.loads(data)


def current_folder() -> str:
    """Return the folder that the notebook's relative paths start from."""
    return str(Path.cwd())
