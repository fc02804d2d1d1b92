"""Fit what a bank of runs is used with: forests, the transfer's settings, its threshold and its bands.

Settings, threshold and bands are judged on datasets that the forest they are judged with has not seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from ..experience.band import fitted_band
from ..experience.bank import FORESTS, KINDS, Bank
from ..experience.landmarks import measured_loss
from ..experience.level import MOST_LOSS, Level, compressed, level_by_card, level_by_landmarks
from ..experience.surrogate import unit_points
from ..experience.transfer import Transfer, TransferSettings
from ..experience.trees import Trees
from ..experience.weights import level_mixed, mixed
from ..records.space import SearchSpace
from .abstention import fitted_abstention
from .continuation import Forecast, fitted_continuation
from .forest import dataset_features, fit_forests, text_axes
from .surrogate import fitted_shares
from .tables import near_copies, source_groups

_FOLDS = 20  # many, so that a dataset is judged with nearly as many others as one is forecast with
_BAND_ROUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 400, 600)
_MOST_CONTINUED = 48
_MOST_JUDGED = 16  # of the shared configurations, the default first, are judged for the bands
_REACHED, _LEAST_GAIN, _CLIPPED = 0.01, 1e-6, (-1.0, 1.2)
_TRIED = tuple(itertools.product((10, 30, 200), (0.0, 0.1, 0.25), (0.0, 0.3, 0.6)))
PRIOR, PRIOR_DATA = "prior", "prior_data"


class Fold(NamedTuple):
    """A dataset left out, and what is known without it: the forests' weights of the ``others``, by arm.

    The others are of the same task; ``levels`` are from all tasks. ``worth`` is the `worth` of each configuration on it
    after every offered number of steps.
    """

    bank: Bank
    space: SearchSpace
    others: Bank
    place: int
    weights: Mapping[str, np.ndarray[Any, Any]]
    levels: Mapping[str, Level]
    worth: np.ndarray[Any, Any]


def fitted(bank: Bank, space: SearchSpace) -> Bank:
    """Return the bank with forests and calibration; prints the score of every setting tried.

    A dataset whose task no other source has is left out of the judging.
    """
    folds = list(_folds(bank, space))
    arms = tuple(folds[0].weights)
    shares = fitted_shares(bank, space)
    settings = {arm: _best_settings(folds, arm, shares) for arm in arms}
    settings[PRIOR] = TransferSettings(len(bank.datasets), 0.0, 0.0, shares)
    if "data" in settings:
        settings[PRIOR_DATA] = settings[PRIOR]
    scores = {arm: score(folds, one, arm) for arm, one in settings.items() if arm != PRIOR_DATA}
    continuations, bands = _continuations(bank, folds, settings)
    calibration = {
        "transfer": {arm: asdict(one) for arm, one in settings.items()},
        "scores": _told(folds, scores),
        "abstention": {arm: fitted_abstention(folds, scores[arm], scores[PRIOR]) for arm in arms},
        "continuation": bands,
        "bands": {arm: _bands(folds, one, arm) for arm, one in settings.items()},
    }
    return replace(bank, forests=fit_forests(bank), calibration=calibration, continuations=continuations)


def worth(bank: Bank) -> np.ndarray[Any, Any]:
    """Return how good each configuration is after every offered number of steps, (D, C, n), as the benchmark scores it.

    0 is the mean of all that was recorded on the dataset, 1 what one in a hundred reaches; clipped to [-1, 1.2].
    """
    losses = bank.valid[:, :, bank.offered].astype("float64")
    mean, best = losses.mean(axis=(1, 2), keepdims=True), np.quantile(losses, _REACHED, axis=(1, 2), keepdims=True)
    return np.asarray(np.clip((mean - losses) / np.maximum(mean - best, _LEAST_GAIN), *_CLIPPED))


def score(folds: list[Fold], settings: TransferSettings, arm: str) -> np.ndarray[Any, Any]:
    """Return the worth of the recommended configuration on each dataset left out, (D,)."""
    return np.array([_worth_of(fold, _transfer(fold, settings, arm).recommend({})) for fold in folds])


def _worth_of(fold: Fold, configuration: Mapping[str, Any]) -> float:
    row = [configuration[name] for name in fold.bank.parameters]
    index = int(np.flatnonzero(np.isclose(fold.bank.configurations, row).all(axis=1))[0])
    offered = fold.bank.rounds[fold.bank.offered]
    last = min(int(np.searchsorted(offered, configuration[fold.bank.step_name])), len(offered) - 1)
    return float(fold.worth[index, last])


def _folds(bank: Bank, space: SearchSpace) -> Iterator[Fold]:
    """Yield every dataset with the others of its task, weighed by forests that were fitted without its near-copies."""
    worths = worth(bank)
    for left_out in _dealt(bank):
        hidden = [bank.datasets[index] for index in left_out]
        seen = [not any(near_copies(one, other) for other in hidden) for one in bank.datasets]
        rest = bank.subset(np.flatnonzero(seen))
        rest = replace(rest, text_axes=text_axes(rest.embeddings))
        rest = replace(rest, forests=fit_forests(rest))
        seen_as = replace(bank, text_axes=rest.text_axes)
        known = {kind: dataset_features(seen_as, kind) for kind in FORESTS if kind in rest.forests}
        for index in left_out:
            others = rest.for_task(bank.datasets[index]["task"])
            if others.datasets:
                weights = {kind: others.forests[kind].weights(known[kind][index]) for kind in known}
                levels = {
                    "card": level_by_card(rest, level_mixed(known["card"][index], rest, bank.embeddings[index])),
                    PRIOR: level_by_card(others, _alike(others)),
                }
                if "data" in known:
                    levels["data"] = levels[PRIOR_DATA] = level_by_landmarks(
                        rest, bank.landmarks[index], bank.datasets[index]
                    )
                yield Fold(bank, space, others, index, weights, levels, worths[index])


def _alike(bank: Bank) -> np.ndarray[Any, Any]:
    return np.full(len(bank.datasets), 1 / len(bank.datasets))


def _dealt(bank: Bank) -> list[list[int]]:
    """Return the datasets of each fold: sources are dealt in turn; where there are few, each dataset is a fold."""
    groups = np.array(source_groups(bank.datasets))
    if groups.max() < 3 * _FOLDS:
        return [[index] for index in range(len(groups))]
    return [np.flatnonzero(groups % _FOLDS == number).tolist() for number in range(_FOLDS)]


def _task(fold: Fold) -> str:
    return str(fold.bank.datasets[fold.place]["task"])


def _transfer(fold: Fold, settings: TransferSettings, arm: str) -> Transfer:
    landmark = measured_loss(fold.bank.landmarks[fold.place]) if arm in ("data", PRIOR_DATA) else None
    if arm in (PRIOR, PRIOR_DATA):
        return Transfer(fold.others, fold.space, _alike(fold.others), settings, fold.levels[arm], landmark)
    weights = mixed(fold.weights[arm], fold.others, fold.bank.embeddings[fold.place], settings)
    return Transfer(fold.others, fold.space, weights, settings, fold.levels[arm], landmark)


def _best_settings(folds: list[Fold], arm: str, shares: tuple[float, ...]) -> TransferSettings:
    """Return the settings with the highest mean score."""
    every = [TransferSettings(*tried, shares) for tried in _TRIED]
    tried = [(float(score(folds, settings, arm).mean()), settings) for settings in every]
    for mean, one in tried:
        parts = f"text {one.text_share:.2f}, prior {one.prior_share:.1f}"
        print(f"{arm}: {one.n_neighbours} neighbours, {parts}: {mean:.3f}")
    return max(tried, key=lambda one: one[0])[1]


def _told(folds: list[Fold], scores: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, float]:
    """Return the mean score of each arm and of the library's default, and the standard errors."""
    default = [_worth_of(fold, fold.space.default) for fold in folds]
    each = {**scores, "default": np.array(default)}
    told = {arm: round(float(values.mean()), 3) for arm, values in each.items()}
    errors = {f"{arm}_error": round(float(values.std() / len(values) ** 0.5), 3) for arm, values in each.items()}
    print(told | errors)
    return told | errors


