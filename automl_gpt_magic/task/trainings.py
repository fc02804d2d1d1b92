"""A task's trainings: what they report is laid over the plan, checked against its limits, and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..notebook.training_wording import cross_validated
from ..planning.edits import known_values, wrong_value
from ..planning.rest import rest_of_training
from ..records.cost import Cost
from ..records.run import Measured, Spread
from ..running import Running, plain_scores
from ..training import announcements, fingerprint_of
from .plan import TaskPlan


class TaskTrainings:
    """Hears the trainings of one plan, in its cells or in processes of their own.

    Parameters
    ----------
    namespace : dict
        The notebook's variables.
    plan : TaskPlan
    running : Running
        Keeps what a cell trained, and tells whether more follows.
    renew_output : callable
        Called when all of a training is there, to be shown where there is no page.
    """

    def __init__(
        self, namespace: dict[str, Any], plan: TaskPlan, running: Running, renew_output: Callable[[], None]
    ) -> None:
        self._namespace, self._plan, self._panel = namespace, plan, plan.panel
        self._running, self._renew_output = running, renew_output
        self._rests_until = 0.0

    def begin(self) -> None:
        """Start to listen."""
        announcements.listen(self._plan.now.names, self.hear)
        self._panel.trained(self._is_trained())

    def close(self) -> None:
        """Stop listening, and end what runs."""
        announcements.forget(self._plan.now.names, self.hear)
        self._running.cancel()

    def hear(self, report: Measured | Spread) -> None:
        """Lay a training's report over the prediction, or a cross-validation's spread beside it."""
        if isinstance(report, Spread):
            self._hear_spread(report)
        elif report.scores or report.cost:
            self._hear_what_followed(report)
        else:
            self._hear_training(report)

    def end_of_cell(self) -> None:
        """Notice a model that was trained, and a training that ended without a last report: interrupted, or failed."""
        self._panel.trained(self._is_trained())
        if self._running.busy:
            return
        self._take_scores()
        if self._plan.measured and not self._plan.measured.finished:
            self._plan.measured = None
            self._panel.training_stopped()

    def measure(self) -> Cost:
        """Measure what predictions of the trained model in the notebook take, and how large it is.

        Raises
        ------
        UsageError
            If there is no trained model, or it cannot predict.
        TrainingError
            If its prediction fails.
        """
        cost, wrong = self._plan.costs.measure(self._plan.now)
        self._show_checks()
        if wrong:
            print(f"Warning: {wrong.rstrip('.')}. What was measured is not kept.")
        return cost

    def _hear_training(self, measured: Measured) -> None:
        plan = self._plan.now
        if measured.revision != plan.revision:
            self._panel.say("A cell of an earlier plan ran.", "Its curve is not shown: update the cells.", "warn")
            return
        if self._is_too_soon(measured):
            return
        if not self._llm_builds():
            self._adopt(known_values(plan, measured.hyperparameters))
        self._lay_over(measured)
        if measured.finished and not self._running.busy:
            self._running.keep(measured, fingerprint_of(plan.names, self._namespace), "cell")
        if measured.finished:
            self._plan.costs.remember(plan.space.family, measured)
            self._show_checks(more_follows=self._running.busy)

    def _hear_what_followed(self, measured: Measured) -> None:
        """Take in what came after a training's last report: its scores, and what its model costs."""
        if measured.revision != self._plan.now.revision:
            return
        self._plan.costs.remember(self._plan.now.space.family, measured)
        shown = self._plan.measured
        if shown is not None and shown.finished and shown.hyperparameters == measured.hyperparameters:
            self._plan.measured = replace(shown, scores=measured.scores, cost=measured.cost)
        self._show_checks()

    def _hear_spread(self, spread: Spread) -> None:
        """Show a spread with the training of the same values; alone where none is shown."""
        shown = self._plan.measured
        if shown is None or not shown.finished or dict(shown.hyperparameters) != dict(spread.hyperparameters):
            self._panel.say(*cross_validated(self._plan.now, spread), kind="calm")
            return
        self._plan.lay_over(replace(shown, spread=spread))
        self._renew_output()

    def _is_too_soon(self, measured: Measured) -> bool:
        """Whether a report that a later one replaces came before the last one had been shown for as long as it took.

        Reports that waited meanwhile are dropped so: the picture is late by one, and never by a queue of them.
        """
        shown = self._plan.measured
        is_replaced = not measured.finished and shown is not None and not shown.finished
        return is_replaced and time.perf_counter() < self._rests_until

    def _lay_over(self, measured: Measured) -> None:
        """Show a training over its prediction, with what it is expected still to do while it runs."""
        began = time.perf_counter()
        rest = None if measured.finished else rest_of_training(self._plan.situation, self._plan.now, measured)
        self._plan.lay_over(replace(measured, rest=rest))
        ended = time.perf_counter()
        self._rests_until = ended + (ended - began)

    def _show_checks(self, *, more_follows: bool = False) -> None:
        """Show the limits against what was measured by now; where there is no page, once all is there."""
        self._plan.show_checks()
        if not more_follows:
            self._renew_output()

    def _adopt(self, values: Mapping[str, Any]) -> None:
        """Show the plan for the values that really ran."""
        proposed = self._plan.now.proposed
        edits = {name: value for name, value in values.items() if value != proposed[name]}
        if not any(wrong_value(self._plan.situation, name, value) for name, value in edits.items()):
            self._plan.take_edits("values that were trained", edits)

    def _llm_builds(self) -> bool:
        """Whether the model is built by the LLM's code, which may set other values than it was given."""
        code = self._plan.now.llm_code.get("model")
        return code is not None and code.used

    def _take_scores(self) -> None:
        """Take what a training cell scored after its last report."""
        scores = plain_scores(self._namespace.get(f"{self._plan.now.names}_valid_scores"))
        shown = self._plan.measured
        if scores and shown and shown.finished and not shown.scores:
            self._hear_what_followed(replace(shown, scores=scores))

    def _is_trained(self) -> bool:
        return f"{self._plan.now.names}_model" in self._namespace
