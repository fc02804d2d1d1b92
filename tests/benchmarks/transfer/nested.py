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
from automl_gpt_magic.recording.tables import source_groups
from automl_gpt_magic.records.space import SearchSpace

N_FOLDS = 4


def nested_calibrations(bank: Bank, space: SearchSpace, pool: Executor) -> list[Mapping[str, Any]]:
    """Return for each dataset the calibration of a bank without its fold; near-copies share a fold."""
    folds = np.array(source_groups(bank.datasets)) % N_FOLDS
    jobs = [pool.submit(_calibrated, bank.subset(np.flatnonzero(folds != fold)), space) for fold in range(N_FOLDS)]
    fitted = [job.result() for job in jobs]
    return [fitted[fold] for fold in folds]


def _calibrated(bank: Bank, space: SearchSpace) -> Mapping[str, Any]:
    with redirect_stdout(io.StringIO()):
        return fitted(bank, space).calibration
