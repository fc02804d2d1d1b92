"""Pack the raw logs into the shipped bank, with embeddings and a calibration."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..experience.bank import ERROR_RANGE, FOLDER, LOG_LOSS_RANGE, SCHEMA_VERSION, Bank, encode, slug
from ..experience.encoder import weights_folder
from ..experience.similarity import recorded_text
from .calibrate import fitted
from .configurations import Recorded, recorded_family, shared_configurations
from .landmarks import read_landmarks
from .tables import HELD_OUT

# Every step to 20, where curves bend, then ever fewer.
_KEPT = np.array([*range(1, 21), *range(22, 50, 2), *range(50, 100, 5), *range(100, 200, 10), *range(200, 601, 25)])


def write_bank(family: str, raw: Path, folder: Path = FOLDER) -> Path:
    """Write a family's npz and json file from every dataset recorded in ``raw``; return the npz file."""
    recorded = recorded_family(family)
    bank = fitted(read_raw(recorded, raw))
    path, module = folder / f"{slug(family)}.npz", recorded.model.module
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        allow_pickle=False,
        configurations=bank.configurations,
        rounds=bank.rounds.astype("uint16"),
        valid=encode(np.log(bank.valid), LOG_LOSS_RANGE),
        train=_coarse(encode(np.log(bank.train), LOG_LOSS_RANGE)),
        error=_coarse(encode(bank.error, ERROR_RANGE)),
        seconds=bank.seconds,
        embeddings=bank.embeddings.astype("float16"),
        landmarks=bank.landmarks,
        **{name: array for kind, forest in bank.forests.items() for name, array in forest.arrays(kind).items()},
    )
    about = {
        "schema_version": SCHEMA_VERSION,
        "family": family,
        "command": "python -m automl_gpt_magic.recording",
        "versions": {name: import_module(name).__version__ for name in ("numpy", "pandas", "sklearn", module)},
        "machine": f"{platform.machine()}, one core a run",
        "most_rows": recorded.most_rows,
        "held_out": HELD_OUT,
        "parameters": bank.parameters,
        "calibration": bank.calibration,
        "datasets": bank.datasets,
    }
    path.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n")
    return path


def read_raw(recorded: Recorded, raw: Path) -> Bank:
    """Return the recorded logs as an uncalibrated bank; embeddings are computed by sentence-transformers."""
    paths = sorted(raw.glob("*.json"))
    datasets = [json.loads(path.read_text()) for path in paths if path.with_suffix(".npz").exists()]
    marks = read_landmarks(raw.parent)
    arrays = [_arrays(raw / f"{dataset['key']}.npz") for dataset in datasets]
    loss = np.array([dataset["loss_scale"] for dataset in datasets])[:, None, None]
    error = np.array([dataset["error_scale"] for dataset in datasets])[:, None, None]
    steps = _KEPT[recorded.steps >= _KEPT]
    kept = steps - 1
    names = [parameter.name for parameter in recorded.parameters]
    return Bank(
        datasets,
        names,
        np.array(
            [[configuration[name] for name in names] for configuration in shared_configurations(recorded)],
            dtype="float64",
        ),
        steps,
        _ratio(np.stack([each["valid"][:, kept] for each in arrays]), loss),
        _ratio(np.stack([each["train"][:, kept] for each in arrays]), loss),
        (np.stack([each["other"][:, kept] for each in arrays]) / error).astype("float32"),
        np.stack([each["seconds"] for each in arrays]).astype("float32"),
        _embeddings(datasets),
        {},
        np.array([marks[dataset["key"]] for dataset in datasets], dtype="float32"),
    )


def _coarse(codes: Any) -> Any:
    """Return 16-bit codes with 12 bits that count, which compress to two thirds."""
    return codes // 16 * 16


def _arrays(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _ratio(losses: Any, scale: Any) -> Any:
    return (np.maximum(losses, 1e-6) / scale).astype("float32")


def _embeddings(datasets: list[Mapping[str, Any]]) -> Any:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(weights_folder()))
    return encoder.encode([recorded_text(dataset) for dataset in datasets], normalize_embeddings=True)
