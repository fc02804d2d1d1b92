"""``python -m tests.benchmarks.pruning`` prints how often a search gives up what would have been its best trial.

Recorded trainings are searched once more. Of each dataset left out, 20 recorded configurations, each with a number of
rounds drawn from 50 to 600, are trained one after the other: at random, or as a search begins, with what is nearest to
the plan, its neighbours' best and the default first. At the checkpoints of a real search (after 5, 10, 20 ... rounds) a
rule says whether the trial is given up. What would have come of it is in the bank. Forests, bands and trees of the
forecast were fitted and calibrated without the dataset, its near-copies and its fold. The sampler's part is not in it:
it would draw from what was found to be good.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import optuna

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import Bank, load_bank, slug
from automl_gpt_magic.experience.scales import scales
from automl_gpt_magic.experience.surrogate import unit_points
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.pruning import is_hopeless
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.run import until
from automl_gpt_magic.records.space import SearchSpace
from automl_gpt_magic.training.study_file import median_pruner
from automl_gpt_magic.training.trial import is_checkpoint

from .forecast.judged import card_of
from .transfer.nested import N_FOLDS, calibrated_without, folds_of, without

FAMILIES = ("XGBoost", "LightGBM", "PyTorch MLP")
DATA, CARD, MEDIAN, EITHER = "forecast, data at hand", "forecast, card only", "Optuna's median", "either of both"
RANDOM, BEGUN = "at random", "the plan first"
N_CONFIGURATIONS, N_TRIALS, N_ORDERS = 30, 20, 5
_LEAST_STEPS = 12  # the shortest planned training is so many times shorter than the longest
_MATTERS = 0.01  # of the loss of knowing nothing
SETTINGS = [
    (kind, last_counts, arm)
    for kind in (RANDOM, BEGUN)
    for last_counts in (False, True)
    for arm in (DATA, CARD, MEDIAN, EITHER)
]


@dataclass(frozen=True, eq=False)
class Replayed:
    """A recorded training; ``rests`` are what is forecast of it at each of its checkpoints, by arm."""

    full: Curve
    rests: Mapping[str, Sequence[Curve]]
    checkpoints: Sequence[Curve]

    @property
    def steps(self) -> int:
        return int(self.full.steps[-1])


class Tally(NamedTuple):
    """One search: how many of its trials were given up, or would have been a new best, or both."""

    trials: int
    pruned: int
    better: int
    lost: int
    much_better: int
    much_lost: int
    saved: float
    regret: float


class Search:
    """Trials one after the other; ``arm`` says which are given up."""

    def __init__(self, arm: str, scale: float, *, last_counts: bool) -> None:
        self._arm, self._scale, self._last_counts = arm, scale, last_counts
        self._study = optuna.create_study(pruner=median_pruner(), sampler=optuna.samplers.RandomSampler(seed=0))
        self._best = np.inf

    def run(self, trials: Sequence[Replayed]) -> Tally:
        """Return what became of them."""
        pruned = lost = better = much_lost = much_better = saved = 0
        for trial in trials:
            gain = (self._best - self._value(trial.full)) / self._scale if np.isfinite(self._best) else 0.0
            stopped = self._train(trial)
            better, much_better = better + (gain > 0), much_better + (gain > _MATTERS)
            if stopped:
                saved += trial.steps - stopped
                pruned, lost, much_lost = pruned + 1, lost + (gain > 0), much_lost + (gain > _MATTERS)
        could = min(self._value(trial.full) for trial in trials)
        share = saved / sum(trial.steps for trial in trials)
        regret = float(self._best - could) / self._scale
        return Tally(len(trials), pruned, better, lost, much_better, much_lost, share, regret)

    def _train(self, trial: Replayed) -> int:
        """Return the step at which a trial is given up; 0 for one that comes to its end."""
        asked = self._study.ask()
        for place, so_far in enumerate(trial.checkpoints):
            asked.report(self._value(so_far), int(so_far.steps[-1]))
            if self._is_given_up(asked, trial, place):
                self._study.tell(asked, state=optuna.trial.TrialState.PRUNED)
                return int(so_far.steps[-1])
        self._best = min(self._best, self._value(trial.full))
        self._study.tell(asked, self._value(trial.full))
        return 0

    def _is_given_up(self, asked: optuna.Trial, trial: Replayed, place: int) -> bool:
        if self._arm in (MEDIAN, EITHER) and asked.should_prune():
            return True
        if self._arm == MEDIAN or not np.isfinite(self._best):
            return False
        rest = trial.rests[DATA if self._arm == EITHER else self._arm][place]
        return is_hopeless(trial.checkpoints[place], rest, self._best, last_counts=self._last_counts)

    def _value(self, curve: Curve) -> float:
        return float(curve.value[-1] if self._last_counts else curve.value.min())


class Replays:
    """The recorded trainings of one dataset, as if it were new."""

    def __init__(self, bank: Bank, index: int, calibrated: Bank, space: SearchSpace) -> None:
        self._bank, self._index, self._space = bank, index, space
        card, rest = card_of(bank.datasets[index]), without(bank, index, calibrated)
        landmarks = bank.landmarks[index].astype("float64") if bank.landmarks.shape[1] else None
        self.scale = scales(card, None)[0]
        self._advice = {
            DATA: Advice(card, None, space, {}, bank=rest, landmarks=landmarks),
            CARD: Advice(card, None, space, {}, bank=rest),
        }
        chance, last = np.random.default_rng(index), bank.rounds[-1]
        numbers = np.unique(np.linspace(0, len(bank.configurations) - 1, N_CONFIGURATIONS).astype(int))
        lengths = chance.choice(bank.rounds[bank.rounds >= last / _LEAST_STEPS], len(numbers))
        self._others = [self._replayed(int(number), int(n)) for number, n in zip(numbers, lengths, strict=True)]
        self._first = [self._nearest(start) for start in self._starts()]

    def orders(self, kind: str) -> Iterator[list[Replayed]]:
        """Yield the trials of each search."""
        first = self._first if kind == BEGUN else []
        for seed in range(N_ORDERS):
            others = np.random.default_rng(seed).permutation(len(self._others))
            yield [*first, *(self._others[place] for place in others)][:N_TRIALS]

    def _starts(self) -> list[Mapping[str, Any]]:
        evidence = self._advice[DATA].evidence
        return [evidence.configuration, *(one.best for one in evidence.neighbours[:3]), self._space.default]

    def _nearest(self, start: Mapping[str, Any]) -> Replayed:
        """Return the recorded training that is most like a configuration."""
        bank = self._bank
        rows = np.vstack([bank.configurations, [float(start[name]) for name in bank.parameters]])
        points = unit_points(rows, bank.parameters, self._space)
        number = int(np.argmin(((points[:-1] - points[-1]) ** 2).sum(axis=1)))
        return self._replayed(number, int(min(start[bank.step_name], bank.rounds[-1])))

    def _replayed(self, number: int, n_steps: int) -> Replayed:
        bank = self._bank
        row = {**dict(zip(bank.parameters, bank.configurations[number], strict=True)), bank.step_name: n_steps}
        configuration = {name: self._space[name].check(float(value)) for name, value in row.items()}
        metric = next(iter(self._advice[CARD].forecast(configuration).curves))
        values = self.scale * bank.valid[self._index, number].astype("float64")
        full = _until(Curve(metric, bank.rounds, values, source="measured"), n_steps)
        checkpoints = [_until(full, step) for step in range(1, n_steps) if is_checkpoint(step)]
        rests = {
            arm: [advice.continued(configuration, {metric: one}).forecast.curves[metric] for one in checkpoints]
            for arm, advice in self._advice.items()
        }
        return Replayed(full, rests, checkpoints)


def main() -> None:
    options = _options()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    bank, space = load_bank(slug(options.family)), family_named(options.family).space
    tallies: dict[tuple[str, bool, str], list[Tally]] = {}
    n_datasets = 0
    for replays in _replays(bank, space, options.fold):
        n_datasets += 1
        for setting in SETTINGS:
            kind, last_counts, arm = setting
            searches = [Search(arm, replays.scale, last_counts=last_counts).run(one) for one in replays.orders(kind)]
            tallies.setdefault(setting, []).extend(searches)
    print(*_lines(tallies, n_datasets), sep="\n")


def _replays(bank: Bank, space: SearchSpace, folds: Sequence[int]) -> Iterator[Replays]:
    began = time.process_time()
    for fold in folds:
        calibrated = calibrated_without(bank, space, fold)
        print(f"calibrated without fold {fold}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
        for index in np.flatnonzero(np.array(folds_of(bank)) == fold):
            yield Replays(bank, int(index), calibrated, space)
    print(f"searched: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)


def _lines(tallies: Mapping[tuple[str, bool, str], Sequence[Tally]], n_datasets: int) -> Iterator[str]:
    yield f"{n_datasets} datasets, {N_ORDERS} searches of {N_TRIALS} trials on each; regret relative to knowing nothing"
    head = ("given up", "new bests", "lost", "by > 1%", "lost", "saved", "regret", "95th", "worst")
    yield f"{'':<58}" + "".join(f"{name:>10}" for name in head)
    for (kind, last_counts, arm), searches in tallies.items():
        name = f"{kind}, {'last' if last_counts else 'best'} round counts: {arm}"
        yield f"{name:<58}{_row(searches)}"
    ours, median = (_summed(tallies[RANDOM, False, arm]) for arm in (DATA, MEDIAN))
    yield (
        f"pruned={ours['pruned']:.3f} wrong={ours['lost']:.3f} saved={ours['saved']:.3f} regret={ours['regret']:.5f} "
        f"median_wrong={median['lost']:.3f} median_saved={median['saved']:.3f}"
    )


def _row(searches: Sequence[Tally]) -> str:
    regrets, summed = np.array([one.regret for one in searches]), _summed(searches)
    shares = (summed["pruned"], summed["better"], summed["lost"], summed["much_better"], summed["much_lost"])
    worst = (regrets.mean(), np.quantile(regrets, 0.95), regrets.max())
    return "".join(f"{one:>10.1%}" for one in (*shares, summed["saved"])) + "".join(f"{one:>10.4f}" for one in worst)


def _summed(searches: Sequence[Tally]) -> dict[str, float]:
    """Return shares: of all trials what was given up or would have been a new best, and of the latter what was lost."""
    total = {name: sum(getattr(one, name) for one in searches) for name in Tally._fields}
    return {
        "pruned": total["pruned"] / total["trials"],
        "better": total["better"] / total["trials"],
        "lost": total["lost"] / max(1, total["better"]),
        "much_better": total["much_better"] / total["trials"],
        "much_lost": total["much_lost"] / max(1, total["much_better"]),
        "saved": total["saved"] / len(searches),
        "regret": total["regret"] / len(searches),
    }


def _until(curve: Curve, step: int) -> Curve:
    """Return a curve from its first step up to another one."""
    cut = until(curve, step)
    assert cut is not None
    return cut


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.pruning", description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--fold", type=int, nargs="+", choices=range(N_FOLDS), default=[N_FOLDS // 2 - 1, N_FOLDS - 1])
    return parser.parse_args()


if __name__ == "__main__":
    main()
