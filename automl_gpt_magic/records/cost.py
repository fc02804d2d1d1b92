"""What a trained model costs to use, and took to make, as it was measured on one machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .request import Constraint


@dataclass(frozen=True)
class Latency:
    """How long one call takes.

    Attributes
    ----------
    batch : int
        Rows of one call.
    p50, p95 : float
        Seconds.
    n_calls : int
        How many were timed.
    """

    batch: int
    p50: float
    p95: float
    n_calls: int

    @property
    def throughput(self) -> float:
        """Rows a second."""
        return self.batch / self.p50

    def value(self, limit: Constraint) -> float:
        """Return what a limit on latency or throughput is on, in its unit."""
        if limit.quantity == "throughput":
            return self.throughput
        return self.p50 if limit.percentile == 50 else self.p95


@dataclass(frozen=True)
class Cost:
    """What was measured of one trained model; what was not is None.

    Attributes
    ----------
    machine : str
        Where; see `this_machine`.
    latencies : tuple of Latency
        From rows as the table has them to predictions, one for each batch.
    model_latencies : tuple of Latency
        Of the model alone, from prepared rows.
    model_bytes : int or None
        Of the files that the family saves its model in.
    memory_bytes : int or None
        The peak of the training's process, beyond what it held before its data was there.
    training_seconds : float or None
        Of the training on the training part.
    with_preprocessing : bool
        Whether ``latencies`` include a preprocessing.
    """

    machine: str
    latencies: tuple[Latency, ...] = ()
    model_latencies: tuple[Latency, ...] = ()
    model_bytes: int | None = None
    memory_bytes: int | None = None
    training_seconds: float | None = None
    with_preprocessing: bool = True

    def latency(self, batch: int) -> Latency | None:
        """Return how long a call with so many rows takes; None where none was timed."""
        return next((one for one in self.latencies if one.batch == batch), None)

    def model_latency(self, batch: int) -> Latency | None:
        """Return how long the model alone takes for so many prepared rows; None where none was timed."""
        return next((one for one in self.model_latencies if one.batch == batch), None)

    def value(self, limit: Constraint) -> float | None:
        """Return what a limit is on, in its unit; None where it was not measured."""
        if limit.quantity in ("latency", "throughput"):
            latency = self.latency(limit.batch)
            return None if latency is None else latency.value(limit)
        whole = {"model_size": self.model_bytes, "memory": self.memory_bytes, "training_seconds": self.training_seconds}
        return whole.get(limit.quantity)


def as_data(cost: Cost) -> dict[str, Any]:
    """Return a cost as plain values."""
    return asdict(cost)


def cost_of(data: Mapping[str, Any]) -> Cost:
    """Undo `as_data`."""
    timings = {name: tuple(Latency(**one) for one in data[name]) for name in ("latencies", "model_latencies")}
    return Cost(**{**data, **timings})


@cache
def this_machine() -> str:
    """Return the processor, how many there are, and the system, such as ``AMD EPYC 7B13, 4 processors, Linux``."""
    processor = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.partition(":")[2] for line in lines if line.startswith("model name")), processor)
    return f"{' '.join(processor.split())}, {os.cpu_count()} processors, {platform.system()}"
