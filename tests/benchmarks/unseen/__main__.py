"""``python -m tests.benchmarks.unseen`` repeats the paper's experiment with an unseen dataset, on small images.

AutoML-GPT (Zhang et al. 2023) plans for a "New" set of classes of which the known ones hold none, and compares the
accuracy with that of random configurations and of an LLM that gets no similar cards. Here every recorded five-class
subset of Fashion-MNIST, MNIST and scikit-learn's digits is New once; known are the recorded subsets that share no class
name with it. 600 of its images train and choose, others score; all arms train 12 epochs. A small ViT and a small CNN
take the part of the paper's pretrained ViT, and 24 recorded configurations that of its grid.

Two arms go without similarity: the configuration with the lowest mean loss, and our own ranking with all known subsets
alike. What parts the second from ours is the similar cards, and nothing else.

Each training is done anew, and kept in ``build/unseen.json`` so that a run that was broken off goes on. A run of all
draws writes every arm's accuracy on each New into ``notebooks/cases/unseen_images.json``.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import Bank, load_bank, slug
from automl_gpt_magic.experience.level import level_by_card
from automl_gpt_magic.experience.transfer import Transfer, TransferSettings
from automl_gpt_magic.recording.calibrate import fitted
from automl_gpt_magic.recording.configurations import recorded_family, shared_configurations
from automl_gpt_magic.recording.datasets import recorded_dataset
from automl_gpt_magic.recording.record import prepare
from automl_gpt_magic.records.evidence import Evidence

FAMILIES = ("ViT", "CNN")
N_IMAGES, N_TEST, EPOCHS = 600, 2_000, 12
KEPT, RESULTS = Path("build/unseen.json"), Path("notebooks/cases/unseen_images.json")
GRID, OURS, NEAREST = "grid search, 24 configurations", "ours, by similar cards", "nearest dataset's best"
AVERAGE, ALIKE = "best on average, no similarity", "ours, all known alike"
RANDOM, DEFAULT = "random configurations, mean", "library default"
ARMS = (RANDOM, DEFAULT, AVERAGE, ALIKE, NEAREST, OURS, GRID)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.unseen", description=__doc__)
    parser.add_argument("--draws", type=int, default=None, help="how many New subsets; all 14 without it")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    every = {family: _draws(family, options.draws) for family in FAMILIES}
    print(" ".join(_print_family(family, list(draws.values())) for family, draws in every.items()))
    if options.draws is None:
        RESULTS.write_text(json.dumps(every, indent=1) + "\n")


def _draws(family: str, n_draws: int | None) -> dict[str, dict[str, float]]:
    """Return every arm's test accuracy by the New subset."""
    bank = load_bank(slug(family))
    return {key: _draw(family, bank, key) for key in _keys(bank)[:n_draws]}


def _print_family(family: str, results: Sequence[Mapping[str, float]]) -> str:
    print(f"{family}: top-1 accuracy on {len(results)} unseen subsets, mean and standard error")
    for arm in ARMS:
        scores = np.array([one[arm] for one in results])
        print(f"  {arm:<34}{scores.mean():.3f} ± {scores.std(ddof=1) / math.sqrt(len(scores)):.3f}")
    for other in (GRID, AVERAGE, ALIKE, NEAREST, RANDOM, DEFAULT):
        low, mean, high = _paired([one[OURS] - one[other] for one in results])
        print(f"  ours - {other}: {mean:+.4f} [{low:+.4f}, {high:+.4f}]")
    means = {arm: np.mean([one[arm] for one in results]) for arm in ARMS}
    name = family.lower()
    return f"{name}_ours={means[OURS]:.3f} {name}_grid={means[GRID]:.3f} {name}_average={means[AVERAGE]:.3f}"


def _keys(bank: Bank) -> list[str]:
    """Return the subsets in an order that mixes their sources."""
    keys = [one["key"] for one in bank.datasets]
    return sorted(keys, key=lambda key: (keys.index(key) * 5) % len(keys))


