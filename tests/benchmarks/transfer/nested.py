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

N_FOLDS = 8


def nested_calibrations(bank: Bank, space: SearchSpace, pool: Executor) -> list[Bank]:
    """Return for each dataset a calibrated bank without its fold; near-copies share a fold."""
    jobs = [pool.submit(calibrated_without, bank, space, fold) for fold in range(N_FOLDS)]
    fitted = [job.result() for job in jobs]
    return [fitted[fold] for fold in folds_of(bank)]


def folds_of(bank: Bank) -> list[int]:
    """Return the fold of each dataset."""
    return [group % N_FOLDS for group in source_groups(bank.datasets)]


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


def calibrated_without(bank: Bank, space: SearchSpace, fold: int) -> Bank:
    """Return a calibrated bank without the datasets of a fold."""
    rest = bank.subset(np.flatnonzero(np.array(folds_of(bank)) != fold))
    with redirect_stdout(io.StringIO()):
        return fitted(rest, space)
