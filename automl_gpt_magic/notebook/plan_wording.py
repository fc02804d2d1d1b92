"""Sentences about a plan: who answered, what it is predicted to reach, what was edited, and what to do next."""

from __future__ import annotations

import math
from typing import Any

from ..records.curve import Curve
from ..records.next_step import FEW_ROWS
from ..records.plan import Plan
from .wording import (
    about,
    ending,
    interval,
    longer_than,
    metric_label,
    number,
    places,
    plural,
    score,
    seconds,
    size,
    unit,
)

PLANNED = "Plan complete; nothing has been run."
PLANNED_MORE = "Values and curve are predicted from recorded runs. Generated cells run when you run them."
CHANGED = "The plan changed; the cells below still hold the earlier one."
UPDATE_CELLS = "Update cells"
RESET_ALL = "Reset all"
BANDS = "bands: 80%, 95% of left-out datasets"
PUBLISHED_BANDS = "bands: 80%, 95%, around a published result"
NOT_PREDICTED = "not predicted; it will be measured"
MEASURED_ONLY = "(measured only)"
OFFLINE = "offline planner: no LLM called"
NOT_ANSWERED = "offline planner: the LLM gave no answer"
DEFAULT_PLAN = "this plan is the default"
OWN_LOG = "LLM's own"
NO_REQUEST = "The card asks for nothing beyond its metrics."


def badge(plan: Plan) -> str:
    """Say which LLM took part, if any, and from when its answer is where it was not given now."""
    if plan.replayed:
        return ", ".join(part for part in (f"replayed from {plan.replayed[:10]}", plan.llm) if part)
    return f"LLM: {plan.llm}" if plan.llm else NOT_ANSWERED if plan.unanswered else OFFLINE


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


def is_default(plan: Plan) -> bool:
    """Return whether the plan is the library's own default configuration."""
    return plan.hyperparameters == plan.space.default


def own_log(plan: Plan, metric: str) -> Curve | None:
    """Return the log that the LLM itself predicts, where it is of this metric and has values."""
    log = plan.own_log
    return log if log and log.metric == metric and len(log.steps) and math.isfinite(log.value.sum()) else None


def fixed_and_edited(plan: Plan) -> str:
    """Name the values that the card fixed, those that were edited in the table, and those that are locked."""
    fixed = [planned.name for planned in plan.values if planned.proposed_source == "user" and not planned.edited]
    locked = [planned.name for planned in plan.values if planned.locked]
    parts = [("Fixed by your card", fixed), ("Edited here", list(plan.edits)), ("Locked", locked)]
    return " ".join(f"{title}: {', '.join(names)}." for title, names in parts if names)


def bad_value(message: str, kept: Any) -> str:
    """Say what is wrong with a typed value and which one still counts."""
    return f"{message.rstrip('.')}; the curve keeps the last valid {number(kept)}."


def next_hint(plan: Plan) -> str:
    """Say why cross-validation comes first, where it does."""
    n_rows = plan.table.n_rows if plan.table else FEW_ROWS
    if n_rows >= FEW_ROWS or "cross-validation" not in plan.next_code:
        return ""
    return f"With {plural(n_rows, 'row')} one split says little: cross-validation shows how much the score varies."
