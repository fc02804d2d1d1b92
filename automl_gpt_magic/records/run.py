"""What a real training reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np

from .card import Split
from .cost import Cost
from .curve import Array, Curve
from .evidence import Continuation


@dataclass(frozen=True, eq=False)
class Measured:
    """A training run so far: curves by metric, seconds since it began, and whether it has ended.

    ``spread`` is what cross-validation of the same values found, where it was run. ``rest`` is what the training is
    expected still to do, while it runs and where something tells it. ``scores`` are metrics of the validation part that
    the cells computed after it, and ``cost`` is what was measured of its model.
    """

    names: str
    revision: str
    hyperparameters: Mapping[str, Any]
    curves: Mapping[str, Curve]
    seconds: float
    planned_steps: int
    finished: bool
    spread: Spread | None = None
    rest: Continuation | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    cost: Cost | None = None


@dataclass(frozen=True, eq=False)
class Spread:
    """Scores by metric of one configuration, trained and scored on several splits; ``names`` is the plan's prefix."""

    names: str
    hyperparameters: Mapping[str, Any]
    scores: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Ended:
    """How a training in a process of its own ended: ``said`` in one line, ``printed`` by its cells.

    ``defined`` holds the variables that its cells defined, where it finished, and ``cost`` what was measured of the
    model after that.
    """

    state: Literal["finished", "failed", "cancelled"]
    said: str = ""
    printed: str = ""
    defined: Mapping[str, Any] = field(default_factory=dict)
    cost: Cost | None = None


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
    predicted : mapping of metric to Curve
        What the plan had predicted, with its quantiles, at a few of its steps. Of a run that an earlier version kept:
        the last step alone, and NaN at all levels but 0.1, 0.5 and 0.9.
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
    llm_predicted : mapping of metric to Curve
        The LLM's own log; the last step alone where an earlier version kept the run.
    corrected_by : int
        How many earlier runs on the same rows ``predicted`` already knew of.
    imported : str
        When it was read from a file, as ``date``; empty where it was trained with this store.
    cost : Cost or None
        What was measured of its model, and where.
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
    predicted: Mapping[str, Curve]
    seconds: float
    split: Mapping[str, Any]
    code: str
    versions: Mapping[str, str]
    llm: str = ""
    origin: Literal["cell", "train", "tune"] = "cell"
    preprocessing: str = ""
    status: Literal["finished", "stopped early"] = "finished"
    environment: Mapping[str, Any] = field(default_factory=dict)
    llm_predicted: Mapping[str, Curve] = field(default_factory=dict)
    corrected_by: int = 0
    imported: str = ""
    cost: Cost | None = None

    @property
    def final(self) -> float:
        """The last validation value of `metric`."""
        return self.curves[self.metric].final

    @property
    def prediction(self) -> Curve | None:
        """What had been predicted of `metric`, up to the step whose model was kept; None where nothing was."""
        predicted = self.predicted.get(self.metric)
        return None if predicted is None else until(predicted, self.curves[self.metric].final_step)

    @property
    def inside(self) -> bool | None:
        """Whether `final` lies inside the predicted 80% interval; None where none was predicted."""
        predicted = self.prediction
        if predicted is None or predicted.lower is None or predicted.upper is None:
            return None
        return bool(predicted.lower[-1] <= self.final <= predicted.upper[-1])


def until(predicted: Curve, step: int) -> Curve | None:
    """Return a prediction up to a step, straight between its own steps.

    One that ends before is returned whole: its last value is what the training was to come to. One that begins later
    says nothing of the step, and None is returned.
    """
    if step >= predicted.steps[-1]:
        return predicted
    if step < predicted.steps[0]:
        return None
    before = predicted.steps < step

    def cut(values: Array) -> Array:
        return np.append(values[before], np.interp(step, predicted.steps, values))

    return replace(
        predicted,
        steps=np.append(predicted.steps[before], step),
        value=cut(predicted.value),
        training=None if predicted.training is None else cut(predicted.training),
        quantiles=None if predicted.quantiles is None else np.array([cut(level) for level in predicted.quantiles]),
    )
