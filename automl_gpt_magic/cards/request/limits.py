"""Limits: how long training and an answer may take, how many steps, how large, and how good."""

from __future__ import annotations

import math

from ...records.metric import METRICS
from ...records.request import MOST_BATCH, Constraint, Wish
from .metric_names import is_impossible
from .rules import Found, Rule, rules

_MOST_COUNT = 1e9
_SHORTEST_TRAINING = 0.5  # s; what is shorter is more likely to be meant otherwise
_UPPER = "MOST|LESS|WITHIN|CAP"
_LOWER = "LEAST|MORE"
_FOR_TIME = f"{_UPPER}|FASTER_THAN|IN|TO"
_ASK = "USE|KEEP|REACH|ONLY"
_KEPT = "KEEP|CAP|LOW"


def _limit(quantity: str, bound: float, **more: object) -> tuple[Wish, ...] | None:
    if not 0 < bound < math.inf:
        return None
    return (Wish("limit", constraint=Constraint(quantity, bound, **more)),)  # type: ignore[arg-type]


def _training(found: Found) -> tuple[Wish, ...] | None:
    seconds = found.value("NUMBER") * found.value("TIME")
    return _limit("training_seconds", seconds) if seconds >= _SHORTEST_TRAINING else None


def _count(found: Found) -> tuple[Wish, ...] | None:
    most = found.value("NUMBER") - found.has("LESS")
    if not 1 <= most < _MOST_COUNT or most != int(most):
        return None
    return _limit(found.value("COUNT"), int(most))


def _latency(found: Found) -> tuple[Wish, ...] | None:
    seconds, batch = found.value("NUMBER") * found.value("TIME"), _batch(found)
    if batch is None:
        return None
    return _limit("latency", seconds, batch=batch, percentile=found.value("PERCENTILE", 95))


def _bare_latency(found: Found) -> tuple[Wish, ...] | None:
    """Return a limit on latency where nothing else can be meant: nobody trains within milliseconds."""
    return _latency(found) if found.value("TIME") < 1 or found.has("PER", "PERCENTILE") else None


def _throughput(found: Found) -> tuple[Wish, ...] | None:
    thousands, batch = 1000 if found.has("KILO") else 1, _batch(found)
    if batch is None:
        return None
    return _limit("throughput", found.value("NUMBER") * thousands * found.value("RATE"), at_least=True, batch=batch)


def _batch(found: Found) -> int | None:
    """Return the rows of one call; None where they cannot be so many."""
    rows = found.all("NUMBER")[-1] if found.has("BATCH", "ROWS") else 1
    return int(rows) if 1 <= rows <= MOST_BATCH and rows == int(rows) else None


def _model_size(found: Found) -> tuple[Wish, ...] | None:
    return _limit("model_size", found.value("NUMBER") * found.value("SIZE"))


def _memory(found: Found) -> tuple[Wish, ...] | None:
    return _limit("memory", found.value("NUMBER") * found.value("SIZE"))


def _metric(found: Found) -> tuple[Wish, ...] | None:
    name, bound = found.value("METRIC"), found.value("NUMBER")
    bound = bound / 100 if found.has("PERCENT") else bound
    at_least = not METRICS[name].lower_is_better
    turned = found.has("MOST", "LESS", "WITHIN") if at_least else found.has("LEAST", "MORE", "REACH")
    if turned or is_impossible(name, bound, found.has("PERCENT")):
        return None
    return _limit(name, bound, at_least=at_least)


def _per_call(*patterns: str) -> list[str]:
    """Return patterns, each alone and with the rows of one call behind it."""
    return [f"{pattern} {rows}" for pattern in patterns for rows in ("PER?", "PER? BATCH NUMBER ROWS?", "NUMBER ROWS")]


_ANSWERING = ("PERCENTILE? LATENCY PERCENTILE?", "PERCENTILE LATENCY?")

