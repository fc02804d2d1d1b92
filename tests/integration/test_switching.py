"""Another model for the same task: in the plan, its cells and its history."""

from __future__ import annotations

import pytest

import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Options
from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult
from tests.page import Handle, Page

FREE = CARDS.replace("{max_depth: 6}", "{}")
WITHOUT_A_CARD = CARDS.partition("model:")[0]


@pytest.fixture
def session(one_shell, monkeypatch):
    one_shell.user_ns["adult"] = small_adult()
    monkeypatch.setattr(session_module, "current_anchor", lambda _: "cell")
    session = Session(one_shell)
    yield session
    session.close()


def planned(session, page, cards=FREE):
    session.plan(cards, 2, Handle(), AutoML(), Options())
    page.settle(session.last)
    return session.last


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def task(session, page):
    return planned(session, page)


def test_switching_writes_the_cells_of_the_other_model_and_undo_brings_the_first_back(task, page):
    before = {stage: cell["source"] for stage, cell in page.cells.items()}
    task.switch_model("LightGBM")
    page.settle(task)
    assert task.plan.model.name == "LightGBM" and "LGBMClassifier" in page.cells["model"]["source"]
    assert "num_leaves" in page.cells["training"]["source"]
    task.undo()
    page.settle(task)
    assert {stage: cell["source"] for stage, cell in page.cells.items()} == before


def test_a_model_without_a_card_gets_one_and_the_users_own_stays(task):
    task.switch_model("Random forest")
    assert [card.name for card in task.plan.cards.models] == ["XGBoost", "RandomForestClassifier"]
    task.switch_model("xgboost")
    assert task.plan.model == task.plan.cards.models[0]


def test_edits_stay_where_the_other_model_has_them(task):
    task.edit("subsample", 0.9)
    task.edit("max_depth", 4)
    task.switch_model("LightGBM")
    assert task.edits == {"subsample": 0.9}


def test_every_model_can_be_reached_and_left_again(session, page):
    task = planned(session, page, WITHOUT_A_CARD)
    names = {option.card.name for option in task.plan.assignment.options}
    for name in sorted(names - {task.plan.model.name}):
        task.switch_model(name)
        assert task.plan.model.name == name
        assert {option.card.name for option in task.plan.assignment.options} == names
        assert task.plan.assignment.because.startswith(f"{name} was chosen by you.")


def test_a_restarted_kernel_finds_the_model_in_the_cells(session, task, page, one_shell):
    task.switch_model("LightGBM")
    page.settle(task)
    task.close()
    del one_shell.user_ns["small_adult_plan"]
    again = Session(one_shell)
    try:
        assert planned(again, page).plan.model.name == "LightGBM"
    finally:
        again.close()


@pytest.mark.parametrize(
    ("name", "said"), [("", "name a model"), ("XGBoost", "planned already"), ("LightGMB", "did you mean LightGBM")]
)
def test_what_cannot_be_switched_to_is_one_line(task, name, said):
    with pytest.raises(UsageError, match=said):
        task.switch_model(name)
    assert not task.rounds.can_undo


def test_the_magic_lists_the_models_and_takes_one(one_shell, capsys):
    one_shell.user_ns["adult"] = small_adult()
    one_shell.run_line_magic("load_ext", "automl_gpt_magic")
    try:
        one_shell.run_cell_magic("automl", "", WITHOUT_A_CARD)
        one_shell.run_line_magic("automl", "models")
        listed = capsys.readouterr().out
        assert "XGBoost (planned)" in listed and "LightGBM" in listed and "nothing recorded" in listed
        one_shell.run_line_magic("automl", "use Random forest")
        assert one_shell.user_ns["small_adult_plan"].model.name == "RandomForestClassifier"
    finally:
        one_shell.run_line_magic("unload_ext", "automl_gpt_magic")
