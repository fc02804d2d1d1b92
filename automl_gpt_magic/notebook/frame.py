"""Where things stand in the plot: the frame around the curves, and the labels at their ends.

Places are in CSS pixels from the lower left corner of the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from . import wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 168, 40, 36
AXIS_WIDTH, AXIS_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
_LABEL_GAP, _SECOND_LINE = 18, 13
_NAME_AT, _NUMBER_AT, _LONGEST_AT_NUMBER = 10, 78, 16


@dataclass(frozen=True)
class Theme:
    """Colours by their role."""

    text: str
    muted: str
    axis: str
    grid: str
    plan: str
    band: str
    outer: str
    default: str
    measured: str
    llm: str


def place(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the data stands."""
    (low, high), end = axes.get_ylim(), axes.get_xlim()[1]
    return x / end * AXIS_WIDTH, (y - low) / (high - low) * AXIS_HEIGHT


def write(axes: Axes, x: float, y: float, text: str, colour: str, **how: Any) -> None:
    """Write at a place."""
    how = {"size": 11, "transform": axes.transAxes, "parse_math": False, **how}
    axes.text(x / AXIS_WIDTH, y / AXIS_HEIGHT, text, color=colour, **how)


def rule(axes: Axes, xs: list[float], ys: list[float], colour: str) -> None:
    """Draw a thin line between places."""
    from matplotlib.lines import Line2D

    xs, ys = [x / AXIS_WIDTH for x in xs], [y / AXIS_HEIGHT for y in ys]
    axes.add_artist(Line2D(xs, ys, color=colour, lw=1, transform=axes.transAxes, clip_on=False, solid_capstyle="butt"))


class Labels:
    """Names and numbers at the right edge, pushed apart."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._entries: list[_Label] = []

    def add(self, y: float, colour: str, name: str, shown: str, second: str = "", weight: str = "normal") -> None:
        """Add the label of a curve that ends at the value ``y``; ``second`` is a smaller line under it."""
        self._entries.append(_Label(place(self._axes, 0, y)[1], colour, name, shown, second, weight))

    def draw(self) -> None:
        """Write the labels, with a line to each that was pushed away from its curve."""
        hanging = [_SECOND_LINE if label.second else 0 for label in self._entries]
        heights = spread([label.y for label in self._entries], hanging)
        for label, height in zip(self._entries, heights, strict=True):
            if abs(label.y - height) > 0.5 and 0 <= label.y <= AXIS_HEIGHT:
                rule(self._axes, [AXIS_WIDTH + 1, AXIS_WIDTH + 7], [label.y, height], label.colour)
            self._write(_NAME_AT, height, label.name, label)
            self._write(_NUMBER_AT, height, label.shown, label)
            second_at = _NUMBER_AT if len(label.second) <= _LONGEST_AT_NUMBER else _NAME_AT
            self._write(second_at, height - _SECOND_LINE, label.second, label, size=10)

    def _write(self, x: float, y: float, text: str, label: _Label, size: float = 11) -> None:
        if text:
            write(self._axes, AXIS_WIDTH + x, y, text, label.colour, weight=label.weight, va="center", size=size)


@dataclass(frozen=True)
class _Label:
    y: float
    colour: str
    name: str
    shown: str
    second: str
    weight: str


def spread(heights: list[float], hanging: Sequence[float] = ()) -> list[float]:
    """Push label heights apart inside the axis; their order stays.

    Parameters
    ----------
    heights : list of float
    hanging : sequence of float
        How much hangs under each label; nothing by default.
    """
    under = np.array(hanging or np.zeros(len(heights)))
    order = np.argsort(heights, kind="stable")
    out = np.clip(heights, 4 + under, AXIS_HEIGHT - 4)
    for _ in range(60):
        for below, above in pairwise(order):
            lack = (_LABEL_GAP + under[above] - (out[above] - out[below])) / 2
            if lack > 0:
                out[below], out[above] = out[below] - lack, out[above] + lack
        out += max(0.0, (4 + under - out).max()) - max(0.0, out.max() - AXIS_HEIGHT + 4)
    return [float(height) for height in out]


def draw_frame(axes: Axes, metric: str, unit: str, step: str, tag: str, theme: Theme, bands: str) -> None:
    """Draw axes, title with the unit under it, tag, what the bands are and what a step is."""
    _draw_y_axis(axes, theme)
    _draw_x_axis(axes, theme)
    head = HEIGHT - BOTTOM - 18
    write(axes, -LEFT, head, f"Validation {wording.metric_label(metric)}", theme.text, size=12, weight="bold")
    if unit:
        write(axes, -LEFT, head - 14, unit, theme.muted)
    write(axes, 0, -BOTTOM + 5, bands, theme.muted)
    write(axes, AXIS_WIDTH, -BOTTOM + 5, step, theme.muted, ha="right")
    _draw_tag(axes, tag, theme)


def _draw_tag(axes: Axes, tag: str, theme: Theme) -> None:
    colour, edge = (theme.measured, theme.measured) if tag == "measured" else (theme.text, theme.muted)
    width, right, low, high = 6.0 * len(tag) + 14, AXIS_WIDTH + RIGHT - 1, HEIGHT - BOTTOM - 23, HEIGHT - BOTTOM - 3
    left = right - width
    rule(axes, [left, right, right, left, left], [low, low, high, high, low], edge)
    write(axes, right - width / 2, low + 6, tag, colour, ha="center")


def _draw_y_axis(axes: Axes, theme: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_ylim()
    ticks = [tick for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= tick <= high]
    decimals = max(0, int(np.ceil(-np.log10(ticks[1] - ticks[0]) - 1e-9))) if len(ticks) > 1 else 3
    for tick in ticks:
        y = place(axes, 0, tick)[1]
        rule(axes, [0, AXIS_WIDTH], [y, y], theme.grid)
        write(axes, -6, y - 4, f"{tick:,.{decimals}f}" if abs(tick) < 1e5 else f"{tick:.3g}", theme.muted, ha="right")


def _draw_x_axis(axes: Axes, theme: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    end = axes.get_xlim()[1]
    rule(axes, [0, AXIS_WIDTH], [0, 0], theme.axis)
    for tick in MaxNLocator(5, steps=[1, 2, 5, 10], integer=True).tick_values(0, end):
        if tick <= end:
            x = place(axes, tick, 0)[0]
            rule(axes, [x, x], [0, -4], theme.axis)
            write(axes, x, -16, f"{tick:,.0f}", theme.muted, ha="center")
