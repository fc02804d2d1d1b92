"""Calibrations that were fitted without the datasets on which they are used."""

from __future__ import annotations

import io
from concurrent.futures import Executor
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np

from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.recording.calibrate import fitted
from automl_gpt_magic.recording.forest import fit_forests, text_axes
from automl_gpt_magic.recording.tables import source_groups
from automl_gpt_magic.records.space import SearchSpace

from .arms import others

N_FOLDS = 4


def nested_calibrations(bank: Bank, space: SearchSpace, pool: Executor) -> list[Bank]:
    """Return for each dataset a calibrated bank without its fold; near-copies share a fold."""
    folds = np.array(source_groups(bank.datasets)) % N_FOLDS
    jobs = [pool.submit(_calibrated, bank.subset(np.flatnonzero(folds != fold)), space) for fold in range(N_FOLDS)]
    fitted = [job.result() for job in jobs]
    return [fitted[fold] for fold in folds]


def without(bank: Bank, index: int, calibrated: Bank) -> Bank:
    """Return the bank without a dataset and its near-copies, with forests of its own and another's calibration."""
    rest = others(bank, index)
    rest = replace(rest, text_axes=text_axes(rest.embeddings))
    return replace(
        rest,
        forests=fit_forests(rest),
        calibration=calibrated.calibration,
        continuations=calibrated.continuations,
    )


def _calibrated(bank: Bank, space: SearchSpace) -> Bank:
    with redirect_stdout(io.StringIO()):
        return fitted(bank, space)
