"""What a few cheap trainings say of a dataset: how noisy it is, how deep its trees, how soon it is overfitted.

A card does not tell how much of the target can be learned, and the best configuration depends on it most. Landmarks
(Pfahringer, Bensusan and Giraud-Carrier 2000) are measured instead: short runs of XGBoost on a sample of the rows.
Most are measured on folds, so that no chance of one split decides; the others on the rows that will be held out, since
a validation loss is one of just these rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .short_trainings import (
    COMMON,
    is_slow,
    loss_of_nothing,
    masks,
    matrices,
    objective,
    sampled_columns,
    sampled_rows,
    side_by_side,
    within_floats,
)

Floats = NDArray[np.float64]

_ROUNDS = 100
_TREES = 300  # of a probe; with many classes, each has its own trees and there are fewer rounds
_LEAST_ROUNDS = 10
_LEAST_LOSS = 1e-4
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
    return _of_probes(x, y if n_classes else within_floats(y), n_classes)


def measure_on_split(train: tuple[Any, Any], held_out: tuple[Any, Any], n_classes: int) -> Floats:
    """Return the landmarks on the rows that will be held out, (9,), in the order of `ON_SPLIT`.

    Parameters
    ----------
    train, held_out : pairs of (n, p) and (n,) arrays
    n_classes : int
        0 for a regression.
    """
    targets = np.concatenate([train[1], held_out[1]])
    targets = targets if n_classes else within_floats(targets)
    scale, chance = loss_of_nothing(targets, n_classes), np.random.default_rng(0)
    columns = sampled_columns(np.shape(train[0])[1], n_classes, chance)
    sampled: list[Any] = []
    for x, y in zip((train[0], held_out[0]), np.split(targets, [len(train[1])]), strict=True):
        rows = sampled_rows(len(y), len(columns), n_classes, chance)
        sampled += [np.asarray(x, dtype="float32")[rows][:, columns], y[rows]]
    curves = side_by_side(lambda probe: _pooled([matrices(*sampled)], scale, n_classes, probe), _ON_THE_SPLIT.values())
    after = [curve[min(count, len(curve)) - 1] for curve in curves for count in _AFTER]
    return np.array([*after, curves[0].min()])


def _of_probes(x: Any, y: Any, n_classes: int) -> Floats:
    scale, parts = loss_of_nothing(y, n_classes), list(masks(y, is_slow(x, n_classes)))
    curves = side_by_side(
        lambda probe: _pooled([_matrices(x, y, *part) for part in parts], scale, n_classes, probe), _PROBES.values()
    )
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
    columns = sampled_columns(x.shape[1], n_classes, chance)
    rows = sampled_rows(len(y), len(columns), n_classes, chance)
    return x[rows][:, columns], y[rows]


def _matrices(x: Any, y: Any, fitted: Any, out: Any) -> tuple[Any, Any]:
    return matrices(x[fitted], y[fitted], x[out], y[out])


def _pooled(splits: Sequence[tuple[Any, Any]], scale: float, n_classes: int, probe: Mapping[str, Any]) -> Floats:
    """Return held-out relative losses after every round, over all splits together."""
    rounds = max(_LEAST_ROUNDS, min(_ROUNDS, _TREES // max(n_classes, 1)))
    held_out = np.mean([_held_out(train, out, n_classes, rounds, probe) for train, out in splits], axis=0)
    root = 1 if n_classes else 0.5  # squared errors were averaged
    return np.asarray(np.maximum(held_out**root / scale, _LEAST_LOSS))


def _held_out(train: Any, out: Any, n_classes: int, rounds: int, probe: Mapping[str, Any]) -> Floats:
    import xgboost

    task = objective(n_classes)
    heard: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        {**COMMON, **task, **probe}, train, rounds, evals=[(out, "out")], evals_result=heard, verbose_eval=False
    )
    return np.asarray(np.array(heard["out"][task["eval_metric"]]) ** (1 if n_classes else 2))
