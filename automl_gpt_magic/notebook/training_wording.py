"""Sentences about a training: that it starts, how far it is, why it ended, and what it measured against the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..records.curve import Curve
from ..records.metric import loss_of
from ..records.plan import Plan
from ..records.run import Measured, Spread, until
from .plan_wording import OWN_LOG, own_log
from .wording import bounds, ending, mean_and_deviation, metric_label, number, places, plural, score, seconds, spread

TAKE_BEST = "Take the best"
TRAIN_FIRST = "Train first, by the button or by running the cells"
STARTING = "Training: starting."
STARTING_MORE = "The cells run in a process of their own; the notebook stays free."
STUDY_MORE = "Trials run in processes of their own; the notebook stays free. Finished ones are kept, also at Cancel."
NOT_RUN = "predicted, not run"
DIVERGED = "It is not kept as a measurement. Lower the learning rate, or look for huge values in the data."
UNDEFINED = "One class may be missing there. Ask for another metric, or split otherwise."
STOPPED = "It was interrupted or failed; its curve so far is shown."


@dataclass(frozen=True, eq=False)
class Stopped(Measured):
    """A training that ended without a last report: it was interrupted, or failed."""


def progress(measured: Measured) -> str:
    """Say how far a training is, and how long the rest takes if every round takes as long as those before."""
    done = rounds_done(measured)
    left = f", {seconds(measured.seconds * (measured.planned_steps / done - 1))} left" if done else ""
    return f"Training: round {done} of {measured.planned_steps}{left}"


def stopped(measured: Measured) -> tuple[str, str]:
    """Say that a training ended before its last round."""
    return f"Training stopped: round {rounds_done(measured)} of {measured.planned_steps}.", STOPPED


def tag(measured: Measured | None) -> str:
    """Return what a plot shows: a prediction, a training under way or stopped, or a measurement."""
    if measured is None:
        return NOT_RUN
    if measured.finished:
        return "measured"
    state = "stopped" if isinstance(measured, Stopped) else "training"
    return f"{state}: round {rounds_done(measured)} of {measured.planned_steps}"


def rounds_done(measured: Measured) -> int:
    """Return the last step that was measured; 0 before the first."""
    return max((int(curve.steps[-1]) for curve in measured.curves.values() if len(curve.steps)), default=0)


def reported(plan: Plan, measured: Measured) -> str:
    """Return the metric that a training is judged by: the plan's own where it was measured; empty without any."""
    wanted = dict.fromkeys((plan.metric, *plan.forecast.curves))
    return next((metric for metric in wanted if metric in measured.curves), "")


def verdict(plan: Plan, measured: Measured) -> tuple[str, str]:
    """Lay a finished training against the prediction for the step whose model it kept: numbers, then whether they held.

    The ledger compares the same.
    """
    metric = reported(plan, measured)
    if not metric:
        return f"Measured: {seconds(measured.seconds)}", "No metric of the plan was measured."
    run = measured.curves[metric]
    if not math.isfinite(run.final):
        return _no_number(measured, metric)
    if metric not in plan.forecast.curves:
        return _not_predicted(plan, measured, metric)
    curve = plan.forecast.curves[metric]
    told, decimals = until(curve, run.final_step), places(curve)
    control = plan.default_forecast.curves.get(metric)
    against = f"; default predicted {score(control.final, decimals)}" if control else ""
    value = f"{score(run.final, decimals)}{over_folds(measured, metric, decimals)}"
    first = (
        f"Measured: validation {metric_label(metric)} {value}{_predicted_at(curve, told, run.final_step)}{against}; "
        f"{seconds(measured.seconds)}"
    )
    if told is None:
        return first, other_values(plan, measured)
    return first, other_values(plan, measured) or f"{_inside(told, run)}{_own_miss(plan, told, run)}"


