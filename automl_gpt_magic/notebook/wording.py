"""Names, numbers and sentences that the panel, the plot and the static output share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from ..records.curve import Curve
from ..records.evidence import Evidence, OwnDataset
from ..records.metric import METRICS, label_of, loss_of
from ..records.next_step import FEW_ROWS
from ..records.plan import Plan
from ..records.run import Measured, Spread, until

_GIGABYTE = 1e9
SOURCES = {"user": "you", "llm": "LLM"}
STANDARDISED = "in standard deviations of the target"

PLANNED = "Plan complete; nothing has been run."
PLANNED_MORE = "Values and curve are predicted from recorded runs. Generated cells run when you run them."
CHANGED = "The plan changed; the cells below still hold the earlier one."
UPDATE_CELLS = "Update cells"
RESET_ALL = "Reset all"
TAKE_BEST = "Take the best"
TRAIN_FIRST = "Train first, by the button or by running the cells"
STARTING = "Training: starting."
STUDY_MORE = "Trials run in processes of their own; the notebook stays free. Finished ones are kept, also at Cancel."
STARTING_MORE = "The cells run in a process of their own; the notebook stays free."
NOT_RUN = "predicted, not run"
BANDS = "bands: 80%, 95% of left-out datasets"
PUBLISHED_BANDS = "bands: 80%, 95%, around a published result"
DIVERGED = "It is not kept as a measurement. Lower the learning rate, or look for huge values in the data."
UNDEFINED = "One class may be missing there. Ask for another metric, or split otherwise."
NOT_PREDICTED = "not predicted; it will be measured"
STOPPED = "It was interrupted or failed; its curve so far is shown."
MEASURED_ONLY = "(measured only)"
OFFLINE = "offline planner: no LLM called"
NOT_ANSWERED = "offline planner: the LLM gave no answer"
NOTHING_NEAR = "Nothing known is near"
NOTHING_RECORDED = "No run of this kind was recorded: using the defaults."
ONLY_PUBLISHED = "No run of this kind was recorded: using a published recipe."
DEFAULT_PLAN = "this plan is the default"
OWN_LOG = "LLM's own"
NO_REQUEST = "The card asks for nothing beyond its metrics."


@dataclass(frozen=True, eq=False)
class Stopped(Measured):
    """A training that ended without a last report: it was interrupted, or failed."""


def number(value: Any) -> str:
    """Return a value as the table shows it: numbers with up to four significant digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return str(value) if isinstance(value, int) else f"{rounded(value):.4g}"


def rounded(value: float) -> float:
    """Return ``value`` with four significant digits."""
    return float(f"{value:.4g}")


def count(value: int) -> str:
    """Return a count of things, such as ``32,561``."""
    return f"{value:,}"


def percent(share: float) -> str:
    """Return a share of 1 as ``75.9%``; what is not nothing never reads as 0."""
    return "under 0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def plural(n: int, noun: str) -> str:
    """Return ``1 step`` or ``6 steps``."""
    return f"{count(n)} {noun}" if n == 1 else f"{count(n)} {noun}s"


def seconds(duration: float) -> str:
    """Return a duration as ``0.4 s``, ``14 s``, ``3 min`` or ``1.5 h``; nan is one that nobody knows."""
    if math.isnan(duration):
        return "time not known"
    if duration < 0.095:
        return "under 0.1 s"
    if duration < 9.95:
        return f"{round(duration, 1):g} s"
    if duration < 99.5:
        return f"{duration:.0f} s"
    return f"{duration / 60:.2g} min" if duration < 5970 else f"{duration / 3600:.2g} h"


def about(duration: float) -> str:
    """Return a predicted duration as ``about 14 s``."""
    shown = seconds(duration)
    return shown if shown.startswith("under") or math.isnan(duration) else f"about {shown}"


def metric_label(metric: str) -> str:
    """Return a metric as people write it."""
    return label_of(metric)


