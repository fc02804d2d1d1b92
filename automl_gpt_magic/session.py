"""One notebook's work: a task for each magic cell, with its plan, the user's edits, its panel and its cells."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .errors import ParameterError, UsageError
from .notebook.bridge import Bridge, current_anchor
from .notebook.cells import Decision, generated_cells, joined_source, reconcile
from .notebook.panel import Panel
from .notebook.static import bundle
from .pipeline import survey
from .planning.build import Situation, build_plan
from .planning.recipes.xgboost import hyperparameters_name
from .records.plan import Plan
from .records.run import Measured
from .settings import AutoML
from .training import announcements

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Session:
    """Every task of one kernel."""

    def __init__(self, shell: InteractiveShell, settings: AutoML) -> None:
        self._shell, self._settings = shell, settings
        self._tasks: dict[str, Task] = {}
        self._last: Task | None = None

    @property
    def last(self) -> Task:
        """The task planned last.

        Raises
        ------
        UsageError
            If nothing was planned in this kernel.
        """
        if self._last is None:
            raise UsageError("nothing was planned in this kernel yet; run a %%automl cell first")
        return self._last

    def plan(self, cards: str, first_line: int, handle: Any) -> dict[str, Any]:
        """Plan the cards of a magic cell and return what to display.

        The task of the same cell keeps its edits and its names; a copied cell becomes a task of its own.
        """
        began = time.perf_counter()
        anchor = current_anchor(self._shell) if self._settings.write_cells else None
        key = anchor or ""
        known = self._tasks.get(key)
        situation = survey(
            cards,
            self._shell.user_ns,
            first_line=first_line,
            settings=self._settings,
            taken_names=self._taken(known),
        )
        task = Task(self._shell, situation, anchor, handle, known, self._claim)
        if known:
            known.close()
        self._tasks[key] = self._last = task
        task.begin(time.perf_counter() - began, write=self._settings.write_cells)
        return bundle(task.plan, task.panel.widget)

    def show(self) -> None:
        """Display the last plan again."""
        from IPython.display import display

        display(bundle(self.last.plan, self.last.panel.widget, self.last.measured), raw=True)

    def _claim(self, owner: Task) -> None:
        """Retire every other task of the same cells: a magic cell that was moved may run under a new id."""
        for key, task in list(self._tasks.items()):
            if task is not owner and task.identity == owner.identity:
                task.close()
                del self._tasks[key]

    def _taken(self, known: Task | None) -> list[str]:
        """Return the names in use, without those that this task's own cells made."""
        own = f"{known.plan.names}_" if known else None
        theirs = [name for name in self._shell.user_ns if own is None or not name.startswith(own)]
        return theirs + [task.plan.names for task in self._tasks.values() if task is not known]


