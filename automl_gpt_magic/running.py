"""What a task runs outside the notebook's own process: one training, or one search, at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

import numpy as np

from .cards import changes, load_table
from .costing import measuring_of
from .errors import AutoMLError, StoppedError, TrainingError, UsageError, one_line
from .history import keep
from .notebook.panel import Panel
from .notebook.training_wording import verdict
from .planning.build import Situation
from .planning.code_check import fitted_on_everything
from .planning.pruning import is_hopeless
from .records.curve import Curve
from .records.metric import loss_of
from .records.plan import Plan
from .records.run import Ended, Measured
from .records.secret import SecretUrl
from .records.study import StudyLimits, StudyState, Trial
from .searching import measured_curve, measured_trial, study_job
from .settings import studies_file
from .training import CellProcess, Job, StudyRun, current_folder, fingerprint_of, tables_read

_ONLY_ITS_RECORD = "The training itself is complete; only its record is missing."
_TASKS: WeakSet[Running] = WeakSet()


class Running:
    """Trains and searches for one task.

    Parameters
    ----------
    namespace : dict
        The notebook's variables; a finished training leaves what its cells defined there.
    panel : Panel
    store : Path, SecretUrl or None
        Where finished trainings are kept.
    plan : callable
        Returns the plan as it stands.
    situation : callable
        Returns what the plan is built from.
    sources : callable
        Returns what stands in the cells, as pairs of stage and source.
    hear : callable
        Called with each report of a training.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        panel: Panel,
        store: Path | SecretUrl | None,
        plan: Callable[[], Plan],
        situation: Callable[[], Situation],
        sources: Callable[[], list[tuple[str, str]]],
        hear: Callable[[Measured], None],
    ) -> None:
        self._namespace, self._panel, self._store = namespace, panel, store
        self._plan, self._situation, self._sources, self._hear = plan, situation, sources, hear
        self._training: CellProcess | None = None
        self._search: StudyRun | None = None
        self._ended: Ended | None = None
        self._last: Measured | None = None
        self._trained: list[tuple[str, str]] = []
        self._doubt = self._not_kept = ""
        self._kept: set[int] = set()
        self.study: StudyState | None = None
        _TASKS.add(self)

    @property
    def busy(self) -> bool:
        return any(run is not None and run.running for run in (self._training, self._search))

    def train(self, *, concurrent: bool = False) -> CellProcess:
        """Run the cells as they stand, up to the training, in a process of their own.

        ``concurrent`` allows it beside what another plan of the notebook runs; two trainings share the cores.

        Raises
        ------
        UsageError
            If something runs already, or the card names no table.
        """
        sources = self._require_idle(concurrent)
        tables, measuring = tables_read(sources, self._namespace), measuring_of(self._plan())
        job = Job(self._plan().names, sources, tables, current_folder(), measuring)
        self._last = self._ended = None
        self._not_kept = ""
        self._doubt = _doubt(self._plan(), sources, self._namespace)
        self._panel.training_begins()
        if self._doubt:
            self._panel.say(self._doubt, "The training starts all the same.", "warn")
        self._trained = sources
        try:
            self._training = CellProcess(job, self._heard, self._training_ended)
        except TrainingError:
            self._panel.training_stopped()
            raise
        return self._training

    def tune(self, limits: StudyLimits, *, concurrent: bool = False) -> StudyRun:
        """Search better values by training many configurations; a study of the same cells and rows goes on.

        Raises
        ------
        UsageError
            If something runs already, the card names no table, or no store is kept.
        TrainingError, StoreError
            If the search cannot begin.
        """
        sources = self._require_idle(concurrent)
        storage = studies_file(self._store)
        if storage is None:
            raise UsageError("a search is kept beside the store, and AutoML.store is empty; name a file there")
        storage.parent.mkdir(parents=True, exist_ok=True)
        self._kept, self._not_kept = set(), ""
        self._search = StudyRun(
            study_job(self._plan(), self._situation(), dict(sources), self._namespace),
            limits,
            storage,
            self._study_heard,
            self._study_ended,
            should_prune=self._is_hopeless,
        )
        self._panel.searching(True)
        return self._search

    def wait(self, run: CellProcess | StudyRun) -> None:
        """Wait for what runs; an interrupt cancels it. What could not be kept is printed, since a cell is running.

        Raises
        ------
        StoppedError
            If the user interrupted.
        TrainingError
            If it failed.
        """
        try:
            while run.running:
                run.join(0.1)
        except KeyboardInterrupt:
            run.cancel()
            run.join(5)
            if run is self._training and self._ended and self._ended.state == "finished":
                return  # only what its model costs was not measured
            raise StoppedError("Cancelled; the notebook is as it was, and finished trials are kept") from None
        finally:
            if self._not_kept:
                print(self._not_kept)
        failed = self._ended.said if run is self._training and self._ended and self._ended.state != "finished" else ""
        if run is self._search and self.study and self.study.stands == "failed":
            failed = self.study.said
        if failed:
            raise TrainingError(failed)

    def is_current(self, sources: list[tuple[str, str]]) -> bool:
        """Return whether the last training finished, and was of these cells."""
        return self._trained == sources and self._ended is not None and self._ended.state == "finished"

    @property
    def printed(self) -> str:
        """What the cells of the last training printed."""
        doubt = f"Warning: {self._doubt}\n" if self._doubt else ""
        return self._ended.printed + doubt if self._ended else ""

    def cancel(self) -> None:
        """End what runs; nothing else is touched."""
        for run in (self._training, self._search):
            if run is not None and run.running:
                run.cancel()

    def keep(self, measured: Measured, rows: str, origin: Literal["cell", "train", "tune"]) -> None:
        """Keep a finished training on the rows of this fingerprint; not one that diverged, which is no evidence.

        Where it cannot be kept, the panel says so, and so does the output of the cell: there may be no panel in sight.
        """
        measured = replace(measured, curves=_defined(measured.curves))
        if not measured.curves:
            return
        sources = [source for stage, source in self._sources() if stage in ("data", "model")]
        wrong = keep(self._store, self._plan(), measured, rows, sources, origin)
        if not wrong:
            return
        self._panel.say(wrong, _ONLY_ITS_RECORD, "warn")
        self._not_kept = f"Warning: {wrong.rstrip('.')}. {_ONLY_ITS_RECORD}"
        if origin == "cell":
            print(self._not_kept)

    def _require_idle(self, concurrent: bool) -> list[tuple[str, str]]:
        if self.busy:
            raise UsageError("a training or search of this plan runs already; wait for it or cancel it")
        others = [one._plan().cards.data.name for one in _TASKS if one is not self and one.busy]
        if others and not concurrent:
            raise UsageError(
                f"{one_line(others[0])} is being trained in this notebook; wait for it or cancel it, "
                "or run this beside it with --concurrent"
            )
        if not self._plan().code:
            raise UsageError("there is nothing to train: the card names no frame or path")
        return self._sources()

    def _heard(self, measured: Measured) -> None:
        self._last = measured
        self._hear(measured)

    def _training_ended(self, ended: Ended) -> None:
        """Take over what the cells defined, or say why they did not get to their end."""
        if self._doubt and ended.state == "failed":
            ended = replace(ended, said=f"{self._doubt}. {ended.said}")
        self._ended = ended
        self._panel.training_ends()
        if ended.state == "finished":
            self._namespace.update(ended.defined)
            self._panel.trained(True)
            if self._last is not None:
                scores = plain_scores(ended.defined.get(f"{self._plan().names}_valid_scores"))
                self._last = replace(self._last, scores=scores, cost=ended.cost)
                self.keep(self._last, fingerprint_of(self._plan().names, ended.defined), "train")
                self._hear(self._last)
            if self._last is not None and self._doubt:
                self._panel.say(". ".join(verdict(self._plan(), self._last)), f"Warning: {self._doubt}", "warn")
            return
        self._panel.training_stopped()
        kind: Literal["warn", "error"] = "warn" if ended.state == "cancelled" else "error"
        self._panel.say(ended.said, "Nothing in the notebook was changed.", kind)

    def _study_heard(self, state: StudyState) -> None:
        if self.study is None or self.study.name != state.name:
            self._kept = {trial.number for trial in state.trials if trial.state != "running"}
        self.study = state
        self._panel.show_study(state)
        self._keep_trials(state.trials, state.rows_digest)

    def _is_hopeless(self, configuration: Mapping[str, Any], points: Sequence[tuple[int, float]]) -> bool | None:
        """Tell whether a trial will not come to the best one's value, as its curve so far is forecast to go on.

        None where no forecast tells it.
        """
        continued, plan = self._situation().continued, self._plan()
        if continued is None:
            return None
        so_far = measured_curve(plan.metric, points)
        try:
            rest = continued(configuration, {plan.metric: so_far}).forecast.curves.get(plan.metric)
        except Exception:  # whatever it is: the search goes on without it
            return None
        if rest is None or rest.quantiles is None:
            return None
        best = self.study.best if self.study else None
        if best is None or best.value is None or best.state != "finished":
            return False
        return is_hopeless(so_far, rest, best.value, last_counts=plan.rounds in plan.model.hyperparameters)

    def _study_ended(self, state: StudyState) -> None:
        self._study_heard(state)
        self._panel.searching(False)

    def _keep_trials(self, trials: Sequence[Trial], rows: str) -> None:
        plan = self._plan()
        for trial in trials:
            if trial.state == "finished" and trial.number not in self._kept and trial.curve:
                self._kept.add(trial.number)
                self.keep(measured_trial(trial, plan), rows, "tune")


def plain_scores(found: Any) -> dict[str, float]:
    """Return the numbers among what a training cell holds as its scores."""
    held = found if isinstance(found, Mapping) else {}
    return {str(name): float(value) for name, value in held.items() if isinstance(value, (int, float))}


def _defined(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    """Return the curves without metrics that are not defined on the data; none of a training that diverged."""
    loss = loss_of(curves)
    if not all(math.isfinite(curve.final) for metric, curve in curves.items() if metric == loss or not loss):
        return {}
    return {metric: curve for metric, curve in curves.items() if metric == loss or np.isfinite(curve.value).all()}


def _doubt(plan: Plan, sources: Sequence[tuple[str, str]], namespace: Mapping[str, Any]) -> str:
    """Return what stands against a training before it begins: a changed table, or preprocessing fitted on all rows."""
    said, frame = [], plan.cards.data.frame
    if plan.table is not None and frame:
        try:
            table = load_table(plan.cards, namespace)
            said.append(changes(plan.cards, plan.table, table) if table is not None else "")
        except AutoMLError as error:
            said.append(str(error).rstrip("."))
    said += fitted_on_everything(dict(sources).get("data", ""), plan.names, frame)
    return ". ".join(filter(None, said))
