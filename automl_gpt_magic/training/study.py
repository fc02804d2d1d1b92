"""A tuned search in the background of the notebook's kernel: Optuna proposes, workers train, here or on a cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from ..errors import AutoMLError, TrainingError
from ..records.study import StudyJob, StudyLimits, StudyStands, StudyState, Trial, describe
from .attempt import Attempt
from .engine import Lost, Worker, Workers
from .ledger import Ledger
from .study_file import check_storage, make_tables
from .trial import Broken, Done, Order, Raised, Ready, Standing
from .workers import LocalWorkers

Hear = Callable[[StudyState], None]
ShouldPrune = Callable[[Mapping[str, Any], Sequence[tuple[int, float]]], bool | None]

_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_BETWEEN_REPORTS = 0.2
_SECONDS_TO_STOP = 2.0
_MOST_ATTEMPTS = 2
_MOST_FAILED_FIRST = 5
_MOST_LOST_UNREADY = 2


class StudyRun:
    """One session of a study. `hear` and `end` are called in a thread of this object, one call at a time.

    Parameters
    ----------
    job : StudyJob
    limits : StudyLimits
    storage : Path
        SQLite file, made where there is none; a study of the same cells and rows goes on where it ended.
    hear : callable
        Called with the study so far, at most five times a second.
    end : callable
        Called once, with how it ended.
    should_prune : callable or None
        Called at each checkpoint with the configuration and some points of the validation curve so far, the best and
        the last among them; True ends the trial. Where it returns None, the trial ends if half of the others were
        better.

    Raises
    ------
    TrainingError
        If Optuna is not installed, or a cluster is named and Dask is not.
    StoreError
        If the file cannot be used.
    """

    def __init__(
        self,
        job: StudyJob,
        limits: StudyLimits,
        storage: Path,
        hear: Hear,
        end: Hear,
        *,
        should_prune: ShouldPrune | None = None,
    ) -> None:
        self._storage = Path(storage).absolute()
        check_storage(self._storage)
        self._job, self._limits, self._hear, self._end = job, limits, hear, end
        self._should_prune = should_prune or (lambda configuration, curve: None)
        self._cancelled = threading.Event()
        self._ledger: Ledger | None = None
        self._trials: dict[int, Trial] = {}
        self._attempts: dict[int, Attempt] = {}
        self._again: list[Attempt] = []
        self._left, self._token, self._failed, self._ended, self._lost_unready = limits.n_trials, 0, 0, 0, 0
        self._workers = _workers(job, limits)
        self._stands: StudyStands = "running"
        self._fault = self._rows = ""
        self._changed, self._next_report = True, 0.0
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="automl-study", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def pids(self) -> tuple[int, ...]:
        """The worker processes."""
        return tuple(worker.pid for worker in list(self._workers.all) if worker.pid)

    def cancel(self) -> None:
        """End all workers; `end` is called with the state ``cancelled``, and what has finished is kept."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until `end` has been called."""
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self._workers.start()
            make_tables(self._storage)
            self._search()
        except Exception as error:
            self._stands, self._fault = "failed", _in_one_line(error)
        finally:
            self._close()
            self._end(self._state())

    def _search(self) -> None:
        while not self._is_over():
            self._feed()
            self._listen()
        if self._cancelled.is_set():
            self._stands = "cancelled"
            return
        self._stop_all()
        self._stands = "finished"

    def _is_over(self) -> bool:
        if self._cancelled.is_set() or self._time_is_up():
            return True
        return self._ledger is not None and not (self._left > 0 or self._again or self._open())

    def _time_is_up(self) -> bool:
        return self._limits.seconds is not None and time.monotonic() - self._began >= self._limits.seconds

    def _open(self) -> list[Attempt]:
        return [attempt for attempt in self._attempts.values() if attempt.open]

    def _feed(self) -> None:
        """Give every worker that waits a trial: one that lost its worker first."""
        for worker in self._workers.idle:
            if self._again:
                self._send(worker, self._again.pop(0))
            elif self._left > 0 and self._ledger and not self._cancelled.is_set():
                self._left -= 1
                attempt = Attempt(self._ledger.ask(), self._job)
                self._put(attempt.begun())
                self._send(worker, attempt)

    def _send(self, worker: Worker, attempt: Attempt) -> None:
        self._token += 1
        self._attempts[self._token] = attempt
        worker.train(Order(self._token, attempt.asked.configuration, self._limits.trial_seconds))

    def _listen(self) -> None:
        for worker, message in self._workers.hear(_SECONDS_BETWEEN_LOOKS):
            self._take(message, worker)
        now = time.monotonic()
        if self._changed and now >= self._next_report:
            self._changed, self._next_report = False, now + _SECONDS_BETWEEN_REPORTS
            self._hear(self._state())

    @singledispatchmethod
    def _take(self, message: Any, worker: Worker) -> None:
        raise TypeError(f"no such message: {message!r}")

    @_take.register
    def _(self, message: Ready, worker: Worker) -> None:
        worker.ready, self._lost_unready, self._rows = True, 0, message.rows
        if self._ledger is None:
            self._ledger = Ledger(self._job, self._limits.n_workers, self._storage, message.rows)
            self._trials = {trial.number: trial for trial in self._ledger.trials()}
            self._left -= sum(trial.state in ("finished", "pruned") for trial in self._trials.values())
        self._changed = True

    @_take.register
    def _(self, message: Broken, worker: Worker) -> None:
        raise TrainingError(message.said)

    @_take.register
    def _(self, message: Standing, worker: Worker) -> None:
        attempt = self._attempts.get(message.token)
        if attempt is None or not attempt.open:
            return
        trial = attempt.measured(message)
        self._put(trial)
        if message.checkpoint and self._is_worse(attempt, message):
            worker.stop()
            attempt.open = False
            self._write(replace(trial, state="pruned", curve=message.curve))

    @_take.register
    def _(self, message: Done, worker: Worker) -> None:
        attempt = self._released(worker, message.token)
        if attempt is not None:
            trial = replace(attempt.measured(message.last), curve=message.curve)
            self._write(replace(trial, state="pruned") if message.why == "told" else replace(trial, state="finished"))

    @_take.register
    def _(self, message: Raised, worker: Worker) -> None:
        attempt = self._released(worker, message.token)
        if attempt is not None:
            self._write_failed(attempt, message.said)

    @_take.register
    def _(self, message: Lost, worker: Worker) -> None:
        """Replace a worker that died; its trial is tried once more."""
        was_ready, token = worker.ready, worker.token
        self._workers.remove(worker)
        attempt = self._attempts.pop(token, None) if token is not None else None
        if attempt is not None and attempt.open:
            self._lost(attempt, message.said)
        self._lost_unready = 0 if was_ready else self._lost_unready + 1
        if self._lost_unready <= _MOST_LOST_UNREADY:
            self._workers.add()
        elif not self._workers.all:
            raise TrainingError(f"The data cell came to no end: {message.said}; take fewer rows or fewer workers.")

    def _lost(self, attempt: Attempt, said: str) -> None:
        if attempt.count < _MOST_ATTEMPTS:
            self._again.append(replace(attempt, count=attempt.count + 1))
        else:
            self._write_failed(attempt, f"The trial lost its worker {attempt.count} times: {said}.")

    def _released(self, worker: Worker, token: int) -> Attempt | None:
        """Return what a worker has come to the end of, unless its end is written."""
        worker.token = None
        attempt = self._attempts.pop(token, None)
        return attempt if attempt is not None and attempt.open else None

    def _is_worse(self, attempt: Attempt, standing: Standing) -> bool:
        assert self._ledger is not None
        asked = attempt.asked
        median = self._ledger.report(asked.number, standing.step, standing.value)
        told = None if standing.diverges else self._should_prune(asked.configuration, standing.curve)
        return median if told is None else told

    def _write_failed(self, attempt: Attempt, said: str) -> None:
        self._write(attempt.failed(said))
        self._failed += 1
        if self._failed >= _MOST_FAILED_FIRST and self._failed == self._ended:
            raise TrainingError(f"The first {self._failed} trials failed. {said}")

    def _write(self, trial: Trial) -> None:
        assert self._ledger is not None
        self._ledger.end(trial)
        self._ended += 1
        self._put(trial)

    def _put(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self._changed = True

    def _stop_all(self) -> None:
        """Take what the trainings that the time limit cuts off have so far."""
        for worker in self._workers.busy:
            worker.stop()
        until = time.monotonic() + _SECONDS_TO_STOP
        while self._open() and time.monotonic() < until and not self._cancelled.is_set():
            self._listen()

    def _close(self) -> None:
        """Leave no process, no open file and no trial that seems to run."""
        self._workers.close()
        if self._ledger is None:
            return
        try:
            for attempt in (*self._open(), *self._again):
                self._interrupt(attempt)
        except Exception as error:  # the file went away: what runs there is written off when it is opened again
            self._stands, self._fault = "failed", self._fault or _in_one_line(error)
        finally:
            self._ledger.close()

    def _interrupt(self, attempt: Attempt) -> None:
        assert self._ledger is not None
        why = "cancelled" if self._cancelled.is_set() else "cut off; it is tried again when the study goes on"
        self._ledger.interrupt(attempt.asked.number, why)
        self._put(attempt.failed(why))

    def _state(self) -> StudyState:
        trials = tuple(self._trials[number] for number in sorted(self._trials))
        name = self._ledger.name if self._ledger else ""
        elapsed = time.monotonic() - self._began
        job, limits = self._job, self._limits
        state = StudyState(name, job.metric, job.lower_is_better, self._stands, "", limits.n_trials, trials, elapsed)
        state = replace(state, rounds=job.rounds, rows_digest=self._rows)
        return replace(state, said=self._fault or describe(state))


def _workers(job: StudyJob, limits: StudyLimits) -> Workers[Any]:
    count = max(1, min(limits.n_workers, limits.n_trials))
    if not limits.cluster:
        return LocalWorkers(job, count)
    from .cluster import ClusterWorkers

    return ClusterWorkers(job, count, limits.cluster)


def _in_one_line(error: Exception) -> str:
    if isinstance(error, AutoMLError):
        return str(error)
    return f"The study ended early: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
