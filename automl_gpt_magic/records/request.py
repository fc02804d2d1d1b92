"""What the user asks for beyond the cards: limits with units, and what a sentence was understood to want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

# What can be limited, and the unit its bound is kept in. Any other name is that of a metric, in the metric's own unit.
UNITS = {
    "training_seconds": "s",
    "trees": "trees",
    "epochs": "epochs",
    "latency": "s",
    "throughput": "rows/s",
    "model_size": "bytes",
    "memory": "bytes",
}
PERCENTILES = (50, 95)  # of a latency
MOST_BATCH = 100_000  # rows of one call: more would need memory that nobody asked for, when they are measured
# These count the steps of a training.
COUNTS = ("trees", "epochs")

Goal = Literal["faster inference", "faster training", "smaller", "less memory", "more accurate", "explainable"]
Want = Literal["limit", "prefer", "metric", "set", "lock", "free", "model"]


@dataclass(frozen=True)
class Constraint:
    """A limit that a plan has to keep.

    Attributes
    ----------
    quantity : str
        A name in `UNITS`, or that of a metric.
    bound : float
        In the unit of `UNITS`; a metric's is the metric's own, such as a share of 1 for recall.
    at_least : bool
        Whether ``bound`` is the least that is allowed; else it is the most.
    batch : int
        Rows of one call, for latency and throughput.
    percentile : int
        Of the latency's distribution: 50 or 95.
    text : str
        The user's words that it was read from.
    """

    quantity: str
    bound: float
    at_least: bool = False
    batch: int = 1
    percentile: int = 95
    text: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """What it limits and how, such as ``latency-most-p95-batch-1``: a later such limit stands in its place."""
        return "-".join([self.quantity, "least" if self.at_least else "most", *self._call])

    @property
    def subject(self) -> str:
        """What it limits, such as ``latency-p95-batch-1``; of most quantities that is their name."""
        return "-".join([self.quantity, *self._call])

    @property
    def _call(self) -> list[str]:
        percentile = [f"p{self.percentile}"] if self.quantity == "latency" else []
        batch = [f"batch-{self.batch}"] if self.quantity in ("latency", "throughput") else []
        return [*percentile, *batch]

    def keeps(self, value: float) -> bool:
        """Return whether a value is within the limit."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True)
class Wish:
    """One thing that a request was understood to want.

    Attributes
    ----------
    want : {"limit", "prefer", "metric", "set", "lock", "free", "model"}
        A limit to keep; something to get better; another metric to choose by; a hyperparameter to set to a value, to
        keep as it is, or to let go again; another model card.
    text : str
        The user's words that it was read from.
    constraint : Constraint or None
        The limit.
    goal : str
        What is to get better.
    name : str
        Of the metric, the hyperparameter or the model card.
    value : object
        What the hyperparameter is set to.
    """

    want: Want
    text: str = field(default="", compare=False)
    constraint: Constraint | None = None
    goal: Goal | Literal[""] = ""
    name: str = ""
    value: Any = None


@dataclass(frozen=True)
class Understood:
    """What a request was understood to want, and the words in it that were not."""

    wishes: tuple[Wish, ...] = ()
    left: tuple[str, ...] = ()


def tightest(constraints: Iterable[Constraint], quantity: str) -> float | None:
    """Return the smallest of the upper limits on a quantity; None where there is none."""
    bounds = [one.bound for one in constraints if one.quantity == quantity and not one.at_least]
    return min(bounds, default=None)


def merged(constraints: Iterable[Constraint], later: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """Return limits with later ones in place of those on the same quantity, side, batch and percentile."""
    return tuple({one.key: one for one in (*constraints, *later)}.values())
