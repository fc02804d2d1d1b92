"""The bank of recorded runs, as shipped: arrays in one npz file, cards and calibration in one json file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError
from .forest import Forest

Floats = NDArray[np.float32]

SCHEMA_VERSION = 2
FOLDER = Path(__file__).parent / "recorded"
# By the card alone, and with landmarks.
FORESTS = ("card", "data")

# In the file a loss is the logarithm of its ratio to the label entropy (or the target's standard deviation), an error
# its ratio to the majority class's error; 16 bits each, so that the file stays small.
LOG_LOSS_RANGE = (-14.0, 4.0)
ERROR_RANGE = (0.0, 4.0)


@dataclass(frozen=True, eq=False)
class Bank:
    """Runs of one model family: every dataset was trained with every configuration.

    Attributes
    ----------
    datasets : list of mapping
        The recorded datasets' cards, D of them.
    parameters : list of str
        The names of the P recorded hyperparameters.
    configurations : (C, P) array
    rounds : (T,) array of int
        The boosting rounds that are kept, from 1 to the last.
    valid, train : (D, C, T) array
        Loss over ``loss_scale``: 1 is knowing nothing, 0 everything.
    error : (D, C, T) array
        Validation error over ``error_scale``.
    seconds : (D, C) array
        For all rounds on one core.
    embeddings : (D, 384) array
        Unit vectors of the cards' texts.
    calibration : mapping
        What `recording` fitted by leaving one dataset out.
    landmarks : (D, 9) array
        See `landmarks`.
    forests : mapping of "card", "data" to Forest
        The weights of the recorded datasets for a new one, by its card alone and with its landmarks.
    """

    datasets: list[Mapping[str, Any]]
    parameters: list[str]
    configurations: NDArray[np.float64]
    rounds: NDArray[np.int64]
    valid: Floats
    train: Floats
    error: Floats
    seconds: Floats
    embeddings: Floats
    calibration: Mapping[str, Any]
    landmarks: Floats
    forests: Mapping[str, Forest] = field(default_factory=dict)

    def subset(self, keep: NDArray[np.int64]) -> Bank:
        """Return the bank with only the datasets at these indices."""
        by_dataset = ("valid", "train", "error", "seconds", "embeddings", "landmarks")
        return replace(
            self,
            datasets=[self.datasets[index] for index in keep],
            forests={kind: forest.subset(keep) for kind, forest in self.forests.items()},
            **{name: getattr(self, name)[keep] for name in by_dataset},
        )

    def for_task(self, task: str) -> Bank:
        """Return the datasets of one task."""
        return self.subset(np.array([i for i, card in enumerate(self.datasets) if card["task"] == task], dtype="int64"))

    @property
    def n_runs(self) -> int:
        return len(self.datasets) * len(self.configurations)


def encode(values: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.uint16]:
    """Return values as 16-bit codes between ``limits``."""
    low, high = limits
    return np.asarray(np.round((np.clip(values, low, high) - low) / (high - low) * 65535), dtype="uint16")


def decode(codes: NDArray[np.uint16], limits: tuple[float, float]) -> Floats:
    """Undo `encode`."""
    low, high = limits
    return (codes.astype("float32") / 65535 * (high - low) + low).astype("float32")


def is_recorded(family: str, input_type: str) -> bool:
    """Return whether the shipped bank holds runs of a family on this kind of data."""
    return input_type == "tabular" and (FOLDER / f"{slug(family)}.json").exists()


def slug(family: str) -> str:
    """Return what a family's files are called."""
    return family.lower().replace(" ", "_")


@lru_cache(maxsize=2)
def load_bank(family: str = "xgboost", folder: Path = FOLDER) -> Bank:
    """Read the shipped bank of a model family.

    Raises
    ------
    ExperienceError
        If a file is missing, cut short, or of another schema version.
    """
    try:
        about = json.loads((folder / f"{family}.json").read_text())
        _check_schema(family, about)
        with np.load(folder / f"{family}.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        bank = _bank(about, arrays)
    except (OSError, ValueError, EOFError, KeyError, TypeError, BadZipFile, zlib.error) as error:
        raise _unreadable(family, error) from None
    if not all(np.isfinite(part).all() for part in (bank.valid, bank.train, bank.error, bank.seconds, bank.landmarks)):
        raise _unreadable(family, "a loss is not a number")
    return bank


def _check_schema(family: str, about: Mapping[str, Any]) -> None:
    if about.get("schema_version") != SCHEMA_VERSION:
        raise ExperienceError(
            f"the recorded runs of {family} have schema {about.get('schema_version')}, this version reads "
            f"{SCHEMA_VERSION}; upgrade the package"
        )


def _unreadable(family: str, why: object) -> ExperienceError:
    return ExperienceError(f"the recorded runs of {family} cannot be read ({why}); reinstall the package")


def _bank(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Bank:
    return Bank(
        about["datasets"],
        about["parameters"],
        arrays["configurations"],
        arrays["rounds"].astype("int64"),
        np.exp(decode(arrays["valid"], LOG_LOSS_RANGE)),
        np.exp(decode(arrays["train"], LOG_LOSS_RANGE)),
        decode(arrays["error"], ERROR_RANGE),
        arrays["seconds"],
        arrays["embeddings"].astype("float32"),
        about["calibration"],
        arrays["landmarks"].astype("float32"),
        {kind: Forest.of_arrays(kind, arrays) for kind in FORESTS},
    )
