"""How long a call takes, but for what other programs take from it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any


class Stopwatch:
    """Times calls of the thread that makes it.

    Where Linux tells it, the time is left out in which the thread could have gone on and another one had the processor.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)

    def __enter__(self) -> Stopwatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def seconds(self, call: Callable[[Any], object], given: Any) -> float:
        """Call, and return how long it took."""
        waited = self._waited()
        began, worked = time.perf_counter_ns(), time.thread_time_ns()
        call(given)
        worked, taken = time.thread_time_ns() - worked, time.perf_counter_ns() - began
        # The thread may have waited just before or after the call: no less was taken than it worked.
        return max(taken - (self._waited() - waited), worked) / 1e9

    def _waited(self) -> int:
        """Return for how many nanoseconds the thread has waited so far: the second number of the file."""
        return 0 if self._file is None else int(os.pread(self._file, 100, 0).split()[1])
