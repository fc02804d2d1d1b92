"""Names and numbers as every view writes them."""

from __future__ import annotations

import math
from statistics import fmean, stdev
from typing import Any

from ..records.curve import Curve
from ..records.metric import METRICS, label_of
from ..records.plan import Plan
from ..records.run import Spread

_GIGABYTE = 1e9
SOURCES = {"user": "you", "llm": "LLM"}
STANDARDISED = "in standard deviations of the target"


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


def source_label(source: str) -> str:
    """Return a value's source as its chip says it."""
    return SOURCES.get(source, source)


def size(n_bytes: float) -> str:
    """Return a predicted size with two digits, such as ``36 MB`` or ``1.2 GB``."""
    large = n_bytes >= _GIGABYTE
    return f"{n_bytes / _GIGABYTE:.2g} GB" if large else f"{float(f'{n_bytes / 1e6:.2g}'):.0f} MB"


def longer_than(before: float, after: float) -> str:
    """Return the duration that another one is set against, with an arrow; empty where there is nothing to compare."""
    differ = seconds(before) != seconds(after)
    return f"{seconds(before)} → " if differ and math.isfinite(before + after) else ""


def spread(given: Spread | None, metric: str, decimals: int) -> str:
    """Return mean and standard deviation over the splits, such as ``0.284 ± 0.006``; empty where there are none."""
    found = mean_and_deviation(given, metric)
    return f"{score(found[0], decimals)} ± {score(found[1], decimals)}" if found else ""


def mean_and_deviation(given: Spread | None, metric: str) -> tuple[float, float] | None:
    """Return a metric's mean and standard deviation over the splits; None where there are not two to tell them."""
    scores = [value for value in given.scores.get(metric, ()) if math.isfinite(value)] if given else []
    return (fmean(scores), stdev(scores)) if len(scores) > 1 else None
