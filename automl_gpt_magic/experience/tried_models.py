"""How the families that can be tried are trained on a sample, on one core, and about how long that takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.space import EARLY_STOPPING
from .short_trainings import COMMON, matrices, objective

Configuration = Mapping[str, Any]

STEPS = "n_estimators"
_DEFAULT_DEPTH, _DEFAULT_LEAVES = 6, 31


@dataclass(frozen=True)
class TriedModel:
    """One family.

    Attributes
    ----------
    module : str
        What has to be installed.
    predicted : callable
        From a configuration, features and target to train on, features to predict for, and the number of classes, 0
        for a regression, to the predictions: probabilities, of the second class where there are two.
    seconds : callable
        From a configuration, a number of rows and one of columns to those of a tree, as fitted to measured ones.
    """

    module: str
    predicted: Callable[[Configuration, Any, Any, Any, int], NDArray[Any]]
    seconds: Callable[[Configuration, int, int], float]


def _by_xgboost(configuration: Configuration, x: Any, y: Any, x_out: Any, n_classes: int) -> NDArray[Any]:
    import xgboost

    train, rest = matrices(x, y, x_out, None)
    trees = xgboost.train({**COMMON, **objective(n_classes), **_values(configuration)}, train, configuration[STEPS])
    return np.asarray(trees.predict(rest))


def _of_xgboost(configuration: Configuration, n_rows: int, n_columns: int) -> float:
    cells = n_rows * n_columns * configuration.get("colsample_bytree", 1.0)
    return float(7.3e-5 + 7.3e-10 * cells * configuration.get("max_depth", _DEFAULT_DEPTH))


def _by_lightgbm(configuration: Configuration, x: Any, y: Any, x_out: Any, n_classes: int) -> NDArray[Any]:
    import lightgbm

    tasks = {0: {"objective": "regression"}, 2: {"objective": "binary"}}
    fixed = {"subsample_freq": 1, "deterministic": True, "force_row_wise": True, "seed": 0, "verbosity": -1}
    task = tasks.get(n_classes, {"objective": "multiclass", "num_class": n_classes})
    values = {**fixed, **task, "num_threads": 1, **_values(configuration)}
    trees = lightgbm.train(values, lightgbm.Dataset(x, y, params=values), configuration[STEPS])
    return np.asarray(trees.predict(x_out, num_threads=1))


def _of_lightgbm(configuration: Configuration, n_rows: int, n_columns: int) -> float:
    least, columns = configuration.get("min_child_samples", 20), n_columns * configuration.get("colsample_bytree", 1.0)
    leaves = max(2.0, min(configuration.get("num_leaves", _DEFAULT_LEAVES), n_rows / least))
    return float(4.4e-5 + 5.9e-7 * leaves * columns + 2.3e-9 * n_rows * columns * math.log2(leaves))


def _values(configuration: Configuration) -> dict[str, Any]:
    # What would stop a training early needs rows of its own; the same holds for all that is tried.
    return {name: value for name, value in configuration.items() if name not in (STEPS, EARLY_STOPPING)}


TRIED = {
    "XGBoost": TriedModel("xgboost", _by_xgboost, _of_xgboost),
    "LightGBM": TriedModel("lightgbm", _by_lightgbm, _of_lightgbm),
}


def tried_model(family: str) -> TriedModel | None:
    """Return how a family is tried; None where it is not, or not installed."""
    model = TRIED.get(family)
    return model if model and find_spec(model.module) else None
