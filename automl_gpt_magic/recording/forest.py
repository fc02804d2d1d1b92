"""Fit the forests that weigh recorded datasets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..experience.bank import LEVEL, Bank
from ..experience.forest import Forest
from ..experience.level import MOST_LOSS
from ..experience.similarity import features
from ..experience.transfer import effects

_TREES = 200
_COMPONENTS = 25
_MOST_AXES, _DATASETS_FOR_AN_AXIS = 10, 8


def fit_forests(bank: Bank) -> dict[str, Forest]:
    """Return the forests for a card alone and, where there are any, those with landmarks; see `FORESTS`, `LEVEL`."""
    good = _components(effects(bank))
    forests = {"card": _fit(bank, "card", good, 0.15, 2)}
    if bank.landmarks.shape[1]:
        forests["data"] = _fit(bank, "data", good, 0.3, 2)
    return forests | {LEVEL: _fit(bank, "card", _components(np.minimum(bank.valid[:, :, ::4], MOST_LOSS)), 0.3, 1)}


def text_axes(embeddings: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean of embeddings (D, 384) and the directions of their first principal components, (1 + K, 384)."""
    mean = embeddings.mean(axis=0)
    _, _, directions = np.linalg.svd(embeddings - mean, full_matrices=False)
    return np.vstack([mean, directions[: min(_MOST_AXES, len(embeddings) // _DATASETS_FOR_AN_AXIS)]])


def dataset_features(bank: Bank, kind: str) -> np.ndarray[Any, Any]:
    """Return the features of the recorded datasets, (D, F)."""
    if kind == "data":
        return np.array([features(one, None, mark) for one, mark in zip(bank.datasets, bank.landmarks, strict=True)])
    words = [bank.words(text) for text in bank.embeddings]
    return np.array([features(one, word) for one, word in zip(bank.datasets, words, strict=True)])


def _fit(
    bank: Bank, kind: str, targets: np.ndarray[Any, Any], share_of_features: float, least_in_a_leaf: int
) -> Forest:
    from sklearn.ensemble import ExtraTreesRegressor

    known = dataset_features(bank, kind)
    unsaid = np.isnan(known).all(axis=0)  # of images, how many columns are categorical
    usual = np.nanmedian(np.where(unsaid, 0.0, known), axis=0)
    known = np.where(np.isnan(known), usual, known)
    trees = ExtraTreesRegressor(
        _TREES, min_samples_leaf=least_in_a_leaf, max_features=share_of_features, random_state=0
    )
    trees.fit(known, targets)
    return _as_arrays(trees, known, usual)


def _components(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the principal components of values (D, C, n), which say nearly the same in a tenth of the time."""
    flat = values.reshape(len(values), -1).astype("float64")
    left, scale, _ = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    return np.asarray((left * scale)[:, :_COMPONENTS])


def _as_arrays(trees: Any, known: np.ndarray[Any, Any], usual: np.ndarray[Any, Any]) -> Forest:
    each = [one.tree_ for one in trees.estimators_]
    size = max(tree.node_count for tree in each)

    def padded(name: str, kind: str, fill: float) -> Any:
        rows = [np.pad(getattr(tree, name), (0, size - tree.node_count), constant_values=fill) for tree in each]
        return np.array(rows).astype(kind)

    feature = padded("feature", "int16", -1)
    return Forest(
        np.maximum(feature, -1),
        padded("threshold", "float32", 0),
        padded("children_left", "int16", 0),
        padded("children_right", "int16", 0),
        trees.apply(known.astype("float32")).T.astype("int16"),
        usual.astype("float32"),
    )
