"""The workers of a study, seen from the notebook's kernel: start them, hear them, replace those that die."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import connection as connections
from typing import Any

from ..records.study import StudyJob
from .process import packed
from .trial import Order, Stop, work

_SECONDS_TO_END = 2.0


@dataclass(frozen=True)
class Lost:
    """A worker's process ended; ``said`` is why, as far as its exit code tells."""

    said: str


class Worker:
    """One process and its pipe. ``token`` is the attempt it works on, None while it waits or prepares the data."""

    def __init__(self, packed: bytes, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe(duplex=True)
        self._process = context.Process(target=work, args=(theirs, packed, threads), name="automl-study", daemon=True)
        self._process.start()
        theirs.close()
        self.ready = False
        self.token: int | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def train(self, order: Order) -> None:
        self.token = order.token
        self._send(order)

    def stop(self) -> None:
        """End the training at hand; the worker answers with what it has."""
        if self.token is not None:
            self._send(Stop(self.token))

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

    def _send(self, order: Order | Stop) -> None:
        # A worker that is gone is noticed where it is heard.
        with contextlib.suppress(OSError):
            self.connection.send(order)


class Workers:
    """As many workers as asked for, each with its share of the cores."""

    def __init__(self, job: StudyJob, count: int) -> None:
        self._job, self._count, self._threads = job, count, max(1, cores() // count)
        self.packed = b""
        self.all: list[Worker] = []

    def start(self) -> None:
        self.packed = packed(self._job)
        for _ in range(self._count):
            self.add()

    def add(self) -> None:
        self.all.append(Worker(self.packed, self._threads))

    def remove(self, worker: Worker) -> None:
        self.all.remove(worker)
        worker.close()

    @property
    def idle(self) -> list[Worker]:
        return [worker for worker in self.all if worker.ready and worker.token is None]

    @property
    def busy(self) -> list[Worker]:
        return [worker for worker in self.all if worker.token is not None]

    def hear(self, timeout: float) -> Iterator[tuple[Worker, Any]]:
        """Yield what the workers say; at most one message of each."""
        by_connection = {worker.connection: worker for worker in self.all}
        for found in connections.wait(list(by_connection), timeout):
            worker = by_connection[found]  # type: ignore[index]
            yield worker, worker.heard()

    def close(self) -> None:
        """End all processes at once."""
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