def _no_number(measured: Measured, metric: str) -> tuple[str, str]:
    """Say that a training diverged; or, where its loss did not, that a metric cannot be computed for these rows."""
    loss = measured.curves.get(loss_of(measured.curves))
    if loss is None or not math.isfinite(loss.final):
        return f"The training diverged: its validation {metric_label(metric)} is no number at the end.", DIVERGED
    return f"The {metric_label(metric)} of these validation rows and predictions is not defined.", UNDEFINED


def _not_predicted(plan: Plan, measured: Measured, metric: str) -> tuple[str, str]:
    """Return what was measured of a metric that nothing predicts, and the verdict on one that was predicted."""
    run = measured.curves[metric]
    value = f"{score(run.final, places(run))}{over_folds(measured, metric, places(run))}"
    first = f"Measured: validation {metric_label(metric)} {value}; it was not predicted; {seconds(measured.seconds)}"
    curve, beside = plan.curve, measured.curves.get(plan.curve.metric)
    told = until(curve, beside.final_step) if beside is not None else None
    if beside is None or told is None or not math.isfinite(beside.final):
        return first, other_values(plan, measured)
    reached = f"{metric_label(curve.metric)} {score(beside.final, places(curve))}"
    predicted = f"{reached}{_predicted_at(curve, told, beside.final_step)}. {_inside(told, beside)}"
    return first, other_values(plan, measured) or predicted[:1].upper() + predicted[1:]


def _predicted_at(curve: Curve, told: Curve | None, step: int) -> str:
    """Say what was predicted of the step that a training kept, and of which one where it is not the planned last."""
    if told is None:
        return f"; nothing was predicted of round {step}"
    return f"; predicted {ending(told)}" + (f" for round {step}" if step < curve.steps[-1] else "")


def over_folds(measured: Measured, metric: str, decimals: int) -> str:
    """Return what cross-validation found, to stand behind the one split's score; empty where it was not run."""
    shown = spread(measured.spread, metric, decimals)
    if not shown or measured.spread is None:
        return ""
    return f"; cross-validated {shown} ({plural(len(measured.spread.scores[metric]), 'fold')})"


def _own_miss(plan: Plan, curve: Curve, run: Curve) -> str:
    """Say how far off forecast and LLM were; empty where there is no log of the LLM's for what was trained."""
    whole = own_log(plan, run.metric)
    log = until(whole, run.final_step) if whole else None
    if log is None or plan.edits:
        return ""
    misses = [f"{abs(run.final - predicted.final):.2g}" for predicted in (curve, log)]
    return f" The forecast was off by {misses[0]}, the {OWN_LOG} log by {misses[1]}."


def _inside(curve: Curve, run: Curve) -> str:
    """Judge by the numbers as they are shown, so that nobody reads 0.600 as outside of 0.233 to 0.600."""
    ends, decimals = bounds(curve), places(curve)
    if ends is None or round(ends[0], decimals) <= round(run.final, decimals) <= round(ends[1], decimals):
        return "Inside the band."
    return f"Outside the band: off by {abs(run.final - curve.final):.2g}."


def cross_validated(plan: Plan, given: Spread) -> tuple[str, str]:
    """Say what cross-validation found where no training is shown beside it."""
    shown = [
        f"{metric_label(metric)} {score(found[0], 3)} ± {score(found[1], 3)}"
        for metric in given.scores
        if (found := mean_and_deviation(given, metric))
    ]
    n_folds = max(map(len, given.scores.values()), default=0)
    return f"Cross-validated: {', '.join(shown)} ({plural(n_folds, 'fold')}).", other_values(plan, given)


def other_values(plan: Plan, measured: Measured | Spread) -> str:
    """Say which values the trained cell held instead of the plan's; empty where they agree."""
    trained = measured.hyperparameters
    names = [name for name, value in plan.hyperparameters.items() if trained.get(name) not in (None, value)]
    if not names:
        return ""
    held = ", ".join(f"{name} {number(trained[name])} (plan: {number(plan.hyperparameters[name])})" for name in names)
    return f"The cell trained other values than the prediction is for: {held}."
