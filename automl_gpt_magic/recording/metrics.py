"""Measure what other metrics came to where log loss and accuracy were so much, and fit what predicts them.

XGBoost is trained with six configurations on every recorded table, of at most 2,000 rows, and measured after six
numbers of rounds on the held-out part, by the code that plans generate. Each of the last four numbers ends a training.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..experience.band import fitted_band
from ..experience.metric_models import (
    DECIDED,
    FILE,
    FITTED,
    MISSED,
    SCHEMA_VERSION,
    Course,
    decided,
    missed_share,
    scaled,
    signs_of,
    unscaled,
)
from ..experience.scales import scales
from ..planning.metric_code import Parts, expression, functions
from ..records.card import BINARY
from ..records.metric import METRICS
from .configurations import Recorded, recorded_family, shared_configurations
from .datasets import RecordedDataset, recorded_datasets
from .record import Prepared, prepare
from .tables import source_groups

Floats = NDArray[np.float64]

_MOST_ROWS = 2_000
_ROUNDS = (1, 3, 10, 30, 100, 200)
_ENDS = (2, 3, 4, 5)  # places in them
_RIDGE = 0.1
_KNOTS = tuple(np.log([0.01, 0.1, 0.3, 1.0]))


def write_metrics(folder: Path, path: Path = FILE) -> Path:
    """Measure every recorded table into ``folder``, fit, print how far off that is, and write what was fitted."""
    every = measure_all(folder)
    tasks = {}
    for task in FITTED:
        tasks[task] = fitted(task, [one for one in every if one["task"] == task])
        for name, found in tasks[task].items():
            print(f"{task:26} {name:24} {found['error']:.3f} {found['without']:.3f}" if "error" in found else "")
    about = {
        "schema_version": SCHEMA_VERSION,
        "command": "python -m automl_gpt_magic.recording metrics FOLDER",
        "versions": {one: import_module(one).__version__ for one in ("numpy", "sklearn", "xgboost")},
        "tables": {task: sum(one["task"] == task for one in every) for task in FITTED},
        "tasks": tasks,
    }
    path.write_text(json.dumps(about, indent=1) + "\n")
    return path


def measure_all(folder: Path) -> list[dict[str, Any]]:
    """Measure every recorded table into ``folder/<key>.json``; one that is there is read."""
    folder.mkdir(parents=True, exist_ok=True)
    every = []
    for number, dataset in enumerate(recorded_datasets(), 1):
        path = folder / f"{dataset.key}.json"
        if not path.exists():
            began = time.monotonic()
            path.write_text(json.dumps(_measured(dataset)))
            print(f"{number}: {dataset.key}, {time.monotonic() - began:.0f} s", flush=True)
        every.append(json.loads(path.read_text()))
    return every


def wanted(task: str) -> tuple[str, ...]:
    """Return the metrics that are measured for a task."""
    own = tuple(name for name in FITTED[task] if name != MISSED)
    return (*own, *DECIDED) if task == BINARY else own


def _recorded() -> Recorded:
    return replace(recorded_family("XGBoost"), steps=_ROUNDS[-1], n_wide=2, n_narrow=2)


def _measured(dataset: RecordedDataset) -> dict[str, Any]:
    recorded = _recorded()
    prepared = prepare(replace(dataset, most_rows=_MOST_ROWS), dataset.load(), recorded.model, _MOST_ROWS)
    scores = _scores(wanted(prepared.card.task), prepared)
    points = [point for one in shared_configurations(recorded) for point in _points(prepared, recorded, one, scores)]
    card, table = prepared.card, prepared.table
    return {
        "key": dataset.key,
        "family": dataset.family,
        "drawn_from": dataset.drawn_from,
        "task": card.task,
        "shares": list(card.class_balance.values()),
        "units": scales(card, table),
        "points": points,
    }


def _points(prepared: Prepared, recorded: Recorded, configuration: Mapping[str, Any], scores: Any) -> list[dict]:
    """Return loss, error and the other metrics after each of `_ROUNDS`."""
    model = prepared.cells["run_build"]({**configuration, recorded.model.rounds: recorded.steps, "n_jobs": 1})
    log = prepared.cells["run_fit"](model, *prepared.parts)
    x, y = prepared.parts[1]
    error, loss = list(log.values())[-1].values()
    found = []
    for rounds in _ROUNDS:
        within = _Within(model, x, rounds)
        found.append({"rounds": rounds, "loss": loss[rounds - 1], "error": error[rounds - 1]} | scores(within, x, y))
    return found


class _Within:
    """A model of no more than so many rounds, whose one prediction is kept."""

    def __init__(self, model: Any, x: Any, rounds: int) -> None:
        given = model.predict_proba if hasattr(model, "predict_proba") else model.predict
        self._given = given(x, iteration_range=(0, rounds))

    def predict_proba(self, x: Any) -> Any:
        return self._given

    def predict(self, x: Any) -> Any:
        return self._given.argmax(axis=1) if self._given.ndim == 2 else self._given


def _scores(metrics: Sequence[str], prepared: Prepared) -> Any:
    """Return the function from model, matrix and target to the metrics, by the code that plans generate."""
    parts = Parts("y", "model.predict_proba(x)", "model.predict(x)", "len(run_classes)")
    code = {name: expression(name, prepared.card, parts) for name in metrics}
    cells = dict(prepared.cells)
    exec(f"from sklearn.metrics import {', '.join(functions(code.values()))}", cells)
    lines = ", ".join(f"{name!r}: float({one})" for name, one in code.items())
    exec(f"def run_scores(model, x, y):\n    return {{{lines}}}", cells)
    return cells["run_scores"]


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
        return self.progress == 0


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
    models, left_out = {}, {}
    for name in FITTED[task]:
        signs = np.concatenate([signs_of(name, course) for course in sample.courses])
        line, left_out[name] = _line(signs, scaled(name, np.concatenate(_targets(name, sample))), sample.groups)
        models[name] = {"line": [float(f"{one:.6g}") for one in line]}
    for name in wanted(task):
        predicted = left_out.get(name)
        if predicted is None:
            missed = np.split(
                unscaled(MISSED, left_out[MISSED]), np.cumsum([len(one.loss) for one in sample.courses])[:-1]
            )
            pairs = zip(sample.courses, missed, strict=True)
            predicted = scaled(name, np.concatenate([decided(name, *pair) for pair in pairs]))
        models[name] = models.get(name, {}) | _judged(name, predicted, sample)
    return models


def sample_of(datasets: Sequence[Mapping[str, Any]]) -> Sample:
    """Return the trainings of datasets of one task."""
    courses, groups, progress = [], [], []
    measured: dict[str, list[Floats]] = {}
    for dataset, group in zip(datasets, source_groups(datasets), strict=True):
        for first in range(0, len(dataset["points"]), len(_ROUNDS)):
            for end in _ENDS:
                points = dataset["points"][first : first + end + 1]
                lines = {name: np.array([point[name] for point in points], dtype="float64") for name in points[0]}
                loss, error = (
                    lines[name] / unit for name, unit in zip(("loss", "error"), dataset["units"], strict=True)
                )
                courses.append(Course(loss, error, np.array(dataset["shares"])))
                groups += [group] * len(points)
                progress += list(np.log(lines["rounds"] / lines["rounds"][-1]))
                for name, values in lines.items():
                    in_units = name in METRICS and METRICS[name].in_units
                    measured.setdefault(name, []).append(values / dataset["units"][0] if in_units else values)
    return Sample(courses, measured, np.array(progress), np.array(groups))


def _targets(name: str, sample: Sample) -> Sequence[Floats]:
    if name != MISSED:
        return sample.measured[name]
    pairs = zip(sample.measured["recall"], sample.courses, strict=True)
    return [missed_share(recall, course) for recall, course in pairs]


def _line(signs: Floats, targets: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the coefficients, and what is predicted for each dataset by a line through the others.

    A ridge of the signs in units of their spread; every dataset counts the same. What is constant is not shrunk.
    """
    spread = np.where(signs.std(axis=0) > 0, signs.std(axis=0), 1.0)
    weight = 1 / np.sqrt(np.bincount(groups)[groups])
    table, values = signs / spread * weight[:, None], targets * weight
    shrink = _RIDGE * np.diag((signs.std(axis=0) > 0).astype("float64"))
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
