"""Train every shared configuration on one dataset, with the code that plans generate, and keep the logs."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from ..cards import describe, load_table, read_cards
from ..planning.families.family import Family
from ..planning.recipes.data import data_cell
from ..planning.recipes.model import model_cell
from ..records.card import DataCard
from ..records.table import TableProfile
from ..training.live import measured_curves
from .configurations import Recorded, recorded_family, shared_configurations
from .datasets import RecordedDataset, recorded_dataset
from .tables import HELD_OUT

MAX_ROWS_TIMES_CLASSES = 24_000  # of more than two classes, since boosting grows trees for each


@dataclass(frozen=True)
class Prepared:
    """A dataset, or a sample of it, after the generated data and model cells have run on it.

    ``cells`` is their namespace, ``parts`` the training and the held-out rows as matrix and target.
    """

    card: DataCard
    table: TableProfile
    cells: Mapping[str, Any]
    parts: tuple[tuple[Any, Any], tuple[Any, Any]]


def record(family: str, key: str, folder: Path) -> Path:
    """Record all runs of a dataset into ``folder/<key>.npz``, its card beside it; skip what is there.

    The arrays are ``train`` and ``valid`` (the loss) and ``other`` (error share, or mean absolute error, of the
    held-out part), each (n_configurations, steps), and ``seconds`` (n_configurations,). A training that diverged has
    infinite losses from there on.
    """
    path = folder / f"{key}.npz"
    if path.exists():
        return path
    recorded, dataset = recorded_family(family), recorded_dataset(key)
    frame = dataset.load()
    prepared = prepare(dataset, frame, recorded.model, recorded.most_rows)
    runs = [_run(prepared, recorded, configuration) for configuration in shared_configurations(recorded)]
    folder.mkdir(parents=True, exist_ok=True)
    about = json.dumps(_description(dataset, prepared, len(frame)), indent=1, default=str)
    (folder / f"{key}.json").write_text(about)
    partial = folder / f"{key}.part.npz"
    arrays = {name: np.stack([run[name] for run in runs]) for name in ("train", "valid", "other", "seconds")}
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.rename(path)
    return path


def prepare(dataset: RecordedDataset, frame: pd.DataFrame, family: Family, most_rows: int) -> Prepared:
    """Run the generated data and model cells on at most ``most_rows`` rows of the dataset, or its own number."""
    most_rows = dataset.most_rows or most_rows
    if dataset.card["input_type"] == "image":
        with TemporaryDirectory() as folder:  # the data cell reads the file and is done with it
            path = Path(folder) / "images.npz"
            _write_images(path, _sample(frame, most_rows), dataset.target)
            return _prepared({**_card_fields(dataset), "path": str(path)}, family, {})
    fields = {**_card_fields(dataset), "frame": "frame"}
    whole, _, _ = describe(read_cards({"data": fields}), frame)
    n_classes = len(whole.data.class_balance)
    n_rows = min(most_rows, MAX_ROWS_TIMES_CLASSES // n_classes) if n_classes > 2 else most_rows
    return _prepared(fields, family, {"frame": _sample(frame, n_rows)})


def _sample(frame: pd.DataFrame, n_rows: int) -> pd.DataFrame:
    return frame.sample(n_rows, random_state=0) if n_rows < len(frame) else frame


def _write_images(path: Path, frame: pd.DataFrame, target: str) -> None:
    np.savez(path, x=np.stack(list(frame["image"])), y=frame[target].to_numpy("str"), allow_pickle=False)


def _prepared(fields: Mapping[str, Any], family: Family, namespace: Mapping[str, Any]) -> Prepared:
    read = read_cards({"data": fields})
    cards, table, _ = describe(read, load_table(read, namespace))
    assert table is not None
    cells: dict[str, Any] = {**namespace}
    exec(data_cell(family, "run", cards.data, table), cells)
    exec(model_cell(family, "run", cards.data), cells)
    train, held_out = (
        (cells["run_preprocessing"].transform(cells[part]), cells["run_target"](cells[part]))
        for part in ("run_train", "run_valid")
    )
    return Prepared(cards.data, table, cells, (train, held_out))


def _card_fields(dataset: RecordedDataset) -> dict[str, Any]:
    fields = {**dataset.card, "target": dataset.target, "split": {"validation": dataset.held_out}}
    fields["source"] = ", ".join(dataset.card["source"].values())
    if isinstance(fields["label_space"], str):  # of a regression: what the number is
        fields["description"] += f" Target: {fields.pop('label_space')}."
    return fields


def _run(prepared: Prepared, recorded: Recorded, configuration: Mapping[str, Any]) -> dict[str, Any]:
    model = prepared.cells["run_build"]({**configuration, recorded.model.rounds: recorded.steps})
    if "n_jobs" in model.get_params():
        model.set_params(n_jobs=1)
    heard: dict[str, Any] = {}
    began = time.process_time()  # one thread: what else the machine does is not counted
    try:
        log = prepared.cells["run_fit"](model, *prepared.parts, heard.update)
    except ValueError as error:
        if "diverged" not in str(error):
            raise
        log = heard
    seconds = time.process_time() - began
    *others, loss = measured_curves(log).values() if log else (None,)
    other = None if loss is None else others[0]
    wrong = None if other is None else 1 - other.value if other.metric == "accuracy" else other.value
    measured = {"train": loss and loss.training, "valid": loss and loss.value, "other": wrong}
    return {name: _whole(values, recorded.steps) for name, values in measured.items()} | {
        "seconds": np.float32(seconds)
    }


def _whole(values: Any, steps: int) -> Any:
    """Return the values of every step, infinite where the training did not come to it."""
    whole = np.full(steps, math.inf, dtype="float32")
    if values is not None:
        whole[: len(values)] = values
    return whole


def _description(dataset: RecordedDataset, prepared: Prepared, n_rows_whole: int) -> dict[str, Any]:
    card, table = prepared.card, prepared.table
    return {
        "key": dataset.key,
        "family": dataset.family,
        "drawn_from": dataset.drawn_from,
        "name": card.name,
        "input_type": card.input_type,
        "task": card.task,
        "description": card.description,
        "label_space": [label.name for label in card.label_space],
        "source": card.source,
        "licence": card.licence,
        # Of a table whose usual share is held out.
        "n_rows": round((card.n_rows or 0) * (1 - dataset.held_out) / (1 - HELD_OUT)),
        "n_rows_whole": n_rows_whole,
        "n_features": card.n_features,
        "n_numeric": card.n_numeric,
        "n_categorical": card.n_categorical,
        "image_size": card.image_size,
        "n_channels": card.n_channels,
        "class_balance": dict(card.class_balance),
        "missing_fraction": card.missing_fraction,
        "loss_scale": table.target_scale if not table.classes else table.target_entropy,
        "error_scale": table.target_scale if not table.classes else 1 - max(card.class_balance.values()),
    }
