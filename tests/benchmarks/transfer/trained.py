"""Train on a recorded dataset as the generated cells do: 60% of the rows train, 20% choose, 20% score."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from automl_gpt_magic.recording.configurations import recorded_family
from automl_gpt_magic.recording.datasets import recorded_dataset
from automl_gpt_magic.recording.record import prepare
from automl_gpt_magic.records.card import REGRESSION, DataCard
from automl_gpt_magic.records.table import TableProfile

Part = tuple[Any, Any]
Floats = NDArray[np.float64]

_LEAST_PROBABILITY = float(np.finfo("float32").eps)


class Scored(NamedTuple):
    """Validation and test loss of one training, and its seconds on one core."""

    valid: float
    test: float
    seconds: float


@dataclass(frozen=True)
class AtHand:
    """What a notebook knows of the data before it recommends: training and validation rows, never those of the test.

    ``frames`` are the raw rows, ``parts`` the same after the generated preprocessing, as matrix and target.
    """

    frames: tuple[Any, Any]
    parts: tuple[Part, Part]
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A dataset in three parts."""

    key: str
    card: DataCard
    table: TableProfile
    at_hand: AtHand
    test: Part

    @property
    def digest(self) -> str:
        """Tell whether references were made with the same rows."""
        targets = [np.asarray(part[1], dtype="float64").round(6) for part in (*self.at_hand.parts, self.test)]
        shape = f"{self.at_hand.parts[0][0].shape}".encode()
        return f"{zlib.crc32(b'|'.join([shape, *(each.tobytes() for each in targets)])):08x}"


def prepared(family: str, key: str) -> Prepared:
    """Load a recorded dataset and run the generated data and model cells on it."""
    recorded, dataset = recorded_family(family), recorded_dataset(key)
    with redirect_stdout(io.StringIO()):  # the data cell prints
        whole = prepare(dataset, dataset.load(), recorded.model, recorded.most_rows)
    train, (x, y) = whole.parts
    chosen, scored = halves(y, whole.card.task != REGRESSION)
    frames = whole.cells["run_train"], whole.cells["run_valid"].iloc[chosen]
    at_hand = AtHand(frames, (train, (x[chosen], y[chosen])), whole.cells)
    return Prepared(key, whole.card, whole.table, at_hand, (x[scored], y[scored]))


def halves(y: Any, classes: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the rows that choose and of those that score, with equal shares of classes if possible."""
    places = np.arange(len(y))
    counts = np.unique(y, return_counts=True)[1] if classes else np.array([1])
    stratify = y if counts.min() >= 2 else None
    first, second = train_test_split(places, test_size=0.5, random_state=0, stratify=stratify)
    return np.sort(first), np.sort(second)


def train(data: Prepared, configuration: Mapping[str, Any]) -> Scored:
    """Train once and score; what a training that diverged knows is nothing."""
    losses, seconds = row_losses(data, configuration)
    valid, test = (whole_loss(rows, data.card.task) for rows in losses)
    return Scored(valid, test, seconds)


def row_losses(data: Prepared, configuration: Mapping[str, Any]) -> tuple[tuple[Floats, Floats], float]:
    """Return the log loss, or the squared error, of every validation and test row, and the seconds of training."""
    model = data.at_hand.cells["run_build"]({**configuration})
    if "n_jobs" in model.get_params():
        model.set_params(n_jobs=1)
    began, parts = time.process_time(), (data.at_hand.parts[1], data.test)
    try:
        with redirect_stdout(io.StringIO()):
            data.at_hand.cells["run_fit"](model, *data.at_hand.parts)
        predicted = [_predict(model, x, data.card.task) for x, _ in parts]
    except ValueError as error:
        if "diverged" not in str(error):
            raise
        predicted = [_nothing_known(data, len(y)) for _, y in parts]
    valid, test = (_losses(one, y, data.card.task) for one, (_, y) in zip(predicted, parts, strict=True))
    return (valid, test), time.process_time() - began


def whole_loss(rows: Floats, task: str) -> float:
    """Return the log loss or the root of the mean squared error."""
    mean = float(rows.mean())
    return mean**0.5 if task == REGRESSION else mean


def _predict(model: Any, x: Any, task: str) -> Any:
    return model.predict(x) if task == REGRESSION else model.predict_proba(x)


def _nothing_known(data: Prepared, n_rows: int) -> Any:
    y = np.asarray(data.at_hand.parts[0][1])
    if data.card.task == REGRESSION:
        return np.full(n_rows, y.mean())
    return np.tile(np.bincount(y, minlength=len(data.table.classes)) / len(y), (n_rows, 1))


def _losses(predicted: Any, y: Any, task: str) -> Floats:
    if task == REGRESSION:
        return np.asarray((np.asarray(predicted, dtype="float64").ravel() - np.asarray(y, dtype="float64")) ** 2)
    probabilities = np.asarray(predicted, dtype="float64")[np.arange(len(y)), np.asarray(y)]
    return np.asarray(-np.log(np.clip(probabilities, _LEAST_PROBABILITY, 1)))
