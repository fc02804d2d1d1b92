"""The reliability diagram under the ledger: a square for each source, so that nothing is said by colour alone.

Points on the diagonal: the quantiles hold. The band holds each point of a calibrated source 90% of the time. One unit
of the figure is one CSS pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ..records.reliability import Reliability
from .inline_svg import inline_svg
from .markup import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIDE, _GAP, _LEFT, _RIGHT, _TOP, _BOTTOM = 160, 36, 60, 20, 44, 42
_HEIGHT = _TOP + _SIDE + _BOTTOM
_TICKS = (0.0, 0.5, 1.0)
_LONGEST = 22
_TEXT, _MUTED, _GRID, _LINE, _BAND = (f"#00fd{role:02x}" for role in range(5))
# Each role by the page's theme, and where there is none in colours for white.
_COLOURS = {
    _TEXT: "var(--jp-ui-font-color1, #212121)",
    _MUTED: "var(--jp-ui-font-color2, #616161)",
    _GRID: "var(--jp-border-color1, #bdbdbd)",
    _LINE: "var(--jp-brand-color1, #1565c0)",
    _BAND: "var(--jp-border-color2, #e0e0e0)",
}


def svg(plotted: Sequence[Reliability]) -> str:
    """Return the diagram as inline SVG in the page's font and colours."""
    width = _width(plotted)
    opening = (
        f'<svg role="img" aria-label="{escape(spoken(plotted))}" viewBox="0 0 {width} {_HEIGHT}" width="{width}" '
        'style="max-width:100%;height:auto;font-family:var(--jp-ui-font-family, system-ui, sans-serif)" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return inline_svg(lambda: draw(plotted), opening, _COLOURS, salt=spoken(plotted))


def draw(plotted: Sequence[Reliability]) -> Figure:
    """Draw the diagram, in colours that stand for their roles."""
    from matplotlib.figure import Figure

    width = _width(plotted)
    figure = Figure(figsize=(width / 72, _HEIGHT / 72), dpi=72)
    for place, one in enumerate(plotted):
        left = _LEFT + place * (_SIDE + _GAP)
        axes = figure.add_axes((left / width, _BOTTOM / _HEIGHT, _SIDE / width, _SIDE / _HEIGHT))
        _draw_frame(axes, one, named=not place)
        axes.fill_between(one.levels, one.low, one.high, color=_BAND, linewidth=0)
        axes.plot([0, 1], [0, 1], color=_MUTED, lw=1, dashes=(3, 3))
        axes.plot(one.levels, one.observed, color=_LINE, lw=1.6, marker="o", ms=4, clip_on=False)
    return figure


def spoken(plotted: Sequence[Reliability]) -> str:
    """Say what the diagram shows, for those who do not see it."""
    return " ".join(f"Reliability of {one_line(one.source)}, {one.n} runs: {_shares(one)}." for one in plotted)


def _shares(one: Reliability) -> str:
    told = zip(one.levels, one.observed, one.low, one.high, strict=True)
    return ", ".join(
        f"below the {level:.1%} quantile {observed:.0%} ({low:.0%} to {high:.0%} if calibrated)"
        for level, observed, low, high in told
    )


def _draw_frame(axes: Axes, one: Reliability, *, named: bool) -> None:
    """Draw grid, ticks and titles; only the first square names its upright axis."""
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for side in axes.spines.values():
        side.set_color(_GRID)
    shown = [f"{tick:.0%}" for tick in _TICKS]
    axes.set_xticks(_TICKS, shown, color=_MUTED, size=10)
    axes.set_yticks(_TICKS, shown if named else [""] * len(_TICKS), color=_MUTED, size=10)
    axes.tick_params(length=3, color=_GRID)
    axes.set_xlabel("quantile's level", color=_MUTED, size=10)
    if named:
        axes.set_ylabel("measured below it", color=_MUTED, size=10)
    source = one_line(one.source)
    title = source if len(source) <= _LONGEST else source[: _LONGEST - 1] + "…"
    how: dict[str, Any] = {"transform": axes.transAxes, "parse_math": False}
    axes.text(0, 1 + 24 / _SIDE, title, color=_TEXT, size=12, weight="bold", **how)
    axes.text(0, 1 + 8 / _SIDE, f"{one.n} runs", color=_MUTED, size=10, **how)


def _width(plotted: Sequence[Reliability]) -> int:
    return _LEFT + len(plotted) * _SIDE + (len(plotted) - 1) * _GAP + _RIGHT