def unit(plan: Plan, metric: str) -> str:
    """Return what a metric's values are counted in where it is not the target's own unit: no table tells that."""
    counted = metric in METRICS and METRICS[metric].in_units
    return STANDARDISED if counted and plan.table is None else ""


def places(curve: Curve) -> int:
    """Return how many decimals suit a curve's last value: three significant digits, enough for its interval."""
    value, half = abs(curve.final), curve.half_width
    decimals = 2 - math.floor(math.log10(value)) if value > 0 else 3
    return decimals + 1 if 0 < half < 10.0**-decimals / 2 else decimals


def score(value: float, decimals: int) -> str:
    """Return a metric's value with that many decimals; negative ones round to tens and more."""
    if not math.isfinite(value) or not -6 <= decimals <= 6:
        return f"{value:.3g}"
    return f"{round(value, decimals):,.{max(0, decimals)}f}"


def bounds(curve: Curve) -> tuple[float, float] | None:
    """Return the 80% interval at a forecast's end; None where there is none."""
    if curve.lower is None or curve.upper is None:
        return None
    return float(curve.lower[-1]), float(curve.upper[-1])


def interval(curve: Curve, between: str = " to ") -> str:
    """Return the 80% interval at a forecast's end, such as ``0.233 to 0.600``; empty where there is none."""
    ends = bounds(curve)
    return between.join(score(end, places(curve)) for end in ends) if ends else ""


def intervals(curve: Curve) -> str:
    """Return both intervals at a forecast's end, to be read out; empty where there are none."""
    if curve.quantiles is None:
        return ""
    wide = " to ".join(score(float(end), places(curve)) for end in curve.quantiles[[0, -1], -1])
    return f" (80% interval {interval(curve)}; 95% interval {wide})"


def ending(curve: Curve) -> str:
    """Return a forecast's end with its 80% interval, such as ``0.428 (0.233 to 0.600)``."""
    shown = interval(curve)
    return score(curve.final, places(curve)) + (f" ({shown})" if shown else "")


def is_default(plan: Plan) -> bool:
    """Return whether the plan is the library's own default configuration."""
    return plan.hyperparameters == plan.space.default


def source_label(source: str) -> str:
    """Return a value's source as its chip says it."""
    return SOURCES.get(source, source)


def badge(plan: Plan) -> str:
    """Say which LLM took part, if any, and from when its answer is where it was not given now."""
    if plan.replayed:
        return ", ".join(part for part in (f"replayed from {plan.replayed[:10]}", plan.llm) if part)
    return f"LLM: {plan.llm}" if plan.llm else NOT_ANSWERED if plan.unanswered else OFFLINE


def own_log(plan: Plan, metric: str) -> Curve | None:
    """Return the log that the LLM itself predicts, where it is of this metric and has values."""
    log = plan.own_log
    return log if log and log.metric == metric and len(log.steps) and math.isfinite(log.value.sum()) else None


def effect(plan: Plan, metric: str) -> list[tuple[str, str]]:
    """Say what the plan is predicted to reach, against the default, in pairs of words and number."""
    if metric not in plan.forecast.curves:
        return [(f"{metric_label(metric)}: ", NOT_PREDICTED)]
    curve, control = plan.forecast.curves[metric], plan.default_forecast.curves.get(metric)
    counted, shown = unit(plan, metric), interval(curve)
    name = metric_label(metric) + (f", {counted}:" if counted else "")
    within = f" (80%: {shown})" if shown else ""
    reached = score(curve.final, places(curve))
    if control is None or is_default(plan):
        alone = f"; {DEFAULT_PLAN}" if is_default(plan) else ""
        duration = seconds(plan.forecast.seconds)
        lasts = about(plan.forecast.seconds).removesuffix(duration)
        return [(f"{name} ", reached), (f"{within}{alone}; {lasts}", duration), *_memory(plan)]
    first = f"vs default: {name} {score(control.final, places(curve))} → "
    longer = longer_than(plan.default_forecast.seconds, plan.forecast.seconds)
    return [(first, reached), (f"{within}, training {longer}", seconds(plan.forecast.seconds)), *_memory(plan)]