LIMITS: list[Rule] = [
    *rules(
        _training,
        f"KEEP|CAP? TRAIN|FIT FAST? IN? {_UPPER}|FASTER_THAN|IN NUMBER TIME",
        f"{_ASK}? IN? MOST|LESS|WITHIN|CAP NUMBER TIME TRAIN|DURING",
        "USE? IN|FASTER_THAN NUMBER TIME TRAIN",
        "MOST|CAP TRAIN NUMBER TIME",
        "CAP|KEEP|LOW TRAIN TO NUMBER TIME",
        "TRAIN IN? NUMBER TIME MOST",
        "NUMBER TIME MOST TRAIN|DURING",
        "NUMBER TIME TRAIN MOST|ENOUGH",
        "TRAIN ONLY NUMBER TIME",
        "ONLY TRAIN NUMBER TIME",
    ),
    *rules(
        _count,
        f"{_ASK}? TRAIN? MOST|LESS|WITHIN NUMBER COUNT USE|TRAIN?",
        "TRAIN IN MOST|LESS NUMBER COUNT",
        "NUMBER COUNT MOST USE|TRAIN?",
        f"{_KEPT}|SET? COUNT MOST|LESS|WITHIN NUMBER",
        "CAP|LOW COUNT TO NUMBER",
        "COUNT TO NUMBER CAP",
        "CAP TRAIN? TO NUMBER COUNT",
        "TRAIN TO NUMBER COUNT CAP",
        "CAP NUMBER COUNT",
        "MOST|CAP COUNT NUMBER",
        "COUNT NUMBER MOST",
        "ONLY USE|TRAIN? NUMBER COUNT USE|TRAIN?",
        "USE|TRAIN ONLY NUMBER COUNT",
        "NUMBER COUNT ONLY",
        "NUMBER COUNT ENOUGH",
        "ENOUGH NUMBER COUNT",
    ),
    *rules(
        _latency,
        *(
            pattern
            for what in _ANSWERING
            for pattern in _per_call(
                f"{_KEPT}? {what} IN? {_FOR_TIME} NUMBER TIME",
                f"{what} NUMBER TIME PER? MOST",
                f"MOST|CAP {what} NUMBER TIME",
                f"{_ASK}? IN? {_UPPER}|FASTER_THAN NUMBER TIME {what}",
            )
        ),
        "NUMBER TIME PER? LATENCY MOST",
        f"{_KEPT}? LATENCY IN? {_FOR_TIME} NUMBER TIME PER? PERCENTILE",
    ),
    *rules(
        _bare_latency,
        *_per_call(f"{_ASK}? IN? MOST|LESS|WITHIN|FASTER_THAN NUMBER TIME", "NUMBER TIME PER? MOST"),
        f"{_ASK}? IN? MOST|LESS|WITHIN NUMBER TIME PER? PERCENTILE",
    ),
    *rules(
        _throughput,
        *_per_call(
            f"{_ASK}? LATENCY|THROUGHPUT? REACH? {_LOWER}|FASTER_THAN|TO? NUMBER KILO? RATE LATENCY|THROUGHPUT?",
            f"{_ASK}? LATENCY|THROUGHPUT? NUMBER KILO? RATE LEAST|REACH LATENCY|THROUGHPUT?",
            f"LATENCY|THROUGHPUT? {_LOWER} NUMBER KILO? RATE REACH",
            f"{_LOWER} THROUGHPUT NUMBER KILO? RATE",
        ),
    ),
    *rules(
        _model_size,
        f"{_KEPT}|USE? SIZED|SMALL? FIT? IN? {_UPPER} NUMBER SIZE SIZED?",
        "KEEP|CAP|LOW? SIZED TO NUMBER SIZE",
        "KEEP|CAP|SMALL TO NUMBER SIZE",
        "FIT IN|WITHIN NUMBER SIZE",
        "IN|TO NUMBER SIZE FIT",
        "NUMBER SIZE MOST SIZED?",
        "SIZED NUMBER SIZE MOST",
        "MOST SIZED NUMBER SIZE",
    ),
    *rules(
        _memory,
        f"{_KEPT}|USE|TRAIN? IN? {_UPPER} NUMBER SIZE MEMORY DURING|TRAIN|LATENCY?",
        f"{_KEPT}? MEMORY DURING? {_UPPER}|TO NUMBER SIZE DURING?",
        "FIT IN NUMBER SIZE MEMORY",
        "IN NUMBER SIZE MEMORY FIT|TRAIN",
        f"{_KEPT}? {_UPPER} NUMBER SIZE DURING",
        "MOST MEMORY NUMBER SIZE DURING?",
        "MEMORY NUMBER SIZE MOST",
        "NUMBER SIZE MEMORY MOST|ENOUGH DURING?",
        "USE? ONLY NUMBER SIZE MEMORY",
    ),
    *rules(
        _metric,
        f"{_ASK}? METRIC REACH? LEAST|MORE|MOST|LESS|BETTER_THAN NUMBER PERCENT? REACH?",
        f"{_ASK}? LEAST|MORE|MOST|LESS|BETTER_THAN NUMBER PERCENT? METRIC REACH?",
        "REACH METRIC TO? NUMBER PERCENT?",
        "REACH NUMBER PERCENT? METRIC",
        "METRIC NUMBER PERCENT? LEAST|MOST",
        "NUMBER PERCENT? METRIC LEAST|MOST",
        "LEAST METRIC NUMBER PERCENT?",
        "MOST METRIC NUMBER PERCENT?",
    ),
]
