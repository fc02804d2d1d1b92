"""The benchmark's table: errors by arm and prefix, coverage in strata, and one line at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from automl_gpt_magic.records.curve import QUANTILES

from ..transfer.scores import interval
from . import arms
from .judged import CARD, DATA, PREFIXES, UNRECORDED, Judged, Outcome

Floats = NDArray[np.float64]

_LEAST_IN_A_STRATUM = 20
_BANDS = {80: (QUANTILES.index(0.1), QUANTILES.index(0.9)), 95: (QUANTILES.index(0.025), QUANTILES.index(0.975))}
_ARMS = (arms.CONSTANT, arms.MEAN, arms.NEAREST, arms.LAST, arms.POWER, CARD, DATA, *UNRECORDED.values())


class Board:
    """What came of the predictions for D datasets."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes
        self._sources = [one.source for one in outcomes]

    def lines(self) -> Iterator[str]:
        yield from self._errors("final", "error of the last value")
        yield from self._errors("whole", "mean error over the steps still to come")
        yield from self._ranks()
        yield from self._paired()
        yield from self._bands()
        yield self._summary()

    def _errors(self, part: str, title: str) -> Iterator[str]:
        yield f"\n{title}, relative to knowing nothing; mean over {len(self._outcomes)} datasets (median)"
        yield f"{'':42}" + "".join(f"{f'{prefix:.0%} seen':>17}" for prefix in PREFIXES)
        for arm in _ARMS:
            each = [self._by_dataset(arm, prefix, _error(part)) for prefix in PREFIXES]
            if any(np.isfinite(one).any() for one in each):
                yield f"{arm:42}" + "".join(f"{_mean_and_median(one):>17}" for one in each)

    def _ranks(self) -> Iterator[str]:
        yield "\nrank correlation over the configurations of a dataset, before a training"
        for arm in (arms.MEAN, arms.NEAREST, CARD, DATA, *UNRECORDED.values()):
            values = self._by_dataset(arm, 0.0, _rank)
            if np.isfinite(values).any():
                yield f"{arm:42}{np.nanmean(values):8.3f}"

    def _paired(self) -> Iterator[str]:
        yield "\nerror of the last value, ours minus another arm's: mean and 95% interval over sources"
        for ours in (CARD, DATA):
            for prefix in PREFIXES:
                for arm in _ARMS[: _ARMS.index(CARD)]:
                    gap = self._gap(ours, arm, prefix)
                    if np.isfinite(gap).any():
                        low, high = interval(gap, self._sources)
                        found = f"{np.nanmean(gap):+8.3f} [{low:+.3f}, {high:+.3f}]{'  WORSE' if low > 0 else ''}"
                        yield f"{ours:20} {prefix:4.0%}  {arm:36}{found}"

    def _gap(self, ours: str, arm: str, prefix: float) -> Floats:
        error = _error("final")
        return self._by_dataset(ours, prefix, error) - self._by_dataset(arm, prefix, error)

    def _bands(self) -> Iterator[str]:
        yield "\nshare of last values inside the band [95% interval over sources], and its mean width"
        yield f"{'':58}{'80% band':>24}{'width':>8}{'constant':>10}{'95% band':>24}{'width':>8}{'constant':>10}"
        for ours in (CARD, DATA):
            for name, chosen, prefixes in self._strata():
                if sum(chosen) < _LEAST_IN_A_STRATUM:
                    continue
                cells = [self._band(ours, band, chosen, prefixes) for band in _BANDS]
                if all(cells):
                    yield f"{ours:20} {name:37}" + "".join(cells)

    def _band(self, ours: str, band: int, chosen: Sequence[bool], prefixes: Sequence[float]) -> str:
        datasets = [one for one, wanted in zip(self._outcomes, chosen, strict=True) if wanted]
        inside, widths, errors = [], [], []
        for one in datasets:
            judged = [each for each in one.judged if each.arm == ours and each.prefix in prefixes]
            inside.append(float(np.mean([_inside(each, band) for each in judged])) if judged else np.nan)
            widths += [_width(each, band) for each in judged]
            errors += [abs(each.final - each.actual) for each in judged]
        if not errors:
            return ""
        low, high = interval(inside, [one.source for one in datasets])
        share = float(np.nanmean(inside))
        missed = "" if low <= band / 100 <= high else "!"
        constant = 2 * float(np.quantile(errors, share))
        return f"{f'{share:.3f} [{low:.2f}, {high:.2f}]{missed}':>24}{np.mean(widths):8.3f}{constant:10.3f}"

    def _strata(self) -> Iterator[tuple[str, list[bool], Sequence[float]]]:
        every = [True] * len(self._outcomes)
        yield "all, before the training", every, (0.0,)
        for prefix in PREFIXES[1:]:
            yield f"all, {prefix:.0%} seen", every, (prefix,)
        for task in sorted({one.task for one in self._outcomes}):
            yield task, [one.task == task for one in self._outcomes], (0.0,)
        thirds = np.quantile([one.n_rows for one in self._outcomes], [1 / 3, 2 / 3])
        for name, low, high in (("few rows", 0, thirds[0]), ("more", thirds[0], thirds[1]), ("many", thirds[1], 1e12)):
            yield f"{name} (to {high:,.0f})", [low < one.n_rows <= high for one in self._outcomes], (0.0,)

    def _summary(self) -> str:
        def mean(arm: str, prefix: float, of: Callable[[list[Judged]], float]) -> str:
            values = self._by_dataset(arm, prefix, of)
            return f"{np.nanmean(values):.3f}" if np.isfinite(values).any() else "none"

        best = DATA if np.isfinite(self._by_dataset(DATA, 0.0, _rank)).any() else CARD
        return (
            f"\nfinal_card={mean(CARD, 0.0, _error('final'))} final_data={mean(DATA, 0.0, _error('final'))} "
            f"prefix10={mean(best, 0.1, _error('final'))} cover80={mean(best, 0.0, _share(80))} "
            f"cover95={mean(best, 0.0, _share(95))} rank={mean(best, 0.0, _rank)} "
            f"mean_curve={mean(arms.MEAN, 0.0, _error('final'))} datasets={len(self._outcomes)}"
        )

    def _by_dataset(self, arm: str, prefix: float, of: Callable[[list[Judged]], float]) -> Floats:
        """Return one number a dataset, NaN where the arm says nothing."""
        values = []
        for one in self._outcomes:
            judged = [each for each in one.judged if each.arm == arm and each.prefix == prefix]
            values.append(of(judged) if judged else np.nan)
        return np.array(values)


def _error(part: str) -> Callable[[list[Judged]], float]:
    if part == "whole":
        return lambda judged: float(np.mean([each.whole for each in judged]))
    return lambda judged: float(np.mean([abs(each.final - each.actual) for each in judged]))


def _rank(judged: list[Judged]) -> float:
    predicted, actual = [each.final for each in judged], [each.actual for each in judged]
    if np.ptp(predicted) == 0 or np.ptp(actual) == 0:
        return 0.0
    return float(spearmanr(predicted, actual)[0])


def _share(band: int) -> Callable[[list[Judged]], float]:
    return lambda judged: float(np.mean([_inside(each, band) for each in judged]))


def _inside(judged: Judged, band: int) -> bool:
    assert judged.quantiles is not None
    low, high = _BANDS[band]
    return judged.quantiles[low] <= judged.actual <= judged.quantiles[high]


def _width(judged: Judged, band: int) -> float:
    assert judged.quantiles is not None
    low, high = _BANDS[band]
    return judged.quantiles[high] - judged.quantiles[low]


def _mean_and_median(values: Floats) -> str:
    return f"{np.nanmean(values):.3f} ({np.nanmedian(values):.3f})" if np.isfinite(values).any() else ""
