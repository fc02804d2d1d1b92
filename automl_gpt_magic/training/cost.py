"""Measure what a trained model costs to use: how long its predictions take, and how large it is."""

from __future__ import annotations

import gc
import math
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import TrainingError, UsageError
from ..records.cost import Cost, Latency, this_machine
from .cells import named
from .stopwatch import Stopwatch

BATCHES = (1, 1000)
_RUNS = 3  # of which the median counts: what disturbs a whole run, such as another program's start, tells nothing
_SECONDS = 0.6  # of a run's blocks, where they agree by then
_MOST_SECONDS = 1.6
_BLOCK_SECONDS = 0.01
_LEAST_BLOCKS = 12
# Other work on the machine only slows: of the blocks, the calmest tell what the model takes.
_CALM = 0.1
_LEAST_CALM = 5
_STEADY = 1.05
_SLOW_CALL = 0.5  # s; one such call is enough
_MOST_INPUTS = 20
_ROWS_OF_INPUTS = 2_000

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Measuring:
    """What to measure of a model.

    Attributes
    ----------
    batches : sequence of int
        Rows of one call.
    save : str
        Code that writes the model ``{names}_model`` into the folder ``{names}_folder``; empty where it has no format.
    """

    batches: Sequence[int] = BATCHES
    save: str = ""


def measured_cost(
    names: str, namespace: Mapping[str, Any], measuring: Measuring, memory_bytes: int | None = None
) -> Cost:
    """Measure the model that a plan's cells left.

    Parameters
    ----------
    names : str
        The plan's prefix.
    namespace : mapping
        The variables that the cells left.
    measuring : Measuring
    memory_bytes : int or None
        What the training took at its peak, where that is known.

    Raises
    ------
    UsageError
        If there is no trained model, or it cannot predict.
    TrainingError
        If its prediction fails.
    """
    model, rows = namespace.get(f"{names}_model"), namespace.get(f"{names}_rows")
    if rows is None or not hasattr(model, "predict"):
        raise UsageError("there is no trained model that predicts rows of a table; run the training cell, then measure")
    try:
        with warnings.catch_warnings(action="ignore"):
            latencies, alone = _latencies(model, rows, sorted(set(measuring.batches)))
    except Exception as error:  # whatever the model's own code raises
        raise TrainingError(f"the model's prediction failed ({named(error)}); nothing was measured") from error
    seconds = namespace.get(f"{names}_seconds")
    return Cost(
        machine=this_machine(),
        latencies=latencies,
        model_latencies=alone,
        model_bytes=_saved_bytes(names, model, measuring.save),
        memory_bytes=memory_bytes,
        training_seconds=float(seconds) if isinstance(seconds, float) and math.isfinite(seconds) else None,
        with_preprocessing=_has_steps(model),
    )


def _latencies(model: Any, rows: Any, batches: Sequence[int]) -> tuple[tuple[Latency, ...], tuple[Latency, ...]]:
    """Return how long the whole takes, and the model alone, for each batch; both from the same seconds."""
    inputs = {batch: _inputs(rows, batch) for batch in batches}
    with Stopwatch() as watch:
        whole = [_Timed(watch, batch, model.predict, inputs[batch]) for batch in batches]
        alone = []
        if _has_steps(model):
            prepare, last = model[:-1].transform, model[-1].predict
            alone = [_Timed(watch, batch, last, [prepare(one) for one in inputs[batch]]) for batch in batches]
        _time([*whole, *alone])
    return tuple(one.latency() for one in whole), tuple(one.latency() for one in alone or whole)


def _has_steps(model: Any) -> bool:
    return len(getattr(model, "steps", ())) > 1


def _inputs(rows: Any, batch: int) -> list[Any]:
    """Return tables of so many rows; a short table is taken several times."""
    number = max(1, min(_MOST_INPUTS, _ROWS_OF_INPUTS // batch))
    places = np.random.default_rng(0).permutation(len(rows))
    return [rows.iloc[some] for some in np.resize(places, (number, batch))]


@dataclass
class _Timed:
    """One kind of call.

    ``blocks`` hold the seconds of calls that followed each other in the present run, ``runs`` the p50 and p95 of the
    runs that have ended.
    """

    watch: Stopwatch
    batch: int
    call: Callable[[Any], Any]
    inputs: Sequence[Any]
    blocks: list[Floats] = field(default_factory=list)
    runs: list[Floats] = field(default_factory=list)
    n_calls: int = 0

    def __post_init__(self) -> None:
        self._next = cycle(self.inputs)
        self.seconds(1)  # the first call loads what later ones have
        second = self.seconds(1)
        self.is_slow = bool(second[0] > _SLOW_CALL)
        if self.is_slow:
            self.blocks.append(second)
            self.end_run()
        self._n_calls = max(1, round(_BLOCK_SECONDS / max(float(second[0]), 1e-6)))

    def seconds(self, n_calls: int) -> Floats:
        return np.array([self.watch.seconds(self.call, next(self._next)) for _ in range(n_calls)])

    def add_block(self) -> None:
        self.blocks.append(self.seconds(self._n_calls))

    @property
    def calm(self) -> list[Floats]:
        return sorted(self.blocks, key=np.median)[: max(_LEAST_CALM, round(_CALM * len(self.blocks)))]

    @property
    def is_steady(self) -> bool:
        calm = self.calm
        return len(self.blocks) >= _LEAST_BLOCKS and bool(np.median(calm[-1]) <= _STEADY * np.median(calm[0]))

    def end_run(self) -> None:
        self.runs.append(np.quantile(np.concatenate(self.calm), (0.5, 0.95)))
        self.n_calls += sum(map(len, self.blocks))
        self.blocks = []

    def latency(self) -> Latency:
        p50, p95 = np.median(self.runs, axis=0).tolist()
        return Latency(self.batch, p50, p95, self.n_calls)


def _time(every: Sequence[_Timed]) -> None:
    """Time all kinds of calls in several runs."""
    quick = [one for one in every if not one.is_slow]
    with _without_collection():
        for _ in range(_RUNS if quick else 0):
            _time_once(quick)
            for one in quick:
                one.end_run()


def _time_once(every: Sequence[_Timed]) -> None:
    """Time all kinds of calls in turns, so that what disturbs one disturbs all, until their calmest blocks agree."""
    began, taken = time.perf_counter(), 0.0
    while taken < _MOST_SECONDS and not (taken > _SECONDS and all(one.is_steady for one in every)):
        for one in every:
            one.add_block()
        taken = time.perf_counter() - began


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the collector of garbage from running between."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _saved_bytes(names: str, model: Any, save: str) -> int | None:
    """Return the size of the files that a model is saved in; None where it cannot be saved so."""
    if not save:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            exec(save, {f"{names}_model": model, f"{names}_folder": Path(folder)})
        except Exception:  # a library that is not there, or a model that another code built
            return None
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) or None
