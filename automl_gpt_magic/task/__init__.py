"""One magic cell's work, as the magics and the panel ask for it: its plan, its cells and its trainings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..answers import Answered
from ..errors import UsageError
from ..export import export_plan
from ..notebook.callbacks import Callbacks
from ..notebook.plan_wording import PLANNED
from ..notebook.slot import Kind
from ..notebook.static import bundle
from ..planning.build import Situation
from ..planning.edits import same_data
from ..planning.taking import Replan
from ..records.cost import Cost
from ..records.exchange import Usage
from ..records.plan import Plan
from ..records.round import Round
from ..records.run import Measured, Run, Spread
from ..records.secret import SecretUrl
from ..records.study import DEFAULT_TRIALS, DEFAULT_WORKERS, StudyLimits
from ..running import Running
from ..training import CellProcess, StudyRun
from .cells import TaskCells
from .plan import TaskPlan
from .trainings import TaskTrainings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ..hearing import Hearing

__all__ = ["Task"]


class Task:
    """What the user asks for becomes a change of the plan first, and the cells follow it.

    Parameters
    ----------
    shell : InteractiveShell
    situation : Situation
    anchor : str or None
        The magic cell's id, where the frontend gives one that its document knows.
    handle : DisplayHandle
        Of the magic cell's output.
    write : bool
        Whether cells may be written.
    replan : callable
        Makes the situation of other cards, or of another of their models.
    hearing : Hearing
        Understands requests in the user's words.
    store : Path, SecretUrl or None
        Where finished trainings are kept.
    place : int
        Among the tasks of its magic cell, from 0.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        situation: Situation,
        anchor: str | None,
        handle: Any,
        *,
        write: bool,
        replan: Replan,
        hearing: Hearing,
        store: Path | SecretUrl | None = None,
        place: int = 0,
    ) -> None:
        self._variables, self._handle, self._hear_request = shell.user_ns, handle, hearing.hear
        self._plan = TaskPlan(shell.user_ns, situation, replan, store, hearing.left, self._asked())
        self.panel, self.rounds = self._plan.panel, self._plan.rounds
        self.cells = TaskCells(shell, self._plan, anchor, write=write, place=place)
        self.running = Running(
            shell.user_ns,
            self.panel,
            store,
            lambda: self.plan,
            lambda: self._plan.situation,
            self.cells.sources,
            self.hear,
        )
        self.trainings = TaskTrainings(shell.user_ns, self._plan, self.running, self.renew_output)

    def _asked(self) -> Callbacks:
        """Return what the panel calls."""
        return {
            "on_edit": self.edit,
            "on_reset": self.reset,
            "on_update_cells": self.update_cells,
            "on_code": self.choose_code,
            "on_train": self.train,
            "on_tune": self.tune,
            "on_cancel": lambda: self.running.cancel(),
            "on_take_best": self.take_best,
            "on_next": self.write_next,
            "on_lock": self.lock,
            "on_ask": self.ask,
            "on_take": self.take_round,
            "on_reject": self.reject_round,
            "on_undo": self.undo,
            "on_redo": self.redo,
            "on_go": self.go,
            "on_model": self.switch_model,
        }

    @property
    def plan(self) -> Plan:
        return self._plan.now

    @property
    def edits(self) -> dict[str, Any]:
        """The user's values."""
        return self.plan.edits

    @property
    def spent(self) -> Usage:
        """What the LLM's calls for this plan cost so far, those of its rounds among them."""
        return self._plan.spent

    @property
    def measured(self) -> Measured | None:
        """The training that is shown over the plan."""
        return self._plan.measured

    @property
    def most_seconds(self) -> float | None:
        """The request's limit on training time."""
        return self._plan.situation.cards.request.most("training_seconds")

    @property
    def identity(self) -> str | None:
        """The plan's identity in the notebook; None before the page has answered."""
        return self.cells.identity

    @property
    def edited_cells(self) -> dict[str, str]:
        """The source of the cells whose code the user edited, by stage."""
        return self.cells.edited

    def inherit(self, earlier: Task) -> None:
        """Take over what the user decided in the same cell's earlier task, where it still means the same."""
        self.cells.inherit(earlier.cells)
        if same_data(earlier._plan.situation, self._plan.situation):
            self._plan.inherit(earlier._plan)

    def take(self, answered: Answered) -> None:
        """Lay an answer over the plan; where none came, keep what had arrived in sight."""
        self._plan.take_answer(answered)

    def begin(self, seconds: float, answered: Answered, claim: Callable[[Task], None]) -> None:
        """Write the cells, listen to their training, and say how the plan stands."""
        self.trainings.begin()
        ready = _said(self.plan, seconds, answered, self.cells.where)
        self.panel.say(*ready)
        self.cells.begin(ready, lambda: claim(self))

    def close(self) -> None:
        """Stop listening: the magic cell was run again, or the extension unloaded."""
        self.trainings.close()
        self.cells.close()
        self.panel.close()

    def publish(self) -> None:
        """Keep the plan in the user's namespace, beside what its cells define."""
        self._plan.publish()

    def renew_output(self) -> None:
        """Bring the magic cell's output up to date, where no page shows the plan as it changes."""
        if not self.cells.are_live:
            output = bundle(self.plan, self.panel.widget, self.measured, rounds=self.rounds.rounds)
            self._handle.update(output, raw=True)

    def edit(self, name: str, value: Any) -> None:
        """Take a value from the table into plan and cell; see `TaskPlan.edit`."""
        self._plan.edit(name, value)
        self.cells.follow()

    def lock(self, name: str, locked: bool) -> None:
        """Keep a value as it is, or let it go again: no request changes one that is locked."""
        self._plan.lock(name, locked)
        self.cells.follow()

    def reset(self, name: str | None) -> None:
        """Return one value, or with None every value that is not locked, to the proposed one."""
        self._plan.reset(name)
        self.cells.follow()

    def restore(self, configuration: Mapping[str, Any]) -> None:
        """Take the values of an earlier run into table and cell; see `TaskPlan.restore`."""
        self._plan.restore(configuration)
        self.cells.follow()

    def choose_code(self, stage: str, use: bool) -> None:
        """Take the LLM's code for a stage into its cell, or the recipe's."""
        self._plan.choose_code(stage, use)
        self.cells.follow()

    def switch_model(self, name: str) -> None:
        """Plan with another model, of a card or of a family that no card names; see `switched`."""
        self._plan.switch_model(name)
        self.cells.follow()

    def ask(self, text: str) -> Round:
        """Find out what a request would change; see `Rounds.ask`."""
        return self._plan.ask(text, lambda said: self._hear_request(said, self))

    def take_round(self, keys: Collection[str] | None = None) -> Round:
        """Take the changes of the request that waits, all or those of these keys, into plan and cells."""
        taken = self._plan.take_round(keys)
        self.cells.follow()
        return taken

    def reject_round(self) -> Round:
        """Leave the plan as it was before the request that waits."""
        return self._plan.reject_round()

    def undo(self) -> str:
        """Go back by one of the user's acts, cells included, and return what that was."""
        undone = self._plan.undo()
        self.cells.follow()
        return undone

    def redo(self) -> str:
        """Do again what was undone last, cells included, and return what that was."""
        done = self._plan.redo()
        self.cells.follow()
        return done

    def go(self, number: int) -> None:
        """Go to how the plan stood when a round was taken, cells included."""
        self._plan.go(number)
        self.cells.follow()

    def update_cells(self) -> None:
        """Write what was offered; see `TaskCells.write_offered`."""
        self.cells.write_offered()

    def write_next(self, name: str, *, in_cell: bool = False) -> tuple[str, str]:
        """Write the cell of a next step below the plan's; see `TaskCells.write_next`."""
        return self.cells.write_next(name, in_cell=in_cell)

    def hear(self, report: Measured | Spread) -> None:
        """Lay a training's report over the prediction, or a cross-validation's spread beside it."""
        self.trainings.hear(report)

    def end_of_cell(self) -> None:
        """Notice what the cell that ended did to the model; see `TaskTrainings.end_of_cell`."""
        self.trainings.end_of_cell()

    def measure(self) -> Cost:
        """Measure what predictions of the trained model take, and how large it is; see `TaskTrainings.measure`."""
        return self.trainings.measure()

    def train(self, *, concurrent: bool = False) -> CellProcess:
        """Run the cells as they stand, up to the training, in a process of their own; see `Running.train`."""
        return self.running.train(concurrent=concurrent)

    def tune(self, limits: StudyLimits | None = None, *, concurrent: bool = False) -> StudyRun:
        """Search better values by training many configurations; see `Running.tune`."""
        limits = limits or StudyLimits(DEFAULT_TRIALS, n_workers=DEFAULT_WORKERS, trial_seconds=self.most_seconds)
        return self.running.tune(limits, concurrent=concurrent)

    def take_best(self) -> None:
        """Take the best trial's values into table and cell.

        Raises
        ------
        UsageError
            If nothing was searched.
        TrainingError
            If no trial has finished.
        """
        if not self.running.study:
            raise UsageError("nothing was searched for this plan; %automl tune searches")
        self.restore(self.running.study.chosen().configuration)

    def export(self, folder: Path, run: Run | None) -> list[Path]:
        """Write the plan as a plain project; see `export_plan`.

        Parameters
        ----------
        folder : Path
        run : Run or None
            The last kept training of the dataset; it is used where it was of these cells and values.
        """
        card, variables = self.plan.cards.data, self._variables
        model = variables.get(f"{self.plan.names}_model") if self.running.is_current(self.cells.sources()) else None
        return export_plan(
            self.plan,
            self.cells.standing,
            folder,
            frame=variables.get(card.frame),
            test_frame=variables.get(card.split.test_frame),
            run=run,
            model=model,
        )


def _said(plan: Plan, seconds: float, answered: Answered, where: str) -> tuple[str, str, Kind]:
    """Say what came of it: a fault first, where there is one; the plan stands in any case."""
    by = f" by {plan.llm} and" if plan.llm else ""
    planned = f"Planned in {seconds:.1f} s{by} from {plan.evidence.n_runs:,} measured runs. {where}"
    if answered.stopped:
        return "Stopped. " + _stands(plan), planned, "warn"
    if answered.fault:
        return answered.fault, f"{_stands(plan)} {where}", "error"
    return PLANNED, planned, "idle"


def _stands(plan: Plan) -> str:
    earlier = "earlier " if plan.replayed else ""
    whose = f"{plan.llm}'s {earlier}answer" if plan.llm else "measured runs alone"
    return f"The plan stands on {whose}."
