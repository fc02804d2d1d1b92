"""What a real training reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .curve import Curve


@dataclass(frozen=True, eq=False)
class Measured:
    """A training run so far: curves by metric, seconds since it began, and whether it has ended."""

    names: str
    revision: str
    hyperparameters: Mapping[str, Any]
    curves: Mapping[str, Curve]
    seconds: float
    planned_steps: int
    finished: bool


@dataclass(frozen=True)
class Ended:
    """How a training in a process of its own ended: ``said`` in one line, ``printed`` by its cells.

    ``defined`` holds the variables that its cells defined, where it finished.
    """

    state: Literal["finished", "failed", "cancelled"]
    said: str = ""
    printed: str = ""
    defined: Mapping[str, Any] = field(default_factory=dict)


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
        ``validation`` (share of 1) and ``seed``.
    code : str
        Digest of the cells that made data and model, so that runs of other preprocessing are told apart.
    versions : mapping of package to version
    llm : str
        The LLM whose answer the plan carried; empty for none.
    origin : {"cell", "train", "tune"}
        Whether the cell was run, the Train button clicked, or it was a trial of a study.
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
