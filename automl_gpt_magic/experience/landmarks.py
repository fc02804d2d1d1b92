"""What a few cheap trainings say of a dataset: how noisy it is, how deep its trees, how soon it is overfitted.

A card does not tell how much of the target can be learned, and the best configuration depends on it most. Landmarks
(Pfahringer, Bensusan and Giraud-Carrier 2000) are measured instead: short runs of XGBoost on a sample of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_ROWS = 4_500
_MOST_CELLS = 300_000
_MOST_COLUMNS = 200
_LEAST_ROWS = 400
_MOST_ROWS_TIMES_CLASSES = 9_000
_TREES = 240  # of a probe; with many classes, each has its own trees and there are fewer rounds
_LEAST_ROUNDS = 10
_ROWS_FOR_ONE_SPLIT = 1_200
_FOLDS = 4
_SHARE_HELD_OUT = 0.25
_LEAST_LOSS = 1e-4
_COMMON = {"tree_method": "hist", "verbosity": 0, "seed": 0, "nthread": 1}
# Each differs from one before it in what its landmark is about.
_PROBES: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "default": (60, {"learning_rate": 0.3, "max_depth": 6}),
    "shallow": (60, {"learning_rate": 0.3, "max_depth": 2}),
    "strict": (
        60,
        {
            "learning_rate": 0.15,
            "max_depth": 6,
            "min_child_weight": 12,
            "subsample": 0.7,
            "colsample_bytree": 0.6,
            "reg_lambda": 5,
        },
    ),
    "deep": (40, {"learning_rate": 0.15, "max_depth": 10, "subsample": 0.8, "colsample_bytree": 0.7}),
}
NAMES = (
    "loss of the best round",
    "log of last over best loss",
    "log of the best round",
    "log of shallow over default loss",
    "log of the shallow best round",
    "log of strict over default loss",
    "log of the strict best round",
    "log of deep over strict loss",
    "training over validation loss",
)

# What was measured in this process, so that a cell that is run again need not wait.
_measured: dict[bytes, Floats] = {}


def measure_landmarks(x: Any, y: Any, n_classes: int) -> Floats:
    """Return the landmarks of a dataset, shape (9,), in the order of `NAMES`.

    Parameters
    ----------
    x : (n, p) array of numbers
        Categories as codes, missing values as NaN.
    y : (n,) array
        Numbers of classes from 0, or the target of a regression.
    n_classes : int
        0 for a regression.

    Returns
    -------
    (9,) array
        Losses are relative to that of knowing nothing.
    """
    x, y = _sampled(np.asarray(x, dtype="float32"), np.asarray(y), n_classes)
    key = hashlib.sha256(x.tobytes() + y.tobytes() + bytes([n_classes > 0])).digest()
    if key not in _measured:
        _measured[key] = _of_probes(x, y, n_classes)
    return _measured[key].copy()


def _of_probes(x: Any, y: Any, n_classes: int) -> Floats:
    splits = [_matrices(x, y, fitted, out) for fitted, out in _splits(y)]
    scale = _entropy(y, n_classes) if n_classes else float(np.std(y)) or 1.0
    curves = {name: _pooled(splits, scale, n_classes, *probe) for name, probe in _PROBES.items()}
    best = {name: float(valid.min()) for name, (_, valid) in curves.items()}
    at = {name: np.log(valid.argmin() + 1) for name, (_, valid) in curves.items()}
    train, valid = curves["default"]
    return np.array(
        [
            best["default"],
            np.log(valid[-1] / best["default"]),
            at["default"],
            np.log(best["shallow"] / best["default"]),
            at["shallow"],
            np.log(best["strict"] / best["default"]),
            at["strict"],
            np.log(best["deep"] / best["strict"]),
            train[valid.argmin()] / best["default"],
        ]
    )


def measured_loss(landmarks: Floats | None) -> float | None:
    """Return the relative loss of the default configuration's best round."""
    return None if landmarks is None else float(landmarks[NAMES.index("loss of the best round")])


def _sampled(x: Any, y: Any, n_classes: int) -> tuple[Any, Any]:
    most = min(MOST_ROWS, max(_MOST_ROWS_TIMES_CLASSES // n_classes, 20)) if n_classes > 2 else MOST_ROWS
    chance = np.random.default_rng(0)
    if x.shape[1] > _MOST_COLUMNS:
        x = x[:, np.sort(chance.permutation(x.shape[1])[:_MOST_COLUMNS])]
    most = min(most, max(_LEAST_ROWS, _MOST_CELLS // x.shape[1]))
    if len(y) <= most:
        return x, y
    kept = chance.permutation(len(y))[:most]
    return x[kept], y[kept]


def _splits(y: Any) -> Iterator[tuple[Any, Any]]:
    """Yield masks of training and held-out rows: one split where there are rows enough, folds where there are few."""
    places = np.random.default_rng(0).permutation(len(y))
    if len(y) > _ROWS_FOR_ONE_SPLIT:
        held_out = places < _SHARE_HELD_OUT * len(y)
        yield ~held_out, held_out
        return
    for fold in range(_FOLDS):
        held_out = places % _FOLDS == fold
        yield ~held_out, held_out


def _matrices(x: Any, y: Any, fitted: Any, out: Any) -> tuple[Any, Any]:
    import xgboost

    train = xgboost.QuantileDMatrix(x[fitted], y[fitted], nthread=1)
    return train, xgboost.QuantileDMatrix(x[out], y[out], ref=train, nthread=1)


def _pooled(
    splits: Sequence[tuple[Any, Any]], scale: float, n_classes: int, rounds: int, parameters: Mapping[str, Any]
) -> tuple[Floats, Floats]:
    """Return training and held-out relative losses after every round, over all splits together."""
    rounds = max(_LEAST_ROUNDS, min(rounds, _TREES // max(n_classes, 1)))
    logs = [_log(train, out, n_classes, rounds, parameters) for train, out in splits]
    fitted, held_out = (np.mean([log[part] for log in logs], axis=0) for part in (0, 1))
    root = 1 if n_classes else 0.5  # squared errors were averaged
    return np.maximum(fitted**root / scale, _LEAST_LOSS), np.maximum(held_out**root / scale, _LEAST_LOSS)


def _log(train: Any, out: Any, n_classes: int, rounds: int, parameters: Mapping[str, Any]) -> tuple[Floats, Floats]:
    import xgboost

    task = _task(n_classes)
    heard: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        {**_COMMON, **task, **parameters},
        train,
        rounds,
        evals=[(train, "train"), (out, "out")],
        evals_result=heard,
        verbose_eval=False,
    )
    power = 1 if n_classes else 2
    fitted, held_out = (np.array(heard[part][task["eval_metric"]]) ** power for part in ("train", "out"))
    return fitted, held_out


def _task(n_classes: int) -> dict[str, Any]:
    if not n_classes:
        return {"objective": "reg:squarederror", "eval_metric": "rmse"}
    if n_classes == 2:
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    return {"objective": "multi:softprob", "eval_metric": "mlogloss", "num_class": n_classes}


def _entropy(y: Any, n_classes: int) -> float:
    shares = np.bincount(y, minlength=n_classes) / len(y)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