def _paired(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the bootstrap's 95% interval of a mean, and the mean in its middle."""
    drawn = np.random.default_rng(0).choice(differences, (10_000, len(differences))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(np.mean(differences)), float(high)


def _draw(family: str, bank: Bank, key: str) -> dict[str, float]:
    """Return the test accuracy of every arm on one New subset."""
    grid = shared_configurations(recorded_family(family))
    rest = _known(bank, key, family)
    card, trained = _prepared(family, key)
    evidence = Advice(card, None, recorded_family(family).model.space, {}, bank=rest).evidence
    chosen = {
        OURS: evidence.configuration,
        NEAREST: _nearest(rest, evidence),
        ALIKE: _alike(rest, family),
        AVERAGE: _average(rest),
    }
    scores = [trained(one) for one in grid]
    others = {arm: trained(one)[1] for arm, one in chosen.items()}
    best = min(range(len(grid)), key=lambda at: scores[at][0])
    random = float(np.mean([test for _, test in scores[2:]]))
    measured = {RANDOM: random, DEFAULT: scores[0][1], GRID: scores[best][1], **others}
    return {arm: round(measured[arm], 6) for arm in ARMS}


def _known(bank: Bank, key: str, family: str) -> Bank:
    """Return the subsets that share no class name with New, with all that is fitted fitted on them alone."""
    new = set(next(one for one in bank.datasets if one["key"] == key)["class_balance"])
    keep = [at for at, one in enumerate(bank.datasets) if not new & set(one["class_balance"])]
    with redirect_stdout(io.StringIO()):
        return fitted(bank.subset(np.array(keep)), recorded_family(family).model.space)


def _average(rest: Bank) -> dict[str, Any]:
    """Return the recorded configuration with the lowest mean loss after the last epoch."""
    return _configuration(rest, int(rest.valid[:, :, -1].mean(axis=0).argmin()))


def _alike(rest: Bank, family: str) -> dict[str, Any]:
    """Return what is recommended where no known subset counts more than another."""
    weights = np.full(len(rest.datasets), 1 / len(rest.datasets))
    settings = TransferSettings(**rest.calibration["transfer"]["prior"])
    space = recorded_family(family).model.space
    return Transfer(rest, space, weights, settings, level_by_card(rest, weights)).recommend({})


def _nearest(rest: Bank, evidence: Evidence) -> dict[str, Any]:
    """Return the best recorded configuration of the known subset that is most like New."""
    key = max(evidence.neighbours, key=lambda one: one.similarity).key
    at = next(at for at, one in enumerate(rest.datasets) if one["key"] == key)
    return _configuration(rest, int(rest.valid[at, :, -1].argmin()))


def _configuration(rest: Bank, at: int) -> dict[str, Any]:
    return dict(zip(rest.parameters, rest.configurations[at], strict=True))


def _prepared(family: str, key: str) -> tuple[Any, Any]:
    """Return New's card, and a function from a configuration to its validation loss and its test accuracy."""
    recorded, dataset = recorded_family(family), recorded_dataset(key)
    frame = dataset.load()
    sample = frame.sample(N_IMAGES, random_state=0)
    with redirect_stdout(io.StringIO()):
        data = prepare(dataset, sample, recorded.model, N_IMAGES)
    unseen = frame.drop(sample.index).sample(frac=1, random_state=0)[:N_TEST]
    return data.card, _Trainer(family, key, data, unseen)


class _Trainer:
    """Trains configurations on one New subset, and remembers those it has trained."""

    def __init__(self, family: str, key: str, data: Any, unseen: Any) -> None:
        self._family, self._key, self._data, self._unseen = family, key, data, unseen
        self._recorded = recorded_family(family)

    def __call__(self, configuration: Mapping[str, Any]) -> tuple[float, float]:
        space = self._recorded.model.space
        values = {one.name: configuration.get(one.name, one.default) for one in space.parameters}
        values = {name: space[name].check(np.asarray(value).item()) for name, value in values.items()}
        values[self._recorded.model.rounds] = EPOCHS
        name = json.dumps([self._family, self._key, values], sort_keys=True)
        kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
        if name not in kept:
            kept[name] = self._train(values)
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(kept))
        valid, test = kept[name]
        return valid, test

    def _train(self, values: Mapping[str, Any]) -> tuple[float, float]:
        cells, (train, valid) = self._data.cells, self._data.parts
        model = cells["run_build"](dict(values))
        try:
            log = cells["run_fit"](model, train, valid)
        except ValueError as error:
            if "diverged" not in str(error):
                raise
            return math.inf, 1 / len(self._data.card.class_balance)
        loss = list(log.values())[-1]["log_loss"][-1]
        return float(loss), self._accuracy(model)

    def _accuracy(self, model: Any) -> float:
        cells = self._data.cells
        predicted = model.predict(cells["run_preprocessing"].transform(self._unseen))
        return float(np.mean(predicted == cells["run_target"](self._unseen)))


if __name__ == "__main__":
    main()
