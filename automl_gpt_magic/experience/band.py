"""How far a forecast may be off: quantiles fitted to what it missed on datasets that it had not seen.

An error is divided by what its size is expected to be, which a line tells from what the forecast knows of itself, and a
factor from the task; the quantiles of these ratios over the datasets left out are the band, wherever the forecast lies
(normalised split conformal prediction: Lei et al. 2018, section 5.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.curve import QUANTILES

Floats = NDArray[np.float64]

_LEAST = 0.01
_LEAST_AT_A_KNOT = 40
_LEAST_OF_A_TASK = 15  # datasets; fewer do not tell how wide their bands should be
_WIDTH_HOLDS = 0.8


class Band:
    """Quantiles around a forecast of a relative loss or error.

    Parameters
    ----------
    fitted : mapping
        ``coefficients``, (F + 1,): of the logarithms of F signs of a large error, and a constant. ``widths``: a factor
        for each task that has its own. ``places``, (P,), and ``quantiles``, (9, P): of the ratios, at places between
        which is interpolated.
    task : str
        Of the dataset; empty where the band is for one task alone.
    """

    def __init__(self, fitted: Mapping[str, Any], task: str = "") -> None:
        self._width = float(fitted.get("widths", {}).get(task, 1.0))
        self._coefficients = np.array(fitted["coefficients"])
        self._places = np.array(fitted["places"], dtype="float64")
        self._quantiles = np.array(fitted["quantiles"])

    def offsets(self, signs: Floats, places: Floats) -> Floats:
        """Return what to add to a forecast for each level of `QUANTILES`, (9, n).

        Parameters
        ----------
        signs : (F, n) array
            Numbers above 0.
        places : (n,) array
            Such as the step.
        """
        size = self._width * expected_size(self._coefficients, signs)
        return np.array([np.interp(places, self._places, one) for one in self._quantiles]) * size


def expected_size(coefficients: Floats, signs: Floats) -> Floats:
    """Return the expected size of an error, shape (n,), by signs (F, n)."""
    return np.asarray(np.exp(logarithms(signs).T @ coefficients[:-1] + coefficients[-1]))


def logarithms(signs: Floats) -> Floats:
    """Return what the size is a line of, (F, n)."""
    return np.asarray(np.log(np.abs(signs) + _LEAST))


def fitted_band(
    errors: Floats,
    signs: Floats,
    places: Floats,
    groups: NDArray[np.int64],
    knots: Sequence[float],
    tasks: NDArray[np.str_] | None = None,
) -> dict[str, Any]:
    """Return what a `Band` is made of.

    Parameters
    ----------
    errors : (n,) array
        What was measured minus what was forecast, of datasets left out.
    signs : (F, n) array
    places : (n,) array
    groups : (n,) array of int
        The dataset of each; as many as there are widen the quantiles, so that few datasets promise less.
    knots : sequence of float
        Places at which quantiles are kept, if enough errors are nearest to them.
    tasks : (n,) array of str
        The task of each; None where all are alike.
    """
    known = np.column_stack([logarithms(signs).T, np.ones(len(errors))])
    coefficients = np.linalg.lstsq(known, np.log(np.abs(errors) + _LEAST), rcond=None)[0]
    ratios = errors / expected_size(coefficients, signs)
    tasks = np.full(len(errors), "") if tasks is None else tasks
    widths = _widths(np.abs(ratios), groups, tasks)
    ratios /= np.array([widths.get(task, 1.0) for task in tasks])
    nearest = np.abs(np.subtract.outer(places, np.asarray(knots, dtype="float64"))).argmin(axis=1)
    levels = _cautious(len(np.unique(groups)))
    kept = [knot for knot in range(len(knots)) if (nearest == knot).sum() >= _LEAST_AT_A_KNOT]
    quantiles = np.array([np.quantile(ratios[nearest == knot], levels) for knot in kept]).T
    quantiles[QUANTILES.index(0.5)] = 0.0  # the line that recommendations go by stays where it is
    return {
        "coefficients": [round(float(one), 5) for one in coefficients],
        "widths": widths,
        "places": [float(knots[knot]) for knot in kept],
        "quantiles": np.round(quantiles, 4).tolist(),
    }


def _widths(ratios: Floats, groups: NDArray[np.int64], tasks: NDArray[np.str_]) -> dict[str, float]:
    """Return how much larger than usual the ratios of a task are, (n,), where it has datasets enough."""
    usual, widths = np.quantile(ratios, _WIDTH_HOLDS), {}
    for task in np.unique(tasks):
        chosen = tasks == task
        if len(np.unique(groups[chosen])) >= _LEAST_OF_A_TASK:
            widths[str(task)] = round(float(np.quantile(ratios[chosen], _WIDTH_HOLDS) / usual), 4)
    return widths


def _cautious(n_groups: int) -> Floats:
    """Return the levels to take of ``n_groups`` that are alike, so that another lies below as often as it should."""
    levels = np.array(QUANTILES)
    further = 0.5 + (levels - 0.5) * (n_groups + 1) / n_groups
    return np.clip(further, 0.0, 1.0)
