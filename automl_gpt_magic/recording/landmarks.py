"""Measure the landmarks of every recorded dataset."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ..experience.landmarks import measure_on_split, measure_probes
from .configurations import recorded_family
from .datasets import datasets_for, recorded_dataset
from .record import prepare

FILE = "landmarks.json"
_FAMILY = "XGBoost"  # whose sample and preprocessing they are measured on


def write_landmarks(folder: Path, processes: int) -> Path:
    """Write ``folder/landmarks.json``, the landmarks by dataset; those that stand there are kept."""
    path = folder / FILE
    known = read_landmarks(folder) if path.exists() else {}
    missing = [dataset.key for dataset in datasets_for(_FAMILY) if dataset.key not in known]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for key, marks in zip(missing, pool.map(_measured, missing), strict=True):
            known[key] = marks
            path.write_text(json.dumps(known, indent=0))
            print(f"{key}: {', '.join(f'{mark:.3g}' for mark in marks)}", flush=True)
    return path


def read_landmarks(folder: Path) -> dict[str, list[float]]:
    """Return the landmarks by dataset."""
    known: dict[str, list[float]] = json.loads((folder / FILE).read_text())
    return known


def _measured(key: str) -> list[float]:
    """Measure on what a notebook knows: the training rows, and a third as many of those held out to choose by.

    Where curves lie is told by the recorded runs' own split: by all rows that they hold out.
    """
    recorded, dataset = recorded_family(_FAMILY), recorded_dataset(key)
    prepared = prepare(dataset, dataset.load(), recorded.model, recorded.most_rows)
    (x, y), (x_held_out, y_held_out) = prepared.parts
    seen = np.random.default_rng(0).permutation(len(y_held_out))[: len(y) // 3]
    rows, target = np.vstack([x, x_held_out[seen]]), np.concatenate([y, y_held_out[seen]])
    n_classes = len(prepared.card.class_balance)
    on_split = measure_on_split((x, y), (x_held_out, y_held_out), n_classes)
    return [round(float(mark), 5) for mark in (*measure_probes(rows, target, n_classes), *on_split)]
