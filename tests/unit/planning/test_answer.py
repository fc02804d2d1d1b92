"""What of an LLM's answer stands, whatever it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl_gpt_magic.planning.answer import check_answer, merge
from automl_gpt_magic.planning.context import Context
from automl_gpt_magic.planning.families import XGBOOST

CONTEXT = Context(
    space=XGBOOST,
    fixed={"max_depth": 6},
    models=["XGBoost", "XGB deep"],
    metric="log_loss",
    names="task",
    columns=["age", "hours"],
    target="income",
    prepared=True,
    estimator="XGBClassifier",
    module="xgboost",
    n_candidates=3,
    rounds="n_estimators",
    n_rounds=200,
)
PREPARE = "def task_prepare(rows):\n    return rows\n"
BUILD = (
    "from xgboost import XGBClassifier\n\n\ndef task_build(hyperparameters):\n"
    "    return XGBClassifier(eval_metric='logloss', **hyperparameters)\n"
)
LOG = [
    {"round": 1, "training": 0.6, "validation": 0.65},
    {"round": 200, "training": 0.2, "validation": 0.3},
]
WRONG = [None, True, 0, -1, 1.5, "text", "", [], {}, [[]], [None], {"a": 1}, [{"name": []}], float("nan"), float("inf")]


def value(name, number, reason="why"):
    return {"name": name, "value": number, "reason": reason}


def candidate(*values, log=(), expected=0.3):
    return {"hyperparameters": list(values), "log": list(log), "expected": expected}


def whole():
    return {
        "data_processing": {"techniques": [{"technique": "bins", "reason": "few"}], "code": PREPARE},
        "model": {
            "card": "XGB deep",
            "why": "deep",
            "layers": ["a"],
            "activations": "none",
            "loss": "logistic",
            "code": BUILD,
        },
        "candidates": [candidate(value("gamma", 1.5), value("subsample", 0.9), log=LOG)],
        "notes": "fast",
    }


def checked(*candidates, **parts):
    return check_answer({"candidates": list(candidates), **parts}, CONTEXT)


def one_value(*values):
    """Return what is refused of a configuration that also has a good value, and what stands besides it."""
    answer = checked(candidate(value("gamma", 1.0), *values))
    (suggestion,) = answer.suggestions
    return answer.refused, {name: given for name, given in suggestion.values.items() if name != "gamma"}


def consistent(answer):
    counted = answer.given == answer.taken + len(answer.refused) and answer.taken >= 0
    codes = [code for code in (answer.data_code, answer.model_code) if code and not code.errors]
    stands = sum(len(one.values) + bool(one.log) for one in answer.suggestions) + len(codes) + bool(answer.model_card)
    return counted and answer.taken == stands


def test_a_good_answer_stands_whole():
    answer = check_answer(whole(), CONTEXT)
    assert (answer.given, answer.taken, answer.refused) == (6, 6, ())
    assert answer.model_card == "XGB deep"
    assert answer.suggestions[0].values == {"gamma": 1.5, "subsample": 0.9}
    assert answer.suggestions[0].log.final == 0.3
    assert answer.techniques == (("bins", "few"),)
    assert answer.layers == (("a", "layer"), ("none", "activations"), ("logistic", "loss"))


def places(tree, at=()):
    yield at
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(part, (*at, key))


def put(tree, at, part):
    if not at:
        return part
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = put(tree[at[0]], at[1:], part)
    return copy


@pytest.mark.parametrize("at", [at for at in places(whole()) if at], ids=lambda at: ".".join(map(str, at)))
def test_every_kind_of_json_at_every_place_is_counted_and_never_raises(at):
    for wrong in WRONG:
        answer = check_answer(put(whole(), at, wrong), CONTEXT)
        assert consistent(answer), wrong
        for suggestion in answer.suggestions:
            for name, number in suggestion.values.items():
                assert XGBOOST[name].check(number) == number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WRONG[3:6]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
VALUE = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["gamma", "n_estimators", "max_depth", "subsample"]) | JSON,
        "value": st.floats() | st.integers(0, 300) | JSON,
        "reason": JSON,
    },
)
POINT = st.fixed_dictionaries({}, optional=dict.fromkeys(("round", "training", "validation"), st.floats(0, 9) | JSON))
CANDIDATE = st.fixed_dictionaries(
    {},
    optional={"hyperparameters": st.lists(VALUE, max_size=4) | JSON, "log": st.lists(POINT) | JSON, "expected": JSON},
)
ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "data_processing": st.fixed_dictionaries({}, optional={"techniques": JSON, "code": st.text() | JSON}) | JSON,
        "model": st.fixed_dictionaries({}, optional={"card": st.sampled_from(CONTEXT.models) | JSON, "code": JSON})
        | JSON,
        "candidates": st.lists(CANDIDATE, max_size=5) | JSON,
        "notes": JSON,
    },
)


@given(ANSWER, ANSWER)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_arbitrary_json_never_raises_and_its_counts_agree(one, other):
    first, second = check_answer(one, CONTEXT), check_answer(other, CONTEXT)
    for answer in (first, second, merge(first, second, "n_estimators")):
        assert consistent(answer)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (value("gama", 1), "did you mean gamma"),
        (value("n_neighbours", 1), "has no hyperparameter"),
        (value(None, 1), "has no hyperparameter None"),
        (value("subsample", 1.7), "above 1. Write 0.5"),
        (value("subsample", 0.1), "below 0.5"),
        (value("subsample", float("nan")), "not a number"),
        (value("subsample", float("inf")), "not a number"),
        (value("subsample", True), "True is not a number"),
        (value("subsample", "0.9"), "'0.9' is not a number"),
        (value("subsample", None), "None is not a number"),
        (value("n_estimators", 10.5), "not a whole number"),
        (value("max_depth", 8), "fixed by the model card"),
        (value("max_depth", 6), "fixed by the model card"),
        (value("gamma", 2.0), "given twice"),
    ],
)
def test_a_wrong_value_is_refused_with_its_reason_and_the_others_stand(given, reason):
    (refused,), others = one_value(given)
    assert reason in refused.reason
    assert refused.part == str(given["name"])
    assert refused.given == str(given["value"])
    assert others == {}


def test_a_whole_number_may_come_as_a_float_and_the_default_outside_the_range_is_allowed():
    refused, others = one_value(value("n_estimators", 50.0), value("reg_alpha", 0))
    assert refused == ()
    assert others == {"n_estimators": 50, "reg_alpha": 0.0}
    assert isinstance(others["n_estimators"], int)


@pytest.mark.parametrize("card", ["Swin", ["XGBoost"], {"XGBoost": 1}, 1, "xgboost"])
def test_a_model_card_that_is_not_on_the_list_is_refused(card):
    answer = check_answer({"model": {"card": card}}, CONTEXT)
    assert answer.model_card == ""
    assert (answer.given, answer.taken) == (1, 0)
    assert (answer.refused[0].part, answer.refused[0].instead) == ("model card", "XGBoost")


def test_code_with_errors_is_refused_and_without_a_table_not_read():
    answer = check_answer({"data_processing": {"code": "import os"}, "model": {"code": "def ("}}, CONTEXT)
    assert [one.part for one in answer.refused] == ["preprocessing code", "model code"]
    no_table = Context(**{**CONTEXT.__dict__, "columns": []})
    assert check_answer({"data_processing": {"code": PREPARE}}, no_table).given == 0


def test_more_candidates_than_are_read_are_left_out():
    assert len(checked(*[candidate(value("gamma", 1.0))] * 9).suggestions) == 3


def test_a_log_is_checked_against_its_own_configurations_rounds():
    answer = checked(candidate(value("n_estimators", 100), log=LOG))
    assert "goes to round 200, but the configuration trains 100" in answer.refused[0].reason
    assert answer.suggestions[0].log is None
    assert checked(candidate(value("n_estimators", 300), log=LOG)).refused == ()


def test_long_texts_are_cut_and_stay_on_one_line():
    long = "word\n" * 2000
    answer = check_answer(
        {
            "notes": long,
            "data_processing": {"techniques": [{"technique": long, "reason": long}] * 50},
            "model": {"why": long, "layers": [long] * 50, "card": long},
            "candidates": [candidate(value("gamma", 1.0, long), value(long, long))],
        },
        CONTEXT,
    )
    texts = [answer.notes, answer.model_reason, *answer.suggestions[0].reasons.values(), answer.refused[0].given]
    texts += [text for pair in (*answer.techniques, *answer.layers) for text in pair if text != "layer"]
    assert all("\n" not in text and len(text) <= 1200 and text.endswith("…") for text in texts)
    assert (len(answer.techniques), len(answer.layers)) == (12, 12)
    assert all(len(one.part) <= 80 and len(one.reason) <= 300 for one in answer.refused)


def test_characters_that_steer_a_terminal_become_their_escapes_and_html_stays_text():
    said = "<img src=x onerror=alert(1)> \x1b[31m \u202e \ud83d"
    answer = checked(candidate(value("gamma", 1.0, said)), notes=said)
    assert answer.notes == r"<img src=x onerror=alert(1)> \x1b[31m \u202e \ud83d"
    assert answer.suggestions[0].reasons["gamma"] == answer.notes
    answer.notes.encode()


def test_a_value_without_a_reason_says_so():
    assert checked(candidate({"name": "gamma", "value": 1})).suggestions[0].reasons["gamma"].startswith("the LLM gave")


def merged(first, second):
    answer = merge(check_answer(first, CONTEXT), check_answer(second, CONTEXT), "n_estimators")
    assert consistent(answer)
    return answer


def test_a_corrected_part_wins():
    first = {"candidates": [candidate(value("gamma", 1.0), value("subsample", 1.7))], "notes": "one"}
    second = {"candidates": [candidate(value("gamma", 2.0), value("subsample", 0.7))], "notes": "two"}
    answer = merged(first, second)
    assert answer.suggestions[0].values == {"gamma": 2.0, "subsample": 0.7}
    assert (answer.refused, answer.notes, answer.taken) == ((), "two", 2)


def test_a_valid_first_part_survives_a_wrong_second():
    second = {
        "data_processing": {"code": "import os"},
        "model": {"card": "Swin", "code": "def ("},
        "candidates": [candidate(value("gamma", 99), value("reg_lambda", 2.0), log=LOG[:1], expected=9)],
    }
    answer = merged(whole(), second)
    assert answer.data_code.source.strip() == PREPARE.strip()
    assert answer.model_code.source.strip() == BUILD.strip()
    assert answer.model_card == "XGB deep"
    assert answer.suggestions[0].values == {"gamma": 1.5, "subsample": 0.9, "reg_lambda": 2.0}
    assert answer.suggestions[0].log.final == 0.3
    assert answer.refused == ()
    assert answer.notes == "fast"


def test_what_is_wrong_both_times_stays_refused():
    answer = merged(*[{"candidates": [candidate(value("gamma", 1.0), value("subsample", 1.7))]}] * 2)
    assert [one.part for one in answer.refused] == ["subsample"]
    assert (answer.given, answer.taken) == (2, 1)


def test_an_empty_second_answer_keeps_all_that_stood():
    answer = merged(whole(), {})
    assert answer.taken == 6
    assert answer.suggestions[0].log is not None


def test_configurations_are_corrected_by_their_place_also_where_one_was_wrong_as_a_whole():
    first = {"candidates": [candidate(value("subsample", 1.7)), candidate(value("gamma", 3.0))]}
    second = {"candidates": [candidate(value("subsample", 0.7)), candidate(value("gamma", 3.0))]}
    assert [one.values for one in merged(first, second).suggestions] == [{"subsample": 0.7}, {"gamma": 3.0}]
    assert [one.values for one in merged(second, first).suggestions] == [{"subsample": 0.7}, {"gamma": 3.0}]


def test_a_log_for_other_rounds_does_not_survive_the_correction():
    first = {"candidates": [candidate(value("n_estimators", 200), log=LOG)]}
    assert merged(first, {"candidates": [candidate(value("n_estimators", 50))]}).suggestions[0].log is None
    assert merged(first, {"candidates": [candidate(value("gamma", 1))]}).suggestions[0].log is not None


def test_code_is_refused_where_only_the_recipe_writes_it():
    found = {
        "data_processing": {"code": "def prepare(rows):\n    return rows\n"},
        "model": {"code": "def build(hyperparameters):\n    return None\n"},
    }
    answer = check_answer(found, replace(CONTEXT, prepared=False, estimator=""))
    for report in (answer.data_code, answer.model_code):
        assert "by the recipe only: leave it out" in report.errors[0]
