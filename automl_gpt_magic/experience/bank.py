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
from .trees import Trees

Floats = NDArray[np.float32]

SCHEMA_VERSION = 6
FOLDER = Path(__file__).parent / "recorded"
# By the card alone, and with landmarks, where the datasets have any: for which configurations are good on a dataset;
# and for where its curves lie by the card alone.
FORESTS = ("card", "data")
KINDS = ("loss", "error")
LEVEL = "card_level"
# After which steps a recommended training may end; of one with fewer steps, after any.
_OFFERED = (50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600)


@dataclass(frozen=True)
class Coding:
    """How values between two limits are written as whole numbers of so many bits, so that a file stays small."""

    low: float
    high: float
    bits: int

    def encode(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Return codes, each as its difference to the one before on the last axis, which compresses well."""
        shares = (np.clip(values, self.low, self.high) - self.low) / (self.high - self.low)
        codes = np.round(shares * (2**self.bits - 1)).astype("uint16")
        return np.asarray(np.diff(codes, axis=-1, prepend=np.uint16(0)))  # below 0 it wraps around, and back again

    def decode(self, codes: NDArray[np.uint16]) -> Floats:
        """Undo `encode`."""
        whole = np.cumsum(codes, axis=-1, dtype="uint16").astype("float32")
        return np.asarray(whole / (2**self.bits - 1) * (self.high - self.low) + self.low, dtype="float32")


# A loss is the logarithm of its ratio to the label entropy (or the target's standard deviation), an error its ratio to
# the majority class's error.
VALID, TRAIN, ERROR = Coding(-14.0, 4.0, 16), Coding(-14.0, 4.0, 12), Coding(0.0, 4.0, 12)
ARRAYS_BY_DATASET = ("valid", "train", "error", "seconds", "embeddings", "landmarks")


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
    step_name : str
        The hyperparameter that counts the steps of a training.
    rounds : (T,) array of int
        The steps (boosting rounds or epochs) that are kept, from 1 to the last.
    valid, train : (D, C, T) array
        Loss over ``loss_scale``: 1 is knowing nothing, 0 everything.
    error : (D, C, T) array
        Validation error over ``error_scale``.
    seconds : (D, C) array
        For all rounds on one core.
    embeddings : (D, 384) array
        Unit vectors of the cards' texts.
    text_axes : (1 + K, 384) array
        The mean of the embeddings, and the K directions in which they differ most; see `words`.
    calibration : mapping
        What `recording` fitted by leaving one dataset out.
    landmarks : (D, L) array
        See `landmarks`; L is 0 for images.
    forests : mapping of name to Forest
        The weights of the recorded datasets for a new one, by its card alone and, on tables, with its landmarks; see
        `FORESTS` and `LEVEL`.
    continuations : mapping of "loss", "error" to Trees
        What a training's beginning says of its rest; see `continuation`.
    """

    datasets: list[Mapping[str, Any]]
    parameters: list[str]
    configurations: NDArray[np.float64]
    step_name: str
    rounds: NDArray[np.int64]
    valid: Floats
    train: Floats
    error: Floats
    seconds: Floats
    embeddings: Floats
    text_axes: Floats
    calibration: Mapping[str, Any]
    landmarks: Floats
    forests: Mapping[str, Forest] = field(default_factory=dict)
    continuations: Mapping[str, Trees] = field(default_factory=dict)
    _of_task: dict[str, Bank] = field(default_factory=dict, init=False, repr=False)

    def subset(self, keep: NDArray[np.int64]) -> Bank:
        """Return the bank with only the datasets at these indices."""
        return replace(
            self,
            datasets=[self.datasets[index] for index in keep],
            forests={kind: forest.subset(keep) for kind, forest in self.forests.items()},
            **{name: getattr(self, name)[keep] for name in ARRAYS_BY_DATASET},
        )

    def for_task(self, task: str) -> Bank:
        """Return the datasets of one task; the same bank each time, so that plans share its arrays."""
        if task not in self._of_task:
            places = [i for i, card in enumerate(self.datasets) if card["task"] == task]
            self._of_task[task] = self.subset(np.array(places, dtype="int64"))
        return self._of_task[task]

    def words(self, text: Floats | None) -> NDArray[np.float64]:
        """Return a card's text vector along the axes, (K,); NaN for that of another encoder, or none."""
        mean, *axes = self.text_axes.astype("float64")
        if text is None or text.shape != mean.shape:
            return np.full(len(axes), np.nan)
        return np.asarray(np.reshape(axes, (len(axes), len(mean))) @ (text - mean))

    @property
    def n_runs(self) -> int:
        return len(self.datasets) * len(self.configurations)

    @property
    def offered(self) -> NDArray[np.int64]:
        """The places in ``rounds`` after which a recommended training may end."""
        among = np.flatnonzero(np.isin(self.rounds, _OFFERED))
        return among if len(among) else np.arange(len(self.rounds))


def is_recorded(family: str, task: str) -> bool:
    """Return whether the shipped bank holds runs of a family, and some for the task if one is named.

    Raises
    ------
    ExperienceError
        If the family's file cannot be read.
    """
    if not (FOLDER / f"{slug(family)}.json").exists():
        return False
    return not task or any(dataset["task"] == task for dataset in load_bank(slug(family)).datasets)


def slug(family: str) -> str:
    """Return what a family's files are called."""
    return family.lower().replace(" ", "_")


@lru_cache(maxsize=8)
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
        _check_whole(bank)
    except (OSError, ValueError, EOFError, LookupError, TypeError, AttributeError, BadZipFile, zlib.error) as error:
        raise _unreadable(family, error) from None
    return bank


def _check_whole(bank: Bank) -> None:
    """Raise a ValueError unless the two files fit each other and all numbers are finite."""
    n_datasets, n_configurations, n_steps = len(bank.datasets), len(bank.configurations), len(bank.rounds)
    curves = (n_datasets, n_configurations, n_steps)
    parts: list[tuple[NDArray[Any], tuple[int, ...]]] = [
        *((part, curves) for part in (bank.valid, bank.train, bank.error)),
        (bank.seconds, curves[:2]),
        (bank.landmarks, (n_datasets, bank.landmarks.shape[-1])),
        (bank.embeddings, (n_datasets, bank.embeddings.shape[-1])),
        (bank.configurations, (n_configurations, len(bank.parameters))),
        (bank.text_axes, (len(bank.text_axes), bank.embeddings.shape[-1])),
    ]
    if not min(curves) or any(part.shape != shape for part, shape in parts):
        raise ValueError("its parts do not fit each other")
    if not all(np.isfinite(part).all() for part, _ in parts):
        raise ValueError("a value is not a number")
    if missing := {"transfer", "bands", "continuation", "abstention", "scores"} - bank.calibration.keys():
        raise ValueError(f"the calibration lacks {', '.join(sorted(missing))}")


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
        about["step_name"],
        arrays["rounds"].astype("int64"),
        np.exp(VALID.decode(arrays["valid"])),
        np.exp(TRAIN.decode(arrays["train"])),
        ERROR.decode(arrays["error"]),
        arrays["seconds"],
        arrays["embeddings"].astype("float32"),
        arrays["text_axes"].astype("float32"),
        about["calibration"],
        arrays["landmarks"].astype("float32"),
        {kind: Forest.of_arrays(kind, arrays) for kind in about["forests"]},
        {kind: Trees.of_arrays(f"continuation_{kind}", arrays) for kind in KINDS},
    )
