"""A tuned search: what is tried first, what each trial is worth, and that none is lost whatever dies."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import optuna
import pandas as pd
import pytest

from automl_gpt_magic.errors import StoreError, TrainingError
from automl_gpt_magic.records.space import Parameter, SearchSpace
from automl_gpt_magic.records.study import StudyJob, StudyLimits, StudyState, Trial, best_of
from automl_gpt_magic.training.study import StudyRun
from automl_gpt_magic.training.study_file import check_storage, closed, opened

SPACE = SearchSpace(
    "XGBoost",
    (
        Parameter("learning_rate", "float", 0.3, 0.05, 0.5, log=True),
        Parameter("n_estimators", "int", 8, 4, 12, log=True),
        Parameter("max_depth", "int", 6, 2, 4),
        Parameter("reg_alpha", "float", 0.0, 0.0001, 10, log=True),
    ),
)
# A model that is built and trained in no time; what a real one does is checked once below.
FAKE = """
import os, signal, time

class Fake:
    def __init__(self, **given):
        self.given = given
    def get_params(self):
        return self.given

def x_fit(model, train, valid, report=None):
    given = model.given
    trouble(given)
    log = {'training': {'rmse': []}, 'validation': {'rmse': []}}
    for epoch in range(given['n_estimators']):
        time.sleep(given.get('pause', PAUSE))
        for part in log.values():
            part['rmse'].append(curve(epoch + 1, given))
        if report(log):
            break
    return log

def curve(step, given):
    return abs(step - 6) + given['learning_rate'] + given['reg_alpha']

def trouble(given):
    pass

def x_build(hyperparameters):
    return Fake(**hyperparameters)
"""
DATA = """
class Same:
    def transform(self, rows):
        return rows
x_rows = table
x_train, x_valid, x_preprocessing, x_target = table, table, Same(), len
"""
TABLE = [1.0, 2.0, 3.0]
PLAN = {"learning_rate": 0.1, "n_estimators": 10, "max_depth": 3, "reg_alpha": 0.5}


@pytest.fixture(autouse=True)
def quick_workers(monkeypatch, tmp_path):
    """Let the workers find a stand-in for the library whose import takes longer than a study of these."""
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "pandas.py").write_text("class DataFrame:\n    pass\n")
    monkeypatch.setattr(sys, "path", [str(fake), *sys.path])
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a worker would import pytest


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A file in which Optuna has made its tables, which takes longer than the rest of it."""
    path = tmp_path_factory.mktemp("empty") / "tune.sqlite"
    _, storage = opened(path, "none", lower_is_better=True)
    closed(path, storage)
    optuna.delete_study(study_name="none", storage=f"sqlite:///{path}")
    return path


@pytest.fixture
def path(tmp_path, empty):
    (tmp_path / "studies").mkdir()
    return shutil.copy(empty, tmp_path / "studies" / "tune.sqlite")


def job(model=FAKE, pause=0.0, **changed):
    given = {
        "names": "x",
        "dataset": "Three Rows",
        "data": DATA,
        "model": f"PAUSE = {pause}\n{model}",
        "tables": {"table": TABLE},
        "folder": ".",
        "space": SPACE,
        "fixed": {},
        "starts": [],
        "metric": "rmse",
        "rounds": "n_estimators",
    }
    return StudyJob(**{**given, **changed})


def begin(a_job, path, n_trials=4, *, should_prune=None, **limits):
    heard, ended = [], []
    limits = StudyLimits(n_trials, **limits)
    run = StudyRun(a_job, limits, path, heard.append, ended.append, should_prune=should_prune)
    return SimpleNamespace(run=run, heard=heard, ended=ended)


def outcome(*arguments, **options) -> StudyState:
    begun = begin(*arguments, **options)
    begun.run.join(30)
    (state,) = begun.ended
    return state


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def open_alone(path):
    """Open a study as a user does who has Optuna and nothing else."""
    (name,) = optuna.study.get_all_study_names(f"sqlite:///{path}")
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def states(state):
    return [trial.state for trial in state.trials]


