"""``python -m tests.benchmarks.transfer.variants`` prints how other ways to transfer would have done, in minutes.

Nothing is trained: the shipped bank's own runs are looked up, so a way can only choose what was recorded. Every source
is left out once, in ten folds. 0 is the mean of the configurations that fill the space, 1 what one in a hundred of
them reaches, clipped to [-1, 1.2]. Losses are those of the held-out part that the bank's runs were measured on: the
figures are others than the benchmark's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_gpt_magic.experience.bank import Bank, load_bank, slug
from automl_gpt_magic.experience.landmarks import NAMES
from automl_gpt_magic.experience.similarity import features
from automl_gpt_magic.recording.configurations import recorded_family
from automl_gpt_magic.recording.tables import source_groups

from .scores import CLIPPED, interval

Floats = NDArray[np.float64]

_FOLDS = 10
_TREES = 200
_COMPONENTS = 25
_TUNED = 0.01  # of the configurations that fill the space are as good


@dataclass(frozen=True)
class Known:
    """What every way may use: features of D datasets, and their scores (D, n) for everything that may be chosen."""

    bank: Bank
    scores: Floats
    cards: Floats
    settings: Floats

    def landmarks(self, *beginnings: str) -> Floats:
        """Return the cards' features with the landmarks whose names begin so, all without one."""
        chosen = [i for i, name in enumerate(NAMES) if not beginnings or name.startswith(beginnings)]
        return np.hstack([self.cards, self.bank.landmarks[:, chosen]])


# From what is known, the places of the datasets that may be seen, and one that is left out, to scores to expect (n,).
Way = Callable[[Known, NDArray[np.int64], int], Floats]


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.transfer.variants", description=__doc__)
    parser.add_argument("--family", default="XGBoost")
    family = parser.parse_args().family
    known = _known(load_bank(slug(family)), recorded_family(family).n_wide)
    groups = np.array(source_groups(known.bank.datasets))
    print(f"{'':52} {'mean':>6} {'median':>6}  {'95% interval':>14} {'below 0':>7}")
    for name, way in _ways(known):
        got = _judged(known, groups, way)
        low, high = interval(got, [str(group) for group in groups])
        band = f"[{low:.2f}, {high:.2f}]"
        print(f"{name:52} {got.mean():6.3f} {np.median(got):6.3f}  {band:>14} {(got < 0).mean():7.1%}", flush=True)


def _known(bank: Bank, n_wide: int) -> Known:
    losses = bank.valid[:, :, bank.offered].astype("float64")
    filling = losses[:, 2 : 2 + n_wide].reshape(len(losses), -1)
    mean, tuned = filling.mean(axis=1, keepdims=True), np.quantile(filling, _TUNED, axis=1, keepdims=True)
    scores = np.clip((mean - losses.reshape(len(losses), -1)) / np.maximum(mean - tuned, 1e-9), *CLIPPED)
    cards = np.array([features(one) for one in bank.datasets])
    return Known(bank, scores, np.where(np.isnan(cards), np.nanmedian(cards, axis=0), cards), _settings(bank))


def _settings(bank: Bank) -> Floats:
    """Return every configuration with every offered number of steps, (n, P + 1)."""
    steps = np.log(bank.rounds[bank.offered])
    small = np.log(np.maximum(bank.configurations, 1e-4))
    return np.column_stack([np.repeat(small, len(steps), axis=0), np.tile(steps, len(small))])


def _judged(known: Known, groups: NDArray[np.int64], way: Way) -> Floats:
    got = np.empty(len(groups))
    for index, group in enumerate(groups):
        seen = np.flatnonzero(groups % _FOLDS != group % _FOLDS)
        got[index] = known.scores[index, way(known, seen, index).argmax()]
    return got


def _ways(known: Known) -> Iterator[tuple[str, Way]]:
    yield "the library's default", _always(0)
    yield "best on average", _mean_of_all
    yield "best on average over the task", _mean_of_task
    for count in (3, 12):
        yield f"{count} nearest by card numbers", _nearest(known.cards, count)
        yield f"{count} nearest by texts", _nearest_by_text(count)
    for least in (1, 2, 4, 8):
        yield f"card: forest, {least} in a leaf", _Forest(known.cards, least)
    for share in (0.3, 0.6):
        yield f"card: forest, 2 in a leaf, {share:g} of the task's mean", _mixed(_Forest(known.cards, 2), share)
    if not known.bank.landmarks.shape[1]:
        return
    default = known.landmarks("loss of", "log of the default", "log of last over best default")
    yield "data: 12 nearest, landmarks of the default", _nearest(default, 12)
    yield "data: forest, landmarks of the default", _Forest(default, 2)
    yield "data: 12 nearest, all landmarks", _nearest(known.landmarks(), 12)
    for least in (1, 2, 4):
        yield f"data: forest, all landmarks, {least} in a leaf", _Forest(known.landmarks(), least)
    for tried in (0.3, 0.6, 1.0):
        yield f"data: forest, 2 in a leaf, {tried:.0%} of features tried", _Forest(known.landmarks(), 2, tried)
    yield "data: forest of (landmarks, configuration)", _Joint(known.landmarks())


