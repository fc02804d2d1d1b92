"""A task's plan as it stands: what the user decided, what it cost, and how the panel shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..answers import Answered
from ..costing import Costs
from ..errors import ParameterError
from ..notebook.callbacks import Callbacks
from ..notebook.panel import Panel
from ..planning.build import Situation
from ..planning.decided import decided_before
from ..planning.standing import Standing
from ..planning.taking import Replan
from ..records.exchange import Usage
from ..records.plan import Plan
from ..records.round import Round
from ..records.run import Measured
from ..records.secret import SecretUrl
from ..rounds import Heard, Rounds
from ..switching import switched


class TaskPlan:
    """Every change of a plan goes through here, and is shown as soon as it is made; the cells are another's matter.

    Parameters
    ----------
    namespace : dict
        The notebook's variables; the plan is kept among them.
    situation : Situation
    replan : callable
        Makes the situation of other cards, or of another of their models.
    store : Path, SecretUrl or None
        Where finished trainings are kept.
    budget_left : callable
        Says what is left of the budget after what was spent.
    asked : Callbacks
        What the panel calls.

    Attributes
    ----------
    costs : Costs
    rounds : Rounds
    panel : Panel
    measured : Measured or None
        The training that is laid over the plan; none as soon as the plan is another.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        situation: Situation,
        replan: Replan,
        store: Path | SecretUrl | None,
        budget_left: Callable[[Usage], str],
        asked: Callbacks,
    ) -> None:
        self._namespace, self._replan, self._budget_left = namespace, replan, budget_left
        self._spent = Usage(cost=0.0)
        self.measured: Measured | None = None
        self.costs = Costs(namespace, store)
        self.rounds = Rounds(Standing(situation), replan, self.costs.predicted_by)
        self.publish()
        self.panel = Panel(self.now, **asked)

    @property
    def now(self) -> Plan:
        return self.costs.plan_of(self.rounds.standing)

    @property
    def standing(self) -> Standing:
        """What decides how the plan is now."""
        return self.rounds.standing

    @property
    def situation(self) -> Situation:
        return self.standing.situation

    @property
    def spent(self) -> Usage:
        """What the LLM's calls for this plan cost so far, those of its rounds among them."""
        return self._spent + self.rounds.usage

    def inherit(self, earlier: TaskPlan) -> None:
        """Go on with what the user decided about an earlier plan of the same data."""
        self.rounds.inherit(earlier.rounds)
        self.costs.inherit(earlier.costs)
        self._spent = earlier._spent
        self.show()

    def take_answer(self, answered: Answered) -> None:
        """Lay an answer over the plan; where none came, keep what had arrived in sight."""
        self.panel.arrival_ended()
        if not answered.situation.replayed:
            self._spent += sum((one.usage for one in answered.consultation.exchanges), Usage(cost=0.0))
        said = (*filter(None, [answered.fault]), *answered.notes)
        if answered.situation is not self.situation or said or answered.stopped:
            notes, in_vain = (*answered.situation.notes, *said), answered.situation.answer is None
            unanswered = in_vain and bool(answered.fault or answered.stopped)
            self.rounds.begin(replace(answered.situation, notes=notes, unanswered=unanswered))
            self.show()
        arrival = answered.consultation.arrival
        if answered.situation.answer is None and arrival is not None and arrival.draft:
            self.panel.show_arrived(arrival)

    def edit(self, name: str, value: Any) -> None:
        """Take a value of the user's.

        Raises
        ------
        ParameterError
            If the value is locked, or outside the space.
        """
        if name in self.standing.locked:
            raise ParameterError(f"{name} is locked; unlock it first.")
        checked = self.situation.space[name].check(value)
        self.take_edits(f"set {name}", {**self.now.edits, name: checked})

    def lock(self, name: str, locked: bool) -> None:
        """Keep a value as it is, or let it go again: no request changes one that is locked."""
        self._act(f"{'lock' if locked else 'unlock'} {name}", self.standing.with_lock(name, locked))

    def reset(self, name: str | None) -> None:
        """Return one value, or with None every value that is not locked, to the proposed one."""
        edits, locked = self.now.edits, self.standing.locked
        gone = [one for one in edits if one not in locked and name in (None, one)]
        self.take_edits(f"reset {name or 'all'}", {one: at for one, at in edits.items() if one not in gone})

    def restore(self, configuration: Mapping[str, Any]) -> None:
        """Take the values of an earlier run, except where one is locked.

        Raises
        ------
        ParameterError
            If the plan's space does not take one.
        """
        space, locked = self.situation.space, self.standing.locked
        known = {name: value for name, value in configuration.items() if name in space and name not in locked}
        checked = {name: space[name].check(value) for name, value in known.items()}
        kept = {name: value for name, value in self.now.edits.items() if name in locked}
        self.take_edits("take the values of a run", {**checked, **kept})

    def take_edits(self, label: str, edits: Mapping[str, Any]) -> None:
        """Make these the user's values; the label says in the history what that was."""
        after = self.standing.with_edits(edits)
        if after.edits != self.standing.edits:
            self._act(label, after)

    def choose_code(self, stage: str, use: bool) -> None:
        """Take the LLM's code for a stage, or the recipe's."""
        self._want_code(stage, self.now.llm_code[stage].report.source, use)

    def switch_model(self, name: str) -> None:
        """Plan with another model, of a card or of a family that no card names; see `switched`."""
        self._act(f"use {name}", switched(self.standing, name, self._replan))

    def ask(self, text: str, hear: Callable[[str], Heard]) -> Round:
        """Find out what a request would change; see `Rounds.ask`."""
        self._show_rounds(busy=True)
        try:
            return self.rounds.ask(text, hear)
        finally:
            self._show_rounds()

    def take_round(self, keys: Collection[str] | None) -> Round:
        """Take the changes of the request that waits; see `Rounds.take`."""
        taken = self.rounds.take(keys)
        self.show()
        return taken

    def reject_round(self) -> Round:
        """Leave the plan as it was before the request that waits."""
        rejected = self.rounds.reject()
        self._show_rounds()
        return rejected

    def undo(self) -> str:
        """Go back by one of the user's acts, and return what that was."""
        undone = self.rounds.undo()
        self.show()
        return undone

    def redo(self) -> str:
        """Do again what was undone last, and return what that was."""
        done = self.rounds.redo()
        self.show()
        return done

    def go(self, number: int) -> None:
        """Go to how the plan stood when a round was taken."""
        self.rounds.go(number)
        self.show()

    def take_decided(self, kept: Mapping[str, Any]) -> None:
        """Take up what was decided before the kernel was restarted, as the cells keep it."""
        again = decided_before(self.standing, kept, self._replan)
        if again is not self.standing:
            self._act("decided before", again)

    def take_chosen_code(self, sources: Mapping[str, str]) -> None:
        """Notice the LLM's code in a cell that was written before the kernel was restarted: it was wanted then."""
        for stage, code in self.now.llm_code.items():
            source = code.report.source
            if code.used or code.report.errors or source in self.standing.wanted_code or stage not in sources:
                continue
            if self._with_code(source, True).plan.code[stage] == sources[stage]:
                self._want_code(stage, source, True)

    def show(self) -> None:
        """Show the plan after a change; a training that was laid over it was of the earlier one."""
        self.publish()
        self.measured = None
        self.panel.show(self.now)
        self._show_rounds()

    def lay_over(self, measured: Measured) -> None:
        """Show a training over what was predicted of it."""
        self.measured = measured
        self.panel.show_measured(measured)

    def show_checks(self) -> None:
        """Show the limits against what was measured by now."""
        self.publish()
        self.panel.show_checks(self.now)

    def publish(self) -> None:
        """Keep the plan in the user's namespace, beside what its cells define."""
        self._namespace[f"{self.now.names}_plan"] = self.now

    def _want_code(self, stage: str, source: str, use: bool) -> None:
        self._act(f"{'use' if use else 'leave'} the LLM's {stage} code", self._with_code(source, use))

    def _with_code(self, source: str, use: bool) -> Standing:
        return replace(self.standing, wanted_code={**self.standing.wanted_code, source: use})

    def _act(self, label: str, after: Standing) -> None:
        self.rounds.act(label, after)
        self.show()

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
