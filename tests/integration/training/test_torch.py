"""A small network on images: trained in a process of its own, and searched by a study."""

import math

import pytest

import automl_gpt_magic
from automl_gpt_magic.records.study import StudyJob, StudyLimits
from automl_gpt_magic.training.study import StudyRun
from tests.integration.training.test_process import run

CARDS = """\
data: {name: Digits, dataset: sklearn/digits, input_type: image}
model: {name: CNN, hyperparameters: {epochs: 2, channels: 8, depth: 2}}
"""
STAGES = ("data", "model", "training")


@pytest.fixture(scope="module")
def plan():
    return automl_gpt_magic.plan(CARDS)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_the_network_that_a_process_trained_comes_back(plan):
    running = run(*(plan.code[stage] for stage in STAGES), names=plan.names)
    running.process.join(60)
    (ended,) = running.ended
    assert (ended.state, ended.said) == ("finished", "")
    done, last = ended.defined, running.heard[-1]
    assert (last.finished, last.planned_steps, last.revision) == (True, 2, plan.revision)
    assert last.curves["log_loss"].final == pytest.approx(done["digits_valid_scores"]["log_loss"])
    rows = done["digits_rows"]
    assert (done["digits_model"].predict(rows) == rows["target"]).mean() > 0.8


def test_a_study_tunes_the_network(plan, tmp_path):
    job = StudyJob(
        plan.names,
        "Digits",
        plan.code["data"],
        plan.code["model"],
        {},
        str(tmp_path),
        plan.space,
        dict(plan.model.hyperparameters),
        [("plan", plan.hyperparameters)],
        "log_loss",
        rounds=plan.rounds,
    )
    ended = []
    StudyRun(job, StudyLimits(3), tmp_path / "tune.sqlite", lambda state: None, ended.append).join(60)
    (state,) = ended
    assert (state.stands, [trial.error for trial in state.trials]) == ("finished", [""] * 3)
    assert all(trial.best_round == 2 or trial.state == "pruned" for trial in state.trials)
    assert state.chosen().value < math.log(10)  # what guessing costs
