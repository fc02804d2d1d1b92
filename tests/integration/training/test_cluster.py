"""A tuned search on a Dask cluster of real processes: the values that come here, and what if parts of it die."""

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time

import distributed
import pytest

from automl_gpt_magic.errors import TrainingError
from automl_gpt_magic.records.space import Parameter, SearchSpace
from tests.integration.training.test_study import (
    FAKE,
    PLAN,
    begin,
    empty,
    job,
    open_alone,
    outcome,
    path,
    quick_workers,
    states,
    wait_for,
)

__all__ = ["empty", "path", "quick_workers"]  # fixtures

LONG = {**PLAN, "n_estimators": 900}


class Cluster:
    """A scheduler and its workers: processes that `dask scheduler` and `dask worker` start."""

    def __init__(self, folder):
        self._processes = []
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        wait_for(lambda: file.exists() and file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]

    def add_workers(self, count, **environment):
        for _ in range(count):
            self._start("worker", self.address, "--nthreads", "1", **environment)
        with self.client() as client:
            wait_for(lambda: len(client.nthreads()) >= count, 30)

    @contextlib.contextmanager
    def client(self):
        client = distributed.Client(self.address, set_as_default=False)
        try:
            yield client
        finally:
            client.close()

    def kill_a_worker(self):
        """Kill a worker that trains, as the system does when memory runs out; its nanny starts another."""
        with self.client() as client:
            busy = [address for address, keys in client.processing().items() if keys]
            (pid,) = client.run(os.getpid, workers=busy[:1]).values()
            os.kill(pid, signal.SIGKILL)

    def tasks(self):
        """Return what the workers still hold."""
        with self.client() as client:
            return [
                task
                for tasks in client.run(lambda dask_worker: list(dask_worker.state.tasks)).values()
                for task in tasks
            ]

    def close(self):
        for process in reversed(self._processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()

    def _start(self, *words, **environment):
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        environment = {**os.environ, **environment}
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
        self._processes.append(process)
        return process


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("dask"))
    found.add_workers(2)
    yield found
    found.close()


@pytest.fixture
def other_cluster(tmp_path):
    found = Cluster(tmp_path)
    yield found
    found.close()


def test_a_cluster_gives_what_this_machine_gives(cluster, path):
    space = SearchSpace("X", (Parameter("rate", "float", 1, 0, 1), Parameter("n_estimators", "int", 40, 40, 41)))
    a_job = job(FAKE + "\ndef curve(step, given):\n    return given['rate'] - step / 1000\n", space=space)
    here = outcome(a_job, path, n_trials=12)
    there = outcome(a_job, path.with_name("there.sqlite"), n_trials=12, cluster=cluster.address)
    assert there.stands == "finished", there.said
    told = [[(t.configuration, t.value, t.state, t.curve) for t in state.trials] for state in (here, there)]
    assert told[0] == told[1]
    assert set(states(there)) == {"finished", "pruned"}


def test_the_data_cell_runs_once_on_each_worker_and_the_job_is_shipped_once(cluster, path, tmp_path):
    data = job().data + f"\nimport os; open({str(tmp_path / 'runs')!r}, 'a').write(f'{{os.getpid()}} ')"
    state = outcome(job(data=data, pause=0.01), path, n_trials=8, n_workers=5, cluster=cluster.address)
    assert states(state) == ["finished"] * 8
    pids = (tmp_path / "runs").read_text().split()
    assert len(pids) == len(set(pids)) == 2


def test_a_killed_worker_loses_only_its_trial_which_is_tried_again(cluster, path):
    begun = begin(job(pause=0.03, starts=[("plan", PLAN)]), path, n_trials=8, n_workers=2, cluster=cluster.address)
    wait_for(lambda: begun.heard and begun.heard[-1].n_ended)
    cluster.kill_a_worker()
    begun.run.join(30)
    (state,) = begun.ended
    assert (state.stands, states(state)) == ("finished", ["finished"] * 8)
    assert [trial.state.name for trial in open_alone(path).trials] == ["COMPLETE"] * 8
    assert len({trial.configuration["learning_rate"] for trial in state.trials}) == 8