def test_the_starts_come_first_and_exactly_as_given(path):
    default = SPACE.default
    starts = [("plan", PLAN), ("the same again", dict(PLAN)), ("default", default)]
    state = outcome(job(starts=starts), path)
    assert [trial.label for trial in state.trials] == ["plan", "default", "search", "search"]
    kept = [trial.user_attrs.get("start") for trial in open_alone(path).trials[:2]]
    assert kept == [PLAN, default]
    assert kept[1]["reg_alpha"] == 0.0  # outside the logarithmic range, as is max_depth 6
    # The fake's value says what was trained: the best round is the 6th.
    assert [trial.value for trial in state.trials[:2]] == pytest.approx([0.6, 0.3])


def test_a_trial_is_worth_its_best_round_and_ends_there(path):
    state = outcome(job(starts=[("plan", PLAN)]), path, n_trials=1)
    (trial,) = state.trials
    assert (trial.state, trial.best_round, trial.configuration) == ("finished", 6, {**PLAN, "n_estimators": 6})
    assert trial.curve[-1] == (10, pytest.approx(4.6))
    assert trial.seconds > 0
    assert state.best == state.chosen() == trial
    (kept,) = open_alone(path).trials
    assert kept.value == trial.value
    assert kept.user_attrs["configuration"] == trial.configuration
    assert {"label", "seconds", "best_round", "curve"} <= set(kept.user_attrs)


def test_fixed_values_are_never_varied_and_fixed_rounds_are_all_trained(path):
    state = outcome(job(fixed={"max_depth": 9, "n_estimators": 8}, starts=[("plan", PLAN)]), path)
    assert {(t.configuration["max_depth"], t.configuration["n_estimators"]) for t in state.trials} == {(9, 8)}
    assert all(trial.best_round == 8 and trial.value >= 2 for trial in state.trials)
    assert "max_depth" not in open_alone(path).trials[-1].params


def test_one_worker_and_one_seed_give_the_same_study_twice(tmp_path):
    first, second = (outcome(job(), tmp_path / f"{name}.sqlite", n_trials=11) for name in "ab")
    told = [[(t.configuration, t.value, t.state) for t in state.trials] for state in (first, second)]
    assert told[0] == told[1]
    assert len({trial.configuration["learning_rate"] for trial in first.trials}) == 11


def test_a_resumed_study_counts_what_has_ended_and_suggests_anew(path):
    first = outcome(job(starts=[("plan", PLAN)]), path, n_trials=3)
    second = outcome(job(starts=[("plan", PLAN)]), path, n_trials=5)
    assert [trial.number for trial in second.trials] == [0, 1, 2, 3, 4]
    assert second.trials[:3] == first.trials
    assert len({trial.configuration["learning_rate"] for trial in second.trials}) == 5
    again = outcome(job(starts=[("plan", PLAN)]), path, n_trials=5)
    assert (again.trials, again.stands) == (second.trials, "finished")


def test_other_rows_cells_or_limits_of_the_card_are_another_study(path, tmp_path):
    (tmp_path / "fake" / "pandas.py").unlink()
    table = pd.DataFrame({"a": TABLE})
    for rows in (table, table + 1):
        outcome(job(tables={"table": rows}), path, n_trials=1)
    outcome(job(), path, n_trials=1)
    outcome(job(fixed={"max_depth": 3}), path, n_trials=1)
    names = optuna.study.get_all_study_names(f"sqlite:///{path}")
    assert len(set(names)) == 4
    assert all(name.startswith("Three Rows ") for name in names)


SLOW = FAKE + "\ndef curve(step, given):\n    return given['learning_rate']\n"


