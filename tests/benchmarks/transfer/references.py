"""``python -m tests.benchmarks.transfer.references`` measures what the benchmark of transfer compares with.

On each dataset: 24 random configurations, 40 trials of TPE that minimise the validation loss, the library's default, a
constant good configuration, and FLAML's zero-shot suggestion. It takes hours; it can be stopped, and goes on with the
datasets that are missing. Optuna and FLAML must be installed: pip install --no-deps flaml==2.7.0
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

from automl_gpt_magic.recording.datasets import datasets_for
from automl_gpt_magic.recording.tables import HELD_OUT

from .flaml_zero_shot import LEARNERS, is_known, suggested
from .reference_file import Entry, keep, read_references
from .spaces import FAMILIES, Space, space_of
from .trained import Prepared, Scored, prepared, train

N_RANDOM, N_TPE = 24, 40
FINISHED = ("random", "tpe", "default", "constant", "flaml")

Row = list[Any]


def main() -> None:
    options = _options()
    parameters = [one.name for one in space_of(options.family).parameters]
    there = read_references(options.family)
    keys = options.only or benchmarked(options.family)
    missing = [key for key in keys if options.renew or not is_complete(there.get(key, {}))]
    print(f"{len(keys) - len(missing)} of {len(keys)} datasets are there", flush=True)
    began = time.monotonic()
    with spawned(options.processes) as pool:
        jobs = {pool.submit(measure, options.family, key): key for key in missing}
        for done, job in enumerate(as_completed(jobs), 1):
            if not job.exception():
                keep(options.family, parameters, jobs[job], job.result())
            print(f"{done} of {len(missing)}: {said(jobs[job], job)}, {time.monotonic() - began:.0f} s", flush=True)
    if any(job.exception() for job in jobs):
        sys.exit("some datasets failed; the same command tries them again")


def benchmarked(family: str) -> list[str]:
    """Return the keys of what is scored: all that is recorded, but for versions with few training rows."""
    return [dataset.key for dataset in datasets_for(family) if dataset.held_out == HELD_OUT]


def spawned(processes: int, **options: Any) -> ProcessPoolExecutor:
    """Return a pool whose processes each train on one core."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # read once, when the libraries are loaded
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), **options)


def is_complete(entry: Mapping[str, Any]) -> bool:
    return all(name in entry for name in FINISHED)


def measure(family: str, key: str) -> Entry:
    """Return the finished entry of a dataset."""
    space, data = space_of(family), prepared(family, key)

    def run(configuration: Mapping[str, Any]) -> Scored:
        return train(data, configuration)

    return {
        "task": data.card.task,
        "rows": [len(y) for _, y in (*data.at_hand.parts, data.test)],
        "digest": data.digest,
        "default": written(run(space.default)),
        "constant": written(run(space.constant)),
        "random": random_trials(space, run, zlib.crc32(key.encode())),
        "tpe": tpe_trials(space, run),
        "flaml": _flaml(family, data),
        "trained": [],
    }


def random_trials(space: Space, run: Callable[[Mapping[str, Any]], Scored], seed: int) -> list[Row]:
    """Return `N_RANDOM` configurations with their losses; another seed a dataset, so that luck does not add up."""
    from optuna.samplers import RandomSampler

    return _trials(space, run, RandomSampler(seed=seed), N_RANDOM)


def tpe_trials(space: Space, run: Callable[[Mapping[str, Any]], Scored]) -> list[Row]:
    """Return `N_TPE` trials of Optuna's TPE, which is told the validation loss alone."""
    from optuna.samplers import TPESampler

    return _trials(space, run, TPESampler(seed=0), N_TPE)


def written(scored: Scored) -> list[float]:
    return [float(f"{scored.valid:.7g}"), float(f"{scored.test:.7g}"), round(scored.seconds, 3)]


def said(key: str, job: Future[Entry]) -> str:
    if job.exception():
        return f"{key} failed: {job.exception()!r}"
    entry = job.result()
    seconds = sum(row[-1] for row in (*entry["random"], *entry["tpe"]))
    return f"{key}, {seconds / (N_RANDOM + N_TPE):.2f} s a training"


def _trials(space: Space, run: Callable[[Mapping[str, Any]], Scored], sampler: Any, count: int) -> list[Row]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    rows: list[Row] = []

    def objective(trial: Any) -> float:
        configuration = space.suggest(trial)
        scored = run(configuration)
        rows.append([*space.row(configuration), *written(scored)])
        return scored.valid

    optuna.create_study(sampler=sampler).optimize(objective, n_trials=count)
    return rows


def _flaml(family: str, data: Prepared) -> dict[str, Any] | None:
    if family not in LEARNERS:
        return None
    configuration = suggested(family, data)
    losses = written(train(data, configuration))
    return {"configuration": configuration, "losses": losses, "known": is_known(data.key)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--only", nargs="*", help="keys of datasets; all without it")
    parser.add_argument("--renew", action="store_true", help="measure again what is there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
