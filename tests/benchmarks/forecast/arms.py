"""Simple ways to predict a curve; each knows the other datasets alone, and the curve so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.experience.similarity import recorded_numbers

Floats = NDArray[np.float64]

CONSTANT, MEAN, NEAREST, LAST, POWER = (
    "constant prior",
    "mean curve of the other datasets",
    "nearest dataset's curve",
    "last value",
    "power law through the curve so far",
)
_LEAST_POINTS = 4


def before(rest: Bank, dataset: Any, number: int) -> dict[str, Floats]:
    """Return what is predicted of a configuration before its training, each (T,)."""
    curves = rest.valid[:, number].astype("float64")
    return {
        CONSTANT: np.full(curves.shape[1], np.median(rest.valid[:, :, len(rest.rounds) // 2 :])),
        MEAN: curves.mean(axis=0),
        NEAREST: curves[_nearest(rest, dataset)],
    }


def after(rounds: NDArray[np.int64], curve: Floats, done: int) -> dict[str, Floats]:
    """Return what follows from a curve, (T,), of which ``done`` steps are known."""
    known = rounds <= done
    return {
        LAST: np.full(len(curve), curve[known][-1]),
        POWER: _power_law(rounds.astype("float64"), curve, known),
    }


def _power_law(rounds: Floats, curve: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return ``a + b * step ** -c`` fitted to what is known; its last value where there is too little."""
    flat = np.full(len(curve), curve[known][-1])
    if known.sum() < _LEAST_POINTS:
        return flat
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        try:
            start = (max(curve[known][-1] * 0.9, 1e-6), max(curve[known][0] - curve[known][-1], 1e-6), 0.5)
            bounds = ([0, 0, 0.01], [5, 10, 5])
            found, _ = curve_fit(_law, rounds[known], curve[known], np.clip(start, *bounds), bounds=bounds)
        except RuntimeError:  # it does not converge
            return flat
    return np.asarray(_law(rounds, *found))


def _law(step: Floats, a: float, b: float, c: float) -> Floats:
    return a + b * step**-c


def _nearest(rest: Bank, dataset: Any) -> int:
    """Return the dataset of the same task whose standardised card numbers are nearest."""
    alike = np.array([one["task"] == dataset["task"] for one in rest.datasets])
    numbers = np.array([recorded_numbers(one) for one in rest.datasets])
    steps = (numbers - recorded_numbers(dataset)) / np.maximum(np.nanstd(numbers, axis=0), 1e-9)
    far = np.where(alike, np.nanmean(steps**2, axis=1), np.inf)
    return int(np.argmin(far))
