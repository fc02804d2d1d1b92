"""The plot in words, for those who do not see it."""

from __future__ import annotations

from ..records.plan import Plan
from ..records.run import Measured
from . import plan_wording, training_wording, wording
from .course import default_by_now, diverges, measured_curve, overfits_after, rest_of


def spoken(plan: Plan, metric: str, measured: Measured | None = None) -> str:
    """Say what the plot of a metric shows."""
    label = wording.metric_label(metric)
    counted = f", {wording.unit(plan, metric)}," if wording.unit(plan, metric) else ""
    run, curve = measured_curve(measured, metric), plan.forecast.curves.get(metric)
    lost = "Its values are no finite numbers any more. " if diverges(measured, metric) else ""
    predicted = _predicted(plan, metric) if curve else plan_wording.NOT_PREDICTED
    if measured is None or run is None:
        return f"Predicted validation {label}{counted} by {plan.step}, {'' if lost else 'not run: '}{lost}{predicted}."
    decimals = wording.places(curve or run)
    state = f"at round {run.final_step} of {measured.planned_steps}: {wording.score(run.final, decimals)}"
    ended = "Stopped before its end. " if isinstance(measured, training_wording.Stopped) else ""
    folds = training_wording.over_folds(measured, metric, decimals)
    if curve is None:
        return f"Measured validation {label}{counted} {state}{folds}. {ended}{lost}It was not predicted."
    now = _expected(plan, metric, measured)
    before = "Predicted before it began" if now or lost else "Predicted"
    return f"Measured validation {label}{counted} {state}{folds}. {ended}{lost}{now}{before}: {predicted}."


def _predicted(plan: Plan, metric: str) -> str:
    curve, control = plan.forecast.curves[metric], plan.default_forecast.curves.get(metric)
    turn, log, decimals = overfits_after(plan, metric), plan_wording.own_log(plan, metric), wording.places(curve)
    ends = f"this plan ends at {wording.score(curve.final, decimals)}{wording.intervals(curve)}"
    parts = [f"{ends}, best at round {curve.best_step}" + (f", overfitting after round {turn}" if turn else "")]
    if plan_wording.is_default(plan):
        parts.append(plan_wording.DEFAULT_PLAN)
    elif control:
        parts.append(f"the default configuration ends at {wording.score(control.final, decimals)}")
    if log:
        parts.append(f"the {plan_wording.OWN_LOG} log ends at {wording.score(log.final, decimals)}")
    return "; ".join(parts)


def _expected(plan: Plan, metric: str, measured: Measured) -> str:
    """Say what is expected by what was measured so far; empty where nothing tells it."""
    rest, default = rest_of(measured, metric), default_by_now(measured, metric)
    if rest is None:
        return ""
    control = ""
    if default is not None and not plan_wording.is_default(plan):
        shown = wording.score(default, wording.places(plan.forecast.curves[metric]))
        control = f"; the default configuration is expected at {shown}"
    ends = f"{wording.score(rest.final, wording.places(rest))}{wording.intervals(rest)}"
    return f"Expected by now: it ends at {ends}{control}. "
