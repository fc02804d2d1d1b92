"""A training by button or command ends with what its model costs; measuring never costs the training."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import create_engine, text

import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Options
from automl_gpt_magic.history import runs_in
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.training.cost import Measuring
from automl_gpt_magic.training.process import CellProcess, Job
from tests.conftest import CARDS, small_adult
from tests.page import Handle, Page

REQUEST = "Model under 50 MB, latency p95 under 2 s, accuracy at least 0.5, training under 2 minutes, at most 30 trees."
LIMITED = CARDS.replace("max_depth: 6", "max_depth: 3").replace("Keep training under a minute.", REQUEST)
TABLE = "import pandas as pd\nx_rows = pd.DataFrame({'a': range(9)})"
MODEL = """
class Model:
    def predict(self, rows):
        {predict}
x_model = Model()
"""


def ended(predict="return rows", measuring=None, cancel_after=None):
    heard = []
    sources = [("data", TABLE), ("model", MODEL.format(predict=predict))]
    process = CellProcess(Job("x", sources, {}, ".", measuring or Measuring((1,))), print, heard.append)
    if cancel_after:
        time.sleep(cancel_after)
        process.cancel()
    process.join(60)
    (one,) = heard
    return one


def test_the_model_that_a_process_trained_is_measured_there():
    one = ended()
    assert one.state == "finished" and 0 < one.cost.latency(1).p50 < 0.01
    assert one.cost.memory_bytes is None or one.cost.memory_bytes < 100e6
    assert one.cost.model_bytes is None


@pytest.mark.parametrize("predict", ["raise ValueError", "import os; os._exit(1)"])
def test_a_model_that_cannot_be_measured_is_trained_all_the_same(predict):
    one = ended(predict)
    assert (one.state, one.cost) == ("finished", None)
    assert len(one.defined["x_rows"]) == 9


def test_a_training_that_finished_is_not_cancelled_any_more():
    one = ended("import time; time.sleep(30)", cancel_after=6)
    assert (one.state, one.cost) == ("finished", None)
    assert len(one.defined["x_rows"]) == 9


@pytest.fixture
def task(one_shell, monkeypatch):
    """Give a planned task, its cells on a page."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(session_module, "current_anchor", lambda _: "cell")
    one_shell.user_ns["adult"] = small_adult()
    session, page = Session(one_shell), Page()
    session.plan(LIMITED, 2, Handle(), AutoML(), Options())
    page.settle(session.last)
    yield session.last
    session.close()


def states(task):
    return {check.text.split(" at ")[0]: (check.met, check.measured) for check in task.plan.checks}


def test_limits_are_expected_before_a_training_and_met_after_it(task):
    before = states(task)
    assert before["model size"] == (True, False) and before["latency p95"] == (None, False)
    assert before["accuracy"][1] is False and before["training"] == (True, False)
    assert "1 met, 3 expected, of 5" in task.panel._stages.widget.titles[3]
    task.running.wait(task.train())
    assert set(states(task).values()) == {(True, True)}
    assert "5 of 5 met" in task.panel._stages.widget.titles[3]
    shown = task.panel._stages._texts[-1].value
    assert "measured on this machine" in shown and "Prediction of 1,000 rows" in shown
    assert task.measured.cost == task.plan.cost and task.plan.cost.model_bytes > 1000
    assert task.measured.scores["accuracy"] == pytest.approx(task.measured.curves["accuracy"].final)
    (run,) = runs_in(AutoML().store_place).values()
    assert run.cost == task.plan.cost


def test_what_was_measured_tells_of_other_values_and_is_there_again_for_the_same(task):
    task.running.wait(task.train())
    measured = task.plan.checks
    task.edit("n_estimators", 20)
    latency = next(check for check in task.plan.checks if check.text.startswith("latency"))
    assert (latency.met, latency.measured) == (True, False)
    assert "from 1 trained model on these rows" in latency.detail and task.plan.cost is None
    task.undo()
    assert task.plan.checks == measured


def test_measuring_again_keeps_what_only_the_training_tells(task):
    task.running.wait(task.train())
    before = task.plan.cost
    assert task.measure().memory_bytes == before.memory_bytes
    assert task.plan.cost.latencies != before.latencies


def test_a_model_that_was_trained_by_hand_is_measured_on_command(task, one_shell):
    for source in task.plan.code.values():
        assert one_shell.run_cell(source).success
    accuracy = next(check for check in task.plan.checks if check.text.startswith("accuracy"))
    assert (accuracy.met, accuracy.measured, task.plan.cost) == (True, True, None)
    cost = task.measure()
    assert task.plan.cost == cost and cost.memory_bytes is None and cost.model_bytes > 1000
    assert set(states(task).values()) == {(True, True)}
    (run,) = runs_in(AutoML().store_place).values()
    assert (run.origin, run.cost) == ("cell", cost)


def test_the_next_plan_of_the_same_rows_knows_what_models_cost(task, one_shell, monkeypatch):
    task.running.wait(task.train())
    session = Session(one_shell)
    session.plan(LIMITED, 2, Handle(), AutoML(), Options())
    planned = session.last.plan
    assert planned.cost == task.plan.cost and all(check.measured for check in planned.checks)
    session.close()


def test_a_store_of_an_earlier_version_gets_its_column(task):
    place = AutoML().store_place
    task.running.wait(task.train())
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE runs DROP COLUMN cost"))
        connection.execute(text("DELETE FROM schema_versions WHERE version = 6"))
    engine.dispose()
    (old,) = runs_in(place).values()
    assert old.cost is None
    task.running.wait(task.train())
    new, old = runs_in(place).values()
    assert old.cost is None and new.cost == task.plan.cost