class Task:
    """One magic cell: its plan, the user's edits, its panel, and the cells below it.

    The cells' dict literal is the truth for hyperparameters: an edit in the table is written into it, an edit in it
    is read back here.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        situation: Situation,
        anchor: str | None,
        handle: Any,
        earlier: Task | None,
        claim: Callable[[Task], None],
    ) -> None:
        self._shell, self._situation, self._anchor, self._handle = shell, situation, anchor, handle
        self.edits: dict[str, Any] = _allowed(situation, earlier.edits) if earlier else {}
        self._seen: dict[str, Any] = dict(earlier._seen) if earlier else {}
        self._joined: str = earlier._joined if earlier else ""
        self._claim = claim
        self._offered: tuple[dict[str, Any], ...] = ()
        self._clicked = False
        self.measured: Measured | None = None
        self.plan = self._built(self.edits)
        self.panel = Panel(self.plan, on_edit=self.edit, on_reset=self.reset, on_update_cells=self.update_cells)
        self._bridge = Bridge(shell) if anchor else None

    @property
    def identity(self) -> str | None:
        """The plan's identity in the notebook; None before the page has answered."""
        return self._bridge.state.get("plan") if self._bridge else None

    def begin(self, seconds: float, *, write: bool) -> None:
        """Write the cells, listen to their training, and say that the plan stands."""
        announcements.listen(self.plan.names, self.hear)
        self.panel.say("Plan complete; nothing has been run.", self._planned(seconds, write), "idle")
        if not self.plan.code or not write:
            return
        if self._bridge is None:
            self._offer_joined_cell()
            return
        self.panel.attach(self._bridge)
        self._bridge.on_state(self.reconcile)
        self._bridge.ask(self._anchor or "", self._wanted_cells())

    def close(self) -> None:
        """Stop listening to the notebook: the magic cell was run again."""
        if self._bridge:
            self._bridge.close()

    def edit(self, name: str, value: Any) -> None:
        """Take a value from the table into plan and cell.

        Raises
        ------
        ParameterError
            If the value is outside the space.
        """
        checked = self._situation.space[name].check(value)
        self._replan({**self.edits, name: checked})
        self._send(after_click=True)

    def reset(self, name: str | None) -> None:
        """Return one value, or with None every value, to the proposed one."""
        self._replan({kept: value for kept, value in self.edits.items() if name is not None and kept != name})
        self._send(after_click=True)

    def update_cells(self) -> None:
        """Write what was offered: cells that had run or were queued, else the user's own edits."""
        if self._bridge and self._offered:
            self.panel.clear_offer()
            self._bridge.ask(self._bridge.state["anchor"], self._wanted_cells(), self._offered)

    def hear(self, measured: Measured) -> None:
        """Lay a training's report over the prediction."""
        if measured.revision != self.plan.revision:
            self.panel.say("A cell of an earlier plan ran.", "Its curve is not shown: update the cells.", "warn")
            return
        self._adopt(_known_values(self.plan, measured.hyperparameters))
        self.measured = measured
        self.panel.show_measured(measured)
        if measured.finished and not self._is_live():
            self._handle.update(bundle(self.plan, self.panel.widget, measured), raw=True)

    def reconcile(self, state: Mapping[str, Any]) -> None:
        """Read what stands in the cells, take the user's hand edits over, and bring outdated cells up to date."""
        if self._bridge is None or not self._bridge.answered:
            return
        if not state.get("ok"):
            self.panel.say("The cells cannot be written here.", "Run %automl code to see the code.", "warn")
            return
        self._claim(self)
        decision = self._decide(state)
        hand_edits = {name: value for name, value in decision.user_values.items() if self._seen.get(name) != value}
        taken_back = [name for name in self._seen if name not in decision.user_values]
        self._seen = dict(decision.user_values)
        if not self._check_hand_edits(hand_edits):
            return
        kept = {name: value for name, value in self.edits.items() if name not in taken_back}
        if {**kept, **hand_edits} != self.edits:
            self._replan({**kept, **hand_edits})
        self._send(after_click=self._clicked, refused=bool(state.get("refused")))

    def _send(self, *, after_click: bool, refused: bool = False) -> None:
        """Send the writes that may happen now; offer the others by a click."""
        if self._bridge is None:
            self.panel.say("Shown here only.", "Cells cannot be updated here: see %automl code training.", "warn")
            return
        self._clicked = after_click
        if not self._bridge.answered or not self._bridge.state.get("ok"):
            return
        decision = self._decide(self._bridge.state)
        self._clicked = False
        now = () if refused else (*decision.writes, *decision.deferred) if after_click else decision.writes
        later = tuple(write for write in (*decision.writes, *decision.deferred) if write not in now)
        self._offer(later, decision)
        if now:
            self._bridge.ask(self._bridge.state["anchor"], self._wanted_cells(), now)

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
        return reconcile(self.plan.code, variable, self.plan.proposed, state["cells"], self._bridge.ran)

    def _wanted_cells(self) -> list[dict[str, Any]]:
        return generated_cells(self.plan.code, hyperparameters_name(self.plan.names), self.plan.proposed)

    def _check_hand_edits(self, values: Mapping[str, Any]) -> bool:
        try:
            for name, value in values.items():
                self._situation.space[name].check(value)
        except ParameterError as error:
            self.panel.say(f"In the training cell: {error}", "The table keeps its last valid value.", "error")
            return False
        return True

    def _adopt(self, values: Mapping[str, Any]) -> None:
        """Show the plan for the values that really ran."""
        edits = {name: value for name, value in values.items() if value != self.plan.proposed[name]}
        if edits != self.edits:
            self._replan(_allowed(self._situation, edits))

    def _replan(self, edits: dict[str, Any]) -> None:
        self.plan = self._built(edits)
        self.edits = self.plan.edits
        self.measured = None
        self.panel.show(self.plan)

    def _built(self, edits: Mapping[str, Any]) -> Plan:
        """Build the plan and keep it in the user's namespace, beside what its cells define."""
        plan = build_plan(self._situation, edits)
        self._shell.user_ns[f"{plan.names}_plan"] = plan
        return plan

    def _offer_joined_cell(self) -> None:
        """Write one cell with all stages where the frontend takes no more, once for each text."""
        source = joined_source(self.plan.code)
        if source != self._joined:
            self._joined = source
            self._shell.set_next_input(source)

    def _is_live(self) -> bool:
        return self._bridge is not None and bool(self._bridge.state)

    def _planned(self, seconds: float, write: bool) -> str:
        begun = f"Planned in {seconds:.1f} s from {self.plan.evidence.n_runs:,} measured runs."
        if not self.plan.code:
            return f"{begun} No cells: the card names no frame or path."
        if not write:
            return f"{begun} %automl code prints the code."
        where = f"{len(self.plan.code)} cells are written below" if self._bridge else "The code is in one cell below"
        return f"{begun} {where}; they run when you run them."


def _allowed(situation: Situation, edits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the edits that the space, which may have changed, still takes."""
    kept = {}
    for name, value in edits.items():
        try:
            kept[name] = situation.space[name].check(value)
        except ParameterError:
            continue
    return kept


def _known_values(plan: Plan, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the training reports for the plan's hyperparameters; the library gives None for what was not set."""
    reported = ((name, hyperparameters.get(name)) for name in plan.proposed)
    return {name: value for name, value in reported if value is not None}
