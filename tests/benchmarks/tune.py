"""What a tuned search takes and survives: more workers, workers that are killed, kernels that are killed.

``python tests/benchmarks/tune.py`` runs all of it on a synthetic table; ``--trials``, ``--rows``, ``--pairs`` and
``--kills`` make it smaller, ``--only cluster`` runs a part. A training gets one core, so that one worker and two
differ in nothing but their number: by itself, one worker trains on all cores.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
import pandas as pd

from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.study import StudyJob, StudyLimits, StudyState
from automl_gpt_magic.training.study import StudyRun

DATA = """
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer
bench_rows = table
bench_train, bench_valid = train_test_split(table, test_size=0.2, random_state=0)
bench_preprocessing = FunctionTransformer(lambda rows: rows.drop(columns='y').to_numpy('float32')).fit(bench_train)

def bench_target(rows):
    return rows['y'].to_numpy()
"""
MODEL = """
from xgboost import XGBClassifier
from xgboost.callback import TrainingCallback

def bench_build(hyperparameters):
    return XGBClassifier(eval_metric=['error', 'logloss'], tree_method='hist', random_state=0, **hyperparameters)

def bench_fit(model, train, valid, report=None):
    class EachRound(TrainingCallback):
        def after_iteration(self, model, epoch, log):
            return bool(report and report(log))

    model.set_params(callbacks=[EachRound()])
    model.fit(*train, eval_set=[train, valid], verbose=False)
    return model.evals_result()
"""
# Pruning begins at the 20th round: with fewer, the same trials are the same work in any order.
N_ROUNDS = 19
ADULT_TRIALS = 40
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "cases" / "uci_adult.ipynb"
MOST_SECONDS_OF_KILLS = 60.0


def main() -> None:
    options = _options()
    if options.kernel:
        _run(options, options.kernel, options.trials, options.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        for part in [options.only] if options.only else PARTS:
            (Path(folder) / part).mkdir()
            PARTS[part](options, Path(folder) / part)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--pairs", type=int, default=3, help="how often one worker and two take turns")
    parser.add_argument("--kills", type=int, default=10, help="how many kernels are killed")
    parser.add_argument("--kill-every", type=float, default=5.0, help="seconds between two kills of a worker")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--kernel", type=Path, help="only run a study in this file, as a notebook's kernel would")
    return parser.parse_args()


def _workers(options: argparse.Namespace, folder: Path) -> None:
    """Time the same trials on one process of this machine and on two, by turns."""
    os.environ["OMP_NUM_THREADS"] = "1"
    _pairs(options, "process(es)", lambda name, count: _run(options, folder / name, options.trials, count))
    del os.environ["OMP_NUM_THREADS"]


def _cluster(options: argparse.Namespace, folder: Path) -> None:
    """Time the same trials on one worker of a Dask cluster and on two, by turns; the cluster's start is not counted."""
    from distributed import LocalCluster

    def run(name: str, count: int) -> StudyState:
        with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster:
            return _run(options, folder / name, options.trials, count, cluster.scheduler_address)

    _pairs(options, "Dask worker(s)", run)


def _pairs(options: argparse.Namespace, kind: str, run: Callable[[str, int], StudyState]) -> None:
    ratios = []
    for pair in range(options.pairs):
        seconds = {}
        for count in (1, 2) if pair % 2 == 0 else (2, 1):
            state = run(f"{pair}_{count}.sqlite", count)
            trained = statistics.median(trial.seconds or 0 for trial in state.trials)
            seconds[count] = state.elapsed
            print(
                f"{options.trials} trials, {count} {kind}: {state.elapsed:.1f} s; a trial {trained:.2f} s", flush=True
            )
        ratios.append(seconds[1] / seconds[2])
    by_pair = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"two {kind} are {statistics.median(ratios):.2f} times as fast as one; by pair: {by_pair}", flush=True)


def _killed_workers(options: argparse.Namespace, folder: Path) -> None:
    """Kill a worker every few seconds, for up to a minute."""
    path = folder / "tune.sqlite"
    chance, ended = random.Random(options.seed), []
    run = StudyRun(_job(options), StudyLimits(options.trials, n_workers=2), path, lambda state: None, ended.append)
    began, kills = time.monotonic(), 0
    while run.running:
        run.join(options.kill_every)
        if run.running and run.pids and time.monotonic() - began < MOST_SECONDS_OF_KILLS:
            os.kill(chance.choice(run.pids), signal.SIGKILL)
            kills += 1
    (state,) = ended
    told = Counter(trial.state for trial in state.trials)
    print(
        f"{kills} workers killed: {dict(told)} of {options.trials} trials, {_repeated(path)} trained twice to the end"
    )


