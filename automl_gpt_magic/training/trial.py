"""A worker of a study, inside its process: prepare the data once, then train the configurations it is sent."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from ..records.study import StudyJob
from .cells import CellError, named, prepare_process, run_cells, told_in_one_line
from .kept import fingerprint_of
from .live import last_step, last_value
from .process import unpacked

_SECONDS_BETWEEN_REPORTS = 0.25
_SECONDS_BETWEEN_LOOKS = 0.05
_FIRST_CHECKPOINT = 5
_POINTS_OF_A_CURVE = 40


@dataclass(frozen=True)
class Order:
    """Train a configuration; ``token`` names this attempt. ``seconds`` is the most it may take."""

    token: int
    configuration: Mapping[str, Any]
    seconds: float | None


@dataclass(frozen=True)
class Stop:
    """End the training of this token with the rounds it has; an older token is ignored."""

    token: int


@dataclass(frozen=True)
class Ready:
    """The data is prepared; ``rows`` is the digest of the rows that the data cell made."""

    rows: str


@dataclass(frozen=True)
class Broken:
    """A cell failed: no configuration can be trained."""

    said: str


@dataclass(frozen=True)
class Standing:
    """A training so far.

    At a checkpoint, which has the same rounds in every trial, it is compared with others: then ``curve`` has some
    points of its validation curve, the best and the last among them, but for those that are no number.
    """

    token: int
    step: int
    value: float
    best_round: int
    seconds: float
    checkpoint: bool
    curve: tuple[tuple[int, float], ...] = ()

    @property
    def diverges(self) -> bool:
        """Whether the value of the last step is no number; told at a checkpoint."""
        return not self.curve or self.curve[-1][0] != self.step


@dataclass(frozen=True)
class Done:
    """A training that ended by itself, at its time limit, or because it was told to."""

    token: int
    last: Standing
    curve: tuple[tuple[int, float], ...]
    why: Literal["rounds", "time", "told"]


@dataclass(frozen=True)
class Raised:
    """A training that failed; the worker goes on."""

    token: int
    said: str


class Line(Protocol):
    """A worker's end of what connects it with its study; a pipe is one."""

    def send(self, message: Any, /) -> None: ...

    def recv(self) -> Any: ...

    def poll(self) -> bool: ...


def work(connection: Connection, packed: bytes, threads: int) -> None:
    """Serve one worker's end of the pipe until the other end is closed."""
    prepare_process()
    # An interrupt of the kernel goes to its whole process group; the study has a cancel of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # nobody reads them here
    threads = _limit_threads(threads)
    job: StudyJob = unpacked(packed)
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        os.chdir(job.folder)
        serve(connection, job, threads)


def serve(line: Line, job: StudyJob, threads: int) -> None:
    """Prepare the data, then train what comes over the line until its other end is closed."""
    with contextlib.suppress(EOFError, OSError):
        try:
            bench = Bench(job, line, threads)
        except CellError as error:
            line.send(Broken(str(error)))
            return
        line.send(Ready(bench.rows))
        while True:
            order = line.recv()
            if isinstance(order, Order):
                line.send(bench.train(order))


def _limit_threads(threads: int) -> int:
    """Keep XGBoost, which is not imported yet, to its share of the cores: shared cores slow it tenfold and more."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    threads = min(threads, int(asked)) if asked.isdecimal() and int(asked) else threads
    os.environ["OMP_NUM_THREADS"] = str(threads)
    return threads


class Bench:
    """The matrices and the model's function of one job; `rows` is the digest of its rows."""

    def __init__(self, job: StudyJob, line: Line, threads: int) -> None:
        self._job, self._line, self._threads = job, line, threads
        namespace = run_cells((("data", job.data), ("model", job.model)), job.tables)
        with told_in_one_line("data"):
            self._build, self._fit = namespace[f"{job.names}_build"], namespace[f"{job.names}_fit"]
            self._train, self._valid = (_matrices(job, namespace, part) for part in ("train", "valid"))
            self.rows = fingerprint_of(job.names, namespace)

    def train(self, order: Order) -> Done | Raised:
        """Train one configuration, and say what came of it."""
        try:
            return self._trained(order)
        except MemoryError:
            return Raised(order.token, "Memory ran out in this trial; take fewer rows.")
        except (Exception, SystemExit) as error:
            return Raised(order.token, named(error))

    def _trained(self, order: Order) -> Done:
        model = self._build(dict(order.configuration))
        if model.get_params().get("n_jobs", self._threads) in (None, -1):
            model.set_params(n_jobs=self._threads)
        watch = Watch(order, self._job, self._line.send, self._is_told)
        self._fit(model, self._train, self._valid, watch.hear)
        return watch.done()

    def _is_told(self, token: int) -> bool:
        """Whether the training of this token is to stop."""
        told = False
        while self._line.poll():
            order = self._line.recv()
            told |= isinstance(order, Stop) and order.token == token
        return told


