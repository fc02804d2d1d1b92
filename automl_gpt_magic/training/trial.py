"""A worker of a study, inside its process: prepare the data once, then train the configurations it is sent."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..records.study import ROUNDS, StudyJob
from .cells import CellError, named, prepare_process, run_cells, told_in_one_line
from .kept import fingerprint, rows_of
from .process import unpacked

_SECONDS_BETWEEN_REPORTS = 0.25
_SECONDS_BETWEEN_LOOKS = 0.05
_FIRST_CHECKPOINT = 5
_POINTS_OF_A_CURVE = 40
_LOGGED: Mapping[str, tuple[str, ...]] = {
    "log_loss": ("logloss", "mlogloss"),
    "accuracy": ("error", "merror"),
}


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
    """A training so far. At a checkpoint, which has the same rounds in every trial, it is compared with others."""

    token: int
    step: int
    value: float
    best_round: int
    seconds: float
    checkpoint: bool


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


def work(connection: Connection, packed: bytes, threads: int) -> None:
    """Serve one worker's end of the pipe until the other end is closed."""
    prepare_process()
    # An interrupt of the kernel goes to its whole process group; the study has a cancel of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threads = _limit_threads(threads)
    job: StudyJob = unpacked(packed)
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.suppress(EOFError, OSError),
    ):
        os.chdir(job.folder)
        try:
            bench = Bench(job, connection, threads)
        except CellError as error:
            connection.send(Broken(str(error)))
            return
        connection.send(Ready(bench.rows))
        while True:
            order = connection.recv()
            if isinstance(order, Order):
                connection.send(bench.train(order))


def _limit_threads(threads: int) -> int:
    """Keep XGBoost, which is not imported yet, to its share of the cores: shared cores slow it tenfold and more."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    threads = min(threads, int(asked)) if asked.isdecimal() and int(asked) else threads
    os.environ["OMP_NUM_THREADS"] = str(threads)
    return threads


class Bench:
    """The matrices and the model's function of one job; `rows` is the digest of its rows."""

    def __init__(self, job: StudyJob, connection: Connection, threads: int) -> None:
        self._job, self._connection, self._threads = job, connection, threads
        namespace = run_cells((("data", job.data), ("model", job.model)), job.tables)
        with told_in_one_line("data"):
            self._build = namespace[f"{job.names}_build"]
            self._train, self._valid = (_matrices(job.names, namespace, part) for part in ("train", "valid"))
            self.rows = fingerprint(rows_of(job.names, namespace))

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
        given = model.get_params()
        if given.get("n_jobs") is None:
            model.set_params(n_jobs=self._threads)
        watch = Watch(order, self._job, self._connection.send, self._is_told)
        model.set_params(callbacks=[*(given.get("callbacks") or ()), watch.callback()])
        model.fit(*self._train, eval_set=[self._valid], verbose=False)
        return watch.done()

    def _is_told(self, token: int) -> bool:
        """Whether the training of this token is to stop."""
        told = False
        while self._connection.poll():
            order = self._connection.recv()
            told |= isinstance(order, Stop) and order.token == token
        return told


def _matrices(names: str, namespace: Mapping[str, Any], part: str) -> tuple[Any, Any]:
    rows = namespace[f"{names}_{part}"]
    return namespace[f"{names}_preprocessing"].transform(rows), namespace[f"{names}_target"](rows)


class Watch:
    """Follows one training round by round: reports how it stands, and ends it when told to or when time is up."""

    def __init__(
        self, order: Order, job: StudyJob, report: Callable[[Standing], None], is_told: Callable[[int], bool]
    ) -> None:
        self._order, self._job, self._report, self._is_told = order, job, report, is_told
        self._values: list[float] = []
        self._best, self._best_round = math.inf, 0
        self._why: Literal["rounds", "time", "told"] = "rounds"
        self._began = self._next_look = self._next_report = time.perf_counter()
        self._seconds = 0.0

    def callback(self) -> Any:
        """Return what XGBoost calls after each round."""
        from xgboost.callback import TrainingCallback

        watch = self

        class EachRound(TrainingCallback):  # type: ignore[misc,unused-ignore]
            def before_training(self, model: Any) -> Any:
                watch._begin()
                return model

            def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
                return watch._round(evals_log)

        return EachRound()

    def done(self) -> Done:
        """Return the end of the training.

        Raises
        ------
        ValueError
            If there is no value, or the time limit left fewer rounds than the card fixes.
        """
        last = self._standing(checkpoint=False) if self._best_round else None
        if last is None or not math.isfinite(last.value):
            raise ValueError(f"the validation {self._job.metric} is not a number")
        if self._why == "time" and ROUNDS in self._job.fixed:
            raise ValueError(f"{len(self._values)} rounds took the {self._order.seconds:g} s that a training may take")
        return Done(self._order.token, last, self._thinned(), self._why)

    def _begin(self) -> None:
        self._began = time.perf_counter()
        self._next_look, self._next_report = self._began, self._began + _SECONDS_BETWEEN_REPORTS

    def _round(self, log: Mapping[str, Any]) -> bool:
        self._add(_validation(log, self._job.metric))
        now = time.perf_counter()
        self._seconds = now - self._began
        checkpoint = _is_checkpoint(len(self._values))
        if checkpoint or now >= self._next_report:
            self._next_report = now + _SECONDS_BETWEEN_REPORTS
            self._tell(checkpoint=checkpoint)
        if now >= self._next_look:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS
            return self._is_over()
        return False

    def _tell(self, *, checkpoint: bool) -> None:
        standing = self._standing(checkpoint=checkpoint) if self._best_round else None
        if standing and math.isfinite(standing.value):
            self._report(standing)

    def _is_over(self) -> bool:
        if self._is_told(self._order.token):
            self._why = "told"
        elif self._order.seconds is not None and self._seconds >= self._order.seconds:
            self._why = "time"
        return self._why != "rounds"

    def _add(self, value: float) -> None:
        self._values.append(value)
        loss = value if self._job.lower_is_better else -value
        if loss < self._best:
            self._best, self._best_round = loss, len(self._values)

    def _standing(self, *, checkpoint: bool) -> Standing:
        n_rounds = len(self._values)
        best_round = n_rounds if ROUNDS in self._job.fixed else self._best_round
        value = self._values[best_round - 1]
        return Standing(self._order.token, n_rounds, value, best_round, self._seconds, checkpoint)

    def _thinned(self) -> tuple[tuple[int, float], ...]:
        n_rounds = len(self._values)
        kept = {int(step) for step in np.geomspace(1, n_rounds, _POINTS_OF_A_CURVE).round()}
        points = ((step, self._values[step - 1]) for step in sorted(kept | {self._best_round, n_rounds}))
        return tuple((step, value) for step, value in points if math.isfinite(value))


def _is_checkpoint(step: int) -> bool:
    times, rest = divmod(step, _FIRST_CHECKPOINT)
    return rest == 0 and times & (times - 1) == 0


def _validation(log: Mapping[str, Mapping[str, Any]], metric: str) -> float:
    """Return the last value of ``metric`` on the validation part, which is the last in XGBoost's log."""
    part = list(log.values())[-1]
    for name in _LOGGED.get(metric, (metric,)):
        if name in part:
            value = float(part[name][-1])
            return 1 - value if metric == "accuracy" else value
    raise ValueError(f"the model reports {', '.join(part)} and not {metric}; see eval_metric in the model cell")
