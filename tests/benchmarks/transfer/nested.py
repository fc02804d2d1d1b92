"""Calibrations that were fitted without the datasets on which they are used."""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import redirect_stdout
from typing import Any

import numpy as np

from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.recording.calibrate import fitted

N_FOLDS = 4


def nested_calibrations(bank: Bank, pool: Executor) -> list[Mapping[str, Any]]:
    """Return for each dataset the calibration of a bank without its fold; near-copies share a fold."""
    folds = _folds(bank)
    jobs = [pool.submit(_calibrated, bank.subset(np.flatnonzero(folds != fold))) for fold in range(N_FOLDS)]
    fitted = [job.result() for job in jobs]
    return [fitted[fold] for fold in folds]


def _folds(bank: Bank) -> np.ndarray[Any, Any]:
    """Deal the families of every task to the folds in turn, so that each fold has some of each task."""
    order = sorted({(one["task"], one["family"]) for one in bank.datasets})
    fold_of: dict[str, int] = {}
    for number, (_, family) in enumerate(order):
        fold_of.setdefault(family, number % N_FOLDS)
    return np.array([fold_of[one["family"]] for one in bank.datasets])


def _calibrated(bank: Bank) -> Mapping[str, Any]:
    with redirect_stdout(io.StringIO()):
        return fitted(bank).calibration
