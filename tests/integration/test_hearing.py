"""A request in a notebook with an LLM connected: what is asked, proposed, taken and paid, against a real server."""

from __future__ import annotations

import json

import pytest

import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Options
from automl_gpt_magic.notebook.round_print import printed
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult
from tests.page import Handle, Page
from tests.scripted_llm import ScriptedLLM, answer, error

FREE = CARDS.replace("{max_depth: 6}", "{}")
FIRST = json.dumps({"candidates": [], "notes": "Start small."})


def revision(values=(), understood=(), **parts):
    given = [{"name": name, "value": value, "reason": "as you asked"} for name, value in dict(values).items()]
    empty = {"not_understood": [], "hyperparameters": given, "model": "", "data_code": "", "model_code": ""}
    return json.dumps({"understood": list(understood), **empty, "expected": 0.4, "said": "Fewer trees.", **parts})


TREES = {
    "want": "limit",
    "text": "at most 100 trees",
    "quantity": "trees",
    "bound": 100,
    "at_least": False,
    "batch": 1,
    "percentile": 95,
    "goal": "",
    "name": "",
    "value": "",
}


@pytest.fixture
def server():
    with ScriptedLLM(answer(FIRST)) as running:
        yield running


@pytest.fixture
def task(server, one_shell, monkeypatch):
    monkeypatch.setattr(session_module, "current_anchor", lambda _: "cell")
    one_shell.user_ns["adult"] = small_adult()
    settings = AutoML(base_url=server.base_url, model="scripted", retries=0, recordings="")
    session, page = Session(one_shell), Page()
    session.plan(FREE, 2, Handle(), settings, Options())
    page.settle(session.last)
    yield session.last
    session.close()


def test_the_llms_values_are_proposed_and_taken(task, server):
    server.play(answer(revision({"max_depth": 7})))
    asked = task.ask("try something deeper")
    assert asked.llm == "scripted" and asked.usage.tokens > 0
    assert [(one.key, one.after, one.who, one.reason) for one in asked.changes] == [
        ("value:max_depth", 7, "llm", "as you asked")
    ]
    task.take_round()
    planned = next(one for one in task.plan.values if one.name == "max_depth")
    assert (planned.value, planned.source) == (7, "llm")


def test_a_limit_that_the_llm_read_is_kept_whatever_its_values_are(task, server):
    server.play(answer(revision({"n_estimators": 500}, [TREES])))
    task.ask("at most 100 trees")
    task.take_round()
    assert task.plan.hyperparameters["n_estimators"] <= 100
    assert task.plan.cards.request.most("trees") == 100


def test_a_locked_value_that_the_llm_changes_stays_and_is_said(task, server):
    task.lock("max_depth", True)
    before = task.plan.hyperparameters["max_depth"]
    server.play(answer(revision({"max_depth": before + 2, "gamma": 0.5})))
    asked = task.ask("deeper, please")
    assert "it is locked" in printed(asked)
    task.take_round()
    assert task.plan.hyperparameters["max_depth"] == before and task.plan.hyperparameters["gamma"] == 0.5


def test_where_the_llm_fails_rules_read_the_request_and_say_so(task, server):
    server.play(error(500, "overloaded"))
    asked = task.ask("at most 100 trees")
    assert "read by rules instead" in asked.said and "limit:trees-most" in [one.key for one in asked.changes]


def test_what_the_conversation_costs_is_summed_and_what_is_left_is_shown(task, server):
    planned = task.spent
    server.play(answer(revision({"max_depth": 7})))
    asked = task.ask("try something deeper")
    assert task.spent.tokens == planned.tokens + asked.usage.tokens
    assert "tokens left" in task.panel._rounds._foot.value


def test_the_same_request_again_is_neither_sent_nor_paid(task, server):
    server.play(answer(revision({"max_depth": 7})))
    task.ask("try something deeper")
    task.reject_round()
    n_sent = len(server.posts)
    again = task.ask("try something deeper")
    assert len(server.posts) == n_sent and again.usage.tokens == 0
    assert [one.key for one in again.changes] == ["value:max_depth"]


def test_a_round_is_heard_again_without_a_key(server, one_shell, monkeypatch, tmp_path):
    monkeypatch.setattr(session_module, "current_anchor", lambda _: "cell")
    one_shell.user_ns["adult"] = small_adult()

    def asked_by(settings, *texts):
        session, page = Session(one_shell), Page()
        session.plan(FREE, 2, Handle(), settings, Options())
        page.settle(session.last)
        server.play(answer(revision({"max_depth": 7})))
        try:
            return [session.last.ask(text) for text in texts]
        finally:
            session.close()

    connected = AutoML(base_url=server.base_url, model="scripted", retries=0, recordings=str(tmp_path))
    (first,) = asked_by(connected, "try something deeper")
    n_sent = len(server.posts)
    alone = AutoML(recordings=str(tmp_path), store="")
    again, other = asked_by(alone, "try something deeper", "try something else entirely")
    assert len(server.posts) == n_sent and again.usage.tokens == 0
    assert [one.key for one in first.changes] == [one.key for one in again.changes] == ["value:max_depth"]
    assert (again.llm, again.said[: len("Recorded answer of")]) == ("scripted", "Recorded answer of")
    assert not other.llm and "ecorded answer" not in other.said


def test_an_edited_cell_is_read_back(task, server):
    cells = [dict(cell) for cell in task.cells.bridge.state["cells"]]
    at = next(at for at, cell in enumerate(cells) if cell["stage"] == "data")
    cells[at]["source"] += "\nmine = 1  # my own line\n"
    task.cells.bridge.state = {**task.cells.bridge.state, "cells": cells}
    server.play(answer(revision()))
    task.ask("is my code fine?")
    assert "# my own line" in server.posts[-1].body["messages"][-1]["content"]


def test_the_llms_code_is_a_change_of_its_own_and_undo_takes_it_back(task, server):
    code = (
        "from xgboost import XGBClassifier\n\n\ndef small_adult_build(hyperparameters):\n"
        "    return XGBClassifier(**hyperparameters, eval_metric=['logloss'])\n"
    )
    server.play(answer(revision(model_code=code)))
    asked = task.ask("write the model yourself")
    before = task.plan.code["model"]
    if "code:model" not in [one.key for one in asked.changes]:
        pytest.fail(printed(asked))
    task.take_round(["code:model"])
    assert task.plan.code["model"] != before
    task.undo()
    assert task.plan.code["model"] == before


def test_what_the_rules_understand_to_the_last_word_is_not_left_to_the_llm(task, server):
    wrong = {**TREES, "want": "prefer", "quantity": "", "bound": 0, "goal": "faster inference"}
    server.play(answer(revision(understood=[wrong])))
    task.ask("at most 100 trees")
    task.take_round()
    assert task.plan.cards.request.most("trees") == 100
