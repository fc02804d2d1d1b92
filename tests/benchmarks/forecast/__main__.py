"""``python -m tests.benchmarks.forecast`` prints how right predicted curves are, over all recorded datasets.

Each dataset is left out with its near-copies, and nothing that is fitted or calibrated has seen it. Of each, 24
configurations are forecast as if they were new, before their training and after 1 to 50% of it; and once more, before
it, from a bank that does not hold the configuration either.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import as_completed

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import load_bank, slug
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import BINARY, DataCard

from ..transfer.nested import nested_calibrations
from ..transfer.references import spawned
from .judged import judge, lend
from .table import Board

FAMILIES = ("XGBoost", "LightGBM", "PyTorch MLP", "CNN", "ViT")
_FRESH = """
import time
began = time.perf_counter()
from automl_gpt_magic.experience import Advice
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import BINARY, DataCard
space = family_named("XGBoost").space
card = DataCard("Loans", task=BINARY, n_rows=2000, n_features=12, n_categorical=4, class_balance={"a": 0.7, "b": 0.3})
advice = Advice(card, None, space, {})
advice.forecast(advice.evidence.configuration)
print(time.perf_counter() - began)
"""


def main() -> None:
    options = _options()
    bank, space = load_bank(slug(options.family)), family_named(options.family).space
    began = time.monotonic()
    with spawned(options.processes) as pool:
        calibrated = nested_calibrations(bank, space, pool)
    print(f"calibrated without each fold: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    with spawned(options.processes, initializer=lend, initargs=(options.family, bank, calibrated)) as pool:
        jobs = [pool.submit(judge, index) for index in range(len(bank.datasets))]
        for done, job in enumerate(as_completed(jobs), 1):
            print(f"{done} of {len(jobs)}: {job.result().key}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(*_speed(), sep="\n")
    print(*Board([job.result() for job in jobs]).lines(), sep="\n")


def _speed() -> list[str]:
    """Time one forecast, 1,000 configurations, and the first forecast of a fresh kernel."""
    space = family_named("XGBoost").space
    advice = Advice(DataCard("Loans", task=BINARY, n_rows=2000, n_features=12, n_categorical=4), None, space, {})
    values = {**advice.evidence.configuration}
    advice.forecast(values)
    one, many = _median_ms(lambda: advice.forecast(values)), _median_ms(lambda: advice.losses([values] * 1000))
    fresh = sorted(float(subprocess.check_output([sys.executable, "-c", _FRESH], text=True)) for _ in range(3))[1]
    return [
        f"one forecast {one:.1f} ms, 1,000 configurations {many:.0f} ms",
        f"first forecast in a fresh process {fresh:.2f} s",
    ]


def _median_ms(call: object) -> float:
    assert callable(call)
    seconds = []
    for _ in range(15):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return 1000 * sorted(seconds)[7]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.forecast", description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
