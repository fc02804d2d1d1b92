"""Whether the quantiles of a source of predictions hold."""

from __future__ import annotations

from dataclasses import dataclass

from .curve import Array


@dataclass(frozen=True, eq=False)
class Reliability:
    """One source's observed share at each of L levels, in the order of the levels.

    Attributes
    ----------
    source : str
    n : int
        The runs that were scored.
    levels, observed : (L,) array
        The nominal share, and that of the measured values that were at most the quantile.
    low, high : (L,) array
        Between them lies the share of a calibrated source 90% of the time, by so few runs.
    """

    source: str
    n: int
    levels: Array
    observed: Array
    low: Array
    high: Array