def test_bad_trials_are_pruned_and_the_hook_is_asked(path):
    space = SearchSpace("X", (Parameter("rate", "float", 1, 0, 1), Parameter("n_estimators", "int", 40, 40, 41)))
    model = FAKE + "\ndef curve(step, given):\n    return given['rate'] - step / 1000\n"
    starts = [(str(rate), {"rate": rate, "n_estimators": 40}) for rate in (0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.05)]
    state = outcome(job(model, space=space, starts=starts), path, n_trials=7)
    assert states(state) == ["finished"] * 5 + ["pruned", "finished"]
    pruned = state.trials[5]
    assert (pruned.best_round, pruned.value, pruned.configuration["n_estimators"]) == (20, pytest.approx(0.88), 20)
    asked, other = [], path.with_name("b")

    def hook(configuration, curve):
        asked.append((configuration["rate"], curve))
        return configuration["rate"] == 0.2 and len(curve) == 10

    state = outcome(job(model, space=space, starts=starts), other, n_trials=3, should_prune=hook)
    assert states(state) == ["finished", "pruned", "finished"]
    expected = [(step, pytest.approx(0.2 - step / 1000)) for step in range(1, 11)]
    assert [curve for rate, curve in asked if rate == 0.2] == [tuple(expected[:5]), tuple(expected)]
    assert open_alone(other).trials[1].value == pytest.approx(0.19)
    assert state.trials[1].curve == tuple(expected)


@pytest.mark.parametrize(("told", "ends"), [(None, "pruned"), (False, "finished")])
def test_the_median_decides_only_where_the_hook_does_not(path, told, ends):
    space = SearchSpace("X", (Parameter("rate", "float", 1, 0, 1), Parameter("n_estimators", "int", 40, 40, 41)))
    model = FAKE + "\ndef curve(step, given):\n    return given['rate'] - step / 1000\n"
    starts = [(str(rate), {"rate": rate, "n_estimators": 40}) for rate in (0.1, 0.2, 0.3, 0.4, 0.5, 0.9)]
    state = outcome(job(model, space=space, starts=starts), path, n_trials=6, should_prune=lambda *_: told)
    assert states(state) == ["finished"] * 5 + [ends]


def test_the_hook_is_not_asked_of_a_curve_that_ends_in_no_number(path):
    model = FAKE + "\ndef curve(step, given):\n    return float('nan') if step in (4, 5, 6) else 1 / step\n"
    asked = []

    def hook(configuration, curve):
        asked.append([step for step, _ in curve])
        return True

    state = outcome(job(model, starts=[("plan", PLAN)]), path, n_trials=1, should_prune=hook)
    assert asked == [[1, 2, 3, 7, 8, 9, 10]]
    assert (states(state), state.trials[0].value) == (["pruned"], pytest.approx(0.1))


def test_a_failing_trial_is_one_line_and_the_study_goes_on(path):
    model = FAKE + "\ndef trouble(given):\n    if given['max_depth'] == 3: raise OverflowError('too\\ndeep')\n"
    state = outcome(job(model, starts=[("plan", PLAN), ("default", SPACE.default)]), path, n_trials=2)
    assert states(state) == ["failed", "finished"]
    assert state.trials[0].error == "OverflowError: too deep"
    assert open_alone(path).trials[0].user_attrs["error"] == state.trials[0].error


def test_where_every_trial_fails_the_study_ends_soon_with_the_reason(path):
    state = outcome(job(FAKE + "\ndef trouble(given):\n    raise SystemExit('no')\n"), path, n_trials=30)
    assert (state.stands, len(state.trials)) == ("failed", 5)
    assert state.said == "The first 5 trials failed. SystemExit: no"
    with pytest.raises(TrainingError, match=r"no trial of the study has finished; the last said: SystemExit: no"):
        state.chosen()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": "a = 1\nb = a / 0"}, "data cell failed, line 2: ZeroDivisionError"),
        ({"model": "raise MemoryError"}, "Memory ran out in the model cell"),
        ({"model": "y = 1"}, "x_build"),
        ({"data": "import os; os.kill(os.getpid(), 9)"}, "memory runs out"),
        ({"metric": "f1"}, "the model reports rmse and not f1"),
    ],
)
def test_a_failing_cell_ends_the_study_with_one_line(path, changed, said):
    state = outcome(StudyJob(**{**vars(job()), **changed}), path, n_trials=9)
    assert state.stands == "failed"
    assert said in state.said
    assert "\n" not in state.said


