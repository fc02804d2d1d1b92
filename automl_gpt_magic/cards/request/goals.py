"""What is to get better: speed, size, memory, accuracy, or how well it explains itself."""

from __future__ import annotations

from ...records.request import Goal, Wish
from .rules import Found, Rule, rules


def _faster_inference(_: Found) -> tuple[Wish, ...]:
    return _prefer("faster inference")


def _faster_training(_: Found) -> tuple[Wish, ...]:
    return _prefer("faster training")


def _smaller(_: Found) -> tuple[Wish, ...]:
    return _prefer("smaller")


def _less_memory(_: Found) -> tuple[Wish, ...]:
    return _prefer("less memory")


def _more_accurate(found: Found) -> tuple[Wish, ...] | None:
    return _prefer("more accurate") if found.value("METRIC", "accuracy") == "accuracy" else None


def _explainable(_: Found) -> tuple[Wish, ...]:
    return _prefer("explainable")


def _prefer(goal: Goal) -> tuple[Wish, ...]:
    return (Wish("prefer", goal=goal),)


GOALS: list[Rule] = [
    *rules(
        _faster_inference,
        "KEEP? HIGH? FAST",
        "KEEP? HIGH? FAST LATENCY|THROUGHPUT",
        "KEEP? LATENCY HIGH? FAST",
        "USE? LOW|SMALL LATENCY",
        "KEEP LATENCY LOW|SMALL",
        "LATENCY LOW",
        "HIGH THROUGHPUT|SPEED",
        "HIGH|OPTIMISE LATENCY SPEED?",
        "OPTIMISE LATENCY|THROUGHPUT|SPEED",
        "MODEL|FAMILY? LATENCY? TOO_SLOW LATENCY?",
    ),
    *rules(
        _faster_training,
        "KEEP? HIGH? FAST TRAIN|DURING",
        "KEEP? TRAIN HIGH? FAST",
        "LOW TRAIN",
        "HIGH|OPTIMISE TRAIN SPEED",
        "MODEL|FAMILY? TRAIN|DURING TOO_SLOW",
        "MODEL|FAMILY? TOO_SLOW TRAIN|DURING",
    ),
    *rules(
        _smaller,
        "KEEP? HIGH? SMALL",
        "KEEP? HIGH? SMALL SIZED",
        "LOW|OPTIMISE SIZED",
        "TOO_BIG",
        "SIZED TOO_BIG",
    ),
    *rules(
        _less_memory,
        "USE? LOW|SMALL MEMORY USE?",
        "KEEP? MEMORY LOW|SMALL",
        "OPTIMISE MEMORY",
        "TOO_MUCH MEMORY",
        "HIGH? THRIFTY",
        "LOW MEMORY DURING",
    ),
    *rules(
        _more_accurate,
        "KEEP? HIGH? ACCURATE",
        "HIGH METRIC",
        "LOW ERRORS",
    ),
    *rules(_explainable, "KEEP? HIGH? EXPLAIN"),
]
