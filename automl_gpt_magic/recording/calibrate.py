"""Fit the transfer's settings, its threshold and its bands by leaving one dataset out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ..experience.bank import Bank
from ..experience.similarity import recorded_numbers, similarities
from ..experience.transfer import Transfer, TransferSettings, regret
from ..planning.families import XGBOOST
from ..records.card import BINARY, MULTICLASS, REGRESSION

_TASKS = (BINARY, MULTICLASS, REGRESSION)
_BAND_ROUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 400, 600)
_LOW, _HIGH = 0.1, 0.9
_EVERY = 4  # of the shared configurations, the default first, are judged for the bands


def calibrate(bank: Bank) -> dict[str, Any]:
    """Return what the bank's json file keeps under ``calibration``; prints the score of every setting tried."""
    settings, scores = _best_settings(bank)
    return {
        "transfer": asdict(settings),
        "scores": scores,
        "threshold": _threshold(bank, settings, with_text=True),
        "threshold_without_text": _threshold(bank, settings, with_text=False),
        "bands": {task: _bands(bank.for_task(task), settings) for task in _TASKS},
    }


def score(bank: Bank, settings: TransferSettings, *, uniform: bool = False) -> np.ndarray[Any, Any]:
    """Return, for each dataset left out, 1 - regret of the recommended configuration over the mean one's, (D,)."""
    scores = []
    for task in _TASKS:
        for left_out, index, transfer in _folds(bank.for_task(task), settings, uniform):
            scores.append(1 - regret(left_out, index, transfer.recommend({})))
    return np.array(scores)


def _best_settings(bank: Bank) -> tuple[TransferSettings, dict[str, float]]:
    """Return the settings with the highest mean score, and that score beside those of the controls."""
    tried = []
    for count, sharpness, text, prior in itertools.product((5, 8, 12), (10.0, 20.0), (0.0, 0.25, 0.5), (0.0, 0.5)):
        settings = TransferSettings(count, sharpness, text, prior)
        tried.append((float(score(bank, settings).mean()), settings))
        print(f"neighbours {count:2d}, sharpness {sharpness:2.0f}, text {text:.2f}, prior {prior}: {tried[-1][0]:.3f}")
    average, default = score(bank, TransferSettings(), uniform=True).mean(), _default_score(bank).mean()
    # Shares of text differ by less than the standard error. Words keep one, for cards whose numbers are not known.
    best = max((one for one in tried if one[-1].text_share > 0), key=lambda one: one[0])
    error = np.std(score(bank, best[-1])) / len(bank.datasets) ** 0.5
    print(f"taken {best[0]:.3f} with standard error {error:.3f}: {best[-1]}")
    print(f"best on average over all other datasets {average:.3f}; XGBoost's default {default:.3f}")
    scores = {"transfer": best[0], "standard_error": error, "best_average": average, "default": default}
    return best[-1], {name: round(float(value), 3) for name, value in scores.items()}


def _default_score(bank: Bank) -> np.ndarray[Any, Any]:
    return np.array([1 - regret(bank, index, {**XGBOOST.default}) for index in range(len(bank.datasets))])


def _folds(bank: Bank, settings: TransferSettings, uniform: bool) -> Iterator[tuple[Bank, int, Transfer]]:
    """Yield the bank, each dataset's index and the transfer from all datasets of other families."""
    families = [dataset["family"] for dataset in bank.datasets]
    for index, family in enumerate(families):
        others = bank.subset(np.array([i for i, other in enumerate(families) if other != family]))
        similarity = similarities(
            recorded_numbers(bank.datasets[index]), bank.embeddings[index], others, settings.text_share
        )
        yield bank, index, Transfer(others, XGBOOST, similarity, settings, uniform=uniform)


def _threshold(bank: Bank, settings: TransferSettings, *, with_text: bool) -> float:
    """Return the similarity that 95% of the recorded datasets reach with their nearest other one of the same task."""
    nearest = []
    for task in _TASKS:
        part = bank.for_task(task)
        for index, dataset in enumerate(part.datasets):
            others = part.subset(np.array([i for i, d in enumerate(part.datasets) if d["family"] != dataset["family"]]))
            text = part.embeddings[index] if with_text else None
            nearest.append(similarities(recorded_numbers(dataset), text, others, settings.text_share).max())
    return round(float(np.quantile(nearest, 0.05)), 3)


def _bands(bank: Bank, settings: TransferSettings) -> dict[str, Any]:
    return {
        "near": _band(bank, settings, uniform=False),
        "prior": _band(bank, settings, uniform=True),
    }


def _band(bank: Bank, settings: TransferSettings, uniform: bool) -> dict[str, Any]:
    """Return the 10% and 90% quantiles of what was measured minus what was predicted, by round."""
    at = np.searchsorted(bank.rounds, _BAND_ROUNDS)
    loss, error = [], []
    for _, index, transfer in _folds(bank, settings, uniform):
        recommended = transfer.recommend({})  # sets the level
        for number, configuration in enumerate(_judged(bank)):
            predicted = transfer.predict({**recommended, **configuration})
            loss.append(bank.valid[index, number * _EVERY, at] - predicted.valid[at])
            error.append(bank.error[index, number * _EVERY, at] - predicted.error[at])
    return {"rounds": list(_BAND_ROUNDS), "loss": _quantiles(loss), "error": _quantiles(error)}


def _judged(bank: Bank) -> Iterator[Mapping[str, float]]:
    for row in bank.configurations[::_EVERY]:
        yield dict(zip(bank.parameters, row, strict=True))


def _quantiles(residuals: list[Any]) -> dict[str, list[float]]:
    low, high = np.quantile(np.array(residuals), [_LOW, _HIGH], axis=0)
    return {"lower": [round(float(x), 4) for x in low], "upper": [round(float(x), 4) for x in high]}
