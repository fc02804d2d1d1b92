"""A study's task on a worker of a Dask cluster: the same work as in a process of the notebook's own machine."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..records.study import StudyJob
from .cells import named
from .process import packed, unpacked
from .trial import Broken, serve

_SECONDS_BETWEEN_LOOKS = 0.2
# What has arrived for the tasks of this process, by their keys.
_mail: dict[str, queue.SimpleQueue[Any]] = {}
# The folder belongs to the process, and so do its cores: one study at a time.
_turn = threading.Lock()


def sit(sent: bytes, name: str, topic: str, threads: int) -> None:
    """Train what this task is told, for as long as the study wants it.

    Parameters
    ----------
    sent : bytes
        The job.
    name : str
        This task's key.
    topic : str
        Of the scheduler's events, which carry what this task says.
    threads : int
        How many a training may use.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # see `prepare_process`
    with contextlib.suppress(EOFError), _Line(name, topic) as line, line.turn():
        try:
            job: StudyJob = unpacked(sent)
        except Exception as error:  # whatever an object's own unpickling raises
            line.send(Broken(f"The notebook's variables cannot be read: {named(error)}; install there what they need"))
            return
        with _folder(job.folder, line):
            serve(line, job, threads)


def deliver(name: str, sent: bytes) -> None:
    """Hand a message to a task of this process, if it is still there."""
    if name in _mail:
        _mail[name].put(unpacked(sent))


class _Line:
    """A task's end of what connects it with its study; as with a pipe, `EOFError` says that the other end is closed."""

    def __init__(self, name: str, topic: str) -> None:
        from distributed import get_worker

        self._name, self._topic, self._worker = name, topic, get_worker()
        self._mail: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.note = ""

    def __enter__(self) -> _Line:
        _mail[self._name] = self._mail
        return self

    def __exit__(self, *error: object) -> None:
        _mail.pop(self._name, None)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other study trains in this process."""
        while not _turn.acquire(timeout=_SECONDS_BETWEEN_LOOKS):
            self._require_study()
        try:
            yield
        finally:
            _turn.release()

    def send(self, message: Any) -> None:
        self._require_study()
        if isinstance(message, Broken):
            message = Broken(f"On {self._worker.address}: {message.said}{self.note}")
        self._worker.log_event(self._topic, (self._name, packed(message)))

    def recv(self) -> Any:
        while True:
            self._require_study()
            with contextlib.suppress(queue.Empty):
                return self._mail.get(timeout=_SECONDS_BETWEEN_LOOKS)

    def poll(self) -> bool:
        return not self._mail.empty() or not self._is_wanted()

    def _is_wanted(self) -> bool:
        """Whether the study still holds this task: not once it let go of it, or died, or the scheduler is lost."""
        task = self._worker.state.tasks.get(self._name)
        return task is not None and task.state == "executing" and self._worker.status.name in ("running", "paused")

    def _require_study(self) -> None:
        if not self._is_wanted():
            raise EOFError


@contextlib.contextmanager
def _folder(folder: str, line: _Line) -> Iterator[None]:
    """Work in the notebook's folder, where there is one of that name."""
    if not Path(folder).is_dir():
        line.note = f" (there is no folder {folder}: files that the cells read need the same path on each worker)"
        yield
        return
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
