"""What predicts other metrics from loss and error, fitted to trainings that measured them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..experience.band import fitted_band
from ..experience.metric_models import (
    DECIDED,
    FITTED,
    MISSED,
    Course,
    decided,
    missed_share,
    scaled,
    signs_of,
    unit_of,
    unscaled,
)
from ..records.card import BINARY
from .tables import source_groups

Floats = NDArray[np.float64]

ROUNDS = (1, 3, 10, 30, 100, 200)
_ENDS = (2, 3, 4, 5)  # places in them
_RIDGE = 0.1
_KNOTS = tuple(np.log([0.01, 0.1, 0.3, 1.0]))


def wanted(task: str) -> tuple[str, ...]:
    """Return the metrics that are measured for a task."""
    own = tuple(name for name in FITTED[task] if name != MISSED)
    return (*own, *DECIDED) if task == BINARY else own


@dataclass(frozen=True, eq=False)
class Sample:
    """The trainings of one task.

    Attributes
    ----------
    courses : sequence of Course
        One for each training and number of rounds that ends it.
    measured : mapping of metric to sequence of (n,) arrays
        After each step of a course.
    progress : (N,) array
        Logarithm of the share of its course that a step is.
    groups : (N,) array of int
        The dataset of a step; the same for near-copies.
    """

    courses: Sequence[Course]
    measured: Mapping[str, Sequence[Floats]]
    progress: Floats
    groups: NDArray[np.int64]

    @property
    def last(self) -> NDArray[np.bool_]:
        """Which steps end a course, (N,)."""
        return np.asarray(self.progress == 0)


def fitted(task: str, datasets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the line and the band of each metric, and how far off it is for a dataset that was left out.

    ``error`` is the mean absolute error at the end of a training, ``without`` that of the median of the others.

    Parameters
    ----------
    task : str
    datasets : sequence of mapping
        As in the files.
    """
    sample = sample_of(datasets)
    models: dict[str, dict[str, Any]] = {}
    left_out: dict[str, Floats] = {}
    for name in FITTED[task]:
        signs = np.concatenate([signs_of(name, course) for course in sample.courses])
        line, left_out[name] = _line(signs, scaled(name, np.concatenate(_targets(name, sample))), sample.groups)
        models[name] = {"line": [float(f"{one:.6g}") for one in line]}
    for name in wanted(task):
        predicted = left_out[name] if name in left_out else _decided(name, left_out[MISSED], sample)
        models[name] = models.get(name, {}) | _judged(name, predicted, sample)
    return models


def _decided(name: str, missed: Floats, sample: Sample) -> Floats:
    """Return what follows from the predicted share of missed positives, (N,), on the scale of `scaled`."""
    ends = np.cumsum([len(course.loss) for course in sample.courses])[:-1]
    pairs = zip(sample.courses, np.split(unscaled(MISSED, missed), ends), strict=True)
    return scaled(name, np.concatenate([decided(name, *pair) for pair in pairs]))


def sample_of(datasets: Sequence[Mapping[str, Any]]) -> Sample:
    """Return the trainings of datasets of one task."""
    courses, groups, progress = [], [], []
    measured: dict[str, list[Floats]] = {}
    for dataset, group in zip(datasets, source_groups(datasets), strict=True):
        for lines in _ended(dataset["points"]):
            loss, error = (lines[name] / unit for name, unit in zip(("loss", "error"), dataset["units"], strict=True))
            courses.append(Course(loss, error, np.array(dataset["shares"])))
            groups += [group] * len(loss)
            progress += list(np.log(lines["rounds"] / lines["rounds"][-1]))
            for name, values in lines.items():
                unit = unit_of(name, courses[-1].shares, dataset["units"][0])
                measured.setdefault(name, []).append(values / unit)
    return Sample(courses, measured, np.array(progress), np.array(groups))


def _ended(points: Sequence[Mapping[str, float]]) -> Iterator[dict[str, Floats]]:
    """Yield what was measured in each training as if it had ended after each of the last numbers of rounds."""
    for first, end in product(range(0, len(points), len(ROUNDS)), _ENDS):
        steps = points[first : first + end + 1]
        yield {name: np.array([step[name] for step in steps], dtype="float64") for name in steps[0]}


def _targets(name: str, sample: Sample) -> Sequence[Floats]:
    if name != MISSED:
        return sample.measured[name]
    pairs = zip(sample.measured["recall"], sample.courses, strict=True)
    return [missed_share(recall, course) for recall, course in pairs]


def _line(signs: Floats, targets: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the coefficients, and what is predicted for each dataset by a line through the others.

    A ridge of the signs in units of their spread; every dataset counts the same. What is constant is not shrunk.
    """
    varies = (signs.std(axis=0) > 0) | (signs == 0).all(axis=0)
    spread = np.where(signs.std(axis=0) > 0, signs.std(axis=0), 1.0)
    weight = 1 / np.sqrt(np.bincount(groups)[groups])
    table, values = signs / spread * weight[:, None], targets * weight
    shrink = _RIDGE * np.diag(varies.astype("float64"))
    whole, right = table.T @ table + shrink, table.T @ values
    predicted = np.empty(len(targets))
    for group in np.unique(groups):
        own = groups == group
        rest = np.linalg.solve(whole - table[own].T @ table[own], right - table[own].T @ values[own])
        predicted[own] = signs[own] / spread @ rest
    return np.linalg.solve(whole, right) / spread, predicted


def _judged(name: str, predicted: Floats, sample: Sample) -> dict[str, Any]:
    """Return the band of a metric around what is predicted without the dataset itself, and how far off that is."""
    values, groups = np.concatenate(sample.measured[name]), sample.groups
    doubts = np.concatenate([course.doubts for course in sample.courses], axis=1)
    band = fitted_band(scaled(name, values) - predicted, doubts, sample.progress, groups, _KNOTS)
    misses, plain = np.abs(unscaled(name, predicted) - values), np.empty(len(values))
    for group in np.unique(groups):
        own = groups == group
        plain[own] = np.abs(np.median(values[~own & sample.last]) - values[own])
    ends = [(sample.last & (groups == group)) for group in np.unique(groups)]
    error, without = (float(np.mean([missed[own].mean() for own in ends])) for missed in (misses, plain))
    return {"band": band, "error": round(error, 4), "without": round(without, 4)}
