"""The panel that `%%automl` shows: a plan, editable, with what was measured laid over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import ipywidgets

from ..errors import AutoMLError, ParameterError
from ..records.exchange import Arrival, Usage
from ..records.plan import Plan
from ..records.round import Round
from ..records.run import Measured
from ..records.study import StudyState
from . import arrival as arriving
from . import plan_wording, round_wording, training_wording
from .actions import Actions
from .bridge import Bridge
from .callbacks import Callbacks, saying
from .candidates import candidates_html
from .closing import close_all
from .curve_view import CurveView
from .draft import read_draft
from .evidence import evidence_html
from .header import header_html
from .models_view import ModelsView
from .next_row import NextRow
from .rounds_view import RoundsView
from .slot import Kind, Slot
from .stages import stage_titles
from .study_view import StudyView
from .table import Table
from .tabs import Tabs


class Panel:
    """One plan as widgets. Nothing here changes a plan: callbacks ask for it, and `show` shows the answer.

    Parameters
    ----------
    plan : Plan
    asked : Callbacks
        What is called when the user asks for something.

    Attributes
    ----------
    widget : ipywidgets.Box
    plan : Plan
        The plan that is shown.
    """

    def __init__(self, plan: Plan, **asked: Unpack[Callbacks]) -> None:
        self.plan = plan
        self._proposed = 0
        self._measured: Measured | None = None
        self._arriving = False
        self._had_arrived = ""
        self._make_parts(asked)
        self.widget = ipywidgets.VBox(self._strips()).add_class("ag-panel")
        self.say(plan_wording.PLANNED, plan_wording.PLANNED_MORE)
        self._show(before=None)

    def show(self, plan: Plan) -> None:
        """Show another plan, in place; fires no callback. A measurement of other values is no longer drawn."""
        before, self.plan = self.plan, plan
        self._end_arrival()
        if before.revision != plan.revision:
            self._had_arrived = ""
        if self._measured and training_wording.other_values(plan, self._measured):
            self._measured = None
        self._show(before if before.revision == plan.revision else None)

    def show_measured(self, measured: Measured) -> None:
        """Lay a training over the prediction, live; a finished one gets its verdict."""
        self.arrival_ended()
        self._measured = measured
        if measured.finished:
            self.say(*training_wording.verdict(self.plan, measured), kind="calm")
        else:
            done = training_wording.rounds_done(measured) / max(1, measured.planned_steps)
            others = training_wording.other_values(self.plan, measured)
            self._slot.say(training_wording.progress(measured), others, "idle", done)
        self._draw(before=None)

    def show_checks(self, plan: Plan) -> None:
        """Show the limits of the same plan against what was measured since; fires no callback."""
        self.plan = plan
        if not self._arriving:
            self._stages.show_feedback(plan)
            self._show_titles()

    def show_rounds(
        self,
        rounds: Sequence[Round],
        *,
        can_undo: bool,
        can_redo: bool,
        busy: bool = False,
        usage: Usage | None = None,
        budget_left: str = "",
    ) -> None:
        """Show the conversation about the plan; see `RoundsView.show`. Fires no callback."""
        self._proposed = round_wording.proposed(rounds)
        self._rounds.show(rounds, can_undo=can_undo, can_redo=can_redo, busy=busy, usage=usage, budget_left=budget_left)
        if not self._arriving:
            self._show_titles()

    def training_begins(self) -> None:
        """Say that a training starts in a process of its own, which can be cancelled until `training_ends`."""
        self._slot.say(training_wording.STARTING, training_wording.STARTING_MORE, share=0.0)
        self._actions.train(True)

    def show_study(self, state: StudyState) -> None:
        """Show a search as it stands."""
        share = None if state.stands != "running" else state.n_ended / max(1, state.n_trials)
        kind: Kind = "error" if state.stands == "failed" else "idle"
        self._slot.say(state.said, training_wording.STUDY_MORE if state.stands == "running" else "", kind, share)
        self._study.show(state)

    def searching(self, running: bool) -> None:
        """Say whether a search runs, which can be cancelled."""
        self._actions.train(running)

    def training_ends(self) -> None:
        """Let another training start."""
        self._actions.train(False)

    def trained(self, is_trained: bool) -> None:
        """Say whether the notebook has a trained model, with which there is something to do next."""
        self._next.trained(is_trained)

    def training_stopped(self) -> None:
        """Say that the training ended without a last report: it was interrupted, or failed."""
        if self._measured is None or self._measured.finished:
            return
        self._measured = training_wording.Stopped(**{**vars(self._measured), "rest": None})
        self.say(*training_wording.stopped(self._measured), kind="warn")
        self._draw(before=None)

    def show_arrival(self, arrival: Arrival) -> None:
        """Show how far an answer is, until `arrival_ended` or `show`; fires no callback and raises on no draft."""
        draft = read_draft(arrival.draft, arrival.finished)
        if not self._arriving:
            self._begin_arrival(arrival)
        said = arriving.progress(arrival, draft, self.plan)
        self._slot.arrive(arriving.facts_html(arrival, said), arriving.stage(draft) if draft.anything else said)
        self._stages.arrive(draft, self.plan)
        self._table.arrive(draft.values)

    def arrival_ended(self) -> None:
        """Show the plan that stands again, and what was said last; nothing where no answer is arriving."""
        if self._arriving:
            self._end_arrival()
            self._show(before=None)

    def show_arrived(self, arrival: Arrival) -> None:
        """Keep what had arrived before a stop visible, under the evidence of the plan that stands.

        It goes when another answer arrives, or a plan with other proposals is shown.
        """
        self.arrival_ended()
        self._had_arrived = arriving.arrived_html(read_draft(arrival.draft, arrival.finished))
        self._show_evidence()

    def close(self) -> None:
        """Close every widget of the panel, attached ones too; call it when another panel has taken its place."""
        self._slot.close()
        self._next.close()
        self._rounds.close()
        close_all(self.widget)

    def say(self, first: str, second: str = "", kind: Kind = "idle") -> None:
        """Say something in the status slot."""
        self._slot.say(first, second, kind)

    def offer_update(self, text: str = plan_wording.CHANGED) -> None:
        """Say in the status slot that the cells are behind the plan, with a button that updates them."""
        self._slot.offer(text)

    def clear_offer(self) -> None:
        """Take the offer to update the cells back."""
        self._slot.clear_offer()

    def attach(self, widget: ipywidgets.Widget) -> None:
        """Show a widget without a view of its own, such as the bridge, together with the panel.

        With a bridge an arriving answer can be stopped by a button.
        """
        if isinstance(widget, Bridge):
            self._slot.stoppable(widget.stop_class)
        self.widget.children = (*self.widget.children, widget)

    def _make_parts(self, asked: Callbacks) -> None:
        tried = partial(saying, self._say_refused)
        self._on_edit, self._on_reset = asked["on_edit"], tried(asked["on_reset"])
        self._header = ipywidgets.HTML().add_class("ag-sec")
        self._evidence = ipywidgets.HTML().add_class("ag-sec")
        self._candidates = ipywidgets.HTML()
        self._slot = Slot(tried(asked["on_update_cells"]))
        self._table = Table(self._edited, self._on_reset, tried(asked["on_lock"]))
        self._curve = CurveView()
        running = tried(asked["on_train"]), tried(asked["on_tune"]), tried(asked["on_cancel"])
        self._actions = Actions(*running, self._reset_everything)
        self._next = NextRow(tried(asked["on_next"]))
        self._study = StudyView(tried(asked["on_take_best"]))
        answers = tried(asked["on_take"]), tried(asked["on_reject"])
        steps = tried(asked["on_undo"]), tried(asked["on_redo"]), tried(asked["on_go"])
        self._rounds = RoundsView(tried(asked["on_ask"]), *answers, *steps)
        self._models = ModelsView(tried(asked["on_model"]))
        self._stages = self._tabs(tried(asked["on_code"]))

    def _tabs(self, on_code: Callable[[str, bool], object]) -> Tabs:
        split = ipywidgets.Box([self._table.widget, self._curve.widget, self._table.note]).add_class("ag-split")
        third = ipywidgets.VBox([split, self._candidates, self._study.widget]).add_class("ag-col")
        return Tabs(third, self._rounds.widget, on_code, self._models.widget, self._models.look)

    def _strips(self) -> list[ipywidgets.Widget]:
        """Return the strips in their order; the style sheet comes last so that the header stays the first child."""
        style = Path(__file__).with_name("panel.css").read_text(encoding="utf-8")
        sheet = ipywidgets.HTML(f"<style>{style}</style>", layout={"display": "none"})
        actions = [self._actions.widget, self._next.widget]
        return [self._header, self._slot.widget, self._stages.widget, self._evidence, *actions, sheet]

    def _show(self, before: Plan | None) -> None:
        plan = self.plan
        self._header.value = header_html(plan)
        self._show_evidence()
        self._stages.show(plan)
        self._models.show(plan)
        self._candidates.value = candidates_html(plan)
        self._table.show(plan)
        self._actions.show(can_reset=bool(plan.edits), can_train=bool(plan.code))
        self._next.show(plan, can_write=True)
        self._draw(before)

    def _show_evidence(self) -> None:
        self._evidence.value = evidence_html(self.plan) + self._had_arrived

    def _begin_arrival(self, arrival: Arrival) -> None:
        self._arriving, self._had_arrived = True, ""
        self._header.value = header_html(self.plan, arrival.offer.model)
        self._show_evidence()
        self._rounds.wait(True)
        self._models.wait(True)
        self._candidates.value = ""
        self._actions.show(can_reset=False, can_train=False)
        self._next.show(self.plan, can_write=False)
        self._curve.wait()

    def _end_arrival(self) -> None:
        self._arriving = False
        self._rounds.wait(False)
        self._models.wait(False)
        self._slot.arrived()

    def _draw(self, before: Plan | None) -> None:
        self._show_titles()
        self._curve.show(self.plan, self._measured, before)

    def _show_titles(self) -> None:
        self._stages.title(stage_titles(self.plan, self._measured, self._proposed))

    def _edited(self, name: str, value: Any) -> None:
        """Ask for an edit; a value that is refused is the table's to say."""
        try:
            self._on_edit(name, value)
        except ParameterError:
            raise
        except AutoMLError as error:
            self._say_refused(error)

    def _reset_everything(self) -> None:
        if self._arriving:
            return
        self._table.drop_refused()
        self._on_reset(None)

    def _say_refused(self, error: AutoMLError) -> None:
        self.say(str(error), "Nothing was changed.", "error")
