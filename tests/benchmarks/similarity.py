"""How long the search for similar cards takes: 100,000 cards by brute force, and one new card in a fresh kernel.

``python tests/benchmarks/similarity.py`` runs it. Both use the functions of a plan. The search is timed many times, as
other processes may load the machine: the quickest says what the code needs, the median what a user waits here.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.experience.similarity import recorded_numbers, similarities

CARDS, WIDTH, RUNS, KERNELS = 100_000, 384, 200, 7
FRESH = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from automl_gpt_magic.experience import Advice
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.card import DataCard, Label
card = DataCard("Beehives", task="binary classification", description="A row is a beehive; predicted is its survival.",
    label_space=(Label("lost"), Label("alive")), n_rows=5210, n_features=23, n_categorical=4,
    class_balance={"lost": 0.27, "alive": 0.73}, missing_fraction=0.02)
advice = Advice(card, None, XGBOOST, {}, cache=Path(sys.argv[1]))
assert advice.evidence.text_compared and advice.evidence.neighbours
print(time.perf_counter() - began)
"""


def main() -> None:
    search, kernel = _search_milliseconds(), _fresh_kernel_seconds()
    rows = {
        f"search of {CARDS:,} cards, p50, ms": statistics.median(search),
        f"search of {CARDS:,} cards, quickest, ms": min(search),
        "evidence in a fresh kernel, empty cache, median, s": statistics.median(kernel),
        "evidence in a fresh kernel, empty cache, slowest, s": max(kernel),
    }
    for name, value in rows.items():
        print(f"{name:<54}{value:8.2f}")
    keys = ("search_p50_ms", "search_min_ms", "fresh_kernel_p50_s", "fresh_kernel_max_s")
    print(" ".join(f"{key}={value:.2f}" for key, value in zip(keys, rows.values(), strict=True)))


def _search_milliseconds() -> list[float]:
    """Return the time of each search; what is prepared once a bank is not counted."""
    bank, random = _bank(), np.random.default_rng(1)
    times = []
    for run in range(RUNS + 1):
        text = _unit_vectors(random, 1)[0]
        numbers = recorded_numbers(bank.datasets[int(random.integers(CARDS))])
        began = time.perf_counter()
        similarities(numbers, text, bank, 0.25)
        if run:
            times.append((time.perf_counter() - began) * 1000)
    return times


def _bank() -> Bank:
    random = np.random.default_rng(0)
    nothing = np.empty(0)
    cards = [_card(random) for _ in range(CARDS)]
    vectors = _unit_vectors(random, CARDS)
    return Bank(cards, [], nothing, "", nothing, nothing, nothing, nothing, nothing, vectors, {}, landmarks=nothing)


def _card(random: np.random.Generator) -> dict[str, object]:
    classes = int(random.integers(2, 8))
    n_features = int(10 ** random.uniform(0.3, 2.5)) + 1
    return {
        "n_rows": int(10 ** random.uniform(2, 6)),
        "n_features": n_features,
        "n_categorical": int(random.integers(0, n_features + 1)),
        "class_balance": dict(enumerate(random.dirichlet(np.ones(classes)))),
        "missing_fraction": float(random.beta(0.3, 5)) if random.random() > 0.1 else None,
    }


def _unit_vectors(random: np.random.Generator, count: int) -> np.ndarray:
    vectors = random.standard_normal((count, WIDTH), dtype="float32")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _fresh_kernel_seconds() -> list[float]:
    """Return the time in each of several new processes, from the first import to the evidence."""
    times = []
    for _ in range(KERNELS):
        with tempfile.TemporaryDirectory() as cache:
            ran = subprocess.run([sys.executable, "-c", FRESH, cache], capture_output=True, text=True, check=True)
        times.append(float(ran.stdout))
    return times


if __name__ == "__main__":
    main()