def _matrices(job: StudyJob, namespace: Mapping[str, Any], part: str) -> tuple[Any, Any] | None:
    """Return the matrix and target of a part; None where the model has data of its own."""
    if not job.data:
        return None
    rows = namespace[f"{job.names}_{part}"]
    return namespace[f"{job.names}_preprocessing"].transform(rows), namespace[f"{job.names}_target"](rows)


class Watch:
    """Follows one training step by step: reports how it stands, and ends it when told to or when time is up."""

    def __init__(
        self, order: Order, job: StudyJob, report: Callable[[Standing], None], is_told: Callable[[int], bool]
    ) -> None:
        self._order, self._job, self._report, self._is_told = order, job, report, is_told
        self._steps: list[int] = []
        self._values: list[float] = []
        self._best, self._best_at = math.inf, -1
        self._why: Literal["rounds", "time", "told"] = "rounds"
        self._began = self._next_look = time.perf_counter()
        self._next_report = self._began + _SECONDS_BETWEEN_REPORTS
        self._seconds = 0.0

    def hear(self, log: Mapping[str, Any]) -> bool:
        """Take the log after a step, and return whether the training is to end."""
        self._add(last_step(log), last_value(log, self._job.metric))
        now = time.perf_counter()
        self._seconds = now - self._began
        checkpoint = is_checkpoint(self._steps[-1])
        if checkpoint or now >= self._next_report:
            self._next_report = now + _SECONDS_BETWEEN_REPORTS
            self._tell(checkpoint=checkpoint)
        if now >= self._next_look:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS
            return self._is_over()
        return False

    def done(self) -> Done:
        """Return the end of the training.

        Raises
        ------
        ValueError
            If there is no value, or the time limit left fewer rounds than the card fixes.
        """
        last = self._standing(checkpoint=False) if self._best_at >= 0 else None
        if last is None or not math.isfinite(last.value):
            raise ValueError(f"the validation {self._job.metric} is not a number")
        if self._why == "time" and self._job.rounds_fixed:
            raise ValueError(f"{len(self._values)} rounds took the {self._order.seconds:g} s that a training may take")
        return Done(self._order.token, last, self._thinned(), self._why)

    def _tell(self, *, checkpoint: bool) -> None:
        standing = self._standing(checkpoint=checkpoint) if self._best_at >= 0 else None
        if standing and math.isfinite(standing.value):
            self._report(standing)

    def _is_over(self) -> bool:
        if self._is_told(self._order.token):
            self._why = "told"
        elif self._order.seconds is not None and self._seconds >= self._order.seconds:
            self._why = "time"
        return self._why != "rounds"

    def _add(self, step: int, value: float) -> None:
        self._steps.append(step)
        self._values.append(value)
        loss = value if self._job.lower_is_better else -value
        if loss < self._best:
            self._best, self._best_at = loss, len(self._values) - 1

    def _standing(self, *, checkpoint: bool) -> Standing:
        at = -1 if self._job.rounds_fixed else self._best_at
        step, value = self._steps[at], self._values[at]
        curve = self._thinned() if checkpoint else ()
        return Standing(self._order.token, self._steps[-1], value, step, self._seconds, checkpoint, curve)

    def _thinned(self) -> tuple[tuple[int, float], ...]:
        count = len(self._values)
        kept = {int(place) - 1 for place in np.geomspace(1, count, _POINTS_OF_A_CURVE).round()}
        points = ((self._steps[at], self._values[at]) for at in sorted(kept | {self._best_at, count - 1}))
        return tuple((step, value) for step, value in points if math.isfinite(value))


def is_checkpoint(step: int) -> bool:
    """Return whether trials are compared after this step: after 5, 10, 20, 40 and so on."""
    times, rest = divmod(step, _FIRST_CHECKPOINT)
    return rest == 0 and times & (times - 1) == 0
