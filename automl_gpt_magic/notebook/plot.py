"""The predicted training curve, and the measured one over it.

Broken line: predicted; solid line: measured. Every line carries its name and number at the right edge, so there is
no legend and nothing is said by colour alone. One unit of the figure is one CSS pixel.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..records.curve import LOWER_IS_BETTER, Array, Curve
from ..records.plan import Plan
from ..records.run import Measured
from . import wording
from .frame import AXIS_HEIGHT, AXIS_WIDTH, BOTTOM, HEIGHT, LEFT, WIDTH, Labels, Theme, draw_frame, place, write
from .llm_wording import DRAWN_LATER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Limits = tuple[float, float]

_MOST_POINTS = 160
_FONTS = ["Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans"]


LIGHT = Theme("#212121", "#616161", "#9e9e9e", "#e8e8e8", "#1565c0", "#1565c026", "#6b6b6b", "#c2410c", "#8e3a86")
_MARKS = Theme(*(f"#00fe{position:02x}" for position in range(9)))


def limits(plan: Plan, metric: str, measured: Measured | None = None) -> Limits:
    """Return y-limits that show where the curves settle; their start may run out of the axis."""
    run = _run(measured, metric)
    forecasts = [plan.forecast.curves.get(metric), plan.default_forecast.curves.get(metric)]
    curves = [(curve, int(curve.steps[-1])) for curve in forecasts if curve]
    if measured and run:
        curves.append((run, measured.planned_steps))
    spread = wording.mean_and_deviation(measured.spread, metric) if measured and run else None
    reach = [spread[0] - spread[1], spread[0] + spread[1]] if spread else []
    ends = np.concatenate([reach, *(_settled(curve, n_steps) for curve, n_steps in curves)])
    whole = np.concatenate([_settled(curve, 0) for curve, _ in curves])
    height = float(np.ptp(ends)) or float(abs(ends.max())) or 1.0
    if LOWER_IS_BETTER.get(metric, True):
        return max(0.0, ends.min() - 0.2 * height), min(ends.max() + 0.8 * height, whole.max() + 0.05 * height)
    return max(ends.min() - 0.8 * height, whole.min() - 0.05 * height), ends.max() + 0.2 * height


def widened(old: Limits, new: Limits) -> Limits:
    """Return limits that hold both, so that an edit never rescales what it need not."""
    return min(old[0], new[0]), max(old[1], new[1])


def draw(
    plan: Plan, metric: str, measured: Measured | None = None, theme: Theme = LIGHT, y_limits: Limits | None = None
) -> Figure:
    """Draw one metric of a plan.

    Parameters
    ----------
    plan : Plan
    metric : str
        One of the plan's forecast curves.
    measured : Measured or None
        Laid over the prediction where it has the metric.
    theme : Theme
    y_limits : (low, high) or None
        None stands for `limits` of this plan.
    """
    figure, axes = _blank(_last_step(plan, metric, measured), y_limits or limits(plan, metric, measured))
    run = _run(measured, metric)
    draw_frame(axes, metric, wording.unit(plan, metric), plan.step, wording.tag(measured if run else None), theme)
    labels = Labels(axes)
    if not wording.is_default(plan):
        _draw_default(axes, labels, plan, metric, theme)
    _draw_own_log(axes, labels, plan, metric, theme)
    _draw_plan(axes, labels, plan.forecast.curves[metric], theme, wording.own_log(plan, metric), ring=run is None)
    if measured and run:
        _draw_run(axes, labels, run, plan.forecast.curves[metric], theme, measured)
    labels.draw()
    return figure


def draw_waiting(plan: Plan, metric: str, theme: Theme = LIGHT) -> Figure:
    """Draw what stands before an answer is complete: the default's curve, in the limits of the plan's."""
    figure, axes = _blank(_last_step(plan, metric, None), limits(plan, metric))
    draw_frame(axes, metric, wording.unit(plan, metric), plan.step, wording.NOT_RUN, theme, band="")
    labels = Labels(axes)
    _draw_default(axes, labels, plan, metric, theme)
    write(axes, AXIS_WIDTH / 2, 0.7 * AXIS_HEIGHT, f"this plan: {DRAWN_LATER}", theme.text, ha="center")
    labels.draw()
    return figure


def _blank(last_step: float, y_limits: Limits) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
    axes = figure.add_axes((LEFT / WIDTH, BOTTOM / HEIGHT, AXIS_WIDTH / WIDTH, AXIS_HEIGHT / HEIGHT))
    axes.set_xlim(0, last_step)
    axes.set_ylim(*y_limits)
    axes.set_axis_off()
    return figure, axes


def waiting_svg(plan: Plan, metric: str, salt: str = "automl") -> str:
    """Return `draw_waiting` as inline SVG."""
    spoken = f"Validation {wording.metric_label(metric)}: only the default's curve. This plan: {DRAWN_LATER}."
    return _drawn(lambda: draw_waiting(plan, metric, _MARKS), spoken, salt)


def svg(
    plan: Plan, metric: str, measured: Measured | None = None, y_limits: Limits | None = None, salt: str = "automl"
) -> str:
    """Return the plot as inline SVG in the page's font, with colours as CSS variables so that it fits every theme.

    Parameters
    ----------
    salt : str
        Goes into the ids; one for each panel of a page.
    """
    spoken = wording.spoken(plan, metric, measured)
    return _drawn(lambda: draw(plan, metric, measured, _MARKS, y_limits), spoken, salt)


def _drawn(draw_it: Callable[[], Figure], spoken: str, salt: str) -> str:
    text = io.StringIO()
    with _settings(salt):
        figure = draw_it()
        figure.patch.set_visible(False)
        figure.savefig(text, format="svg", metadata={"Date": None})
    return _inline(text.getvalue(), spoken)


def png(plan: Plan, metric: str, measured: Measured | None = None) -> str:
    """Return the plot as a PNG in base64: opaque white, twice the size, for output that no style sheet reaches."""
    data = io.BytesIO()
    with _settings("automl"):
        draw(plan, metric, measured).savefig(data, format="png", dpi=144, facecolor="white")
    return base64.b64encode(data.getvalue()).decode()


@contextmanager
def _settings(salt: str) -> Iterator[None]:
    import matplotlib

    settings: dict[Any, Any] = {"font.family": "sans-serif", "font.sans-serif": _FONTS}
    with matplotlib.rc_context({**settings, "svg.fonttype": "none", "svg.hashsalt": salt}):
        yield


def _inline(document: str, spoken: str) -> str:
    """Turn a document of matplotlib's into an element that keeps to itself: no style sheet, fonts, ids or prolog."""
    body = document[document.index(">", document.index("<svg")) + 1 :]
    body = re.sub(
        r"<metadata>.*?</metadata>|<style.*?</style>|(?<=<g) id=\"[^\"]*\"| ?font-family: [^;\"]*;?",
        "",
        body,
        flags=re.S,
    )
    for role, mark in asdict(_MARKS).items():
        body = body.replace(f": {mark}", f": var(--ag-{role}, {getattr(LIGHT, role)})")
    root = (
        f'<svg class="ag-plot" role="img" aria-label="{escape(spoken)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" stroke-linejoin="round">'
    )
    return root + re.sub(r"\s*\n\s*", " ", body).strip()


