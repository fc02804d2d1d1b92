"""What the course of a curve tells: where overfitting starts, and what a training under way will come to."""

from __future__ import annotations

import math

import numpy as np

from ..records.curve import LOWER_IS_BETTER, Array, Curve
from ..records.plan import Plan
from ..records.run import Measured
from . import plan_wording, wording

# Chances below it are worth stopping a training for.
_HOPELESS = 0.05
_SUREST = 99


def measured_curve(measured: Measured | None, metric: str) -> Curve | None:
    """Return what was measured of a metric, without values that are not finite; None where there is nothing."""
    curve = measured.curves.get(metric) if measured else None
    if curve is None:
        return None
    finite = np.isfinite(curve.value)
    if finite.all() and len(finite):
        return curve
    return Curve(metric, curve.steps[finite], curve.value[finite], source="measured") if finite.any() else None


def diverges(measured: Measured | None, metric: str) -> bool:
    """Tell whether a training under way has come to a value that is no finite number."""
    curve = measured.curves.get(metric) if measured and not measured.finished else None
    return curve is not None and not bool(np.isfinite(curve.value).all())


def rest_of(measured: Measured | None, metric: str) -> Curve | None:
    """Return what a training under way is expected still to do, with its quantiles; None where nothing tells it."""
    curve = measured.rest.forecast.curves.get(metric) if measured and measured.rest else None
    if curve is None or curve.quantiles is None or not len(curve.steps):
        return None
    return curve if np.isfinite(curve.value).all() and np.isfinite(curve.quantiles).all() else None


def default_by_now(measured: Measured | None, metric: str) -> float | None:
    """Return what the default is expected to come to by what a training under way has shown; None if unknown."""
    value = measured.rest.default.get(metric) if measured and measured.rest else None
    return value if value is not None and math.isfinite(value) else None


def advice(plan: Plan, measured: Measured | None, metric: str) -> str:
    """Say that a training under way will not reach the default's result; empty where it may, or where it is unknown."""
    rest, default = rest_of(measured, metric), default_by_now(measured, metric)
    if rest is None or default is None or plan_wording.is_default(plan):
        return ""
    below = rest.chance_below(default)
    chance = below if LOWER_IS_BETTER.get(metric, True) else 1 - below
    if chance >= _HOPELESS:
        return ""
    return f"This will not reach the default's result: {min(_SUREST, math.floor(100 * (1 - chance)))}% sure."


def overfits_after(plan: Plan, metric: str) -> int | None:
    """Return the step after which the predicted curve gets worse for good while the training loss still falls.

    None where it never does, and where the numbers of the plot would not show it.
    """
    curve, fitted = plan.forecast.curves[metric], _fitted(plan, metric)
    if fitted is None:
        return None
    lost = curve.value if LOWER_IS_BETTER.get(metric, True) else -curve.value
    shown = 10.0 ** -wording.places(curve)
    if lost[-1] - lost.min() < shown:
        return None
    turn = int(np.flatnonzero(lost <= lost.min() + shown / 2)[-1])
    return int(curve.steps[turn]) if fitted[-1] < fitted[turn] else None


def _fitted(plan: Plan, metric: str) -> Array | None:
    """Return the predicted loss on the training part at the steps of a metric's curve; None where none is predicted."""
    steps, curves = plan.forecast.curves[metric].steps, plan.forecast.curves.values()
    losses = [curve for curve in curves if LOWER_IS_BETTER.get(curve.metric, True)]
    fitted = ((curve.steps, curve.training) for curve in losses if curve.training is not None)
    return next((np.interp(steps, *one) for one in fitted), None)