def _always(place: int) -> Way:
    return lambda known, seen, left_out: (np.arange(known.scores.shape[1]) == place + _default_steps(known)) * 1.0


def _default_steps(known: Known) -> int:
    return int(np.searchsorted(known.bank.rounds[known.bank.offered], 100))


def _mean_of_all(known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
    return np.asarray(known.scores[seen].mean(axis=0))


def _mean_of_task(known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
    return np.asarray(known.scores[_same_task(known, seen, left_out)].mean(axis=0))


def _same_task(known: Known, seen: NDArray[np.int64], left_out: int) -> NDArray[np.int64]:
    tasks = np.array([one["task"] for one in known.bank.datasets])
    same = seen[tasks[seen] == tasks[left_out]]
    return same if len(same) else seen


def _nearest(table: Floats, count: int) -> Way:
    def way(known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
        same = _same_task(known, seen, left_out)
        steps = (table[same] - table[left_out]) / np.maximum(table[seen].std(axis=0), 1e-9)
        return np.asarray(known.scores[same[np.argsort((steps**2).sum(axis=1))[:count]]].mean(axis=0))

    return way


def _nearest_by_text(count: int) -> Way:
    def way(known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
        same = _same_task(known, seen, left_out)
        alike = known.bank.embeddings[same] @ known.bank.embeddings[left_out]
        return np.asarray(known.scores[same[np.argsort(-alike)[:count]]].mean(axis=0))

    return way


def _mixed(way: Way, share: float) -> Way:
    return lambda known, seen, left_out: (
        (1 - share) * way(known, seen, left_out) + share * _mean_of_task(known, seen, left_out)
    )


class _Forest:
    """Extremely randomised trees from a dataset's features to the scores of everything; fitted once a fold."""

    def __init__(self, table: Floats, least: int, tried: float = 0.15) -> None:
        self._table, self._least, self._tried = table, least, tried
        self._fitted: dict[bytes, tuple[Any, NDArray[np.int64]]] = {}

    def __call__(self, known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
        key = seen.tobytes()
        if key not in self._fitted:
            trees = self._fit(known, seen)
            self._fitted[key] = trees, trees.apply(self._table[seen])
        trees, leaves = self._fitted[key]
        same = leaves == trees.apply(self._table[left_out : left_out + 1])
        return np.asarray((same / same.sum(axis=0)).mean(axis=1) @ known.scores[seen])

    def _fit(self, known: Known, seen: NDArray[np.int64]) -> Any:
        from sklearn.ensemble import ExtraTreesRegressor

        centred = known.scores[seen] - known.scores[seen].mean(axis=0)
        left, scale, _ = np.linalg.svd(centred, full_matrices=False)
        trees = ExtraTreesRegressor(_TREES, min_samples_leaf=self._least, max_features=self._tried, random_state=0)
        return trees.fit(self._table[seen], (left * scale)[:, :_COMPONENTS])


class _Joint:
    """Extremely randomised trees from features and configuration to a score, of a tenth of all pairs."""

    def __init__(self, table: Floats) -> None:
        self._table = table
        self._fitted: dict[bytes, Any] = {}

    def __call__(self, known: Known, seen: NDArray[np.int64], left_out: int) -> Floats:
        key = seen.tobytes()
        if key not in self._fitted:
            self._fitted[key] = self._fit(known, seen)
        return np.asarray(self._fitted[key].predict(self._rows(known, left_out)))

    def _rows(self, known: Known, place: int) -> Floats:
        return np.column_stack([np.tile(self._table[place], (len(known.settings), 1)), known.settings])

    def _fit(self, known: Known, seen: NDArray[np.int64]) -> Any:
        from sklearn.ensemble import ExtraTreesRegressor

        chance = np.random.default_rng(0)
        rows = np.vstack([self._rows(known, place) for place in seen])
        drawn = chance.random(len(rows)) < 0.1
        trees = ExtraTreesRegressor(60, min_samples_leaf=8, max_features=0.4, random_state=0)
        return trees.fit(rows[drawn], known.scores[seen].ravel()[drawn])


if __name__ == "__main__":
    main()
