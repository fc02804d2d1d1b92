"""Fit how unlike everything recorded a dataset has to be for its evidence to be the average over all.

Every recorded dataset is judged as if it were new: how well its transferred configuration did, how well the one that is
best on average, and how near its nearest other dataset is. The threshold is the similarity below which the average did
better: the lowest that is within a standard error of the best. It is never below the least similarity that was judged:
of what is further away, nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experience.similarity import TEXT_IN_LIKENESS, recorded_numbers, similarities

if TYPE_CHECKING:
    from .calibrate import Fold

Floats = np.ndarray[Any, Any]

_POINTS = 20  # of the curve


def fitted_abstention(folds: Sequence[Fold], transferred: Floats, prior: Floats) -> dict[str, Any]:
    """Return ``threshold`` and ``curve`` for cards compared with and without their texts.

    Parameters
    ----------
    folds : sequence of Fold
        The recorded datasets, each with the others it is judged with.
    transferred, prior : (n,) array
        Each one's score with the transferred configuration and with the one that is best on average.
    """
    return {
        f"with{'' if text else 'out'}_text": threshold_and_curve(nearest(folds, with_text=text), transferred, prior)
        for text in (True, False)
    }


def threshold_and_curve(near: Floats, transferred: Floats, prior: Floats) -> dict[str, Any]:
    """Return the lowest ``threshold`` within a standard error of the best one, and a ``curve`` over thresholds.

    A point of the curve is a threshold, the share of datasets below it, and the mean score if those have the prior's.
    """
    tried = np.sort(near)
    scores = np.where(near >= tried[:, None], transferred, prior)
    means = scores.mean(axis=1)
    lost = scores[means.argmax()] - scores
    as_good = lost.mean(axis=1) <= lost.std(axis=1, ddof=1) / len(near) ** 0.5
    shown = np.unique(np.linspace(0, len(tried) - 1, _POINTS).round().astype("int64"))
    curve = [[round(float(x), 3) for x in (tried[i], (near < tried[i]).mean(), means[i])] for i in shown]
    return {"threshold": round(float(tried[as_good.argmax()]), 3), "curve": curve}


def nearest(folds: Sequence[Fold], *, with_text: bool) -> Floats:
    """Return each dataset's similarity to the nearest of the others, shape (n,)."""
    found = []
    for fold in folds:
        text = fold.bank.embeddings[fold.place] if with_text else None
        numbers = recorded_numbers(fold.bank.datasets[fold.place])
        found.append(similarities(numbers, text, fold.others, TEXT_IN_LIKENESS).max())
    return np.array(found)
