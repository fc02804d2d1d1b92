"""One magic cell's work: its plan, the user's edits, its panel, and the cells below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answers import Answered
from .costing import Costs
from .errors import ParameterError, UsageError, did_you_mean
from .export import export_plan
from .notebook.bridge import Bridge
from .notebook.cells import Decision, decided_in, generated_cells, joined_source, reconcile
from .notebook.next_row import needed_first
from .notebook.panel import Panel
from .notebook.slot import Kind
from .notebook.static import bundle
from .notebook.wording import cross_validated
from .planning.build import Situation
from .planning.decided import as_data, decided_before
from .planning.edits import known_values, same_data, wrong_value
from .planning.recipes.training import hyperparameters_name
from .planning.rest import rest_of_training
from .planning.standing import Standing
from .planning.taking import Replan
from .records.cost import Cost
from .records.exchange import Usage
from .records.next_step import NEXT_STEPS
from .records.plan import Plan
from .records.round import Round
from .records.run import Measured, Run, Spread
from .records.secret import SecretUrl
from .records.study import DEFAULT_TRIALS, DEFAULT_WORKERS, StudyLimits
from .rounds import Rounds
from .running import Running, plain_scores
from .switching import switched
from .training import CellProcess, StudyRun, announcements, fingerprint_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .hearing import Hearing

_ABSENT = object()


class Task:
    """The cells' dict literal is the truth: an edit in the table is written into it, an edit in it is read back here.

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
        self._shell, self._anchor, self._handle, self._write = shell, anchor, handle, write
        # The user's values in the literal as last reported, and as last asked for.
        self._seen: dict[str, Any] = {}
        self._asked: dict[str, Any] = {}
        self._joined = ""
        # Steps whose cell was asked for and does not stand in the notebook yet.
        self._wanted_next: set[str] = set()
        self._offered: tuple[dict[str, Any], ...] = ()
        self._clicked = False
        self._refused_by_hand = False
        self._ready: tuple[str, str, Kind] = ("", "", "idle")
        self.measured: Measured | None = None
        self._rests_until = 0.0
        self._hear_request, self._budget_left, self._replan = hearing.hear, hearing.left, replan
        self._spent = Usage(cost=0.0)
        # Whether nothing was decided yet in this kernel: then what an earlier one left in the cells counts.
        self._is_fresh = True
        self.costs = Costs(shell.user_ns, store)
        self.rounds = Rounds(Standing(situation), replan, self.costs.predicted_by)
        self.publish()
        self.panel = Panel(
            self.plan,
            on_edit=self.edit,
            on_reset=self.reset,
            on_update_cells=self.update_cells,
            on_code=self.choose_code,
            on_train=self.train,
            on_tune=self.tune,
            on_cancel=lambda: self.running.cancel(),
            on_take_best=self.take_best,
            on_next=self.write_next,
            on_lock=self.lock,
            on_ask=self.ask,
            on_take=self.take_round,
            on_reject=self.reject_round,
            on_undo=self.undo,
            on_redo=self.redo,
            on_go=self.go,
            on_model=self.switch_model,
        )
        self.running = Running(
            shell.user_ns,
            self.panel,
            store,
            lambda: self.plan,
            lambda: self._situation,
            lambda: self._sources(),
            lambda heard: self.hear(heard),
        )
        self._bridge = Bridge(shell, place) if anchor and write and self.plan.code else None
        if self._bridge:
            self.panel.attach(self._bridge)

    @property
    def identity(self) -> str | None:
        """The plan's identity in the notebook; None before the page has answered."""
        return self._bridge.identity if self._bridge else None

    def inherit(self, earlier: Task) -> None:
        """Take over what the user decided in the same cell's earlier task, where it still means the same."""
        self._seen, self._asked, self._joined = dict(earlier._seen), dict(earlier._asked), earlier._joined
        self._is_fresh = earlier._is_fresh
        if same_data(earlier._situation, self._situation):
            self.rounds.inherit(earlier.rounds)
            self.costs.inherit(earlier.costs)
            self._spent = earlier._spent
            self._show()

    def take(self, answered: Answered) -> None:
        """Lay an answer over the plan; where none came, keep what had arrived in sight."""
        self.panel.arrival_ended()
        if not answered.situation.replayed:
            self._spent += sum((one.usage for one in answered.consultation.exchanges), Usage(cost=0.0))
        said = (*filter(None, [answered.fault]), *answered.notes)
        if answered.situation is not self._situation or said or answered.stopped:
            notes, in_vain = (*answered.situation.notes, *said), answered.situation.answer is None
            unanswered = in_vain and bool(answered.fault or answered.stopped)
            self.rounds.begin(replace(answered.situation, notes=notes, unanswered=unanswered))
            self._show()
        arrival = answered.consultation.arrival
        if answered.situation.answer is None and arrival is not None and arrival.draft:
            self.panel.show_arrived(arrival)

    def begin(self, seconds: float, answered: Answered, claim: Callable[[Task], None]) -> None:
        """Write the cells, listen to their training, and say how the plan stands."""
        self._claim = claim
        announcements.listen(self.plan.names, self.hear)
        self._ready = self._said(seconds, answered)
        self.panel.say(*self._ready)
        self.panel.trained(self._is_trained())
        if self._bridge:
            self._bridge.on_state(self.reconcile)
            self._bridge.ask(self._anchor or "", self._wanted_cells())
        elif self._write and self.plan.code:
            self._offer_joined_cell()

    def close(self) -> None:
        """Stop listening: the magic cell was run again, or the extension unloaded."""
        announcements.forget(self.plan.names, self.hear)
        self.running.cancel()
        if self._bridge:
            self._bridge.close()
        self.panel.close()

    def edit(self, name: str, value: Any) -> None:
        """Take a value from the table into plan and cell.

        Raises
        ------
        ParameterError
            If the value is outside the space.
        """
        if name in self.rounds.standing.locked:
            raise ParameterError(f"{name} is locked; unlock it first.")
        checked = self._situation.space[name].check(value)
        self._take_edits(f"set {name}", {**self.edits, name: checked})
        self._send(after_click=True)

    def lock(self, name: str, locked: bool) -> None:
        """Keep a value as it is, or let it go again: no request changes one that is locked."""
        self._do(f"{'lock' if locked else 'unlock'} {name}", self.rounds.standing.with_lock(name, locked))
        self._send(after_click=True)

    def reset(self, name: str | None) -> None:
        """Return one value, or with None every value that is not locked, to the proposed one."""
        locked = self.rounds.standing.locked
        gone = [one for one in self.edits if one not in locked and name in (None, one)]
        self._take_edits(f"reset {name or 'all'}", {one: at for one, at in self.edits.items() if one not in gone})
        self._send(after_click=True)

    def choose_code(self, stage: str, use: bool) -> None:
        """Take the LLM's code for a stage into its cell, or the recipe's."""
        self._want_code(stage, self.plan.llm_code[stage].report.source, use)
        self._send(after_click=True)

    def ask(self, text: str) -> Round:
        """Find out what a request would change; see `Rounds.ask`."""
        self._show_rounds(busy=True)
        try:
            return self.rounds.ask(text, lambda said: self._hear_request(said, self))
        finally:
            self._show_rounds()

    @property
    def spent(self) -> Usage:
        """What the LLM's calls for this plan cost so far, those of its rounds among them."""
        return self._spent + self.rounds.usage

    @property
    def edited_cells(self) -> dict[str, str]:
        """The source of the cells whose code the user edited, by stage."""
        if self._bridge is None or not self._bridge.state.get("ok"):
            return {}
        edited = self._decide(self._bridge.state).edited
        return {cell["stage"]: cell["source"] for cell in self._bridge.state["cells"] if cell["stage"] in edited}

    def take_round(self, keys: Collection[str] | None = None) -> Round:
        """Take the changes of the request that waits, all or those of these keys, into plan and cells."""
        taken = self.rounds.take(keys)
        self._show()
        self._send(after_click=True)
        return taken

    def reject_round(self) -> Round:
        """Leave the plan as it was before the request that waits."""
        rejected = self.rounds.reject()
        self._show_rounds()
        return rejected

    def undo(self) -> str:
        """Go back by one of the user's acts, cells included, and return what that was."""
        undone = self.rounds.undo()
        self._show()
        self._send(after_click=True)
        return undone

    def redo(self) -> str:
        """Do again what was undone last, cells included, and return what that was."""
        done = self.rounds.redo()
        self._show()
        self._send(after_click=True)
        return done

    def go(self, number: int) -> None:
        """Go to how the plan stood when a round was taken, cells included."""
        self.rounds.go(number)
        self._show()
        self._send(after_click=True)

    def switch_model(self, name: str) -> None:
        """Plan with another model, of a card or of a family that no card names; see `switched`."""
        self._do(f"use {name}", switched(self.rounds.standing, name, self._replan))
        self._send(after_click=True)

    def update_cells(self) -> None:
        """Write what was offered: cells that had run or were queued, else those whose code the user edited."""
        if self._bridge and self._offered:
            self.panel.clear_offer()
            self._ask(self._offered)

    def hear(self, report: Measured | Spread) -> None:
        """Lay a training's report over the prediction, or a cross-validation's spread beside it."""
        if isinstance(report, Spread):
            self._hear_spread(report)
        elif report.scores or report.cost:
            self._hear_what_followed(report)
        else:
            self._hear_training(report)

    def _hear_training(self, measured: Measured) -> None:
        if measured.revision != self.plan.revision:
            self.panel.say("A cell of an earlier plan ran.", "Its curve is not shown: update the cells.", "warn")
            return
        if self._is_too_soon(measured):
            return
        if not self._llm_builds():
            self._adopt(known_values(self.plan, measured.hyperparameters))
        self._lay_over(measured)
        if measured.finished and not self.running.busy:
            self.running.keep(measured, fingerprint_of(self.plan.names, self._shell.user_ns), "cell")
        if measured.finished:
            self.costs.remember(self.plan.space.family, measured)
            self._show_checks(more_follows=self.running.busy)

    def _hear_what_followed(self, measured: Measured) -> None:
        """Take in what came after a training's last report: its scores, and what its model costs."""
        if measured.revision != self.plan.revision:
            return
        self.costs.remember(self.plan.space.family, measured)
        shown = self.measured
        if shown is not None and shown.finished and shown.hyperparameters == measured.hyperparameters:
            self.measured = replace(shown, scores=measured.scores, cost=measured.cost)
        self._show_checks()

    def measure(self) -> Cost:
        """Measure what predictions of the trained model in the notebook take, and how large it is.

        Raises
        ------
        UsageError
            If there is no trained model, or it cannot predict.
        TrainingError
            If its prediction fails.
        """
        cost, wrong = self.costs.measure(self.plan)
        self._show_checks()
        if wrong:
            print(f"Warning: {wrong.rstrip('.')}. What was measured is not kept.")
        return cost

    def _show_checks(self, *, more_follows: bool = False) -> None:
        """Show the limits against what was measured by now; where there is no page, once all is there."""
        self.publish()
        self.panel.show_checks(self.plan)
        if not more_follows:
            self.renew_output()

    def renew_output(self) -> None:
        """Bring the magic cell's output up to date, where no page shows the plan as it changes."""
        if not self._is_live():
            self._handle.update(
                bundle(self.plan, self.panel.widget, self.measured, rounds=self.rounds.rounds), raw=True
            )

    def _is_too_soon(self, measured: Measured) -> bool:
        """Whether a report that a later one replaces came before the last one had been shown for as long as it took.

        Reports that waited meanwhile are dropped so: the picture is late by one, and never by a queue of them.
        """
        is_replaced = not measured.finished and self.measured is not None and not self.measured.finished
        return is_replaced and time.perf_counter() < self._rests_until

    def _lay_over(self, measured: Measured) -> None:
        """Show a training over its prediction, with what it is expected still to do while it runs."""
        began = time.perf_counter()
        rest = None if measured.finished else rest_of_training(self._situation, self.plan, measured)
        self.measured = replace(measured, rest=rest)
        self.panel.show_measured(self.measured)
        ended = time.perf_counter()
        self._rests_until = ended + (ended - began)

    def _hear_spread(self, spread: Spread) -> None:
        """Show a spread with the training of the same values; alone where none is shown."""
        shown = self.measured
        if shown is None or not shown.finished or dict(shown.hyperparameters) != dict(spread.hyperparameters):
            self.panel.say(*cross_validated(self.plan, spread), kind="calm")
            return
        self.measured = replace(shown, spread=spread)
        self.panel.show_measured(self.measured)
        self.renew_output()

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

    def write_next(self, name: str, *, in_cell: bool = False) -> tuple[str, str]:
        """Write the cell of a step in `NEXT_STEPS` below the plan's, or bring the one that stands there up to date.

        Parameters
        ----------
        name : str
        in_cell : bool
            Whether a cell is running: then frontends without a bridge can be given the code too.

        Returns
        -------
        tuple of str
            What became of it, and what the cell still needs.

        Raises
        ------
        UsageError
            If the step does not suit the plan, or cells cannot be written here.
        """
        code = self.plan.next_code
        if name not in code:
            instead = did_you_mean(name, code) if code else "it has no cells"
            raise UsageError(f"there is no step {name!r} for this plan; {instead}")
        if self._bridge and self._bridge.state.get("ok", True):
            self._wanted_next.add(name)
        elif not in_cell:
            raise UsageError(f"cells cannot be written here; %automl next {name} shows the code")
        elif self._write and self._bridge is None:
            self._shell.set_next_input(code[name])
        else:
            print(code[name])
        said = (
            f"{NEXT_STEPS[name].label}: the code is below; it runs when you run it.",
            needed_first(self.plan, name, self._shell.user_ns),
        )
        self.panel.say(*said, kind="warn" if said[1] else "idle")
        if self._bridge:
            self._send(after_click=True)
        return said

    def _is_trained(self) -> bool:
        return f"{self.plan.names}_model" in self._shell.user_ns

    @property
    def most_seconds(self) -> float | None:
        """The request's limit on training time."""
        return self._situation.cards.request.most("training_seconds")

    def export(self, folder: Path, run: Run | None) -> list[Path]:
        """Write the plan as a plain project; see `export_plan`.

        Parameters
        ----------
        folder : Path
        run : Run or None
            The last kept training of the dataset; it is used where it was of these cells and values.
        """
        card, variables = self.plan.cards.data, self._shell.user_ns
        model = variables.get(f"{self.plan.names}_model") if self.running.is_current(self._sources()) else None
        return export_plan(
            self.plan,
            dict(self._standing()),
            folder,
            frame=variables.get(card.frame),
            test_frame=variables.get(card.split.test_frame),
            run=run,
            model=model,
        )

    def restore(self, configuration: Mapping[str, Any]) -> None:
        """Take the values of an earlier run into table and cell.

        Raises
        ------
        ParameterError
            If the plan's space does not take one.
        """
        space, locked = self._situation.space, self.rounds.standing.locked
        known = {name: value for name, value in configuration.items() if name in space and name not in locked}
        checked = {name: space[name].check(value) for name, value in known.items()}
        kept = {name: value for name, value in self.edits.items() if name in locked}
        self._take_edits("take the values of a run", {**checked, **kept})
        self._send(after_click=True)

    def _sources(self) -> list[tuple[str, str]]:
        """Return what stands in the cells up to the training."""
        return [(stage, source) for stage, source in self._standing() if stage != "test"]

    def _standing(self) -> list[tuple[str, str]]:
        """Return what stands in the cells, edited or not; the plan's code where there are none."""
        cells = self._bridge.state.get("cells", []) if self._bridge else []
        standing = {cell["stage"]: cell["source"] for cell in cells}
        return [(stage, standing.get(stage, source)) for stage, source in self.plan.code.items()]

    def _llm_builds(self) -> bool:
        """Whether the model is built by the LLM's code, which may set other values than it was given."""
        code = self.plan.llm_code.get("model")
        return code is not None and code.used

    def end_of_cell(self) -> None:
        """Notice a model that was trained, and a training that ended without a last report: interrupted, or failed."""
        self.panel.trained(self._is_trained())
        if self.running.busy:
            return
        self._take_scores()
        if self.measured and not self.measured.finished:
            self.measured = None
            self.panel.training_stopped()

    def _take_scores(self) -> None:
        """Take what a training cell scored after its last report."""
        scores = plain_scores(self._shell.user_ns.get(f"{self.plan.names}_valid_scores"))
        if scores and self.measured and self.measured.finished and not self.measured.scores:
            self._hear_what_followed(replace(self.measured, scores=scores))

    def reconcile(self, state: Mapping[str, Any]) -> None:
        """Read what stands in the cells, take the user's hand edits over, and bring outdated cells up to date."""
        if self._bridge is None or not self._bridge.answered:
            return
        if not state.get("ok"):
            self.panel.say("The cells cannot be written here.", "Run %automl code to see the code.", "warn")
            return
        self._claim(self)
        self._take_decided(state["cells"])
        self._wanted_next.difference_update(cell["stage"] for cell in state["cells"])
        self._take_chosen_code(state["cells"])
        if self._take_hand_edits(self._decide(state).user_values):
            self._send(after_click=self._clicked, refused=bool(state.get("refused")))

    def _take_decided(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Take up what was decided before the kernel was restarted, once, and before anything else is."""
        kept, self._is_fresh = decided_in(cells) if self._is_fresh else {}, False
        again = decided_before(self.rounds.standing, kept, self._replan) if kept else self.rounds.standing
        if again is not self.rounds.standing:
            self._do("decided before", again)

    def _take_chosen_code(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Notice the LLM's code in a cell that was written before the kernel was restarted: it was wanted then."""
        standing = {cell["stage"]: cell["source"] for cell in cells}
        for stage, code in self.plan.llm_code.items():
            source = code.report.source
            wanted = self.rounds.standing.wanted_code
            if code.used or code.report.errors or source in wanted or stage not in standing:
                continue
            if self._with_code(source, True).plan.code[stage] == standing[stage]:
                self._want_code(stage, source, True)

    def _take_hand_edits(self, found: dict[str, Any]) -> bool:
        """Take what the user typed into the literal; tell whether all of it is allowed."""
        edits = dict(self.edits)
        for name in {*found, *self._seen}:
            value = found.get(name, _ABSENT)
            if value in (self._seen.get(name, _ABSENT), self._asked.get(name, _ABSENT)):
                continue  # nothing new, or our own writing
            if value is _ABSENT:
                edits.pop(name, None)
            elif not wrong_value(self._situation, name, value):
                edits[name] = value
        self._seen = found
        self._take_edits("edit in the cell", edits)
        return self._say_wrong(
            [wrong for name, value in found.items() if (wrong := wrong_value(self._situation, name, value))]
        )

    def _say_wrong(self, wrong: list[str]) -> bool:
        if wrong:
            self.panel.say(f"In the training cell: {' '.join(wrong)}", "The table keeps its last valid value.", "error")
        elif self._refused_by_hand:
            self.panel.say(*self._ready)
        self._refused_by_hand = bool(wrong)
        return not wrong

    def _send(self, *, after_click: bool, refused: bool = False) -> None:
        """Send the writes that may happen now; offer the others by a click."""
        if self._bridge is None:
            if self._write and self.plan.code:
                self.panel.say("Shown here only.", "Cells cannot be updated here: see %automl code training.", "warn")
            return
        self._clicked = after_click
        if not self._bridge.answered or not self._bridge.state.get("ok"):
            return
        self._clicked = False
        decision = self._decide(self._bridge.state)
        now = () if refused else (*decision.writes, *decision.deferred) if after_click else decision.writes
        self._offer(tuple(write for write in (*decision.writes, *decision.deferred) if write not in now), decision)
        if now or self._wanted_next:
            self._ask(now)

    def _ask(self, writes: tuple[dict[str, Any], ...]) -> None:
        assert self._bridge is not None
        self._asked = dict(self.edits)
        self._bridge.ask(self._bridge.state["anchor"], self._wanted_cells(), writes)

    def _offer(self, later: tuple[dict[str, Any], ...], decision: Decision) -> None:
        self._offered = later or decision.conflicts
        if later:
            self.panel.offer_update("The plan changed; the cells below still hold what they ran.")
        elif decision.conflicts:
            stages = ", ".join(write["stage"] for write in decision.conflicts)
            self.panel.offer_update(f"Your edit of {stages} is kept. Updating replaces it by the plan's code.")
        else:
            self.panel.clear_offer()

    def _decide(self, state: Mapping[str, Any]) -> Decision:
        assert self._bridge is not None
        variable = hyperparameters_name(self.plan.names)
        code = {**self.plan.code, **self.plan.next_code}
        decided = as_data(self.rounds.standing)
        return reconcile(code, variable, self.plan.proposed, state["cells"], self._bridge.ran, decided)

    def _wanted_cells(self) -> list[dict[str, Any]]:
        """Return the plan's cells, and those of next steps that stand there or were asked for."""
        standing = {cell["stage"] for cell in self._bridge.state.get("cells", [])} if self._bridge else set()
        wanted = standing | self._wanted_next
        code = {**self.plan.code, **{name: source for name, source in self.plan.next_code.items() if name in wanted}}
        variable, decided = hyperparameters_name(self.plan.names), as_data(self.rounds.standing)
        return generated_cells(code, variable, self.plan.proposed, decided)

    def _adopt(self, values: Mapping[str, Any]) -> None:
        """Show the plan for the values that really ran."""
        edits = {name: value for name, value in values.items() if value != self.plan.proposed[name]}
        if not any(wrong_value(self._situation, name, value) for name, value in edits.items()):
            self._take_edits("values that were trained", edits)

    @property
    def plan(self) -> Plan:
        return self.costs.plan_of(self.rounds.standing)

    @property
    def edits(self) -> dict[str, Any]:
        """The user's values."""
        return self.plan.edits

    @property
    def _situation(self) -> Situation:
        return self.rounds.standing.situation

    def _take_edits(self, label: str, edits: Mapping[str, Any]) -> None:
        after = self.rounds.standing.with_edits(edits)
        if after.edits != self.rounds.standing.edits:
            self._do(label, after)

    def _want_code(self, stage: str, source: str, use: bool) -> None:
        self._do(f"{'use' if use else 'leave'} the LLM's {stage} code", self._with_code(source, use))

    def _with_code(self, source: str, use: bool) -> Standing:
        standing = self.rounds.standing
        return replace(standing, wanted_code={**standing.wanted_code, source: use})

    def _do(self, label: str, after: Standing) -> None:
        self.rounds.act(label, after)
        self._show()

    def _show(self) -> None:
        self.publish()
        self.measured = None
        self.panel.show(self.plan)
        self._show_rounds()

    def _show_rounds(self, *, busy: bool = False) -> None:
        rounds = self.rounds
        self.panel.show_rounds(
            rounds.rounds,
            can_undo=rounds.can_undo,
            can_redo=rounds.can_redo,
            busy=busy,
            usage=self.spent,
            budget_left=self._budget_left(self.spent),
        )

    def publish(self) -> None:
        """Keep the plan in the user's namespace, beside what its cells define."""
        self._shell.user_ns[f"{self.plan.names}_plan"] = self.plan

    def _offer_joined_cell(self) -> None:
        """Write one cell with all stages where the frontend takes no more, once for each text."""
        source = joined_source(self.plan.code)
        if source != self._joined:
            self._joined = source
            self._shell.set_next_input(source)

    def _is_live(self) -> bool:
        return self._bridge is not None and bool(self._bridge.state)

    def _said(self, seconds: float, answered: Answered) -> tuple[str, str, Kind]:
        """Say what came of it: a fault first, where there is one; the plan stands in any case."""
        by = f" by {self.plan.llm} and" if self.plan.llm else ""
        planned = f"Planned in {seconds:.1f} s{by} from {self.plan.evidence.n_runs:,} measured runs. {self._where()}"
        if answered.stopped:
            return "Stopped. " + self._stands(), planned, "warn"
        if answered.fault:
            return answered.fault, f"{self._stands()} {self._where()}", "error"
        return "Plan complete; nothing has been run.", planned, "idle"

    def _stands(self) -> str:
        earlier = "earlier " if self.plan.replayed else ""
        whose = f"{self.plan.llm}'s {earlier}answer" if self.plan.llm else "measured runs alone"
        return f"The plan stands on {whose}."

    def _where(self) -> str:
        if not self.plan.code:
            return "No cells: the card names no frame or path."
        if not self._write:
            return "%automl code prints the code."
        if self._bridge:
            return f"{len(self.plan.code)} cells are written below; they run when you run them."
        unchanged = joined_source(self.plan.code) == self._joined
        return "The code is unchanged." if unchanged else "The code is in one cell below; it runs when you run it."