def _memory(plan: Plan) -> list[tuple[str, str]]:
    """Say how much memory the training is predicted to take; nothing where it is not known."""
    n_bytes, (low, high) = plan.forecast.memory, plan.forecast.memory_band
    if not math.isfinite(n_bytes):
        return []
    within = f" (80%: {size(low)} to {size(high)})" if math.isfinite(low + high) else ""
    return [(", memory about ", f"{size(n_bytes)}{within}")]


def size(n_bytes: float) -> str:
    """Return a predicted size with two digits, such as ``36 MB`` or ``1.2 GB``."""
    large = n_bytes >= _GIGABYTE
    return f"{n_bytes / _GIGABYTE:.2g} GB" if large else f"{float(f'{n_bytes / 1e6:.2g}'):.0f} MB"


def longer_than(before: float, after: float) -> str:
    """Return the duration that another one is set against, with an arrow; empty where there is nothing to compare."""
    differ = seconds(before) != seconds(after)
    return f"{seconds(before)} → " if differ and math.isfinite(before + after) else ""


def last_edit(before: Plan, after: Plan, metric: str) -> str:
    """Say what the edits between two plans changed in the prediction; empty where nothing was edited."""
    old, new = before.hyperparameters, after.hyperparameters
    edits = [
        f"{name} {number(old[name])} → {number(new[name])}" for name in new if name in old and old[name] != new[name]
    ]
    if not edits or metric not in before.forecast.curves:
        return ""
    curve, earlier = after.forecast.curves[metric], before.forecast.curves[metric]
    moved = f"{metric_label(metric)} {score(earlier.final, places(curve))} → {ending(curve)}"
    longer = longer_than(before.forecast.seconds, after.forecast.seconds)
    lasts = f", training {longer}{seconds(after.forecast.seconds)}" if longer else ""
    return f"last edit: {', '.join(edits)}: {moved}{lasts}"


def fixed_and_edited(plan: Plan) -> str:
    """Name the values that the card fixed, those that were edited in the table, and those that are locked."""
    fixed = [planned.name for planned in plan.values if planned.proposed_source == "user" and not planned.edited]
    locked = [planned.name for planned in plan.values if planned.locked]
    parts = [("Fixed by your card", fixed), ("Edited here", list(plan.edits)), ("Locked", locked)]
    return " ".join(f"{title}: {', '.join(names)}." for title, names in parts if names)


def bad_value(message: str, kept: Any) -> str:
    """Say what is wrong with a typed value and which one still counts."""
    return f"{message.rstrip('.')}; the curve keeps the last valid {number(kept)}."


def nearness(evidence: Evidence) -> str:
    """Say how near the nearest recorded dataset is, and how much was measured."""
    runs = f"From {plural(evidence.n_runs, 'measured run')} on {plural(evidence.n_datasets, 'dataset')}."
    how = " Weighed by the card and by short trainings on the data." if evidence.measured else ""
    return f"Near enough: nearest {evidence.nearest:.2f}, needed {evidence.threshold:.2f}.{how} {runs}"


def abstention(evidence: Evidence) -> tuple[str, str]:
    """Say that nothing recorded is near, what is used instead, and how far away the nearest is."""
    if not evidence.n_runs:
        return ONLY_PUBLISHED if evidence.from_published else NOTHING_RECORDED, ""
    taken = next((one for one in evidence.own_datasets if one.taken), None)
    average = f"what is best on average over {plural(evidence.n_datasets, 'dataset')}"
    first = f"{NOTHING_NEAR}: using {f'your own runs on {taken.name}' if taken else average}."
    if not evidence.neighbours:
        return first, ""
    nearest = max(evidence.neighbours, key=lambda neighbour: neighbour.similarity)
    wanted = f"{evidence.threshold:.2f} is needed"
    return first, f"Nearest is {nearest.name} with similarity {nearest.similarity:.2f}; {wanted}."


