"""The predicted training curve, and the measured one over it.

Broken line: predicted; solid line: measured. Every line carries its name and number at the right edge, so there is
no legend and nothing is said by colour alone. One unit of the figure is one CSS pixel.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ..records.curve import LOWER_IS_BETTER, Array, Curve
from ..records.metric import METRICS
from ..records.plan import Plan
from ..records.run import Measured
from . import lines, plan_wording, training_wording, wording
from .course import default_by_now, diverges, measured_curve, rest_of
from .frame import AXIS_HEIGHT, AXIS_WIDTH, BOTTOM, HEIGHT, LEFT, WIDTH, Labels, Theme, draw_frame, write
from .inline_svg import inline_svg
from .llm_wording import DRAWN_LATER
from .spoken import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Limits = tuple[float, float]

_FONTS = ["Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans"]


LIGHT = Theme(
    *("#212121", "#616161", "#9e9e9e", "#e8e8e8", "#1565c0", "#1565c026", "#1565c014", "#6b6b6b", "#c2410c", "#8e3a86")
)
_MARKS = Theme(*(f"#00fe{position:02x}" for position in range(10)))


def limits(plan: Plan, metric: str, measured: Measured | None = None) -> Limits:
    """Return y-limits that show where the curves settle; their start may run out of the axis."""
    run, rest = measured_curve(measured, metric), rest_of(measured, metric)
    forecasts = [plan.forecast.curves.get(metric), plan.default_forecast.curves.get(metric)]
    curves = [(curve, int(curve.steps[-1])) for curve in forecasts if curve]
    if measured:
        curves += [(curve, measured.planned_steps) for curve in (run, rest) if curve]
    ends = np.concatenate([_single_values(measured, metric), *(_settled(curve, n_steps) for curve, n_steps in curves)])
    whole = np.concatenate([_settled(curve, 0) for curve, _ in curves])
    height = float(np.ptp(ends)) or float(abs(ends.max())) or 1.0
    if LOWER_IS_BETTER.get(metric, True):
        return max(0.0, ends.min() - 0.2 * height), min(ends.max() + 0.8 * height, whole.max() + 0.05 * height)
    most = METRICS[metric].highest if metric in METRICS else np.inf
    return max(ends.min() - 0.8 * height, whole.min() - 0.05 * height), min(most, ends.max() + 0.2 * height)


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
        One that is forecast, or was measured.
    measured : Measured or None
        Laid over the prediction where it has the metric.
    theme : Theme
    y_limits : (low, high) or None
        None stands for `limits` of this plan.
    """
    figure, axes = _blank(_last_step(plan, metric, measured), y_limits or limits(plan, metric, measured))
    run, rest, lost = measured_curve(measured, metric), rest_of(measured, metric), diverges(measured, metric)
    predicted = plan.forecast.curves.get(metric)
    forecast = rest or predicted
    banded = forecast is not None and forecast.quantiles is not None and not lost
    tag = training_wording.tag(measured if run or lost else None)
    bands = plan_wording.PUBLISHED_BANDS if plan.evidence.from_published else plan_wording.BANDS
    draw_frame(axes, metric, wording.unit(plan, metric), plan.step, tag, theme, bands if banded else "")
    labels = Labels(axes)
    if not plan_wording.is_default(plan) and (rest is None or default_by_now(measured, metric) is None):
        lines.draw_default(axes, labels, plan, metric, theme)
    lines.draw_own_log(axes, labels, plan, metric, theme)
    if predicted:
        (lines.draw_earlier if rest or lost else lines.draw_prediction)(axes, labels, plan, metric, theme)
    if predicted and not run and not lost:
        lines.draw_marks(axes, labels, plan, metric, theme)
    if measured and rest:
        lines.draw_rest(axes, labels, rest, plan, measured, theme)
    if measured and run:
        lines.draw_run(axes, labels, run, plan, measured, theme)
    labels.draw()
    return figure


def draw_waiting(plan: Plan, metric: str, theme: Theme = LIGHT) -> Figure:
    """Draw what stands before an answer is complete: the default's curve, in the limits of the plan's."""
    figure, axes = _blank(_last_step(plan, metric, None), limits(plan, metric))
    draw_frame(axes, metric, wording.unit(plan, metric), plan.step, training_wording.NOT_RUN, theme, bands="")
    labels = Labels(axes)
    lines.draw_default(axes, labels, plan, metric, theme)
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
    label = f"Validation {wording.metric_label(metric)}: only the default's curve. This plan: {DRAWN_LATER}."
    return _drawn(lambda: draw_waiting(plan, metric, _MARKS), label, salt)


def svg(
    plan: Plan, metric: str, measured: Measured | None = None, y_limits: Limits | None = None, salt: str = "automl"
) -> str:
    """Return the plot as inline SVG in the page's font, with colours as CSS variables so that it fits every theme.

    Parameters
    ----------
    salt : str
        Goes into the ids; one for each panel of a page.
    """
    return _drawn(lambda: draw(plan, metric, measured, _MARKS, y_limits), spoken(plan, metric, measured), salt)


def _drawn(draw_it: Callable[[], Figure], label: str, salt: str) -> str:
    opening = (
        f'<svg class="ag-plot" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" stroke-linejoin="round">'
    )
    colours = {mark: f"var(--ag-{role}, {getattr(LIGHT, role)})" for role, mark in asdict(_MARKS).items()}
    with _fonts():
        return inline_svg(draw_it, opening, colours, salt)


def png(plan: Plan, metric: str, measured: Measured | None = None) -> str:
    """Return the plot as a PNG in base64: opaque white, twice the size, for output that no style sheet reaches."""
    data = io.BytesIO()
    with _fonts():
        draw(plan, metric, measured).savefig(data, format="png", dpi=144, facecolor="white")
    return base64.b64encode(data.getvalue()).decode()


@contextmanager
def _fonts() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context({"font.family": "sans-serif", "font.sans-serif": _FONTS}):
        yield


def _settled(curve: Curve, n_steps: int) -> Array:
    """Return a curve's values and bounds after the first quarter of a training of ``n_steps``, and its best value.

    Of the wider band only the end counts.
    """
    late = curve.steps >= n_steps / 4
    late |= (curve.steps == curve.best_step) & late.any()
    parts = [part[late] for part in (curve.value, curve.lower, curve.upper) if part is not None]
    return np.concatenate([*parts, [] if curve.quantiles is None else curve.quantiles[[0, -1], -1]])


def _single_values(measured: Measured | None, metric: str) -> list[float]:
    """Return the values beside the curves that belong inside the axis."""
    spread = wording.mean_and_deviation(measured.spread, metric) if measured else None
    default = default_by_now(measured, metric)
    return ([spread[0] - spread[1], spread[0] + spread[1]] if spread else []) + ([] if default is None else [default])


def _last_step(plan: Plan, metric: str, measured: Measured | None) -> float:
    curves = [forecast.curves.get(metric) for forecast in (plan.forecast, plan.default_forecast)]
    curves += [measured_curve(measured, metric), rest_of(measured, metric)]
    ends = [int(curve.steps[-1]) for curve in curves if curve is not None]
    return float(max([2, *ends, measured.planned_steps if measured else 0]))
