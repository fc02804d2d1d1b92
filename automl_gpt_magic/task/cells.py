"""A task's cells: what the user did in them is read back into the plan, and what the plan wants is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, did_you_mean
from ..notebook.bridge import Bridge
from ..notebook.cells import Decision, decided_in, generated_cells, joined_source, reconcile
from ..notebook.next_row import needed_first
from ..notebook.slot import Kind
from ..planning.decided import as_data
from ..planning.edits import wrong_value
from ..planning.recipes.training import hyperparameters_name
from ..records.next_step import NEXT_STEPS
from .plan import TaskPlan

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_ABSENT = object()


class TaskCells:
    """The cells' dict literal is the truth: an edit in the table is written into it, an edit in it is read back here.

    Parameters
    ----------
    shell : InteractiveShell
    plan : TaskPlan
    anchor : str or None
        The magic cell's id, where the frontend gives one that its document knows.
    write : bool
        Whether cells may be written.
    place : int
        Of the task among those of its magic cell, from 0.

    Attributes
    ----------
    bridge : Bridge or None
        The way into the notebook's document, where there is one.
    """

    def __init__(self, shell: InteractiveShell, plan: TaskPlan, anchor: str | None, *, write: bool, place: int) -> None:
        self._shell, self._plan, self._panel, self._anchor, self._write = shell, plan, plan.panel, anchor, write
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
        # Whether nothing was decided yet in this kernel: then what an earlier one left in the cells counts.
        self._is_fresh = True
        self.bridge = Bridge(shell, place) if anchor and write and plan.now.code else None
        if self.bridge:
            self._panel.attach(self.bridge)

    @property
    def identity(self) -> str | None:
        """What the cells have in common in the notebook; None before the page has answered."""
        return self.bridge.identity if self.bridge else None

    @property
    def are_live(self) -> bool:
        """Whether a page shows them."""
        return self.bridge is not None and bool(self.bridge.state)

    @property
    def standing(self) -> dict[str, str]:
        """What stands in the plan's cells by stage, edited or not; the plan's code where there are none."""
        cells = self.bridge.state.get("cells", []) if self.bridge else []
        found = {cell["stage"]: cell["source"] for cell in cells}
        return {stage: found.get(stage, source) for stage, source in self._plan.now.code.items()}

    @property
    def edited(self) -> dict[str, str]:
        """The source of the cells whose code the user edited, by stage."""
        if self.bridge is None or not self.bridge.state.get("ok"):
            return {}
        edited = self._decide(self.bridge.state).edited
        return {cell["stage"]: cell["source"] for cell in self.bridge.state["cells"] if cell["stage"] in edited}

    @property
    def where(self) -> str:
        """Where the plan's code is, in words."""
        code = self._plan.now.code
        if not code:
            return "No cells: the card names no frame or path."
        if not self._write:
            return "%automl code prints the code."
        if self.bridge:
            return f"{len(code)} cells are written below; they run when you run them."
        unchanged = joined_source(code) == self._joined
        return "The code is unchanged." if unchanged else "The code is in one cell below; it runs when you run it."

    def sources(self) -> list[tuple[str, str]]:
        """Return what stands in the cells up to the training, as pairs of stage and source."""
        return [(stage, source) for stage, source in self.standing.items() if stage != "test"]

    def inherit(self, earlier: TaskCells) -> None:
        """Take over what is known of the cells, which an earlier task wrote."""
        self._seen, self._asked, self._joined = dict(earlier._seen), dict(earlier._asked), earlier._joined
        self._is_fresh = earlier._is_fresh

    def begin(self, ready: tuple[str, str, Kind], claim: Callable[[], None]) -> None:
        """Write the cells, and follow what becomes of them.

        Parameters
        ----------
        ready : tuple
            What the panel says where there is nothing wrong.
        claim : callable
            Called when the page has told which cells these are.
        """
        self._ready, self._claim = ready, claim
        if self.bridge:
            self.bridge.on_state(self._reconcile)
            self.bridge.ask(self._anchor or "", self._wanted_cells())
        elif self._write and self._plan.now.code:
            self._offer_joined_cell()

    def close(self) -> None:
        """Stop following the cells."""
        if self.bridge:
            self.bridge.close()

    def follow(self) -> None:
        """Bring the cells up to date after an act of the user's, those that have run too."""
        self._send(after_click=True)

    def write_offered(self) -> None:
        """Write what was offered: cells that had run or were queued, else those whose code the user edited."""
        if self.bridge and self._offered:
            self._panel.clear_offer()
            self._ask(self._offered)

    def write_next(self, name: str, *, in_cell: bool) -> tuple[str, str]:
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
        code = self._plan.now.next_code
        if name not in code:
            instead = did_you_mean(name, code) if code else "it has no cells"
            raise UsageError(f"there is no step {name!r} for this plan; {instead}")
        if self.bridge and self.bridge.state.get("ok", True):
            self._wanted_next.add(name)
        elif not in_cell:
            raise UsageError(f"cells cannot be written here; %automl next {name} shows the code")
        elif self._write and self.bridge is None:
            self._shell.set_next_input(code[name])
        else:
            print(code[name])
        said = (
            f"{NEXT_STEPS[name].label}: the code is below; it runs when you run it.",
            needed_first(self._plan.now, name, self._shell.user_ns),
        )
        self._panel.say(*said, kind="warn" if said[1] else "idle")
        if self.bridge:
            self.follow()
        return said

    def _reconcile(self, state: Mapping[str, Any]) -> None:
        """Read what stands in the cells, take the user's hand edits over, and bring outdated cells up to date."""
        if self.bridge is None or not self.bridge.answered:
            return
        if not state.get("ok"):
            self._panel.say("The cells cannot be written here.", "Run %automl code to see the code.", "warn")
            return
        self._claim()
        self._take_decided(state["cells"])
        self._wanted_next.difference_update(cell["stage"] for cell in state["cells"])
        self._plan.take_chosen_code({cell["stage"]: cell["source"] for cell in state["cells"]})
        if self._take_hand_edits(self._decide(state).user_values):
            self._send(after_click=self._clicked, refused=bool(state.get("refused")))

    def _take_decided(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Take up what was decided before the kernel was restarted, once, and before anything else is."""
        kept, self._is_fresh = decided_in(cells) if self._is_fresh else {}, False
        if kept:
            self._plan.take_decided(kept)

    def _take_hand_edits(self, found: dict[str, Any]) -> bool:
        """Take what the user typed into the literal; tell whether all of it is allowed."""
        edits, situation = dict(self._plan.now.edits), self._plan.situation
        for name in {*found, *self._seen}:
            value = found.get(name, _ABSENT)
            if value in (self._seen.get(name, _ABSENT), self._asked.get(name, _ABSENT)):
                continue  # nothing new, or our own writing
            if value is _ABSENT:
                edits.pop(name, None)
            elif not wrong_value(situation, name, value):
                edits[name] = value
        self._seen = found
        self._plan.take_edits("edit in the cell", edits)
        return self._say_wrong(
            [wrong for name, value in found.items() if (wrong := wrong_value(situation, name, value))]
        )

    def _say_wrong(self, wrong: list[str]) -> bool:
        if wrong:
            self._panel.say(
                f"In the training cell: {' '.join(wrong)}", "The table keeps its last valid value.", "error"
            )
        elif self._refused_by_hand:
            self._panel.say(*self._ready)
        self._refused_by_hand = bool(wrong)
        return not wrong

    def _send(self, *, after_click: bool, refused: bool = False) -> None:
        """Send the writes that may happen now; offer the others by a click."""
        if self.bridge is None:
            if self._write and self._plan.now.code:
                self._panel.say("Shown here only.", "Cells cannot be updated here: see %automl code training.", "warn")
            return
        self._clicked = after_click
        if not self.bridge.answered or not self.bridge.state.get("ok"):
            return
        self._clicked = False
        decision = self._decide(self.bridge.state)
        now = () if refused else (*decision.writes, *decision.deferred) if after_click else decision.writes
        self._offer(tuple(write for write in (*decision.writes, *decision.deferred) if write not in now), decision)
        if now or self._wanted_next:
            self._ask(now)

    def _ask(self, writes: tuple[dict[str, Any], ...]) -> None:
        assert self.bridge is not None
        self._asked = dict(self._plan.now.edits)
        self.bridge.ask(self.bridge.state["anchor"], self._wanted_cells(), writes)

    def _offer(self, later: tuple[dict[str, Any], ...], decision: Decision) -> None:
        self._offered = later or decision.conflicts
        if later:
            self._panel.offer_update("The plan changed; the cells below still hold what they ran.")
        elif decision.conflicts:
            stages = ", ".join(write["stage"] for write in decision.conflicts)
            self._panel.offer_update(f"Your edit of {stages} is kept. Updating replaces it by the plan's code.")
        else:
            self._panel.clear_offer()

    def _decide(self, state: Mapping[str, Any]) -> Decision:
        assert self.bridge is not None
        plan, decided = self._plan.now, as_data(self._plan.standing)
        code, variable = {**plan.code, **plan.next_code}, hyperparameters_name(plan.names)
        return reconcile(code, variable, plan.proposed, state["cells"], self.bridge.ran, decided)

    def _wanted_cells(self) -> list[dict[str, Any]]:
        """Return the plan's cells, and those of next steps that stand there or were asked for."""
        plan, decided = self._plan.now, as_data(self._plan.standing)
        standing = {cell["stage"] for cell in self.bridge.state.get("cells", [])} if self.bridge else set()
        wanted = standing | self._wanted_next
        code = {**plan.code, **{name: source for name, source in plan.next_code.items() if name in wanted}}
        return generated_cells(code, hyperparameters_name(plan.names), plan.proposed, decided)

    def _offer_joined_cell(self) -> None:
        """Write one cell with all stages where the frontend takes no more, once for each text."""
        source = joined_source(self._plan.now.code)
        if source != self._joined:
            self._joined = source
            self._shell.set_next_input(source)
