"""What is drawn inside the plot's axis: one function for each line, with its marks and its label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..records.curve import LOWER_IS_BETTER, Array, Curve
from ..records.plan import Plan
from ..records.run import Measured
from . import plan_wording, wording
from .course import default_by_now, overfits_after
from .frame import AXIS_HEIGHT, AXIS_WIDTH, Labels, Theme, place, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 160


def draw_default(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Draw the default configuration's predicted curve."""
    curve = plan.default_forecast.curves.get(metric)
    if curve is None:
        return
    at = _thin(curve.steps)
    axes.plot(curve.steps[at], curve.value[at], color=theme.default, lw=1.5, dashes=(2.5, 2))
    _hairline(axes, curve, theme.default)
    labels.add(curve.final, theme.default, "default", _shown(curve.final, plan, metric))


def draw_own_log(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Draw the few points that the LLM expects; they never move the limits, so they may run out of the axis."""
    curve = plan_wording.own_log(plan, metric)
    if curve is None:
        return
    axes.plot(curve.steps, curve.value, color=theme.llm, lw=1.8, dashes=(1, 1.6), marker="o", ms=3)
    _hairline(axes, curve, theme.llm)
    more = "before your edits" if plan.edits else ""
    labels.add(curve.final, theme.llm, plan_wording.OWN_LOG, _shown(curve.final, plan, metric), more)


def draw_prediction(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Draw the plan's predicted curve with its bands."""
    curve = plan.forecast.curves[metric]
    _draw_bands(axes, curve, theme)
    at = _thin(curve.steps)
    axes.plot(curve.steps[at], curve.value[at], color=theme.plan, lw=2, dashes=(5, 2))
    _hairline(axes, curve, theme.plan)
    shown = wording.interval(curve, " – ")
    labels.add(curve.final, theme.plan, "predicted", _shown(curve.final, plan, metric), shown)


def draw_marks(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Mark the best round of the prediction, and where overfitting starts."""
    curve, other = plan.forecast.curves[metric], plan_wording.own_log(plan, metric)
    best = float(np.interp(curve.best_step, curve.steps, curve.value))
    axes.plot([curve.best_step], [best], "o", ms=7, mfc="none", mec=theme.plan, mew=1.5, clip_on=False)
    below = LOWER_IS_BETTER.get(metric, True)
    if other is not None:  # the name keeps off the LLM's curve
        below = bool(np.interp(curve.best_step, other.steps, other.value) > best)
    _annotate(axes, curve.best_step, best, f"best round {curve.best_step}", theme.text, below=below)
    turn = overfits_after(plan, metric)
    if turn is not None:
        _draw_turn(axes, curve, turn, theme, upward=below)
        _draw_training(axes, labels, curve, plan, theme)


def draw_earlier(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Draw faintly what had been predicted before the training showed how it goes."""
    curve = plan.forecast.curves[metric]
    at = _thin(curve.steps)
    axes.plot(curve.steps[at], curve.value[at], color=theme.plan, lw=1, dashes=(5, 4), alpha=0.7)
    labels.add(curve.final, theme.muted, "predicted", _shown(curve.final, plan, metric))


def draw_rest(axes: Axes, labels: Labels, rest: Curve, plan: Plan, measured: Measured, theme: Theme) -> None:
    """Draw what a training under way is expected still to do, and what the default is expected to come to by now."""
    metric, default = rest.metric, default_by_now(measured, rest.metric)
    _draw_bands(axes, rest, theme)
    at = _thin(rest.steps)
    axes.plot(rest.steps[at], rest.value[at], color=theme.plan, lw=2, dashes=(5, 2))
    _hairline(axes, rest, theme.plan)
    labels.add(rest.final, theme.plan, "expected", _shown(rest.final, plan, metric), wording.interval(rest, " – "))
    if default is not None and not plan_wording.is_default(plan):
        axes.plot([rest.steps[0], axes.get_xlim()[1]], [default] * 2, color=theme.default, lw=1.5, dashes=(2.5, 2))
        labels.add(default, theme.default, "default", _shown(default, plan, metric))


def draw_run(axes: Axes, labels: Labels, run: Curve, plan: Plan, measured: Measured, theme: Theme) -> None:
    """Draw what was measured."""
    at = _thin(run.steps)
    axes.plot(run.steps[at], run.value[at], color=theme.measured, lw=2.4, solid_capstyle="round")
    outside = not 0 <= place(axes, 0, run.final)[1] <= AXIS_HEIGHT
    axes.plot([run.final_step], [run.final], "o", ms=5, color=theme.measured, clip_on=outside)
    predicted, step = plan.forecast.curves.get(run.metric, run), run.final_step
    decimals = wording.places(predicted)
    end = wording.score(run.final, decimals)
    if measured.finished:
        _draw_spread(axes, measured, run.metric, step, theme)
        folds = wording.spread(measured.spread, run.metric, decimals)
        labels.add(run.final, theme.measured, "measured", end, f"folds {folds}" if folds else "", weight="bold")
        return
    below = bool(run.final <= np.interp(step, predicted.steps, predicted.value))
    after = below is not LOWER_IS_BETTER.get(run.metric, True)  # the curve comes from the other side
    text = f"round {step}: {end}"
    _annotate(
        axes, step, run.final, text, theme.measured, below=below, weight="bold", side="left" if after else "right"
    )


def _draw_bands(axes: Axes, curve: Curve, theme: Theme) -> None:
    """Draw the 95% band, and the 80% band over it."""
    if curve.quantiles is None or curve.lower is None or curve.upper is None:
        return
    _draw_band(axes, curve.steps, curve.quantiles[0], curve.quantiles[-1], theme.outer)
    _draw_band(axes, curve.steps, curve.lower, curve.upper, theme.band)


def _draw_band(axes: Axes, steps: NDArray[np.int64], lower: Array, upper: Array, colour: str) -> None:
    from matplotlib.patches import Polygon

    at = _thin(steps)
    there, low, high = steps[at], lower[at], upper[at]
    outline = np.column_stack([np.append(there, there[::-1]), np.append(low, high[::-1])])
    axes.add_artist(Polygon(outline, closed=True, facecolor=colour, linewidth=0))


def _draw_turn(axes: Axes, curve: Curve, step: int, theme: Theme, *, upward: bool) -> None:
    """Draw a line from the curve to the axis' edge where overfitting starts, and name it there."""
    start = float(np.interp(step, curve.steps, curve.value))
    axes.plot([step, step], [start, axes.get_ylim()[int(upward)]], color=theme.text, lw=1, dashes=(1, 2))
    x, y = place(axes, step, start)[0], AXIS_HEIGHT - 12 if upward else 4
    left = x < AXIS_WIDTH / 2
    text = f"overfits after round {step}"
    write(axes, x + (4 if left else -4), y, text, theme.text, ha="left" if left else "right")


def _draw_training(axes: Axes, labels: Labels, curve: Curve, plan: Plan, theme: Theme) -> None:
    """Draw the predicted values on the training part; they never move the limits, so they may run out of the axis."""
    if curve.training is None:
        return
    at = _thin(curve.steps)
    axes.plot(curve.steps[at], curve.training[at], color=theme.muted, lw=1, dashes=(1, 1.5))
    end = float(curve.training[-1])
    labels.add(end, theme.muted, "training", _shown(end, plan, curve.metric))


def _draw_spread(axes: Axes, measured: Measured, metric: str, step: int, theme: Theme) -> None:
    """Draw mean and deviation over the folds as an error bar at the last step."""
    found = wording.mean_and_deviation(measured.spread, metric)
    if found:
        bar = axes.errorbar(
            [step], [found[0]], yerr=[found[1]], fmt="_", ms=10, color=theme.measured, capsize=5, lw=1.4
        )
        for part in bar.get_children():
            part.set_clip_on(False)


def _hairline(axes: Axes, curve: Curve, colour: str) -> None:
    """Carry a curve that ends early on to its label."""
    end = axes.get_xlim()[1]
    if curve.steps[-1] < end:
        axes.plot([curve.steps[-1], end], [curve.final] * 2, color=colour, lw=1, alpha=0.55)
        axes.plot([curve.steps[-1]], [curve.final], "o", ms=4, color=colour)


def _annotate(
    axes: Axes,
    step: float,
    y: float,
    text: str,
    colour: str,
    *,
    below: bool,
    weight: str = "normal",
    side: Literal["left", "center", "right"] = "center",
) -> None:
    """Write below or above a point, inside the axis; ``side`` is the end of the text that stands at it."""
    x, height = place(axes, step, y)
    height += -22 if below else 14
    room = 45 if side == "center" else 100
    align = "right" if x > AXIS_WIDTH - room else "left" if x < room else side
    away = 6 if align == "left" else 0
    write(axes, x + away, min(max(height, 4), AXIS_HEIGHT - 12), text, colour, ha=align, weight=weight)


def _thin(steps: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Return positions of at most `_MOST_POINTS` steps, denser at the start where curves bend."""
    if len(steps) <= _MOST_POINTS:
        return slice(None)
    return np.unique((np.linspace(0, 1, _MOST_POINTS) ** 2 * (len(steps) - 1)).round().astype(int))


def _shown(value: float, plan: Plan, metric: str) -> str:
    return wording.score(value, wording.places(plan.forecast.curves[metric]))
