"""The right half of stage 3: metric, curve and what the plan is predicted to reach."""

from __future__ import annotations

from html import escape
from uuid import uuid4

import ipywidgets

from ..records.plan import Plan
from ..records.run import Measured
from . import plan_wording, plot, wording
from .course import advice
from .markup import user

_LONGEST = 300


def _offered(plan: Plan, measured: Measured | None) -> tuple[str, ...]:
    """Return the metrics that can be drawn: all that are predicted, and what else was asked for and measured."""
    more = (metric for metric in plan.cards.data.metrics if measured and metric in measured.curves)
    return tuple(dict.fromkeys((*plan.forecast.curves, *more)))


class CurveView:
    """The curve of one metric; its y-limits are chosen once for each proposal and only widen."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._before: Plan | None = None
        self._measured: Measured | None = None
        self._limits: dict[str, plot.Limits] = {}
        self._salt = uuid4().hex
        self._heading = ipywidgets.HTML()
        self._metric = ipywidgets.Dropdown(description="Metric").add_class("ag-metric")
        self._metric.observe(lambda _: self._draw(), names="value")
        self._waiting = False
        self._picture = ipywidgets.HTML()
        self._effect = ipywidgets.HTML().add_class("ag-effect")
        head = ipywidgets.Box([self._heading, self._metric]).add_class("ag-curvehead")
        self.widget = ipywidgets.VBox([head, self._picture, self._effect]).add_class("ag-col")

    def show(self, plan: Plan, measured: Measured | None, before: Plan | None) -> None:
        """Draw a plan; ``before`` is the plan that an edit turned into this one."""
        if self._plan is None or plan.revision != self._plan.revision:
            self._limits = {}
        self._plan, self._measured, self._before = None, measured, before  # no plan: the dropdown's events draw nothing
        self._offer_metrics(plan)
        self._plan = plan
        self._waiting = self._metric.disabled = False
        self._draw()

    def wait(self) -> None:
        """Show only the default until `show`: what the plan will be is arriving."""
        self._waiting = self._metric.disabled = True
        self._draw()

    def _offer_metrics(self, plan: Plan) -> None:
        offered = _offered(plan, self._measured)
        kept = self._metric.value if self._metric.value in offered else plan.curve.metric
        options = tuple((wording.metric_label(metric), metric) for metric in offered)
        if options != self._metric.options:
            self._metric.options = options
        self._metric.value = kept

    def _draw(self) -> None:
        plan, metric = self._plan, self._metric.value
        if plan is None:
            return
        if self._waiting:
            self._draw_waiting(plan, metric)
            return
        wanted = plot.limits(plan, metric, self._measured)
        self._limits[metric] = plot.widened(self._limits.get(metric, wanted), wanted)
        self._picture.value = plot.svg(plan, metric, self._measured, self._limits[metric], self._salt)
        title = "Predicted curve" if self._measured is None else "Measured over predicted"
        self._heading.value = f'<span class="ag-h">{title}</span>'
        self._effect.value = self._effect_html(plan, metric)

    def _draw_waiting(self, plan: Plan, metric: str) -> None:
        self._picture.value = plot.waiting_svg(plan, metric, self._salt)
        self._heading.value = '<span class="ag-h">Predicted curve</span>'
        label, control = wording.metric_label(metric), plan.default_forecast.curves.get(metric)
        ends = f"{label} {wording.score(control.final, wording.places(control))}, " if control else ""
        below = f"default: {ends}{wording.about(plan.default_forecast.seconds)}"
        self._effect.value = (
            f'<p class="ag-muted">{escape(label)} and time: when stage 3 is complete</p>'
            f'<p class="ag-small">{escape(below)}</p>'
        )

    def _effect_html(self, plan: Plan, metric: str) -> str:
        edit = plan_wording.last_edit(self._before, plan, metric) if self._before else ""
        second = f'<p class="ag-small">{escape(edit)}</p>' if edit else self._outlook_html(plan, metric)
        first = "".join(f"{escape(words)}<b>{escape(shown)}</b>" for words, shown in plan_wording.effect(plan, metric))
        return f"<p>{first}</p>{second}"

    def _outlook_html(self, plan: Plan, metric: str) -> str:
        """Say of a training under way whether it is worth its end, and what stands against its forecast."""
        rest = self._measured.rest if self._measured else None
        said = [("ag-outlook", advice(plan, self._measured, metric)), ("ag-small", rest.forecast.note if rest else "")]
        return "".join(f'<p class="{look}" role="status">{user(text, _LONGEST)}</p>' for look, text in said if text)