def _killed_kernels(options: argparse.Namespace, folder: Path) -> None:
    """Kill the kernel at random moments, and look each time whether what had finished is there."""
    path = folder / "tune.sqlite"
    chance, finished, lost = random.Random(options.seed), {}, 0
    for _ in range(options.kills):
        _kill_a_kernel(options, path, chance.uniform(0.5, 8.0))
        now = _finished(path)
        lost += sum(now.get(number) != value for number, value in finished.items())
        finished |= now
    # However far the killed ones got, two more trials are to come.
    state = _run(options, path, len(finished) + 2, options.workers)
    lost += sum(_finished(path).get(number) != value for number, value in finished.items())
    running = sum(trial.state == "running" for trial in state.trials)
    print(
        f"{options.kills} kernels killed: {len(finished)} trials had finished, {lost} of them lost; "
        f"resumed: {state.stands} with {state.n_ended}, {running} left running, {_repeated(path)} trained twice"
    )


def _kill_a_kernel(options: argparse.Namespace, path: Path, seconds: float) -> None:
    given = {"kernel": path, "trials": 10_000, "rows": options.rows, "workers": options.workers}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen([sys.executable, __file__, *words]) as kernel:
        time.sleep(seconds)
        kernel.kill()


def _run(options: argparse.Namespace, path: Path, n_trials: int, n_workers: int, cluster: str = "") -> StudyState:
    ended: list[StudyState] = []
    limits = StudyLimits(n_trials, n_workers=n_workers, cluster=cluster)
    run = StudyRun(_job(options), limits, path, lambda state: None, ended.append)
    run.join()
    if ended[0].stands != "finished":
        raise SystemExit(ended[0].said)
    return ended[0]


def _job(options: argparse.Namespace) -> StudyJob:
    starts = [(f"start {number}", start) for number, start in enumerate(_starts(options.trials))]
    fixed = {"n_estimators": N_ROUNDS, "max_depth": 8}
    tables = {"table": _table(options.rows)}
    return StudyJob(
        "bench", "Bench", DATA, MODEL, tables, ".", XGBOOST, fixed, starts, "log_loss", rounds="n_estimators"
    )


def _starts(count: int) -> list[dict[str, float]]:
    """Return configurations that cost alike; a kernel with more trials than that goes on with the sampler's."""
    chance = random.Random(0)
    return [{"learning_rate": chance.uniform(0.05, 0.3)} for _ in range(min(count, 32))]


def _table(n_rows: int) -> pd.DataFrame:
    chance = np.random.default_rng(0)
    table = pd.DataFrame(chance.normal(size=(n_rows, 30)), columns=[f"x{column}" for column in range(30)])
    noise = chance.normal(size=n_rows)
    return table.assign(y=(table["x0"] * table["x1"] + table["x2"] + noise > 0).astype(int))


def _trials(path: Path) -> list[optuna.trial.FrozenTrial]:
    """Read a study with Optuna alone."""
    if not path.exists():
        return []
    found = optuna.study.get_all_study_names(f"sqlite:///{path}")
    return [trial for name in found for trial in optuna.load_study(study_name=name, storage=f"sqlite:///{path}").trials]


def _finished(path: Path) -> dict[int, float | None]:
    return {trial.number: trial.value for trial in _trials(path) if trial.state.name in ("COMPLETE", "PRUNED")}


def _repeated(path: Path) -> int:
    trained = Counter(str(trial.params) for trial in _trials(path) if trial.state.name == "COMPLETE")
    return sum(count - 1 for count in trained.values())


def _adult(options: argparse.Namespace, folder: Path) -> None:
    """Tune the UCI Adult notebook's plan, refit the best on all training rows, and score it on the official test."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    os.environ |= {"AUTOML_GPT_MAGIC_STORE": str(folder / "store.sqlite"), "AUTOML_GPT_MAGIC_WRITE_CELLS": "False"}
    shell = InteractiveShell.instance()
    cells = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    magic = next(place for place, cell in enumerate(cells) if cell.source.startswith("%%automl"))
    began = time.monotonic()
    for source in (*(cell.source for cell in cells[: magic + 1]), f"%automl tune --trials {ADULT_TRIALS}"):
        shell.run_cell(source).raise_error()
    print(f"{ADULT_TRIALS} trials of UCI Adult in {time.monotonic() - began:.0f} s", flush=True)
    task = shell.magics_manager.registry["AutoMLMagics"].session.last
    told = Counter(trial.state for trial in task.running.study.trials)
    task.take_best()
    for stage in ("data", "model", "training", "test"):
        shell.run_cell(task.plan.code[stage]).raise_error()
    print(f"{dict(told)}; best {task.plan.hyperparameters}")


PARTS = {
    "adult": _adult,
    "workers": _workers,
    "cluster": _cluster,
    "killed-workers": _killed_workers,
    "killed-kernels": _killed_kernels,
}

if __name__ == "__main__":
    main()
