"""Several tasks in one magic cell: each with its own cards, names, cells and edits."""

from __future__ import annotations

import pytest

import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Answered, Options
from automl_gpt_magic.cards import read_tasks
from automl_gpt_magic.consult import Consultation
from automl_gpt_magic.errors import AutoMLError, CardError, UsageError
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import small_adult
from tests.page import Handle, Page

INCOME = """\
data: {name: Incomes, frame: adult, target: income}
model: LightGBM
request: at most 100 trees
"""
AGE = """\
data: {name: Ages, frame: adult, target: age}
---
model: XGBoost
"""
BOTH = f"{INCOME}---\n{AGE}"


def test_a_further_data_card_begins_a_task_with_what_follows_it():
    income, age = read_tasks(BOTH, first_line=2)
    assert [card.name for card in income.models] == ["LightGBM"] and income.request.text == "at most 100 trees"
    assert [card.name for card in age.models] == ["XGBoost"] and age.request.text == ""
    assert (income.position("data.target").line, age.position("data.target").line) == (2, 6)


def test_what_stands_before_the_first_data_card_is_the_first_tasks():
    (only,) = read_tasks("model: MLP\n---\ndata: {name: a}\n---\nrequest: fast\n")
    assert [card.name for card in only.models] == ["MLP"] and only.request.text == "fast"
    first, second = read_tasks("model: MLP\n---\ndata: {name: a}\n---\ndata: {name: b}\n")
    assert (len(first.models), len(second.models)) == (1, 0)


def test_an_error_names_the_line_in_the_whole_cell():
    with pytest.raises(CardError, match=r"line 7.*data\.trget"):
        read_tasks(f"{INCOME}---\n# the second\ndata:\n  trget: b\n", first_line=1)


def test_a_request_that_is_given_twice_for_one_task_is_refused():
    with pytest.raises(CardError, match="Write one for each task"):
        read_tasks("data: {name: a}\nrequest: b\n---\nrequest: c\n")


@pytest.fixture
def session(one_shell, monkeypatch):
    one_shell.user_ns["adult"] = small_adult().assign(age=lambda frame: frame["age"].fillna(40))
    anchors = {"now": "cell"}
    monkeypatch.setattr(session_module, "current_anchor", lambda _: anchors["now"])
    session = Session(one_shell)
    session.anchors = anchors
    yield session
    session.close()


def planned(session, text=BOTH):
    session.plan(text, 2, Handle(), AutoML(), Options())
    return session.tasks


def test_each_task_has_its_own_model_names_and_place(session, one_shell):
    income, age = planned(session)
    assert (income.plan.model.name, age.plan.model.name) == ("LightGBM", "XGBoost")
    assert (income.plan.names, age.plan.names) == ("incomes", "ages")
    assert age.plan.cards.data.task == "regression"
    assert {"incomes_plan", "ages_plan"} <= set(one_shell.user_ns)
    assert [task.cells.bridge.request["task"] for task in (income, age)] == [0, 1]
    assert session.last is age


def test_tasks_of_one_name_get_names_of_their_own_and_keep_them(session):
    same = BOTH.replace("Ages", "Incomes")
    for _ in range(2):
        assert [task.plan.names for task in planned(session, same)] == ["incomes", "incomes_2"]


def test_running_again_keeps_each_tasks_edits_with_it(session):
    income, age = planned(session)
    age.edit("max_depth", 4)
    income, age = planned(session)
    assert (income.edits, age.edits) == ({}, {"max_depth": 4})


def test_two_tasks_of_one_cell_do_not_retire_each_other(session):
    first, second = planned(session)
    pages = Page(), Page()
    for task, page in zip((first, second), pages, strict=True):
        page.settle(task)
    assert session.tasks == (first, second)
    assert first.identity == "p:0" and second.identity == "p:1"
    second.edit("max_depth", 4)
    pages[1].settle(second)
    assert pages[1].value("max_depth") == "4" and "num_leaves" in pages[0].cells["training"]["source"]


def test_a_task_that_the_cell_describes_no_more_is_closed(session):
    planned(session)
    (only,) = planned(session, INCOME)
    assert only.plan.names == "incomes"


def test_a_mistake_in_the_second_task_leaves_both_as_they_were(session):
    before = planned(session)
    before[0].edit("num_leaves", 7)
    with pytest.raises(AutoMLError, match="incme"):
        planned(session, BOTH.replace("target: age", "target: incme"))
    assert session.tasks == before and before[0].edits == {"num_leaves": 7}


def test_a_stop_at_the_first_task_asks_about_no_other(session, monkeypatch):
    asked = []

    def interrupted(situation, *_, **__):
        asked.append(situation.names)
        return Answered(Consultation(situation, stopped=True))

    monkeypatch.setattr(session._answers, "get", interrupted)
    assert session.plan(BOTH, 2, Handle(), AutoML(), Options()) is True
    assert asked == ["incomes"] and [task.plan.names for task in session.tasks] == ["incomes", "ages"]


def test_without_cell_ids_tasks_are_told_apart_by_cards_and_place(session):
    session.anchors["now"] = None
    first, second = planned(session, BOTH.replace("Ages", "Incomes"))
    second.edit("max_depth", 4)
    first, second = planned(session, BOTH.replace("Ages", "Incomes"))
    assert (first.edits, second.edits) == ({}, {"max_depth": 4})


def test_the_line_magic_can_be_turned_to_another_task(session):
    first, second = planned(session)
    session.choose("Incomes")
    assert session.last is first
    session.choose("ages")
    assert session.last is second
    with pytest.raises(UsageError, match="did you mean ages"):
        session.choose("age")


def test_the_magic_shows_every_task_and_lists_them(one_shell, capsys):
    one_shell.user_ns["adult"] = small_adult().assign(age=30.0).assign(age=lambda frame: frame["hours"] * 2)
    one_shell.run_line_magic("load_ext", "automl_gpt_magic")
    try:
        one_shell.run_cell_magic("automl", "", BOTH)
        shown = capsys.readouterr().out
        assert shown.index("Incomes: binary") < shown.index("Ages: regression")
        one_shell.run_line_magic("automl", "task Incomes")
        listed = capsys.readouterr().out.splitlines()
        assert listed[0].endswith("Incomes, LightGBM (last)") and listed[1].endswith("Ages, XGBoost")
    finally:
        one_shell.run_line_magic("unload_ext", "automl_gpt_magic")
