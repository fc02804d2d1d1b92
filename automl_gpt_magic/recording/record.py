"""Train every shared configuration on one dataset, with the code that plans generate, and keep the logs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..cards import describe, read_cards
from ..planning.families.xgboost import XGBoost, evaluated
from ..planning.recipes.data import data_cell
from ..planning.recipes.model import model_cell
from ..records.card import DataCard
from ..records.table import TableProfile
from .configurations import ROUNDS, shared_configurations
from .datasets import RecordedDataset, recorded_datasets

MAX_ROWS = 20_000
MAX_ROWS_TIMES_CLASSES = 16_000  # of more than two classes, since each has its own trees


def record(key: str, folder: Path) -> Path:
    """Record all runs of a dataset into ``folder/<key>.npz``, its card beside it; skip what is there.

    The arrays are ``train`` and ``valid`` (the loss), ``other`` (error share, or mean absolute error, on the
    validation part), each (n_configurations, ROUNDS), and ``seconds`` (n_configurations,).
    """
    path = folder / f"{key}.npz"
    if path.exists():
        return path
    dataset = next(dataset for dataset in recorded_datasets() if dataset.key == key)
    frame = dataset.load()
    card, table, cell = _prepare(dataset, frame)
    runs = [_run(cell, card, configuration) for configuration in shared_configurations()]
    arrays = {name: np.stack([run[name] for run in runs]) for name in ("train", "valid", "other", "seconds")}
    description = _description(dataset, card, table, len(frame))
    (folder / f"{key}.json").write_text(json.dumps(description, indent=1, default=str))
    partial = path.with_suffix(".part.npz")
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.rename(path)
    return path


def _prepare(dataset: RecordedDataset, frame: pd.DataFrame) -> tuple[DataCard, TableProfile, dict[str, Any]]:
    """Run the generated data and model cells on a sample of the dataset."""
    described = _card_fields(dataset)
    whole, _, _ = describe(read_cards({"data": described}), frame)
    n_classes = max(1, len(whole.data.class_balance))
    n_rows = min(len(frame), MAX_ROWS, MAX_ROWS_TIMES_CLASSES // n_classes if n_classes > 2 else MAX_ROWS)
    sample = frame.sample(n_rows, random_state=0) if n_rows < len(frame) else frame
    cards, table, _ = describe(read_cards({"data": described}), sample)
    assert table is not None
    cell: dict[str, Any] = {"frame": sample}
    exec(data_cell(XGBoost(), "run", cards.data, table), cell)
    exec(model_cell(XGBoost(), "run", cards.data), cell)
    cell["parts"] = [
        (cell["run_preprocessing"].transform(cell[part]), cell["run_target"](cell[part]))
        for part in ("run_train", "run_valid")
    ]
    return cards.data, table, cell


def _card_fields(dataset: RecordedDataset) -> dict[str, Any]:
    fields = {**dataset.card, "frame": "frame", "target": dataset.target}
    fields["source"] = ", ".join(dataset.card["source"].values())
    if isinstance(fields["label_space"], str):  # of a regression: what the number is
        fields["description"] += f" Target: {fields.pop('label_space')}."
    return fields


def _run(cell: Mapping[str, Any], card: DataCard, configuration: Mapping[str, Any]) -> dict[str, Any]:
    model = cell["run_build"]({**configuration, "n_estimators": ROUNDS}).set_params(n_jobs=1)
    parts = cell["parts"]
    began = time.process_time()  # one thread: what else the machine does is not counted
    model.fit(*parts[0], eval_set=parts, verbose=False)
    seconds = time.process_time() - began
    training, validation = model.evals_result().values()
    other, loss = evaluated(card)
    return {
        "train": np.asarray(training[loss], dtype="float32"),
        "valid": np.asarray(validation[loss], dtype="float32"),
        "other": np.asarray(validation[other], dtype="float32"),
        "seconds": np.float32(seconds),
    }


def _description(dataset: RecordedDataset, card: DataCard, table: TableProfile, n_rows_whole: int) -> dict[str, Any]:
    return {
        "key": dataset.key,
        "family": dataset.family,
        "name": card.name,
        "task": card.task,
        "description": card.description,
        "label_space": [label.name for label in card.label_space],
        "source": card.source,
        "licence": card.licence,
        "n_rows": card.n_rows,
        "n_rows_whole": n_rows_whole,
        "n_features": card.n_features,
        "n_numeric": card.n_numeric,
        "n_categorical": card.n_categorical,
        "class_balance": dict(card.class_balance),
        "missing_fraction": card.missing_fraction,
        "loss_scale": table.target_scale if not table.classes else table.target_entropy,
        "error_scale": table.target_scale if not table.classes else 1 - max(card.class_balance.values()),
    }