def test_cancel_ends_at_once_and_leaves_nothing_in_the_cluster(cluster, path):
    begun = begin(job(pause=0.03, starts=[("long", LONG)]), path, n_trials=50, n_workers=2, cluster=cluster.address)
    wait_for(lambda: begun.heard and begun.heard[-1].n_ended)
    assert cluster.tasks()
    began = time.monotonic()
    begun.run.cancel()
    begun.run.join(20)
    assert time.monotonic() - began < 4
    (state,) = begun.ended
    assert (state.stands, state.trials[0].state) == ("cancelled", "failed")
    assert "finished" in states(state)
    wait_for(lambda: not cluster.tasks(), 3)


def test_a_pruned_trial_stops_on_its_worker(cluster, path):
    begun = begin(
        job(pause=0.03, starts=[("long", LONG)]),
        path,
        n_trials=2,
        should_prune=lambda configuration, curve: configuration["n_estimators"] == 900,
        cluster=cluster.address,
    )
    begun.run.join(20)
    (state,) = begun.ended
    assert states(state) == ["pruned", "finished"]
    assert state.elapsed < 10  # the whole of it takes 27 s


def test_a_lost_scheduler_ends_the_study_with_one_line_and_it_goes_on_here(other_cluster, path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("distributed"), "propagate", True)
    other_cluster.add_workers(1)
    a_job = job(pause=0.03, starts=[("plan", PLAN)])
    begun = begin(a_job, path, n_trials=50, cluster=other_cluster.address)
    wait_for(lambda: begun.heard and begun.heard[-1].n_ended >= 2)
    other_cluster.scheduler.kill()
    began = time.monotonic()
    begun.run.join(30)
    assert time.monotonic() - began < 15
    (state,) = begun.ended
    assert state.stands == "failed"
    assert state.said.startswith(f"the Dask scheduler {other_cluster.address} was lost; what has finished is kept")
    resumed = outcome(a_job, path, n_trials=state.n_ended + 1)
    assert (resumed.stands, resumed.n_ended) == ("finished", state.n_ended + 1)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    kept = [trial for trial in state.trials if trial.state == "finished"]
    assert [resumed.trials[trial.number] for trial in kept] == kept


def test_a_scheduler_that_does_not_answer_ends_the_study_soon_with_one_line(path, monkeypatch):
    monkeypatch.setattr("automl_gpt_magic.training.cluster._SECONDS_TO_CONNECT", 0.5)
    state = outcome(job(), path, cluster="tcp://127.0.0.1:1")
    assert (state.stands, state.trials) == ("failed", ())
    assert state.said.startswith("the Dask scheduler tcp://127.0.0.1:1 does not answer: OSError: Timed out")
    assert "with or without --cluster" in state.said


@pytest.mark.filterwarnings("ignore:Mismatched versions found")
def test_workers_with_other_versions_are_refused(other_cluster, path, tmp_path):
    other = tmp_path / "numpy-0.1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n")
    other_cluster.add_workers(1, PYTHONPATH=str(tmp_path))
    state = outcome(job(), path, cluster=other_cluster.address)
    assert state.stands == "failed"
    assert re.fullmatch(
        r"the worker tcp://\S+ has numpy 0\.1, this notebook (\S+); run there: pip install 'numpy==\1'", state.said
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": "a = 1\nb = a / 0"}, r"On tcp://\S+: The data cell failed, line 2: ZeroDivisionError"),
        ({"data": "open('rows')", "folder": "/no/such"}, r"there is no folder /no/such: .* on each worker\)"),
    ],
)
def test_a_failing_cell_ends_the_study_with_one_line_that_names_the_worker(cluster, path, changed, said):
    state = outcome(job(**changed), path, cluster=cluster.address)
    assert state.stands == "failed"
    assert re.search(said, state.said)
    assert "\n" not in state.said


def test_an_address_that_is_none_and_a_missing_dask_are_one_line(path, monkeypatch):
    with pytest.raises(TrainingError, match=r"--cluster here: missing port number .* such as tcp://host:8786"):
        begin(job(), path, cluster="here")
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in [name for name in sys.modules if name.startswith("distributed.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(TrainingError, match=r"automl_gpt_magic\[cluster\]"):
        begin(job(), path, cluster="tcp://host:8786")
