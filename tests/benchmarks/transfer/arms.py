"""Simple ways from recorded runs to one configuration, for comparison; each knows the other datasets alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.experience.similarity import recorded_numbers
from automl_gpt_magic.recording.tables import near_copies

from .spaces import Space

Floats = NDArray[np.float64]

N_NEIGHBOURS = 3
_LEAST_SPREAD = 0.02  # of the loss ratio; below it the configuration hardly matters


def others(bank: Bank, index: int) -> Bank:
    """Return the bank without a dataset and its near-copies."""
    left_out = bank.datasets[index]
    keep = [place for place, one in enumerate(bank.datasets) if not near_copies(one, left_out)]
    return bank.subset(np.array(keep, dtype="int64"))


def best_average(rest: Bank, space: Space) -> dict[str, Any]:
    """Return what has the least mean regret over all datasets of the bank."""
    return _least(rest, space, np.arange(len(rest.datasets)))


def nearest_by_numbers(rest: Bank, space: Space, dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return the best of the three datasets of the task whose standardised card numbers are nearest."""
    rest = _of_its_task(rest, dataset)
    numbers = np.array([recorded_numbers(one) for one in rest.datasets])
    known = ~np.isnan(numbers).all(axis=0)
    steps = (numbers - recorded_numbers(dataset))[:, known] / _spread(numbers[:, known])
    distances = np.nanmean(np.where(np.isnan(steps), 0.0, steps) ** 2, axis=1)
    return _least(rest, space, np.argsort(distances, kind="stable")[:N_NEIGHBOURS])


def nearest_by_text(rest: Bank, space: Space, dataset: Mapping[str, Any], embedding: Any) -> dict[str, Any]:
    """Return the best of the three datasets of the task whose cards' texts are nearest."""
    rest = _of_its_task(rest, dataset)
    return _least(rest, space, np.argsort(-(rest.embeddings @ embedding), kind="stable")[:N_NEIGHBOURS])


def _of_its_task(rest: Bank, dataset: Mapping[str, Any]) -> Bank:
    of_task = rest.for_task(dataset["task"])
    return of_task if of_task.datasets else rest


def _spread(numbers: Floats) -> Floats:
    spread = np.nanstd(numbers, axis=0)
    return np.where(spread > 0, spread, 1.0)


def _least(bank: Bank, space: Space, chosen: Any) -> dict[str, Any]:
    regrets = _regrets(bank.valid[chosen][:, :, bank.offered]).mean(axis=0)
    best, at = np.unravel_index(regrets.argmin(), regrets.shape)
    steps = bank.rounds[bank.offered[at]]
    values = dict(zip(bank.parameters, bank.configurations[best], strict=True)) | {bank.step_name: steps}
    return {one.name: one.check(np.asarray(values[one.name]).item()) for one in space.parameters}


def _regrets(losses: NDArray[np.float32]) -> Floats:
    """Return how far each run of (D, C, T) is from its dataset's best, as a share of the mean one's distance.

    What is worse than knowing nothing counts as knowing nothing.
    """
    capped = np.minimum(losses.astype("float64"), 1.0)
    best, mean = (part(axis=(1, 2), keepdims=True) for part in (capped.min, capped.mean))
    return np.asarray((capped - best) / np.maximum(mean - best, _LEAST_SPREAD))
