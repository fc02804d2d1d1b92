"""What a few cheap trainings say of a dataset: how noisy it is, how deep its trees, how soon it is overfitted.

A card does not tell how much of the target can be learned, and the best configuration depends on it most. Landmarks
(Pfahringer, Bensusan and Giraud-Carrier 2000) are measured instead: short runs of XGBoost on a sample of the rows.
Most are measured on folds, so that no chance of one split decides; the others on the rows that will be held out, since
a validation loss is one of just these rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_ROWS = 4_500
_MOST_CELLS = 300_000
_MOST_COLUMNS = 100
_MOST_COLUMNS_TIMES_TREES = 700  # a round
_LEAST_ROWS = 400
_MOST_ROWS_TIMES_CLASSES = 9_000
_ROUNDS = 100
_TREES = 300  # of a probe; with many classes, each has its own trees and there are fewer rounds
_LEAST_ROUNDS = 10
_ROWS_FOR_ONE_SPLIT = 1_200
_COLUMNS_FOR_ONE_SPLIT = 60
_CELLS_TIMES_TREES_FOR_ONE_SPLIT = 400_000
_FOLDS = 4
_SHARE_HELD_OUT = 0.25
_LEAST_LOSS = 1e-4
_LEAST_SCALE, _MOST_OFFSET = 1e-12, 1e5
_COMMON = {"tree_method": "hist", "verbosity": 0, "seed": 0, "nthread": 1}
# Chosen from 25 by forward selection on datasets left out. Beside the default: how much is learned without
# interactions, by small and by large trees, and what regularisation gains; the last says most of a curve's level.
_PROBES: Mapping[str, Mapping[str, Any]] = {
    "default": {"learning_rate": 0.3, "max_depth": 6},
    "stumps": {"learning_rate": 0.2, "max_depth": 1},
    "shallow": {"learning_rate": 0.2, "max_depth": 3},
    "deep": {"learning_rate": 0.2, "max_depth": 8},
    "regularised": {"learning_rate": 0.2, "max_depth": 6, "reg_alpha": 3},
    "pruned": {"learning_rate": 0.2, "max_depth": 6, "gamma": 2.5},
}
ON_FOLDS = (
    "loss of the default's best round",
    *(f"log of {name} over default loss" for name in _PROBES if name != "default"),
    *(f"log of the {name} best round" for name in _PROBES),
    *(f"log of last over best {name} loss" for name in _PROBES),
)
# The second was chosen from eight: what a run gains that sees a part of rows and columns at a time tells the most.
_ON_THE_SPLIT: Mapping[str, Mapping[str, Any]] = {
    "default": _PROBES["default"],
    "sampling": {
        "learning_rate": 0.15,
        "max_depth": 7,
        "min_child_weight": 5,
        "subsample": 0.8,
        "colsample_bytree": 0.8,
        "gamma": 2.5,
    },
}
_AFTER = (1, 5, 20, 100)  # rounds, or after the last
ON_SPLIT = (
    *(f"{name} loss on the split after {count} rounds" for name in _ON_THE_SPLIT for count in _AFTER),
    "loss of the default's best round on the split",
)
NAMES = (*ON_FOLDS, *ON_SPLIT)

# What was measured in this process, so that a cell that is run again need not wait.
_measured: dict[bytes, Floats] = {}


def measure_landmarks(x: Any, y: Any, n_classes: int, held_out: Any) -> Floats:
    """Return the landmarks of a dataset, shape (27,), in the order of `NAMES`.

    Parameters
    ----------
    x : (n, p) array of numbers
        Categories as codes, missing values as NaN.
    y : (n,) array
        Numbers of classes from 0, or the target of a regression.
    n_classes : int
        0 for a regression.
    held_out : (n,) array of bool
        The rows of the validation part.

    Returns
    -------
    (27,) array
        Losses are relative to that of knowing nothing.
    """
    x, y, held_out = np.asarray(x, dtype="float32"), np.asarray(y), np.asarray(held_out, dtype="bool")
    key = hashlib.sha256(x.tobytes() + y.tobytes() + held_out.tobytes() + bytes([n_classes > 0])).digest()
    if key not in _measured:
        train, valid = ((x[rows], y[rows]) for rows in (~held_out, held_out))
        _measured[key] = np.append(measure_probes(x, y, n_classes), measure_on_split(train, valid, n_classes))
    return _measured[key].copy()


def measure_probes(x: Any, y: Any, n_classes: int) -> Floats:
    """Return the landmarks on folds, (18,), in the order of `ON_FOLDS`; see `NAMES`."""
    x, y = _sampled(np.asarray(x, dtype="float32"), np.asarray(y), n_classes)
    return _of_probes(x, y if n_classes else _within_floats(y), n_classes)


def measure_on_split(train: tuple[Any, Any], held_out: tuple[Any, Any], n_classes: int) -> Floats:
    """Return the landmarks on the rows that will be held out, (9,), in the order of `ON_SPLIT`.

    Parameters
    ----------
    train, held_out : pairs of (n, p) and (n,) arrays
    n_classes : int
        0 for a regression.
    """
    targets = np.concatenate([train[1], held_out[1]])
    targets = targets if n_classes else _within_floats(targets)
    scale, chance = _loss_of_nothing(targets, n_classes), np.random.default_rng(0)
    columns = _sampled_columns(np.shape(train[0])[1], n_classes, chance)
    sampled: list[Any] = []
    for x, y in zip((train[0], held_out[0]), np.split(targets, [len(train[1])]), strict=True):
        rows = _sampled_rows(len(y), len(columns), n_classes, chance)
        sampled += [np.asarray(x, dtype="float32")[rows][:, columns], y[rows]]
    split = _pair(*sampled)
    curves = [_pooled([split], scale, n_classes, probe) for probe in _ON_THE_SPLIT.values()]
    after = [curve[min(count, len(curve)) - 1] for curve in curves for count in _AFTER]
    return np.array([*after, curves[0].min()])


def _within_floats(y: Any) -> Any:
    """Return a regression's target, standardised where numbers of 32 bits would not tell its values apart."""
    mean, scale = float(np.mean(y)), float(np.std(y))
    tells = _LEAST_SCALE < scale < 1 / _LEAST_SCALE and abs(mean) < _MOST_OFFSET * scale
    return y if tells or not scale else (y - mean) / scale


