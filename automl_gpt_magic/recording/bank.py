"""Pack the raw logs into the shipped bank, with embeddings and a calibration."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..experience.bank import ARRAYS_BY_DATASET, ERROR, FOLDER, SCHEMA_VERSION, TRAIN, VALID, Bank, load_bank, slug
from ..experience.encoder import weights_folder
from ..experience.similarity import recorded_text
from .calibrate import fitted
from .configurations import Recorded, recorded_family, shared_configurations
from .forest import text_axes
from .landmarks import read_landmarks
from .tables import HELD_OUT

# Every step to 20, where curves bend, then ever fewer.
_KEPT = np.array([*range(1, 21), *range(22, 50, 2), *range(50, 100, 5), *range(100, 200, 10), *range(200, 601, 25)])


def write_bank(family: str, raw: Path, folder: Path = FOLDER) -> Path:
    """Write a family's npz and json file from every dataset recorded in ``raw``; return the npz file."""
    recorded = recorded_family(family)
    bank = read_raw(recorded, raw)
    module = recorded.model.module
    origin = {
        "versions": {name: import_module(name).__version__ for name in ("numpy", "pandas", "sklearn", module)},
        "machine": f"{platform.machine()}, one core a run",
        "most_rows": recorded.most_rows,
        "held_out": HELD_OUT,
    }
    return _write(family, fitted(bank, recorded.model.space), origin, folder)


def refit_bank(family: str, measured: Path, folder: Path = FOLDER) -> Path:
    """Write the files again with the shipped runs, the landmarks in ``measured``, and all that is fitted to both."""
    recorded, bank = recorded_family(family), load_bank(slug(family), folder)
    marked = replace(bank, landmarks=_landmarks(recorded, measured, bank.datasets))
    return _write(family, fitted(marked, recorded.model.space), _shipped_origin(family, folder), folder)


def add_to_bank(family: str, raw: Path, folder: Path = FOLDER) -> Path:
    """Write the files again with the datasets recorded in ``raw`` beside the shipped ones, and all that is fitted."""
    recorded, shipped = recorded_family(family), load_bank(slug(family), folder)
    bank = _joined(shipped, read_raw(recorded, raw))
    return _write(family, fitted(bank, recorded.model.space), _shipped_origin(family, folder), folder)


def _shipped_origin(family: str, folder: Path) -> dict[str, Any]:
    about = json.loads((folder / f"{slug(family)}.json").read_text())
    return {name: about[name] for name in ("versions", "machine", "most_rows", "held_out")}


def _joined(shipped: Bank, more: Bank) -> Bank:
    """Return both banks' datasets in the order of their keys; what was recorded again stands for what is shipped."""
    again = {dataset["key"] for dataset in more.datasets}
    kept = shipped.subset(np.array([i for i, one in enumerate(shipped.datasets) if one["key"] not in again], "int64"))
    datasets = [*kept.datasets, *more.datasets]
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(kept, name), getattr(more, name)]) for name in ARRAYS_BY_DATASET
    }
    whole = replace(kept, datasets=datasets, forests={}, text_axes=text_axes(arrays["embeddings"]), **arrays)
    return whole.subset(np.argsort([dataset["key"] for dataset in datasets]))


def _write(family: str, bank: Bank, origin: Mapping[str, Any], folder: Path) -> Path:
    path = folder / f"{slug(family)}.npz"
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        allow_pickle=False,
        configurations=bank.configurations,
        rounds=bank.rounds.astype("uint16"),
        valid=VALID.encode(np.log(bank.valid)),
        train=TRAIN.encode(np.log(bank.train)),
        error=ERROR.encode(bank.error),
        seconds=bank.seconds,
        embeddings=bank.embeddings.astype("float16"),
        text_axes=bank.text_axes.astype("float32"),
        landmarks=bank.landmarks,
        **{name: array for kind, forest in bank.forests.items() for name, array in forest.arrays(kind).items()},
        **{
            name: array
            for kind, trees in bank.continuations.items()
            for name, array in trees.arrays(f"continuation_{kind}").items()
        },
    )
    about = {
        "schema_version": SCHEMA_VERSION,
        "family": family,
        "command": "python -m automl_gpt_magic.recording",
        **origin,
        "parameters": bank.parameters,
        "step_name": bank.step_name,
        "forests": list(bank.forests),
        "calibration": bank.calibration,
        "datasets": bank.datasets,
    }
    path.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n")
    return path


def read_raw(recorded: Recorded, raw: Path) -> Bank:
    """Return the recorded logs as an uncalibrated bank; embeddings are computed by sentence-transformers."""
    paths = sorted(raw.glob("*.json"))
    datasets = [json.loads(path.read_text()) for path in paths if path.with_suffix(".npz").exists()]
    arrays = [_arrays(raw / f"{dataset['key']}.npz") for dataset in datasets]
    loss = np.array([dataset["loss_scale"] for dataset in datasets])[:, None, None]
    error = np.array([dataset["error_scale"] for dataset in datasets])[:, None, None]
    steps = _KEPT[recorded.steps >= _KEPT]
    kept = steps - 1
    names = [parameter.name for parameter in recorded.parameters]
    embeddings = _embeddings(datasets)
    return Bank(
        datasets,
        names,
        np.array(
            [[configuration[name] for name in names] for configuration in shared_configurations(recorded)],
            dtype="float64",
        ),
        recorded.model.rounds,
        steps,
        _ratio(np.stack([each["valid"][:, kept] for each in arrays]), loss),
        _ratio(np.stack([each["train"][:, kept] for each in arrays]), loss),
        np.minimum(np.stack([each["other"][:, kept] for each in arrays]) / error, ERROR.high).astype("float32"),
        np.stack([each["seconds"] for each in arrays]).astype("float32"),
        embeddings,
        text_axes(embeddings),
        {},
        _landmarks(recorded, raw.parent, datasets),
    )


def _landmarks(recorded: Recorded, measured: Path, datasets: list[Mapping[str, Any]]) -> Any:
    """Return what was measured on the same tables, whatever family they are recorded for; nothing of images."""
    if "image" in recorded.model.inputs:
        return np.empty((len(datasets), 0), dtype="float32")
    marks = read_landmarks(measured)
    return np.array([marks[dataset["key"]] for dataset in datasets], dtype="float32")


def _arrays(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _ratio(losses: Any, scale: Any) -> Any:
    """Return relative losses; a training that diverged has the largest that is kept."""
    return np.minimum(np.maximum(losses, 1e-6) / scale, np.exp(VALID.high)).astype("float32")


def _embeddings(datasets: list[Mapping[str, Any]]) -> Any:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(weights_folder()))
    return encoder.encode([recorded_text(dataset) for dataset in datasets], normalize_embeddings=True)