def own_dataset(dataset: OwnDataset) -> str:
    """Say what of a dataset of the user's own was measured, and whether its configuration is used."""
    what = "other rows of this table" if dataset.same_table else "other data"
    when = f"{dataset.date[:10]}, imported" if dataset.imported else dataset.date[:10]
    best = f"best {metric_label(dataset.metric)} {number(dataset.value)}"
    values = ", ".join(f"{name}={number(value)}" for name, value in dataset.best.items())
    return f"{what}; {'used here; ' if dataset.taken else ''}{when}; {best} with {values}"


def next_hint(plan: Plan) -> str:
    """Say why cross-validation comes first, where it does."""
    n_rows = plan.table.n_rows if plan.table else FEW_ROWS
    if n_rows >= FEW_ROWS or "cross-validation" not in plan.next_code:
        return ""
    return f"With {plural(n_rows, 'row')} one split says little: cross-validation shows how much the score varies."


def spread(given: Spread | None, metric: str, decimals: int) -> str:
    """Return mean and standard deviation over the splits, such as ``0.284 ± 0.006``; empty where there are none."""
    found = mean_and_deviation(given, metric)
    return f"{score(found[0], decimals)} ± {score(found[1], decimals)}" if found else ""


def mean_and_deviation(given: Spread | None, metric: str) -> tuple[float, float] | None:
    """Return a metric's mean and standard deviation over the splits; None where there are not two to tell them."""
    scores = [value for value in given.scores.get(metric, ()) if math.isfinite(value)] if given else []
    return (fmean(scores), stdev(scores)) if len(scores) > 1 else None


def cross_validated(plan: Plan, given: Spread) -> tuple[str, str]:
    """Say what cross-validation found where no training is shown beside it."""
    shown = [
        f"{metric_label(metric)} {score(found[0], 3)} ± {score(found[1], 3)}"
        for metric in given.scores
        if (found := mean_and_deviation(given, metric))
    ]
    n_folds = max(map(len, given.scores.values()), default=0)
    return f"Cross-validated: {', '.join(shown)} ({plural(n_folds, 'fold')}).", other_values(plan, given)


def reported(plan: Plan, measured: Measured) -> str:
    """Return the metric that a training is judged by: the plan's own where it was measured; empty without any."""
    wanted = dict.fromkeys((plan.metric, *plan.forecast.curves))
    return next((metric for metric in wanted if metric in measured.curves), "")


def progress(measured: Measured) -> str:
    """Say how far a training is, and how long the rest takes if every round takes as long as those before."""
    done = rounds_done(measured)
    left = f", {seconds(measured.seconds * (measured.planned_steps / done - 1))} left" if done else ""
    return f"Training: round {done} of {measured.planned_steps}{left}"


def stopped(measured: Measured) -> tuple[str, str]:
    """Say that a training ended before its last round."""
    return f"Training stopped: round {rounds_done(measured)} of {measured.planned_steps}.", STOPPED


def rounds_done(measured: Measured) -> int:
    """Return the last step that was measured; 0 before the first."""
    return max((int(curve.steps[-1]) for curve in measured.curves.values() if len(curve.steps)), default=0)


def tag(measured: Measured | None) -> str:
    """Return what a plot shows: a prediction, a training under way or stopped, or a measurement."""
    if measured is None:
        return NOT_RUN
    if measured.finished:
        return "measured"
    state = "stopped" if isinstance(measured, Stopped) else "training"
    return f"{state}: round {rounds_done(measured)} of {measured.planned_steps}"


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


def other_values(plan: Plan, measured: Measured | Spread) -> str:
    """Say which values the trained cell held instead of the plan's; empty where they agree."""
    trained = measured.hyperparameters
    names = [name for name, value in plan.hyperparameters.items() if trained.get(name) not in (None, value)]
    if not names:
        return ""
    held = ", ".join(f"{name} {number(trained[name])} (plan: {number(plan.hyperparameters[name])})" for name in names)
    return f"The cell trained other values than the prediction is for: {held}."
