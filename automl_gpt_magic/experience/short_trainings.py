"""Short trainings of XGBoost on a sample of a dataset's own rows: which rows and columns, and what is minimised."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
_One = TypeVar("_One")
_Found = TypeVar("_Found")

MOST_ROWS = 4_500
_MOST_CELLS = 300_000
_MOST_COLUMNS = 100
_MOST_COLUMNS_TIMES_TREES = 700  # a round
_LEAST_ROWS = 400
_MOST_ROWS_TIMES_CLASSES = 9_000
_ROWS_FOR_ONE_SPLIT = 1_200
_COLUMNS_FOR_ONE_SPLIT = 60
_CELLS_TIMES_TREES_FOR_ONE_SPLIT = 400_000
_FOLDS = 4
_SHARE_HELD_OUT = 0.25
_LEAST_SCALE, _MOST_OFFSET = 1e-12, 1e5
COMMON = {"tree_method": "hist", "verbosity": 0, "seed": 0, "nthread": 1}


def sampled_columns(n: int, n_classes: int, chance: np.random.Generator) -> Places:
    """Return places among ``n`` columns, few enough for a training to take no seconds."""
    most = _most_columns(n_classes)
    return np.arange(n) if n <= most else np.sort(chance.permutation(n)[:most])


def sampled_rows(n: int, n_columns: int, n_classes: int, chance: np.random.Generator) -> Places:
    """Return places among ``n`` rows, likewise."""
    most = _most_rows(n_columns, n_classes)
    return np.arange(n) if n <= most else chance.permutation(n)[:most]


def n_sampled(n_rows: int, n_columns: int, n_classes: int) -> int:
    """Return how many rows are sampled of a table."""
    return min(n_rows, _most_rows(min(n_columns, _most_columns(n_classes)), n_classes))


def _most_columns(n_classes: int) -> int:
    return min(_MOST_COLUMNS, max(_MOST_COLUMNS_TIMES_TREES // trees_a_round(n_classes), 1))


def _most_rows(n_columns: int, n_classes: int) -> int:
    most = min(MOST_ROWS, max(_MOST_ROWS_TIMES_CLASSES // n_classes, 20)) if n_classes > 2 else MOST_ROWS
    return min(most, max(_LEAST_ROWS, _MOST_CELLS // n_columns))


def trees_a_round(n_classes: int) -> int:
    """Return how many trees XGBoost grows in a round."""
    return n_classes if n_classes > 2 else 1


def is_slow(x: Any, n_classes: int) -> bool:
    """Tell whether several folds would take seconds."""
    return bool(
        x.shape[1] > _COLUMNS_FOR_ONE_SPLIT
        or x.size * trees_a_round(n_classes) > _CELLS_TIMES_TREES_FOR_ONE_SPLIT
        or len(x) > _ROWS_FOR_ONE_SPLIT
    )


def masks(y: Any, once: bool) -> Iterator[tuple[Any, Any]]:
    """Yield masks of training and held-out rows: one split where there are rows enough, folds where there are few."""
    places = np.random.default_rng(0).permutation(len(y))
    if once:
        held_out = places < _SHARE_HELD_OUT * len(y)
        yield ~held_out, held_out
        return
    for fold in range(_FOLDS):
        held_out = places % _FOLDS == fold
        yield ~held_out, held_out


def side_by_side(training: Callable[[_One], _Found], of: Iterable[_One]) -> list[_Found]:
    """Call a training ``of`` each one, in threads: on one core it leaves the interpreter, and other cores, to the next.

    Each needs matrices of its own.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(training, of))


def within_floats(y: Any) -> Any:
    """Return a regression's target, standardised where numbers of 32 bits would not tell its values apart."""
    mean, scale = float(np.mean(y)), float(np.std(y))
    tells = _LEAST_SCALE < scale < 1 / _LEAST_SCALE and abs(mean) < _MOST_OFFSET * scale
    return y if tells or not scale else (y - mean) / scale


def matrices(x: Any, y: Any, x_out: Any, y_out: Any | None) -> tuple[Any, Any]:
    """Return both parts as XGBoost reads them."""
    import xgboost

    train = xgboost.QuantileDMatrix(x, y, nthread=1)
    return train, xgboost.QuantileDMatrix(x_out, y_out, ref=train, nthread=1)


def objective(n_classes: int) -> dict[str, Any]:
    """Return XGBoost's parameters of a task; 0 classes are a regression."""
    if not n_classes:
        return {"objective": "reg:squarederror", "eval_metric": "rmse"}
    if n_classes == 2:
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    return {"objective": "multi:softprob", "eval_metric": "mlogloss", "num_class": n_classes}


def loss_of_nothing(y: Any, n_classes: int) -> float:
    """Return the loss of what knows only the target's distribution: the entropy, or the standard deviation."""
    return _entropy(y, n_classes) if n_classes else float(np.std(y)) or 1.0


def _entropy(y: Any, n_classes: int) -> float:
    shares = np.bincount(y, minlength=n_classes) / len(y)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
