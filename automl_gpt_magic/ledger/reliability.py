"""Whether so many values lie below a predicted quantile as its level says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from ..records.curve import QUANTILES, Array
from ..records.reliability import Reliability
from .predictions import Prediction
from .scores import below

_FEWEST = 5
_BY_CHANCE = 0.9


def reliabilities(found: Iterable[Prediction]) -> list[Reliability]:
    """Return the reliability of each source with quantiles and at least five scored runs.

    A reliability diagram (Gneiting, Balabdaoui and Raftery 2007, "Probabilistic forecasts, calibration and
    sharpness", section 3.1: probability calibration). Each run counts once, by the metric that it is judged by: its
    metrics err together. The interval is the binomial distribution's, so runs count as independent.
    """
    groups: dict[str, list[Array]] = defaultdict(list)
    for one in found:
        if one.score is not None and one.score.quantiles is not None and one.metric == one.run.metric:
            groups[one.source].append(below(one.score.quantiles, one.score.measured))
    return [_reliability(source, np.array(each)) for source, each in sorted(groups.items()) if len(each) >= _FEWEST]


def _reliability(source: str, lay_below: Array) -> Reliability:
    """Return the reliability from (n, 9) of 1 and 0, NaN where a level was not known."""
    from scipy.stats import binom

    counts = (~np.isnan(lay_below)).sum(axis=0)
    often = counts >= _FEWEST
    levels, n = np.array(QUANTILES)[often], counts[often]
    tail = (1 - _BY_CHANCE) / 2
    return Reliability(
        source,
        len(lay_below),
        levels,
        np.nanmean(lay_below[:, often], axis=0),
        binom.ppf(tail, n, levels) / n,
        binom.ppf(1 - tail, n, levels) / n,
    )
