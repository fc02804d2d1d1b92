"""What a real training reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from .card import Split
from .curve import Curve


@dataclass(frozen=True, eq=False)
class Measured:
    """A training run so far: curves by metric, seconds since it began, and whether it has ended.

    ``spread`` is what cross-validation of the same values found, where it was run.
    """

    names: str
    revision: str
    hyperparameters: Mapping[str, Any]
    curves: Mapping[str, Curve]
    seconds: float
    planned_steps: int
    finished: bool
    spread: Spread | None = None


@dataclass(frozen=True, eq=False)
class Spread:
    """Scores by metric of one configuration, trained and scored on several splits; ``names`` is the plan's prefix."""

    names: str
    hyperparameters: Mapping[str, Any]
    scores: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Ended:
    """How a training in a process of its own ended: ``said`` in one line, ``printed`` by its cells.

    ``defined`` holds the variables that its cells defined, where it finished.
    """

    state: Literal["finished", "failed", "cancelled"]
    said: str = ""
    printed: str = ""
    defined: Mapping[str, Any] = field(default_factory=dict)


def split_of(split: Split) -> dict[str, Any]:
    """Return how rows were divided into training and validation part, as a run keeps it."""
    named = {one.name: getattr(split, one.name) for one in fields(split)}
    return {name: value for name, value in named.items() if value is not None and not name.startswith("test_")}


@dataclass(frozen=True)
class Heading:
    """What a run is found by."""

    date: str
    dataset: str
    task: str
    family: str


@dataclass(frozen=True, eq=False)
class Run:
    """One finished training, as it is kept.

    Attributes
    ----------
    date : str
        ISO 8601, UTC.
    dataset, fingerprint, task, family : str
        ``fingerprint`` tells whether two runs saw the same rows.
    configuration : mapping
    metric : str
        The one that the run is judged by.
    curves : mapping of metric to Curve
        Measured, by ``step``.
    step : str
        What one step of a curve is, such as ``boosting round``.
    predicted : mapping of metric to (value, lower, upper)
        What the plan had predicted for the last step; bounds of the 80% interval.
    seconds : float
    split : mapping
        ``validation`` (share of 1), ``seed`` and what else the card says of it; see `split_of`.
    code : str
        Digest of the cells that made data and model.
    versions : mapping of package to version
    llm : str
        The LLM whose answer the plan carried; empty for none.
    origin : {"cell", "train", "tune"}
        Whether the cell was run, the Train button clicked, or it was a trial of a study.
    preprocessing : str
        Digest of the cell that made the data alone.
    status : {"finished", "stopped early"}
        Whether the last planned step was reached.
    environment : mapping
        The computer: system, machine and number of processors.
    llm_predicted : mapping of metric to value
        What the LLM's own log said of the last step.
    corrected_by : int
        How many earlier runs on the same rows ``predicted`` already knew of.
    imported : str
        When it was read from a file, as ``date``; empty where it was trained with this store.
    """

    date: str
    dataset: str
    fingerprint: str
    task: str
    family: str
    configuration: Mapping[str, Any]
    metric: str
    curves: Mapping[str, Curve]
    step: str
    predicted: Mapping[str, tuple[float, float, float]]
    seconds: float
    split: Mapping[str, Any]
    code: str
    versions: Mapping[str, str]
    llm: str = ""
    origin: Literal["cell", "train", "tune"] = "cell"
    preprocessing: str = ""
    status: Literal["finished", "stopped early"] = "finished"
    environment: Mapping[str, Any] = field(default_factory=dict)
    llm_predicted: Mapping[str, float] = field(default_factory=dict)
    corrected_by: int = 0
    imported: str = ""

    @property
    def final(self) -> float:
        """The last validation value of `metric`."""
        return self.curves[self.metric].final

    @property
    def inside(self) -> bool | None:
        """Whether it lies inside the predicted interval; None where nothing was predicted."""
        if self.metric not in self.predicted:
            return None
        _, lower, upper = self.predicted[self.metric]
        return lower <= self.final <= upper