def test_a_killed_worker_loses_only_its_trial_which_is_tried_again(path):
    begun = begin(job(pause=0.03, starts=[("plan", PLAN)]), path, n_trials=4, n_workers=2)
    wait_for(lambda: begun.heard and any(trial.value for trial in begun.heard[-1].trials))
    os.kill(begun.run.pids[0], signal.SIGKILL)
    begun.run.join(30)
    (state,) = begun.ended
    assert (state.stands, states(state)) == ("finished", ["finished"] * 4)
    assert len(open_alone(path).trials) == 4


def test_a_trial_that_kills_its_worker_twice_has_failed(path):
    model = FAKE + "\ndef trouble(given):\n    if given['max_depth'] == 3: os.kill(os.getpid(), 9)\n"
    state = outcome(job(model, starts=[("plan", PLAN), ("default", SPACE.default)]), path, n_trials=2)
    assert states(state) == ["failed", "finished"]
    assert "lost its worker 2 times: its process was killed, as the system does" in state.trials[0].error


def test_cancel_ends_at_once_and_keeps_what_has_finished(path):
    a_job = job(pause=0.03, starts=[("plan", PLAN), ("long", {**PLAN, "n_estimators": 900})])
    begun = begin(a_job, path, n_trials=50)
    wait_for(lambda: begun.heard and begun.heard[-1].trials[1:] and begun.heard[-1].trials[1].value)
    pids = begun.run.pids
    began = time.monotonic()
    begun.run.cancel()
    begun.run.join(20)
    assert time.monotonic() - began < 4
    (state,) = begun.ended
    assert (state.stands, states(state)) == ("cancelled", ["finished", "failed"])
    assert not any(_lives(pid) for pid in pids)
    assert [trial.state.name for trial in open_alone(path).trials] == ["COMPLETE", "FAIL", "WAITING"]
    resumed = begin(a_job, path, n_trials=50)
    wait_for(lambda: resumed.heard and len(resumed.heard[-1].trials) == 3)
    resumed.run.cancel()
    resumed.run.join(5)
    again = resumed.ended[0].trials[2]
    assert (again.label, again.configuration) == ("long", {**PLAN, "n_estimators": 900})


def test_the_time_limit_takes_what_the_cut_off_trial_has(path):
    state = outcome(job(SLOW, pause=0.1, starts=[("plan", {**PLAN, "n_estimators": 500})]), path, seconds=2.5)
    assert (state.stands, states(state)) == ("finished", ["pruned"])
    assert state.elapsed < 5
    assert state.best.value == open_alone(path).trials[0].value == 0.1


def test_a_trials_own_time_limit_ends_it_with_the_rounds_it_has(path):
    long = [("plan", {**PLAN, "n_estimators": 500})]
    limits = {"n_trials": 1, "trial_seconds": 0.3}
    state = outcome(job(pause=0.02, starts=long), path, **limits)
    assert (states(state), state.best.best_round) == (["finished"], 6)
    state = outcome(job(pause=0.02, fixed={"n_estimators": 500}), path, **limits)
    assert "rounds took the 0.3 s" in state.trials[0].error


KERNEL = """
import sys, time
from pathlib import Path
sys.path.insert(0, {fake!r})
from tests.integration.training.test_study import PLAN, begin, job

if __name__ == "__main__":
    begun = begin(job(pause=0.03, starts=[("plan", PLAN)]), Path(sys.argv[1]), n_trials=20)
    while True:
        if begun.heard:
            print(begun.heard[-1].n_ended, *begun.run.pids, flush=True)
        time.sleep(0.05)
"""


