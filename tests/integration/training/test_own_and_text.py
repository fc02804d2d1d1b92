"""A registered function and a text model through the magic: trained and tuned in processes of their own."""

from __future__ import annotations

import pytest

from automl_gpt_magic.planning.families import catalogue
from automl_gpt_magic.records.space import Parameter, SearchSpace
from automl_gpt_magic.records.study import StudyJob
from automl_gpt_magic.training.ledger import study_name
from tests.integration.planning.test_text_code import reviews

OWN = """
import automl_gpt_magic
offset = 0.25

@automl_gpt_magic.trainer("My net", parameters={"lr": (1e-3, 1.0, "log"), "epochs": (1, 8)}, rounds="epochs")
def my_net(config, report):
    for epoch in range(config["epochs"]):
        loss = offset + (1 - config["lr"]) / (1 + epoch)
        if report(log_loss=loss, training={"log_loss": loss / 2}):
            break
    return {"epochs": config["epochs"]}
"""
OWN_CARDS = """%%automl
data: {name: Own, task: binary classification}
model: {name: My net}
"""
TEXT_CARDS = """%%automl
data: {name: Moods, input_type: text, frame: texts, target: mood}
"""


@pytest.fixture
def shell(one_shell, monkeypatch):
    shell = one_shell
    monkeypatch.setattr(catalogue, "_own", {})
    monkeypatch.setattr(shell, "showtraceback", _raise)
    shell.run_line_magic("load_ext", "automl_gpt_magic")
    shell.user_ns["texts"] = reviews()
    yield shell
    shell.run_line_magic("unload_ext", "automl_gpt_magic")


def _raise(*_, **__):
    raise


def run(shell, *cells):
    for cell in cells:
        shell.run_cell(cell).raise_error()


def last(shell):
    return shell.magics_manager.registry["AutoMLMagics"].session.last


def test_a_registered_function_is_trained_and_tuned(shell, capsys):
    run(shell, OWN, OWN_CARDS, "%automl train")
    task = last(shell)
    assert list(task.measured.curves) == ["log_loss"]
    assert len(task.measured.curves["log_loss"].steps) == task.plan.hyperparameters["epochs"]
    assert shell.user_ns["own_model"] == {"epochs": task.plan.hyperparameters["epochs"]}
    run(shell, "%automl tune --trials 3 --workers 1")
    study = task.running.study
    assert [trial.state for trial in study.trials] == ["finished"] * 3
    assert study.best.value < 0.25 + 1
    run(shell, "%automl history")
    assert capsys.readouterr().out.count("Own") >= 4
    run(shell, "%automl restore best")
    assert task.plan.hyperparameters["lr"] == pytest.approx(study.best.configuration["lr"])


def test_trials_of_an_edited_function_are_of_another_study():
    def job(function):
        tables = {"my_net": function, "frame": 1}
        space = SearchSpace("My net", (Parameter("lr", "float", 0.1, 0, 1),))
        return StudyJob("own", "Own", "", "cell", tables, ".", space, {}, [], "log_loss")

    def before(config, report):
        report(log_loss=1)

    def after(config, report):
        report(log_loss=2)

    assert study_name(job(before), "") == study_name(job(before), "")
    assert study_name(job(before), "") != study_name(job(after), "")


def test_what_the_function_reads_and_no_process_can_get_is_one_line(shell):
    run(shell, OWN.replace("offset = 0.25", "import threading; offset = threading.Lock()"), OWN_CARDS)
    with pytest.raises(Exception, match="cannot be sent to a process"):
        run(shell, "%automl train")
    assert not last(shell).running.busy


def test_a_text_model_is_trained_and_tuned(shell):
    run(shell, TEXT_CARDS, "%automl train")
    assert shell.user_ns["moods_model"].predict(reviews(2, seed=5)).shape == (2,)
    assert shell.user_ns["moods_valid_scores"]["accuracy"] > 0.9
    run(shell, "%automl tune --trials 3 --workers 1")
    assert [trial.state for trial in last(shell).running.study.trials] == ["finished"] * 3
