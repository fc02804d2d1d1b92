"""Which of a few promising configurations loses least on a sample of the new dataset's own rows.

What is known of other datasets narrows the space to a few candidates; less than a second of training tells these apart
better (subsampling landmarks: Fürnkranz and Petrak 2001). Each is trained to its last round on at most 3,000 rows and
judged by all others that are at hand: to predict costs little, and few rows cannot tell good candidates apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .landmarks import measure_landmarks
from .short_trainings import is_slow, masks, side_by_side, trees_a_round, within_floats
from .tried_models import STEPS, TriedModel, tried_model

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SHARE_TRAINED_ON = 0.75
_MOST_ROWS_TRAINED_ON, _LEAST_ROWS_TRAINED_ON = 3_000, 400
_MOST_CELLS_TIMES_TREES = 300_000
_MOST_COLUMNS = 100  # of fewer columns than there are, a sample would say what suits those
_LEAST_PROBABILITY = 1e-7
_MOST_SECONDS = 0.8
_DIVERGED = 1e30

# What was measured in this process, so that a cell that is run again need not wait.
_measured: dict[tuple[str, str, int, tuple[tuple[str, Any], ...]], float] = {}


class Tryout:
    """A sample on which configurations may be tried.

    Parameters
    ----------
    x : (n, p) array of numbers
        Categories as codes, missing values as NaN.
    y : (n,) array
        Numbers of classes from 0, or the target of a regression.
    n_classes : int
        0 for a regression.
    """

    def __init__(self, x: Any, y: Any, n_classes: int) -> None:
        self._x = np.asarray(x, dtype="float32")
        self._y = np.asarray(y) if n_classes else within_floats(np.asarray(y))
        self._n_classes = n_classes
        self._masks = list(self._split())
        self._digest = hashlib.sha256(self._x.tobytes() + self._y.tobytes() + bytes([n_classes > 0])).hexdigest()

    def losses(self, family: str, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return the losses of the first m configurations, (m,): of all that one core can try in less than a second.

        Of several folds as many are used as that allows for all. None are tried where time is for one only, or where
        the family cannot be.
        """
        model = tried_model(family)
        if model is None:
            return np.array([])
        seconds = np.cumsum([self._seconds_a_fold(model, one) for one in configurations])
        n_folds = int(np.clip(_MOST_SECONDS // seconds[-1], 1, len(self._masks)))
        tried = configurations[: int((n_folds * seconds <= _MOST_SECONDS).sum())]
        if len(tried) < 2:
            return np.array([])
        return np.array(side_by_side(lambda one: self._loss(model, one, n_folds), tried))

    def _split(self) -> list[tuple[Mask, Mask]]:
        """Return masks of rows to train on and to judge by: folds where there are few rows."""
        if not is_slow(self._x, self._n_classes):
            return list(masks(self._y, once=False))
        n_rows, n_columns = self._x.shape
        cells = _MOST_CELLS_TIMES_TREES // (n_columns * trees_a_round(self._n_classes))
        most = min(_MOST_ROWS_TRAINED_ON, max(_LEAST_ROWS_TRAINED_ON, cells), int(_SHARE_TRAINED_ON * n_rows))
        trained_on = np.random.default_rng(0).permutation(n_rows) < most
        return [(trained_on, ~trained_on)]

    def _seconds_a_fold(self, model: TriedModel, configuration: Mapping[str, Any]) -> float:
        n_trees = configuration[STEPS] * trees_a_round(self._n_classes)
        return float(n_trees * model.seconds(configuration, self._masks[0][0].sum(), self._x.shape[1]))

    def _loss(self, model: TriedModel, configuration: Mapping[str, Any], n_folds: int) -> float:
        key = (self._digest, model.module, n_folds, tuple(configuration.items()))
        if key not in _measured:
            rows = [self._of_rows(model, configuration, *both) for both in self._masks[:n_folds]]
            _measured[key] = float(np.nan_to_num(np.mean(np.concatenate(rows)), nan=_DIVERGED, posinf=_DIVERGED))
        return _measured[key] if self._n_classes else _measured[key] ** 0.5

    def _of_rows(
        self, model: TriedModel, configuration: Mapping[str, Any], trained_on: Mask, judged_by: Mask
    ) -> Floats:
        """Return the log loss, or the squared error, of every row that is judged by."""
        x, y = self._x, self._y
        predicted = model.predicted(configuration, x[trained_on], y[trained_on], x[judged_by], self._n_classes)
        return _row_losses(predicted, y[judged_by], self._n_classes)


@dataclass(frozen=True, eq=False)
class Sample:
    """What short trainings say of a new dataset's own rows, and those on which more may be tried.

    Attributes
    ----------
    landmarks : (27,) array
        See `measure_landmarks`.
    tryout : Tryout or None
        None of tables with over 100 columns.
    """

    landmarks: Floats
    tryout: Tryout | None


def measure_sample(x: Any, y: Any, n_classes: int, held_out: Any) -> Sample:
    """Measure a dataset's landmarks and keep the rows to try on; for parameters see `measure_landmarks`."""
    tryout = Tryout(x, y, n_classes) if np.shape(x)[1] <= _MOST_COLUMNS else None
    return Sample(measure_landmarks(x, y, n_classes, held_out), tryout)


def _row_losses(predicted: Any, y: Any, n_classes: int) -> Floats:
    if not n_classes:
        return np.asarray((np.asarray(predicted, dtype="float64") - y) ** 2)
    of_class = np.where(y == 1, predicted, 1 - predicted) if n_classes == 2 else predicted[np.arange(len(y)), y]
    return np.asarray(-np.log(np.maximum(np.asarray(of_class, dtype="float64"), _LEAST_PROBABILITY)))
