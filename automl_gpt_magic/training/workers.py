"""The workers of a study on this machine: start them, hear them, replace those that die."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing import connection as connections
from typing import Any

from ..records.study import StudyJob
from .engine import Lost, Worker, Workers
from .process import packed
from .trial import Order, Stop, work

_SECONDS_TO_END = 2.0


class LocalWorker(Worker):
    """One process and its pipe."""

    def __init__(self, packed: bytes, threads: int) -> None:
        super().__init__()
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe(duplex=True)
        self._process = context.Process(target=work, args=(theirs, packed, threads), name="automl-study", daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def send(self, message: Order | Stop) -> None:
        with contextlib.suppress(OSError):
            self.connection.send(message)

    def heard(self) -> Any:
        """Return the next message; `Lost` once the process has ended."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(_SECONDS_TO_END)
            code = self._process.exitcode
            self.kill()
            if code == -9:
                return Lost("its process was killed, as the system does when memory runs out")
            return Lost(f"its process ended with code {code}")

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


class LocalWorkers(Workers[LocalWorker]):
    """As many processes as asked for, each with its share of the cores."""

    def __init__(self, job: StudyJob, count: int) -> None:
        super().__init__()
        self._job, self._count, self._threads = job, count, max(1, cores() // count)
        self._packed = b""

    def start(self) -> None:
        self._packed = packed(self._job)
        for _ in range(self._count):
            self.add()

    def add(self) -> None:
        self.all.append(LocalWorker(self._packed, self._threads))

    def hear(self, timeout: float) -> Iterator[tuple[LocalWorker, Any]]:
        by_connection = {worker.connection: worker for worker in self.all}
        for found in connections.wait(list(by_connection), timeout):
            worker = by_connection[found]  # type: ignore[index]
            yield worker, worker.heard()

    def close(self) -> None:
        for worker in self.all:
            worker.kill()
        for worker in self.all:
            worker.close()
        self.all = []


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