def _of_probes(x: Any, y: Any, n_classes: int) -> Floats:
    splits = [_matrices(x, y, fitted, out) for fitted, out in _splits(y, _is_slow(x, n_classes))]
    scale = _loss_of_nothing(y, n_classes)
    curves = [_pooled(splits, scale, n_classes, probe) for probe in _PROBES.values()]
    best = np.array([curve.min() for curve in curves])
    rounds = [curve.argmin() + 1 for curve in curves]
    last = np.array([curve[-1] for curve in curves])
    return np.concatenate([best[:1], np.log(best[1:] / best[0]), np.log(rounds), np.log(last / best)])


def measured_loss(landmarks: Floats) -> float:
    """Return the relative loss of the default configuration's best round on the rows that are held out."""
    return float(landmarks[-1])


def parted(landmarks: Floats) -> tuple[Floats, Floats, Floats]:
    """Split landmarks, (..., L): those on folds, the curves on the split, and the default's best there."""
    return landmarks[..., : len(ON_FOLDS)], landmarks[..., len(ON_FOLDS) : -1], landmarks[..., -1:]


def _sampled(x: Any, y: Any, n_classes: int) -> tuple[Any, Any]:
    chance = np.random.default_rng(0)
    columns = _sampled_columns(x.shape[1], n_classes, chance)
    rows = _sampled_rows(len(y), len(columns), n_classes, chance)
    return x[rows][:, columns], y[rows]


def _sampled_columns(n: int, n_classes: int, chance: np.random.Generator) -> Places:
    most = min(_MOST_COLUMNS, max(_MOST_COLUMNS_TIMES_TREES // _trees_a_round(n_classes), 1))
    return np.arange(n) if n <= most else np.sort(chance.permutation(n)[:most])


def _sampled_rows(n: int, n_columns: int, n_classes: int, chance: np.random.Generator) -> Places:
    most = min(MOST_ROWS, max(_MOST_ROWS_TIMES_CLASSES // n_classes, 20)) if n_classes > 2 else MOST_ROWS
    most = min(most, max(_LEAST_ROWS, _MOST_CELLS // n_columns))
    return np.arange(n) if n <= most else chance.permutation(n)[:most]


def _trees_a_round(n_classes: int) -> int:
    return n_classes if n_classes > 2 else 1


def _is_slow(x: Any, n_classes: int) -> bool:
    """Tell whether several folds would take seconds."""
    return bool(
        x.shape[1] > _COLUMNS_FOR_ONE_SPLIT
        or x.size * _trees_a_round(n_classes) > _CELLS_TIMES_TREES_FOR_ONE_SPLIT
        or len(x) > _ROWS_FOR_ONE_SPLIT
    )


def _splits(y: Any, once: bool) -> Iterator[tuple[Any, Any]]:
    """Yield masks of training and held-out rows: one split where there are rows enough, folds where there are few."""
    places = np.random.default_rng(0).permutation(len(y))
    if once:
        held_out = places < _SHARE_HELD_OUT * len(y)
        yield ~held_out, held_out
        return
    for fold in range(_FOLDS):
        held_out = places % _FOLDS == fold
        yield ~held_out, held_out


def _matrices(x: Any, y: Any, fitted: Any, out: Any) -> tuple[Any, Any]:
    return _pair(x[fitted], y[fitted], x[out], y[out])


def _pair(x: Any, y: Any, x_out: Any, y_out: Any) -> tuple[Any, Any]:
    import xgboost

    train = xgboost.QuantileDMatrix(x, y, nthread=1)
    return train, xgboost.QuantileDMatrix(x_out, y_out, ref=train, nthread=1)


def _pooled(splits: Sequence[tuple[Any, Any]], scale: float, n_classes: int, probe: Mapping[str, Any]) -> Floats:
    """Return held-out relative losses after every round, over all splits together."""
    rounds = max(_LEAST_ROUNDS, min(_ROUNDS, _TREES // max(n_classes, 1)))
    held_out = np.mean([_held_out(train, out, n_classes, rounds, probe) for train, out in splits], axis=0)
    root = 1 if n_classes else 0.5  # squared errors were averaged
    return np.asarray(np.maximum(held_out**root / scale, _LEAST_LOSS))


def _held_out(train: Any, out: Any, n_classes: int, rounds: int, probe: Mapping[str, Any]) -> Floats:
    import xgboost

    task = _task(n_classes)
    heard: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        {**_COMMON, **task, **probe}, train, rounds, evals=[(out, "out")], evals_result=heard, verbose_eval=False
    )
    return np.asarray(np.array(heard["out"][task["eval_metric"]]) ** (1 if n_classes else 2))


def _task(n_classes: int) -> dict[str, Any]:
    if not n_classes:
        return {"objective": "reg:squarederror", "eval_metric": "rmse"}
    if n_classes == 2:
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    return {"objective": "multi:softprob", "eval_metric": "mlogloss", "num_class": n_classes}


def _loss_of_nothing(y: Any, n_classes: int) -> float:
    return _entropy(y, n_classes) if n_classes else float(np.std(y)) or 1.0


def _entropy(y: Any, n_classes: int) -> float:
    shares = np.bincount(y, minlength=n_classes) / len(y)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
