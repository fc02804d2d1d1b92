"""Fit what a bank of runs is used with: forests, the transfer's settings, its threshold and its bands.

Settings, threshold and bands are judged on datasets that the forest they are judged with has not seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from ..experience.bank import FORESTS, Bank
from ..experience.landmarks import measured_loss
from ..experience.similarity import TEXT_IN_LIKENESS, recorded_numbers, similarities
from ..experience.transfer import Transfer, TransferSettings, regret
from ..experience.weights import mixed
from ..planning.families import XGBOOST
from ..records.card import BINARY, MULTICLASS, REGRESSION
from .forest import dataset_features, fit_forests

_TASKS = (BINARY, MULTICLASS, REGRESSION)
_FOLDS = 5
_BAND_ROUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 400, 600)
_LOW, _HIGH = 0.1, 0.9
_EVERY = 12  # of the shared configurations, the default first, are judged for the bands
_TRIED = tuple(
    TransferSettings(count, text, prior, noise=noise)
    for count, text, prior, noise in itertools.product((10, 30), (0.0, 0.1, 0.25), (0.0, 0.5), (0.005, 0.02))
)
PRIOR = "prior"


class Fold(NamedTuple):
    """A dataset left out, and what is known without it: the forests' weights of the ``others``, by arm."""

    bank: Bank
    others: Bank
    place: int
    weights: Mapping[str, np.ndarray[Any, Any]]


def fitted(bank: Bank) -> Bank:
    """Return the bank with forests and calibration; prints the score of every setting tried."""
    folds = list(_folds(bank))
    settings = {arm: _best_settings(folds, arm) for arm in FORESTS}
    settings[PRIOR] = TransferSettings(n_neighbours=len(bank.datasets))
    calibration = {
        "transfer": {arm: asdict(one) for arm, one in settings.items()},
        "scores": _scores(folds, settings),
        "threshold": _threshold(bank, with_text=True),
        "threshold_without_text": _threshold(bank, with_text=False),
        "bands": {task: _bands([fold for fold in folds if _task(fold) == task], settings) for task in _TASKS},
    }
    return replace(bank, forests=fit_forests(bank), calibration=calibration)


def score(folds: list[Fold], settings: TransferSettings, arm: str) -> np.ndarray[Any, Any]:
    """Return, for each dataset left out, 1 - regret of the recommended configuration over the mean one's, (D,)."""
    return np.array(
        [max(-1.0, 1 - regret(fold.bank, fold.place, _transfer(fold, settings, arm).recommend({}))) for fold in folds]
    )


def _folds(bank: Bank) -> Iterator[Fold]:
    """Yield every dataset with the others of its task, weighed by forests that were fitted without its fold."""
    fold_of = _dealt(bank)
    known = {kind: dataset_features(bank, kind) for kind in FORESTS}
    for number in range(_FOLDS):
        seen = np.flatnonzero(fold_of != number)
        rest = bank.subset(seen)
        rest = replace(rest, forests=fit_forests(rest))
        for index in np.flatnonzero(fold_of == number):
            others = rest.for_task(bank.datasets[index]["task"])
            weights = {kind: others.forests[kind].weights(known[kind][index]) for kind in FORESTS}
            yield Fold(bank, others, int(index), weights)


def _dealt(bank: Bank) -> np.ndarray[Any, Any]:
    """Deal the families of each task to the folds in turn; near-copies stay together."""
    order = sorted({(one["task"], one["family"]) for one in bank.datasets})
    number = {family: place % _FOLDS for place, (_, family) in enumerate(order)}
    return np.array([number[one["family"]] for one in bank.datasets])


def _task(fold: Fold) -> str:
    return str(fold.bank.datasets[fold.place]["task"])


def _transfer(fold: Fold, settings: TransferSettings, arm: str) -> Transfer:
    if arm == PRIOR:
        equal = np.full(len(fold.others.datasets), 1 / len(fold.others.datasets))
        return Transfer(fold.others, XGBOOST, equal, settings)
    landmark = measured_loss(fold.bank.landmarks[fold.place]) if arm == "data" else None
    weights = mixed(fold.weights[arm], fold.others, fold.bank.embeddings[fold.place], settings)
    return Transfer(fold.others, XGBOOST, weights, settings, landmark)


def _best_settings(folds: list[Fold], arm: str) -> TransferSettings:
    """Return the settings with the highest mean score."""
    tried = [(float(score(folds, settings, arm).mean()), settings) for settings in _TRIED]
    for mean, one in tried:
        shares = f"text {one.text_share:.2f}, prior {one.prior_share:.1f}, noise {one.noise}"
        print(f"{arm}: {one.n_neighbours} neighbours, {shares}: {mean:.3f}")
    return max(tried, key=lambda one: one[0])[1]


def _scores(folds: list[Fold], settings: Mapping[str, TransferSettings]) -> dict[str, float]:
    """Return the mean score of each arm and of XGBoost's default, and the standard errors."""
    each = {arm: score(folds, one, arm) for arm, one in settings.items()}
    each["default"] = np.array([max(-1.0, 1 - regret(fold.bank, fold.place, {**XGBOOST.default})) for fold in folds])
    told = {arm: round(float(values.mean()), 3) for arm, values in each.items()}
    errors = {f"{arm}_error": round(float(values.std() / len(values) ** 0.5), 3) for arm, values in each.items()}
    print(told | errors)
    return told | errors


def _threshold(bank: Bank, *, with_text: bool) -> float:
    """Return the similarity that 95% of the recorded datasets reach with their nearest other one of the same task."""
    nearest = []
    for task in _TASKS:
        part = bank.for_task(task)
        for index, dataset in enumerate(part.datasets):
            others = part.subset(np.array([i for i, d in enumerate(part.datasets) if d["family"] != dataset["family"]]))
            text = part.embeddings[index] if with_text else None
            nearest.append(similarities(recorded_numbers(dataset), text, others, TEXT_IN_LIKENESS).max())
    return round(float(np.quantile(nearest, 0.05)), 3)


def _bands(folds: list[Fold], settings: Mapping[str, TransferSettings]) -> dict[str, Any]:
    return {arm: _band(folds, one, arm) for arm, one in settings.items()}


def _band(folds: list[Fold], settings: TransferSettings, arm: str) -> dict[str, Any]:
    """Return the 10% and 90% quantiles of what was measured minus what was predicted, by round."""
    loss, error = [], []
    for fold in folds:
        bank, transfer = fold.bank, _transfer(fold, settings, arm)
        at = np.searchsorted(bank.rounds, _BAND_ROUNDS)
        for number in range(0, len(bank.configurations), _EVERY):
            row = dict(zip(bank.parameters, bank.configurations[number], strict=True))
            predicted = transfer.predict(row)
            loss.append(bank.valid[fold.place, number, at] - predicted.valid[at])
            error.append(bank.error[fold.place, number, at] - predicted.error[at])
    return {"rounds": list(_BAND_ROUNDS), "loss": _quantiles(loss), "error": _quantiles(error)}


def _quantiles(residuals: list[Any]) -> dict[str, list[float]]:
    low, high = np.quantile(np.array(residuals), [_LOW, _HIGH], axis=0)
    return {"lower": [round(float(x), 4) for x in low], "upper": [round(float(x), 4) for x in high]}