def _bands(folds: list[Fold], settings: TransferSettings, arm: str) -> dict[str, Any]:
    """Return the `Band` of loss and error over the steps, from what was measured minus what was predicted."""
    steps, missed = _band_rounds(folds[0].bank), [_missed(fold, settings, arm) for fold in folds]
    loss, error, signs = (np.array([one[part] for one in missed]) for part in range(3))
    datasets = np.repeat(np.arange(len(folds)), loss[0].size)
    tasks = np.repeat([_task(fold) for fold in folds], loss[0].size)
    places = np.tile(np.log(steps), loss.size // len(steps))
    flat = signs.transpose(2, 0, 1, 3).reshape(signs.shape[2], -1)
    errors, knots = {"loss": loss.ravel(), "error": error.ravel()}, list(np.log(steps))
    return {kind: fitted_band(one, flat, places, datasets, knots, tasks) for kind, one in errors.items()}


def _missed(fold: Fold, settings: TransferSettings, arm: str) -> tuple[Any, Any, Any]:
    """Return how far loss and error were off, (n, P), and the signs of it, (n, 3, P), of some configurations."""
    bank, transfer = fold.bank, _transfer(fold, settings, arm)
    at, loss, error, signs = np.searchsorted(bank.rounds, _band_rounds(bank)), [], [], []
    for number in range(0, len(bank.configurations), max(1, len(bank.configurations) // _MOST_JUDGED)):
        row = dict(zip(bank.parameters, bank.configurations[number], strict=True))
        predicted = transfer.predict(row)
        loss.append(np.minimum(bank.valid[fold.place, number, at], MOST_LOSS) - predicted.valid[at])
        error.append(np.minimum(bank.error[fold.place, number, at], MOST_LOSS) - predicted.error[at])
        signs.append(predicted.signs[:, at])
    return loss, error, signs


def _continuations(
    bank: Bank, folds: list[Fold], settings: Mapping[str, TransferSettings]
) -> tuple[dict[str, Trees], dict[str, Any]]:
    """Return trees for loss and error, and by arm and kind the `Band` around what they say."""
    groups = source_groups(bank.datasets)
    trees: dict[str, Trees] = {}
    bands: dict[str, dict[str, Any]] = {arm: {} for arm in settings}
    begun = {arm: [_forecasts(fold, one, arm, groups) for fold in folds] for arm, one in settings.items()}
    for kind in KINDS:
        of_kind = {arm: [one[kind] for one in every] for arm, every in begun.items()}
        trees[kind], by_arm = fitted_continuation(of_kind, bank)
        for arm, band in by_arm.items():
            bands[arm][kind] = band
    return trees, bands


def _forecasts(fold: Fold, settings: TransferSettings, arm: str, groups: list[int]) -> dict[str, Forecast]:
    """Return by kind what is forecast of some configurations on the dataset left out, and what was measured."""
    bank, transfer = fold.bank, _transfer(fold, settings, arm)
    numbers = list(range(0, len(bank.configurations), max(1, len(bank.configurations) // _MOST_CONTINUED)))
    rows = [dict(zip(bank.parameters, bank.configurations[number], strict=True)) for number in numbers]
    predicted = [transfer.predict(row) for row in rows]
    curves = {
        "loss": (bank.valid, [one.valid for one in predicted]),
        "error": (bank.error, [one.error for one in predicted]),
    }
    points = unit_points(bank.configurations[numbers], bank.parameters, fold.space)
    spread = np.tile(fold.levels[arm].spread, (len(rows), 1))
    return {
        kind: Forecast(
            groups[fold.place],
            _task(fold),
            points,
            compressed(np.array(lines)),
            spread,
            compressed(np.minimum(measured[fold.place, numbers], MOST_LOSS)),
        )
        for kind, (measured, lines) in curves.items()
    }


def _band_rounds(bank: Bank) -> list[int]:
    last = int(bank.rounds[-1])
    return [*(step for step in _BAND_ROUNDS if step < last), last]
