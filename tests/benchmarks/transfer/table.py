"""The benchmark's table and what is printed below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from .measured import CARD_ONLY, DATA_AT_HAND, UNTRIED, Ours
from .scores import Floats, expected_of_best, interval, mean_ranks, score, worth

DEFAULT, CONSTANT = "library default", "constant good configuration"
BEST_AVERAGE, NUMBERS, TEXTS = "best-average configuration", "kNN-3 on card numbers", "kNN-3 on card texts"
FLAML, BEST_RANDOM, TPE = "FLAML zero-shot", "best of 24 random", "40 TPE trials"
ARMS = (DEFAULT, CONSTANT, BEST_AVERAGE, NUMBERS, TEXTS, FLAML, CARD_ONLY, UNTRIED, DATA_AT_HAND, BEST_RANDOM, TPE)
_COMPARED = (
    (CARD_ONLY, BEST_AVERAGE),
    (CARD_ONLY, NUMBERS),
    (DATA_AT_HAND, BEST_AVERAGE),
    (DATA_AT_HAND, NUMBERS),
    (DATA_AT_HAND, UNTRIED),
)
_SUMMARY = {
    "ours_card": CARD_ONLY,
    "ours_data": DATA_AT_HAND,
    "knn3": NUMBERS,
    "best_average": BEST_AVERAGE,
    "default": DEFAULT,
    "flaml": FLAML,
    "best24": BEST_RANDOM,
}
NOISE_TOLD = 2.0  # standard errors


@dataclass(frozen=True)
class Outcome:
    """All of one dataset: the test loss of every arm, and the random trials' losses.

    ``random`` has a validation and a test loss a trial; ``group`` is shared by near-copies; ``flaml_knows`` says that
    FLAML's portfolio was made with the dataset.
    """

    key: str
    group: str
    losses: Mapping[str, float]
    random: Sequence[tuple[float, float]]
    ours: Mapping[str, Ours]
    flaml_knows: bool = False

    @property
    def mean_random(self) -> float:
        return float(np.mean([test for _, test in self.random]))

    def score(self, losses: Any) -> Floats:
        return score(losses, self.mean_random, self.losses[TPE])


class Board:
    """The scores of all arms on all datasets.

    Parameters
    ----------
    outcomes : sequence of Outcome
        At least one.
    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes
        self.arms = [arm for arm in ARMS if all(arm in one.losses for one in outcomes)]
        self.losses = np.array([[one.losses[arm] for one in outcomes] for arm in self.arms])
        self.scores = np.array([one.score(self.losses[:, place]) for place, one in enumerate(outcomes)]).T
        self._groups = [one.group for one in outcomes]
        self._of_best = np.nanmean(
            [expected_of_best(*_each_random(one)) for one in outcomes if not np.isnan(one.score(0.0))], axis=0
        )

    @property
    def n_scored(self) -> int:
        return int((~np.isnan(self.scores[0])).sum())

    def mean(self, arm: str) -> float | None:
        return float(np.nanmean(self._scores(arm))) if arm in self.arms else None

    def better_than_default(self, arm: str) -> float:
        """Return the share of all datasets on which the arm's test loss is below the default's."""
        return float((self._losses(arm) < self._losses(DEFAULT)).mean())

    def difference(self, arm: str, other: str) -> tuple[float, float, float]:
        """Return the mean paired difference of two arms' scores, and its interval."""
        paired = self._scores(arm) - self._scores(other)
        return (float(np.nanmean(paired)), *interval(paired, self._groups))

    def lines(self) -> Iterator[str]:
        """Yield the table, comparisons, and the summary in one line."""
        yield f"{'':28} {'mean':>6} {'median':>6}  {'95% interval':>14} {'rank':>5} {'worth':>5} {'beats default':>13}"
        for arm, rank in zip(self.arms, mean_ranks(self.losses), strict=True):
            yield self._row(arm, rank)
        for arm, other in _COMPARED:
            if arm in self.arms and other in self.arms:
                mean, low, high = self.difference(arm, other)
                yield f"{arm} - {other}: {mean:+.3f} [{low:+.3f}, {high:+.3f}]"
        yield from self._notes()
        yield self._summary()

    def _row(self, arm: str, rank: float) -> str:
        scores = self._scores(arm)
        low, high = interval(scores, self._groups)
        beats = "-" if arm == DEFAULT else f"{self.better_than_default(arm):.0%}"
        middle = float(np.nanmedian(scores))
        mean = float(np.nanmean(scores))
        band = f"[{low:.2f}, {high:.2f}]"
        return f"{arm:28} {mean:6.3f} {middle:6.3f}  {band:>14} {rank:5.2f} {worth(mean, self._of_best):>5} {beats:>13}"

    def _notes(self) -> Iterator[str]:
        shown = [k for k in (1, 2, 3, 5, 8, 12, 24) if k <= len(self._of_best)]
        of_best = ", ".join(f"{k}: {self._of_best[k - 1]:.2f}" for k in shown)
        yield f"mean score of the best of k random trials by validation, k = {of_best}"
        unscored = [one.key for one, got in zip(self._outcomes, self.scores[0], strict=True) if np.isnan(got)]
        if unscored:
            yield f"without a score, as 40 trials were no better than the mean random one: {', '.join(unscored)}"
        yield from self._about_flaml()
        for arm in (CARD_ONLY, UNTRIED, DATA_AT_HAND):
            if arm in self.arms:
                yield from self._worse(arm)
                seconds = [one.ours[arm].seconds for one in self._outcomes]
                yield f"{arm}: recommended in {median(seconds):.2f} s, at most {max(seconds):.2f} s"

    def _about_flaml(self) -> Iterator[str]:
        known = np.array([one.flaml_knows for one in self._outcomes])
        if FLAML in self.arms and known.any():
            keys = ", ".join(one.key for one in self._outcomes if one.flaml_knows)
            rest = np.append(self._scores(FLAML)[~known], np.nan)
            without = f"; without them it scores {np.nanmean(rest):.3f}" if not np.isnan(rest).all() else ""
            yield f"FLAML's portfolio was made with {keys}{without}"

    def _worse(self, arm: str) -> Iterator[str]:
        """Yield the datasets where the loss is above the default's by more than the noise over the test rows."""
        above = [(one.key, one.ours[arm]) for one in self._outcomes]
        worse = [(key, ours) for key, ours in above if ours.excess > NOISE_TOLD * ours.noise]
        yield f"{arm}: worse than the default by over {NOISE_TOLD:g} standard errors on {len(worse)} of {len(above)}"
        for key, ours in worse:
            yield f"  {key}: {ours.test:.4g}, {ours.excess:.3g} above the default, standard error {ours.noise:.2g}"

    def _summary(self) -> str:
        means = {name: self.mean(arm) for name, arm in _SUMMARY.items()}
        words = [f"{name}={'none' if mean is None else f'{mean:.3f}'}" for name, mean in means.items()]
        beats = f"{self.better_than_default(CARD_ONLY):.3f}" if CARD_ONLY in self.arms else "none"
        return " ".join([*words, f"beats_default={beats}", f"datasets={self.n_scored}"])

    def _scores(self, arm: str) -> Floats:
        return np.asarray(self.scores[self.arms.index(arm)])

    def _losses(self, arm: str) -> Floats:
        return np.asarray(self.losses[self.arms.index(arm)])


def _each_random(outcome: Outcome) -> tuple[Any, Floats]:
    valid, test = zip(*outcome.random, strict=True)
    return valid, outcome.score(test)
