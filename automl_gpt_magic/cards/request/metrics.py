"""Another metric to choose by."""

from __future__ import annotations

from ...records.metric import METRICS
from ...records.request import Wish
from .rules import Found, Rule, rules


def _metric(found: Found) -> tuple[Wish, ...]:
    return (Wish("metric", name=found.value("METRIC")),)


def _other(found: Found) -> tuple[Wish, ...]:
    """Return the metric that is named after the one it stands instead of."""
    return (Wish("metric", name=found.all("METRIC")[1]),)


def _extreme(found: Found) -> tuple[Wish, ...] | None:
    """Return the metric that is made as good as can be; a worse one is not what anybody means."""
    wants_low = found.words("LOW").startswith("mini")
    wants_high = found.words("HIGH").startswith("maxi")
    is_meant = wants_low if METRICS[found.value("METRIC")].lower_is_better else wants_high
    return _metric(found) if is_meant else None


_CHANGE = "USE|OPTIMISE|SET|TOUCH"

METRIC_WISHES: list[Rule] = [
    *rules(
        _metric,
        f"{_CHANGE} METRIC METRICWORD? INSTEAD?",
        f"{_CHANGE} INSTEAD METRIC METRICWORD?",
        f"{_CHANGE} METRIC METRICWORD? INSTEAD_OF METRIC METRICWORD?",
        f"{_CHANGE}? METRICWORD METRIC INSTEAD?",
        f"{_CHANGE}? METRICWORD METRIC INSTEAD_OF METRIC",
        "METRIC METRICWORD? INSTEAD",
        "INSTEAD METRIC METRICWORD?",
        "METRIC METRICWORD? INSTEAD_OF METRIC",
        "METRIC METRICWORD? USE|OPTIMISE INSTEAD?",
        "METRIC METRICWORD USE?",
    ),
    *rules(_other, f"{_CHANGE}? INSTEAD_OF METRIC INSTEAD? METRIC METRICWORD? USE?"),
    *rules(_extreme, "LOW|HIGH METRIC"),
]
