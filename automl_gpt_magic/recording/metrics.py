"""Measure what other metrics came to where log loss and accuracy were so much, and fit what predicts them.

XGBoost is trained with six configurations on every recorded table, of at most 2,000 rows, and measured after six
numbers of rounds on the held-out part, by the code that plans generate. It takes less than ten minutes on one core.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ..experience.metric_models import FILE, FITTED, SCHEMA_VERSION
from ..experience.scales import scales
from ..planning.metric_code import Parts, expression, functions
from .configurations import Recorded, recorded_family, shared_configurations
from .datasets import RecordedDataset, recorded_datasets
from .metric_fit import ROUNDS, fitted, wanted
from .record import Prepared, prepare

_MOST_ROWS = 2_000


def write_metrics(folder: Path, path: Path = FILE) -> Path:
    """Measure every recorded table into ``folder``, fit, print how far off that is, and write what was fitted."""
    every = measure_all(folder)
    tasks = {task: fitted(task, [one for one in every if one["task"] == task]) for task in FITTED}
    for task, models in tasks.items():
        for name in wanted(task):
            print(f"{task:26} {name:24} {models[name]['error']:.3f} {models[name]['without']:.3f}")
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


def _recorded() -> Recorded:
    return replace(recorded_family("XGBoost"), steps=ROUNDS[-1], n_wide=2, n_narrow=2)


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


def _points(
    prepared: Prepared, recorded: Recorded, configuration: Mapping[str, Any], scores: Any
) -> list[dict[str, float]]:
    """Return loss, error and the other metrics after each of `ROUNDS`."""
    model = prepared.cells["run_build"]({**configuration, recorded.model.rounds: recorded.steps, "n_jobs": 1})
    log = prepared.cells["run_fit"](model, *prepared.parts)
    x, y = prepared.parts[1]
    error, loss = list(log.values())[-1].values()
    found = []
    for rounds in ROUNDS:
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
