"""How each source of predictions has done so far, by metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from .predictions import OURS, REPEATED, Prediction
from .scores import INTERVALS, Score


@dataclass(frozen=True)
class Standing:
    """The scores of one source for one metric.

    Attributes
    ----------
    source, metric : str
    n : int
        Its scored predictions.
    error, curve_error, width, crps : float or None
        Means, each over those that have it, as a share of what was measured where ``relative``; None where none has.
    held : mapping of share in percent to (int, int)
        How many of how many measured values lay inside the interval for it.
    relative : bool
    """

    source: str
    metric: str
    n: int
    error: float | None
    curve_error: float | None
    width: float | None
    crps: float | None
    held: Mapping[int, tuple[int, int]]
    relative: bool


def standings(found: Iterable[Prediction]) -> list[Standing]:
    """Return how each source stands, ours first, by source and metric; what was left out does not count."""
    groups: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for one in found:
        if one.score is not None:
            groups[one.source, one.metric].append(one)
    return [standing(source, metric, groups[source, metric]) for source, metric in sorted(groups, key=_ours_first)]


def _ours_first(group: tuple[str, str]) -> tuple[bool, str, str]:
    source, metric = group
    return source not in (*OURS, REPEATED), source, metric


def standing(source: str, metric: str, group: Sequence[Prediction]) -> Standing:
    """Return how the predictions of one metric in ``group``, all of them scored, stand together."""
    scored = [(one.score, one.unit) for one in group if one.score is not None]
    return Standing(
        source,
        metric,
        len(scored),
        _mean((one.error, unit) for one, unit in scored),
        _mean((one.curve_error, unit) for one, unit in scored),
        _mean((one.width, unit) for one, unit in scored),
        _mean((one.crps, unit) for one, unit in scored),
        {share: _held([one for one, _ in scored], share) for share in INTERVALS},
        any(one.relative for one in group),
    )


def _mean(values: Iterable[tuple[float | None, float]]) -> float | None:
    known = [value / unit for value, unit in values if value is not None and unit]
    return fmean(known) if known else None


def _held(scores: Sequence[Score], share: int) -> tuple[int, int]:
    judged = [held for one in scores if (held := one.inside(share)) is not None]
    return sum(judged), len(judged)
