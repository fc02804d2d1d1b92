"""A wish that no run can weigh: values that serve it by how the model works, without a number."""

from __future__ import annotations

import pytest

from automl_gpt_magic.cards import read_request
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.by_construction import NOT_MEASURED
from automl_gpt_magic.planning.families import FAMILIES, family_named
from automl_gpt_magic.planning.quantities import predicted_by
from automl_gpt_magic.planning.revise import revise
from automl_gpt_magic.planning.standing import Standing
from automl_gpt_magic.planning.taking import take
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner

ENGLISH, GERMAN = "fast inference time for the DPR retriever", "schnellere Inferenz für den DPR-Retriever"
DATA = {"name": "Natural Questions Open", "task": "question answering"}
DPR = family_named("DPR")


def standing(model="DPR", data=DATA, **fixed):
    cards = {"data": data, "model": {"name": model, "hyperparameters": fixed}}
    return Standing(survey(cards, None, settings=AutoML()))


def asked(text, before):
    understood = read_request(text, hyperparameters=list(before.plan.hyperparameters), models=["DPR"])
    return revise(before, understood, replan=replanner(AutoML()), predicting=predicted_by)


def values(revision):
    return {change.name: change.after for change in revision.changes}


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_the_papers_request_gets_a_proposal_with_reasons_and_without_a_number(text):
    revision = asked(text, standing())
    assert values(revision) == {"question_dtype": "int8", "index_dtype": "float16", "max_question_length": 32}
    assert all(change.who == "request" for change in revision.changes)
    assert all("for faster inference, known by construction: " in change.reason for change in revision.changes)
    assert revision.said == (NOT_MEASURED,)
    assert not any("%" in text for text in (*revision.said, *(change.reason for change in revision.changes)))


def test_what_costs_knowledge_comes_only_when_nothing_else_is_left():
    before = standing()
    second = asked(ENGLISH, asked(ENGLISH, before).after)
    assert values(second) == {"layers": 3}
    assert "in place of 6" in second.changes[0].reason
    third = asked(ENGLISH, second.after)
    assert values(third) == {"layers": 1}
    last = asked(ENGLISH, third.after)
    assert not last.changes
    assert last.said == ("faster inference: nothing tells what the values of DPR cost",)


def test_what_the_user_decided_is_left_alone():
    before = standing(question_dtype="float32", layers=6).with_lock("index_dtype", True)
    assert values(asked(ENGLISH, before)) == {"max_question_length": 32}
    edited = standing().with_edits({"max_question_length": 128})
    assert "max_question_length" not in values(asked(ENGLISH, edited))


def test_a_wish_for_what_no_lever_serves_says_so():
    revision = asked("make it explainable", standing())
    assert not revision.changes
    assert "no value makes it so" in revision.said[0]


def test_a_smaller_index_and_fewer_layers_serve_other_goals_too():
    assert [one.name for one in DPR.levers("smaller", DPR.space.default)] == ["index_dtype"]
    assert [one.name for one in DPR.levers("faster training", DPR.space.default)] == ["layers"]


def test_every_lever_changes_a_value_that_the_space_allows():
    for family in FAMILIES:
        for goal in ("faster inference", "faster training", "smaller", "less memory", "more accurate"):
            for one in family.levers(goal, family.space.default):
                assert family.space[one.name].check(one.value) != family.space.default[one.name]


def test_where_runs_tell_what_values_cost_nothing_is_taken_by_construction():
    table = {"name": "People", "task": "binary classification", "label_space": ["a", "b"], "n_rows": 1000}
    revision = asked("make it faster", standing("XGBoost", table))
    assert revision.changes
    assert not any("construction" in change.reason for change in revision.changes)


def test_taking_a_lever_makes_it_a_value_of_the_request():
    before = standing()
    revision = asked(ENGLISH, before)
    after = take(before, revision.changes, replanner(AutoML()))
    planned = {one.name: one for one in after.plan.values}
    assert planned["question_dtype"].source == "request"
    assert planned["learning_rate"].source == "published"
