"""Where things stand in the plot: the frame around the curves, and the labels at their ends.

Places are in CSS pixels from the lower left corner of the axis.
"""

from __future__ import annotations

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
_LABEL_GAP = 18


@dataclass(frozen=True)
class Theme:
    """Colours by their role."""

    text: str
    muted: str
    axis: str
    grid: str
    plan: str
    band: str
    default: str
    measured: str


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
        self._entries: list[tuple[float, str, str, str, str]] = []

    def add(self, y: float, colour: str, name: str, shown: str, weight: str = "normal") -> None:
        """Add the label of a curve that ends at the value ``y``."""
        self._entries.append((place(self._axes, 0, y)[1], colour, name, shown, weight))

    def draw(self) -> None:
        """Write the labels, with a line to each that was pushed away from its curve."""
        heights = spread([entry[0] for entry in self._entries])
        for (y, colour, name, shown, weight), height in zip(self._entries, heights, strict=True):
            if abs(y - height) > 0.5 and 0 <= y <= AXIS_HEIGHT:
                rule(self._axes, [AXIS_WIDTH + 1, AXIS_WIDTH + 7], [y, height], colour)
            write(self._axes, AXIS_WIDTH + 10, height, name, colour, weight=weight, va="center")
            write(self._axes, AXIS_WIDTH + 78, height, shown, colour, weight=weight, va="center")


def spread(heights: list[float]) -> list[float]:
    """Push label heights at least `_LABEL_GAP` apart inside the axis; their order stays."""
    order = np.argsort(heights, kind="stable")
    out = np.clip(heights, 4, AXIS_HEIGHT - 4)
    for _ in range(60):
        for below, above in pairwise(order):
            lack = (_LABEL_GAP - (out[above] - out[below])) / 2
            if lack > 0:
                out[below], out[above] = out[below] - lack, out[above] + lack
        out += max(0.0, 4 - out.min()) - max(0.0, out.max() - AXIS_HEIGHT + 4)
    return [float(height) for height in out]


def draw_frame(axes: Axes, metric: str, tag: str, theme: Theme) -> None:
    """Draw axes, title and tag."""
    _draw_y_axis(axes, theme)
    _draw_x_axis(axes, theme)
    head = HEIGHT - BOTTOM - 18
    write(axes, -LEFT, head, f"Validation {wording.metric_label(metric)}", theme.text, size=12, weight="bold")
    write(axes, 0, -BOTTOM + 5, "band: 80% interval", theme.muted)
    write(axes, AXIS_WIDTH, -BOTTOM + 5, wording.STEP, theme.muted, ha="right")
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
