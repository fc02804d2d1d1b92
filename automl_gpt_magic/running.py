"""What a task runs outside the notebook's own process: one training, or one search, at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .errors import StoppedError, TrainingError, UsageError
from .history import keep
from .notebook.panel import Panel
from .records.curve import LOWER_IS_BETTER, Curve
from .records.plan import Plan
from .records.run import Ended, Measured
from .records.study import StudyJob, StudyLimits, StudyState, Trial
from .training import CellProcess, Job, StudyRun, current_folder, rows_of, tables_read

_NEIGHBOURS_TRIED = 3


class Running:
    """Trains and searches for one task.

    Parameters
    ----------
    namespace : dict
        The notebook's variables; a finished training leaves what its cells defined there.
    panel : Panel
    store : Path or None
        Where finished trainings are kept; studies are kept beside it.
    plan : callable
        Returns the plan as it stands.
    sources : callable
        Returns what stands in the cells, as pairs of stage and source.
    hear : callable
        Called with each report of a training.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        panel: Panel,
        store: Path | None,
        plan: Callable[[], Plan],
        sources: Callable[[], list[tuple[str, str]]],
        hear: Callable[[Measured], None],
    ) -> None:
        self._namespace, self._panel, self._store = namespace, panel, store
        self._plan, self._sources, self._hear = plan, sources, hear
        self._training: CellProcess | None = None
        self._search: StudyRun | None = None
        self._ended: Ended | None = None
        self._last: Measured | None = None
        self._trained: list[tuple[str, str]] = []
        self._kept: set[int] = set()
        self.study: StudyState | None = None

    @property
    def busy(self) -> bool:
        return any(run is not None and run.running for run in (self._training, self._search))

    def train(self) -> CellProcess:
        """Run the cells as they stand, up to the training, in a process of their own.

        Raises
        ------
        UsageError
            If something runs already, or the card names no table.
        """
        sources = self._require_idle()
        job = Job(self._plan().names, sources, tables_read(sources, self._namespace), current_folder())
        self._last = self._ended = None
        self._panel.training_begins()
        self._trained = sources
        self._training = CellProcess(job, self._heard, self._training_ended)
        return self._training

    def tune(self, limits: StudyLimits) -> StudyRun:
        """Search better values by training many configurations; a study of the same cells and rows goes on.

        Raises
        ------
        UsageError
            If something runs already, the card names no table, or no store is kept.
        TrainingError, StoreError
            If the search cannot begin.
        """
        sources = self._require_idle()
        if self._store is None:
            raise UsageError("a search is kept beside the store, and AutoML.store is empty; name a file there")
        self._store.parent.mkdir(parents=True, exist_ok=True)
        self._kept = set()
        self._search = StudyRun(
            self._study_job(dict(sources)),
            limits,
            self._store.with_name("studies.sqlite"),
            self._study_heard,
            self._study_ended,
        )
        self._panel.searching(True)
        return self._search

    def wait(self, run: CellProcess | StudyRun) -> None:
        """Wait for what runs; an interrupt cancels it.

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
            raise StoppedError("Cancelled; the notebook is as it was, and finished trials are kept") from None
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
        return self._ended.printed if self._ended else ""

    def cancel(self) -> None:
        """End what runs; nothing else is touched."""
        for run in (self._training, self._search):
            if run is not None and run.running:
                run.cancel()

    def keep(self, measured: Measured, rows: Any, origin: Literal["cell", "train", "tune"]) -> None:
        """Keep a finished training."""
        sources = [source for _, source in self._sources()[:2]]
        wrong = keep(self._store, self._plan(), measured, rows, sources, origin)
        if wrong:
            self._panel.say(wrong, "The training itself is complete; only its record is missing.", "warn")

    def _require_idle(self) -> list[tuple[str, str]]:
        if self.busy:
            raise UsageError("a training or search of this plan runs already; wait for it or cancel it")
        if not self._plan().code:
            raise UsageError("there is nothing to train: the card names no frame or path")
        return self._sources()

    def _heard(self, measured: Measured) -> None:
        self._last = measured
        self._hear(measured)

    def _training_ended(self, ended: Ended) -> None:
        """Take over what the cells defined, or say why they did not get to their end."""
        self._ended = ended
        self._panel.training_ends()
        if ended.state == "finished":
            self._namespace.update(ended.defined)
            if self._last is not None:
                self.keep(self._last, rows_of(self._plan().names, ended.defined), "train")
            return
        self._panel.training_stopped()
        kind: Literal["warn", "error"] = "warn" if ended.state == "cancelled" else "error"
        self._panel.say(ended.said, "Nothing in the notebook was changed.", kind)

    def _study_job(self, sources: Mapping[str, str]) -> StudyJob:
        plan = self._plan()
        cells = [(stage, sources[stage]) for stage in ("data", "model")]
        return StudyJob(
            names=plan.names,
            dataset=plan.cards.data.name,
            data=sources["data"],
            model=sources["model"],
            tables=tables_read(cells, self._namespace),
            folder=current_folder(),
            space=plan.space,
            fixed=plan.model.hyperparameters,
            starts=_starts(plan),
            metric=plan.metric,
            lower_is_better=LOWER_IS_BETTER.get(plan.metric, True),
            seed=plan.cards.data.split.seed,
        )

    def _study_heard(self, state: StudyState) -> None:
        if self.study is None or self.study.name != state.name:
            self._kept = {trial.number for trial in state.trials if trial.state != "running"}
        self.study = state
        self._panel.show_study(state)
        self._keep_trials(state.trials)

    def _study_ended(self, state: StudyState) -> None:
        self._study_heard(state)
        self._panel.searching(False)

    def _keep_trials(self, trials: Sequence[Trial]) -> None:
        plan = self._plan()
        for trial in trials:
            if trial.state == "finished" and trial.number not in self._kept and trial.curve:
                self._kept.add(trial.number)
                self.keep(_measured(trial, plan), None, "tune")


def _starts(plan: Plan) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what a search tries first: the plan, its neighbours' best, and the library's default."""
    fixed = plan.model.hyperparameters
    near = plan.evidence.neighbours[:_NEIGHBOURS_TRIED]
    whole = [(f"like {one.name}", {**plan.space.default, **one.best, **fixed}) for one in near]
    return [("plan", plan.hyperparameters), *whole, ("default", {**plan.space.default, **fixed})]


def _measured(trial: Trial, plan: Plan) -> Measured:
    """Return a trial as a measurement up to its best round, at which its configuration ends."""
    ended = [point for point in trial.curve if trial.best_round is None or point[0] <= trial.best_round]
    steps, values = (np.array(part) for part in zip(*ended, strict=True))
    curve = Curve(plan.metric, steps.astype("int64"), values.astype("float64"), source="measured")
    return Measured(
        plan.names,
        plan.revision,
        trial.configuration,
        {plan.metric: curve},
        trial.seconds or 0.0,
        int(steps[-1]),
        True,
    )