def test_kill_9_of_the_kernel_loses_no_finished_trial_and_repeats_none(path, tmp_path):
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL.format(fake=str(tmp_path / "fake")))
    root = Path(__file__).parents[3]
    command = [sys.executable, str(script), str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    ) as kernel:
        line = next(line for line in kernel.stdout if int(line.split()[0]) >= 3)
        kernel.send_signal(signal.SIGKILL)
    before = open_alone(path).trials
    ended = [trial for trial in before if trial.state.name == "COMPLETE"]
    running = [trial for trial in before if trial.state.name == "RUNNING"]
    assert len(ended) >= 3
    wait_for(lambda: not _lives(int(line.split()[1])))
    state = outcome(job(pause=0.03, starts=[("plan", PLAN)]), path, n_trials=len(ended) + 2)
    after = open_alone(path).trials
    assert [after[trial.number].value for trial in ended] == [trial.value for trial in ended]
    assert state.n_ended == len(ended) + 2
    for lost in running:
        again = [trial for trial in after if trial.user_attrs.get("again_of") == lost.number]
        assert after[lost.number].state.name == "FAIL"
        assert [trial.params for trial in again] == [lost.params] or "configuration" not in lost.user_attrs


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_one_study_runs_once_at_a_time(path):
    begun = begin(job(pause=0.05), path, n_trials=50)
    wait_for(lambda: begun.heard and begun.heard[-1].name)
    state = outcome(job(pause=0.05), path)
    assert (state.stands, state.trials) == ("failed", ())
    assert "is running already" in state.said
    begun.run.cancel()
    begun.run.join(5)
    assert [file.name for file in path.parent.iterdir()] == ["tune.sqlite"]


def test_a_file_that_cannot_be_used_is_one_line(path, tmp_path):
    with pytest.raises(StoreError, match=r"cannot be used: unable to open database file"):
        begin(job(), tmp_path)
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"file is not a database"):
        check_storage(tmp_path / "text")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be used"):
        check_storage(tmp_path / "file" / "tune.sqlite")
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE pets (name)")
    other.commit()
    with pytest.raises(StoreError, match=r"database of something else"):
        check_storage(tmp_path / "other")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match=r"locked; free it"):
        check_storage(tmp_path / "other")
    other.close()


def test_a_file_that_fails_in_mid_study_ends_it_with_one_line(path, monkeypatch):
    def full(ledger, trial):
        raise StoreError("the disk is full")

    monkeypatch.setattr("automl_gpt_magic.training.ledger.Ledger.end", full)
    state = outcome(job(starts=[("plan", PLAN)]), path)
    assert (state.stands, state.said) == ("failed", "the disk is full")
    monkeypatch.undo()
    assert [trial.state.name for trial in open_alone(path).trials] == ["RUNNING"]


def test_an_ended_study_is_in_one_file_that_can_be_copied(path):
    outcome(job(), path, n_trials=2)
    copy = shutil.copy(path, path.with_name("copy.sqlite"))
    assert len(open_alone(copy).trials) == 2
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_what_cannot_be_sent_to_a_worker_is_one_line(path):
    state = outcome(job(tables={"table": threading.Lock()}), path)
    assert (state.stands, state.trials) == ("failed", ())
    assert "cannot pickle" in state.said


def test_without_optuna_the_extra_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(TrainingError, match=r"automl_gpt_magic\[tune\]"):
        begin(job(), path)


def test_the_best_is_a_finished_trial_or_else_a_pruned_one_that_can_be_trained():
    def trial(state, value, rounds=5):
        return Trial(0, "search", state, {"n_estimators": 5}, value, rounds)

    finished, better = trial("finished", 2.0), trial("pruned", 1.0)
    assert best_of([finished, better], True, "n_estimators") is finished
    assert best_of([trial("failed", None), better, trial("pruned", 0.5, rounds=3)], True, "n_estimators") is better
    assert best_of([finished, trial("finished", 3.0)], False, "n_estimators").value == 3.0
    assert best_of([trial("running", 1.0)], True, "n_estimators") is None


def test_it_is_heard_at_most_five_times_a_second(path):
    begun = begin(job(pause=0.01), path, n_trials=5)
    began = time.monotonic()
    begun.run.join(30)
    assert 1 <= len(begun.heard) <= 5 * (time.monotonic() - began) + 2
    assert begun.ended[0].said.startswith("5 of 5 trials have ended in ")