def _run(measured: Measured | None, metric: str) -> Curve | None:
    """Return what was measured of a metric, without values that are not finite; None where there is nothing."""
    curve = measured.curves.get(metric) if measured else None
    if curve is None or not np.isfinite(curve.value).any():
        return None
    finite = np.isfinite(curve.value)
    return Curve(metric, curve.steps[finite], curve.value[finite], source="measured")


def _settled(curve: Curve, n_steps: int) -> Array:
    """Return a curve's values and bounds after the first quarter of a training of ``n_steps``, and its best value."""
    late = curve.steps >= n_steps / 4
    late |= (curve.steps == curve.best_step) & late.any()
    parts = [part[late] for part in (curve.value, curve.lower, curve.upper) if part is not None]
    return np.concatenate(parts)


def _last_step(plan: Plan, metric: str, measured: Measured | None) -> float:
    curves = [forecast.curves.get(metric) for forecast in (plan.forecast, plan.default_forecast)]
    ends = [int(curve.steps[-1]) for curve in curves if curve is not None]
    return float(max([2, *ends, measured.planned_steps if measured else 0]))


def _thin(steps: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Return positions of at most `_MOST_POINTS` steps, denser at the start where curves bend."""
    if len(steps) <= _MOST_POINTS:
        return slice(None)
    return np.unique((np.linspace(0, 1, _MOST_POINTS) ** 2 * (len(steps) - 1)).round().astype(int))


def _hairline(axes: Axes, curve: Curve, colour: str) -> None:
    """Carry a curve that ends early on to its label."""
    end = axes.get_xlim()[1]
    if curve.steps[-1] < end:
        axes.plot([curve.steps[-1], end], [curve.final] * 2, color=colour, lw=1, alpha=0.55)
        axes.plot([curve.steps[-1]], [curve.final], "o", ms=4, color=colour)


def _draw_default(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    curve = plan.default_forecast.curves.get(metric)
    if curve is None:
        return
    at = _thin(curve.steps)
    axes.plot(curve.steps[at], curve.value[at], color=theme.default, lw=1.5, dashes=(2.5, 2))
    _hairline(axes, curve, theme.default)
    shown = wording.score(curve.final, wording.places(plan.forecast.curves[metric]))
    labels.add(curve.final, theme.default, "default", shown)


def _draw_own_log(axes: Axes, labels: Labels, plan: Plan, metric: str, theme: Theme) -> None:
    """Draw the few points that the LLM expects; they never move the limits, so they may run out of the axis."""
    curve = wording.own_log(plan, metric)
    if curve is None:
        return
    axes.plot(curve.steps, curve.value, color=theme.llm, lw=1.8, dashes=(1, 1.6), marker="o", ms=3)
    _hairline(axes, curve, theme.llm)
    shown = wording.score(curve.final, wording.places(plan.forecast.curves[metric]))
    labels.add(curve.final, theme.llm, wording.OWN_LOG, shown, "before your edits" if plan.edits else "")


def _draw_plan(axes: Axes, labels: Labels, curve: Curve, theme: Theme, other: Curve | None, *, ring: bool) -> None:
    """Draw the prediction; the name of its best round keeps off the ``other`` curve."""
    from matplotlib.patches import Polygon

    at = _thin(curve.steps)
    steps = curve.steps[at]
    if curve.lower is not None and curve.upper is not None:
        outline = np.column_stack([np.append(steps, steps[::-1]), np.append(curve.lower[at], curve.upper[at][::-1])])
        axes.add_artist(Polygon(outline, closed=True, facecolor=theme.band, linewidth=0))
    axes.plot(steps, curve.value[at], color=theme.plan, lw=2, dashes=(5, 2))
    _hairline(axes, curve, theme.plan)
    shown = wording.score(curve.final, wording.places(curve))
    labels.add(curve.final, theme.plan, "predicted", shown, wording.interval(curve, " – "))
    if ring:
        best = float(np.interp(curve.best_step, curve.steps, curve.value))
        axes.plot([curve.best_step], [best], "o", ms=7, mfc="none", mec=theme.plan, mew=1.5, clip_on=False)
        below = LOWER_IS_BETTER.get(curve.metric, True)
        if other is not None:
            below = bool(np.interp(curve.best_step, other.steps, other.value) > best)
        _annotate(axes, curve.best_step, best, f"best round {curve.best_step}", theme.text, below=below)


def _annotate(
    axes: Axes, step: float, y: float, text: str, colour: str, *, below: bool, weight: str = "normal"
) -> None:
    """Write below or above a point, inside the axis."""
    x, height = place(axes, step, y)
    height += -22 if below else 14
    align = "right" if x > AXIS_WIDTH - 45 else "left" if x < 45 else "center"
    write(axes, x, min(max(height, 4), AXIS_HEIGHT - 12), text, colour, ha=align, weight=weight)


def _draw_run(axes: Axes, labels: Labels, run: Curve, plan: Curve, theme: Theme, measured: Measured) -> None:
    at = _thin(run.steps)
    axes.plot(run.steps[at], run.value[at], color=theme.measured, lw=2.4, solid_capstyle="round")
    outside = not 0 <= place(axes, 0, run.final)[1] <= AXIS_HEIGHT
    axes.plot([run.final_step], [run.final], "o", ms=5, color=theme.measured, clip_on=outside)
    decimals, step = wording.places(plan), run.final_step
    end = wording.score(run.final, decimals)
    if measured.finished:
        _draw_spread(axes, measured, run.metric, step, theme)
        folds = wording.spread(measured.spread, run.metric, decimals)
        labels.add(run.final, theme.measured, "measured", end, f"folds {folds}" if folds else "", weight="bold")
        return
    below = run.final <= np.interp(step, plan.steps, plan.value)
    _annotate(axes, step, run.final, f"round {step}: {end}", theme.measured, below=bool(below), weight="bold")


def _draw_spread(axes: Axes, measured: Measured, metric: str, step: int, theme: Theme) -> None:
    """Draw mean and deviation over the folds as an error bar at the last step."""
    found = wording.mean_and_deviation(measured.spread, metric)
    if found:
        bar = axes.errorbar(
            [step], [found[0]], yerr=[found[1]], fmt="_", ms=10, color=theme.measured, capsize=5, lw=1.4
        )
        for part in bar.get_children():
            part.set_clip_on(False)
