"""What of an LLM's answer to a request stands, whatever it is; what the user decided always does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from automl_gpt_magic.planning.revision_answer import check_revision, merge_revisions
from automl_gpt_magic.planning.revision_wishes import Question
from automl_gpt_magic.records.mask import Mask
from automl_gpt_magic.records.request import UNITS, Constraint, Wish
from tests.unit.planning.test_answer import BUILD, CONTEXT, JSON, PREPARE, WRONG, places, put

TEXT = "At most 50 MB and recall at least 0.9, set learning_rate to 0.05; you may change gamma again."
KEPT = {"max_depth": "the model card fixes it", "gamma": "it is locked", "subsample": "the user set it"}
STANDING = {"max_depth": 6, "gamma": 1.5, "subsample": 0.9, "learning_rate": 0.1, "n_estimators": 200}
QUESTION = Question(
    text=TEXT,
    task="binary classification",
    models=("XGBoost", "LightGBM"),
    kept=KEPT,
    standing=STANDING,
    named={"gamma", "learning_rate"},
)


def wish(want, text="", **given):
    fields = {"quantity": "", "bound": 0, "at_least": False, "batch": 1, "percentile": 95, "goal": "", "name": ""}
    return {"text": text, "want": want, **fields, "value": "", **given}


def value(name, number, reason="why"):
    return {"name": name, "value": number, "reason": reason}


def whole():
    return {
        "understood": [
            wish("limit", "At most 50 MB", quantity="model_size", bound=50e6),
            wish("limit", "recall at least 0.9", quantity="recall", bound=0.9, at_least=True),
            wish("set", "set learning_rate to 0.05", name="learning_rate", value=0.05),
            wish("free", "you may change gamma again", name="gamma"),
        ],
        "not_understood": [],
        "hyperparameters": [value("gamma", 3), value("n_estimators", 120)],
        "model": "",
        "data_code": PREPARE,
        "model_code": BUILD,
        "expected": 0.41,
        "said": "Fewer trees.",
    }


def checked(question=QUESTION, context=CONTEXT, **parts):
    return check_revision(parts, question, context)


def heard(*wishes, **question):
    return checked(replace(QUESTION, **question), understood=list(wishes))


def test_a_good_answer_stands_whole():
    found = check_revision(whole(), QUESTION, CONTEXT)
    assert found.refused == ()
    assert found.understood.wishes == (
        Wish("limit", constraint=Constraint("model_size", 50e6)),
        Wish("limit", constraint=Constraint("recall", 0.9, True)),
        Wish("set", name="learning_rate", value=0.05),
        Wish("free", name="gamma"),
    )
    assert [one.text for one in found.understood.wishes][:2] == ["At most 50 MB", "recall at least 0.9"]
    assert found.understood.wishes[0].constraint.text == "At most 50 MB"
    assert found.understood.left == ()
    assert found.values == {"gamma": (3.0, "why"), "n_estimators": (120, "why")}
    assert list(found.code) == ["data", "model"]
    assert (found.model, found.said, found.expected) == ("", "Fewer trees.", 0.41)


@pytest.mark.parametrize(
    ("name", "why"),
    [("max_depth", "the model card fixes it"), ("gamma", "it is locked"), ("subsample", "the user set it")],
)
def test_what_the_user_decided_is_kept_and_the_wish_to_change_it_is_reported(name, why):
    found = checked(hyperparameters=[value(name, 0.5 if name == "subsample" else 9), value("n_estimators", 50)])
    assert found.values == {"n_estimators": (50, "why")}
    assert [(one.part, one.reason) for one in found.refused] == [(name, why)]
    assert found.reports[0].startswith(f"the LLM wanted {name} ")


def test_repeating_what_was_decided_is_neither_a_change_nor_a_fault():
    found = checked(hyperparameters=[value("max_depth", 6), value("gamma", 1.5)])
    assert (dict(found.values), found.refused) == ({}, ())


def test_what_the_request_itself_keeps_or_sets_holds_for_the_llms_values():
    wishes = [wish("lock", name="n_estimators"), wish("set", name="learning_rate", value=0.05)]
    found = checked(
        understood=wishes,
        hyperparameters=[value("n_estimators", 9), value("learning_rate", 0.2), value("reg_alpha", 1)],
    )
    assert list(found.values) == ["reg_alpha"]
    assert [one.reason for one in found.refused] == ["the request keeps it", "the request sets it"]


def test_only_the_users_own_words_take_a_decision_back():
    allowed = heard(wish("free", name="gamma"), wish("set", name="n_estimators", value=10))
    assert [one.name for one in allowed.understood.wishes] == ["gamma", "n_estimators"]
    for one in (wish("free", "you may change", name="subsample"), wish("set", name="subsample", value=0.5)):
        found = heard(one)
        assert found.understood.wishes == ()
        assert "the request does not name subsample" in found.refused[0].reason


def test_freeing_a_value_that_the_card_fixes_does_not_free_it():
    found = checked(
        replace(QUESTION, named={"max_depth"}),
        understood=[wish("free", name="max_depth")],
        hyperparameters=[value("max_depth", 9)],
    )
    assert dict(found.values) == {}
    assert [one.part for one in found.refused] == ["max_depth"]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"quantity": "price", "bound": 3}, "'price' is no quantity"),
        ({"quantity": "", "bound": 3}, "'' is no quantity"),
        ({"quantity": None, "bound": 3}, "'None' is no quantity"),
        ({"quantity": "rmse", "bound": 3}, "rmse does not measure a binary classification"),
        ({"quantity": "rand_score", "bound": 0.5, "at_least": True}, "cannot be computed here"),
        *(({"quantity": "latency", "bound": bad}, "the bound") for bad in (0, -1, NAN, INF, "20 ms", None, True, [])),
        ({"quantity": "trees", "bound": 0.5}, "trees 0.5 is no whole number"),
        ({"quantity": "trees", "bound": 1e12}, "no whole number"),
        ({"quantity": "recall", "bound": 90, "at_least": True}, "recall goes from 0 to 1"),
        ({"quantity": "recall", "bound": 0.9}, "has at_least true"),
        ({"quantity": "log_loss", "bound": 0.9, "at_least": True}, "has at_least false"),
        ({"quantity": "throughput", "bound": 10}, "has at_least true"),
        ({"quantity": "memory", "bound": 10, "at_least": True}, "has at_least false"),
        ({"quantity": "memory", "bound": 10, "at_least": "no"}, "has at_least false"),
        ({"quantity": "latency", "bound": 1, "batch": 0}, "batch 0"),
        ({"quantity": "latency", "bound": 1, "batch": 1.5}, "batch 1.5"),
        ({"quantity": "latency", "bound": 1, "percentile": 99}, "neither 50 nor 95"),
    ],
)
def test_a_limit_that_is_none_is_refused_with_a_reason_and_its_words_are_left(given, reason):
    found = heard(wish("limit", "At most 50 MB", **given))
    assert found.understood.wishes == ()
    assert found.understood.left == ("At most 50 MB",)
    (refused,) = found.refused
    assert reason in refused.reason
    assert refused.part == "limit"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (wish("sing"), "there is no such want"),
        (wish(None), "there is no such want"),
        (wish(["limit"]), "there is no such want"),
        (wish("prefer", goal="cheaper"), "'cheaper' is no goal"),
        (wish("metric", name="beauty"), "the metric 'beauty' is unknown"),
        (wish("metric", name="rmse"), "rmse does not measure a binary classification"),
        (wish("set", name="depth", value=3), "depth"),
        (wish("set", name="n_estimators", value=-3), "n_estimators -3 is below"),
        (wish("set", name="n_estimators", value="many"), "is not a whole number"),
        (wish("lock", name="num_leaves"), "num_leaves"),
        (wish("free", name={}), "{}"),
        (wish("model", name="Swin"), "there is no model 'Swin' for this data"),
        ("limit", "there is no such want"),
    ],
)
def test_any_other_wish_that_is_none_is_refused_too(given, reason):
    found = heard(given)
    assert found.understood.wishes == ()
    assert found.understood.left == (TEXT,)
    assert reason in found.refused[0].reason


def test_what_a_quantity_does_not_need_is_left_out():
    found = heard(wish("limit", quantity="trees", bound=100.0, batch=7, percentile=50))
    assert found.understood.wishes == (Wish("limit", constraint=Constraint("trees", 100)),)
    found = heard(wish("limit", quantity="throughput", bound=5, at_least=True, batch=64, percentile=3))
    assert found.understood.wishes[0].constraint == Constraint("throughput", 5, True, 64)


def test_names_of_metrics_and_models_are_found_as_people_write_them():
    found = heard(wish("metric", name="ROC AUC"), wish("model", name="lightgbm"))
    assert [one.name for one in found.understood.wishes] == ["roc_auc", "LightGBM"]


def test_a_repetition_is_one_wish_and_a_contradiction_is_refused():
    one = wish("limit", quantity="trees", bound=100)
    found = heard(
        one, one, wish("limit", quantity="trees", bound=50), wish("free", name="gamma"), wish("lock", name="gamma")
    )
    assert [wish_.want for wish_ in found.understood.wishes] == ["limit", "free"]
    assert found.understood.wishes[0].constraint.bound == 100
    assert [refused.part for refused in found.refused] == ["limit", "lock"]


def test_no_more_wishes_are_read_than_asked_for_and_it_is_said():
    found = heard(*(wish("lock", name=name) for name in [parameter.name for parameter in CONTEXT.space.parameters]))
    assert len(found.understood.wishes) == 8
    assert all("more than 8 wishes" in refused.reason for refused in found.refused)
    assert len(found.refused) == len(CONTEXT.space.parameters) - 8


def test_words_that_are_not_the_users_are_not_given_as_theirs():
    found = heard(
        wish("prefer", "make it quick", goal="faster training"), wish("prefer", "AT  MOST 50 mb", goal="smaller")
    )
    assert [one.text for one in found.understood.wishes] == [TEXT, "At most 50 MB"]


def test_what_was_not_understood_comes_through():
    found = checked(not_understood=["write a poem", "", 7, "write a poem"])
    assert found.understood.left == ("write a poem",)


def test_another_model_takes_no_values_and_no_model_code_of_this_one():
    found = checked(model="LightGBM", hyperparameters=[value("n_estimators", 50)], model_code=BUILD, data_code=PREPARE)
    assert (found.model, dict(found.values), found.model_code) == ("LightGBM", {}, None)
    assert found.data_code is not None
    assert [one.reason for one in found.refused] == ["LightGBM is planned anew"]
    asked = checked(understood=[wish("model", name="LightGBM")], hyperparameters=[value("n_estimators", 50)])
    assert dict(asked.values) == {}
    same = checked(model="XGBoost", hyperparameters=[value("n_estimators", 50)])
    assert (same.model, list(same.values), same.refused) == ("", ["n_estimators"], ())


def test_code_is_read_as_in_a_first_answer():
    found = checked(data_code="def prepare(rows):\n    return rows[['income']]\n", model_code="import os\n")
    assert [one.part for one in found.refused] == ["preprocessing code", "model code"]
    assert found.code == {}
    assert found.data_code.errors


@pytest.mark.parametrize("given", [NAN, INF, "0.3", True, []])
def test_a_loss_that_is_no_number_is_refused(given):
    found = checked(expected=given)
    assert (found.expected, [one.part for one in found.refused]) == (None, ["expected"])


@pytest.mark.parametrize("at", [at for at in places(whole()) if at], ids=lambda at: ".".join(map(str, at)))
def test_every_kind_of_json_at_every_place_never_raises_and_never_touches_what_is_kept(at):
    for wrong in WRONG:
        sound(check_revision(put(whole(), at, wrong), QUESTION, CONTEXT))


@given(JSON, JSON, JSON)
def test_any_json_is_read(understood, hyperparameters, model):
    sound(checked(understood=understood, hyperparameters=hyperparameters, model=model, said=model, expected=model))


def sound(found):
    freed = {one.name for one in found.understood.wishes if one.want == "free"}
    assert not (set(KEPT) - (freed & {"gamma"})) & set(found.values)
    for name, (number, _) in found.values.items():
        assert CONTEXT.space[name].check(number) == number
    for one in found.understood.wishes:
        if one.constraint is not None:
            assert one.constraint.quantity in UNITS or one.constraint.quantity == "recall"
            assert 0 <= one.constraint.bound < float("inf")


def test_the_corrected_answer_is_laid_over_the_first():
    first = checked(
        understood=[wish("limit", quantity="trees", bound=100), wish("limit", quantity="price", bound=3)],
        hyperparameters=[value("gamma", 9), value("reg_alpha", 1)],
        said="first",
    )
    second = checked(
        understood=[wish("limit", quantity="memory", bound=1e9)], hyperparameters=[value("n_estimators", 50)], said=""
    )
    merged = merge_revisions(first, second)
    assert {one.constraint.quantity for one in merged.understood.wishes} == {"trees", "memory"}
    assert merged.understood.left == ()
    assert list(merged.values) == ["reg_alpha", "n_estimators"]
    assert (merged.refused, merged.said) == ((), "first")


def test_an_empty_correction_keeps_the_first_answer_and_what_was_refused_of_it():
    first = checked(hyperparameters=[value("gamma", 9), value("reg_alpha", 1)])
    assert merge_revisions(first, checked()) is first


def test_what_the_correction_has_wrong_and_the_first_had_right_stands():
    first = checked(hyperparameters=[value("reg_alpha", 1)], data_code=PREPARE)
    second = checked(hyperparameters=[value("reg_alpha", -1), value("gamma", 9)], data_code="import os\n")
    merged = merge_revisions(first, second)
    assert merged.values == {"reg_alpha": (1.0, "why")}
    assert list(merged.code) == ["data"]
    assert [one.part for one in merged.refused] == ["gamma"]


MASK = Mask({"column 1": "age", "column 2": "hours"}, {"class 1": "<=50K"}, {"XGB of dataset": "XGB of Adult"}, {})


def test_behind_a_mask_names_come_back_and_models_are_found_by_their_tokens():
    context = replace(CONTEXT, mask=MASK)
    question = replace(QUESTION, text="keep age in mind", models=("XGBoost", "XGB of Adult"))
    found = check_revision(
        {
            "understood": [wish("model", "keep column 1 in mind", name="XGB of dataset")],
            "hyperparameters": [],
            "said": "column 2 tells class 1",
            "data_code": "def prepare(rows):\n    return rows.drop(columns=['column 1'])\n",
            "model": "XGB of dataset",
        },
        question,
        context,
    )
    assert found.understood.wishes == (Wish("model", name="XGB of Adult"),)
    assert found.understood.wishes[0].text == "keep age in mind"
    assert found.said == "hours tells <=50K"
    assert "['age']" in found.data_code.source
    assert found.model == "XGB of Adult"
    assert found.refused == ()
