"""How requests are read: what is documented, names of any spelling, and texts that are meant to hurt."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from automl_gpt_magic.cards import documented, read_request
from automl_gpt_magic.cards.request import LONGEST
from automl_gpt_magic.cards.request.numbers_and_units import number
from automl_gpt_magic.cards.request.vocabulary import PHRASES
from tests.unit.cards.request_wishes import in_short, understood

KINDS = {
    "training time": "training_seconds",
    "trees": "trees",
    "epochs": "epochs",
    "latency": "latency",
    "throughput": "throughput",
    "model size": "model_size",
    "memory": "memory",
    "other metric": "metric",
    "set a value": "set",
    "lock a value": "lock",
    "free a value": "free",
    "other model": "model",
}


@pytest.mark.parametrize(("kind", "example"), documented())
def test_what_is_documented_is_understood(kind, example):
    (wish,) = understood(example).wishes
    assert understood(example).left == ()
    if kind == "metric limit":
        assert wish.constraint.quantity in ("recall", "rmse")
    else:
        said = wish.constraint.quantity if wish.constraint else wish.goal or wish.want
        assert said == KINDS.get(kind, kind)


def test_every_phrase_of_the_vocabulary_says_one_thing():
    phrases = Counter(phrase.strip() for listed in PHRASES.values() for phrase in set(listed.split("|")))
    assert [phrase for phrase, times in phrases.items() if times > 1] == []


@pytest.mark.parametrize(
    ("written", "in_german", "value"),
    [
        ("1,000", False, 1000),
        ("1,000", True, None),
        ("1.000", True, 1000),
        ("1.000", False, None),
        ("1,234,567", True, 1234567),
        ("1.234,5", False, 1234.5),
        ("1,234.5", True, 1234.5),
        ("0,125", False, 0.125),
        ("0.125", True, 0.125),
        ("1,5", False, 1.5),
        (".9", False, 0.9),
        ("1e-3", False, 0.001),
        ("1.2.3", False, None),
        ("1e400", False, None),
        ("9" * 400, False, None),
        ("1" + ",000" * 200, False, None),
    ],
)
def test_numbers(written, in_german, value):
    assert number(written, in_german) == value


def test_nothing_is_known_that_is_not_named():
    assert read_request("set max_depth to 4").left == ("set max_depth to 4",)
    assert read_request("use LightGBM").left == ("use LightGBM",)


@pytest.mark.parametrize("name", ["fast", "the", "(a+)+$", "under", "", "…", "model", "100"])
def test_names_do_not_change_what_words_say(name):
    read = read_request("make the model fast under 100 trees", hyperparameters=[name], models=[name])
    assert read == read_request("make the model fast under 100 trees")


def test_names_of_any_case_and_spelling():
    for written in ("max_depth", "Max Depth", "MAX-DEPTH", "max depth"):
        assert in_short(f"set {written} to 4") == ["set max_depth 4"]


def test_a_long_request_is_left():
    text = "x " * (LONGEST // 2) + "at most 100 trees"
    assert read_request(text).wishes == ()
    assert read_request(text).left == (text,)


@pytest.mark.parametrize(
    "piece",
    [
        "a", "1", "1,", "1.", "_", ":", "- \n", "a'", "not ", "less than ", "latency ", "at most 1 ", "max_depth and ",
        "infferencee ", "keep latency under 5 ", "make it faster, not ", "faster smaller ", "\u0301", "\U0001f642",
    ],
)  # fmt: skip
def test_a_hostile_text_is_read_in_no_time(piece):
    text = (piece * LONGEST)[:LONGEST]
    understood("warm up")
    assert min(_seconds(text) for _ in range(3)) < 0.05


def _seconds(text: str) -> float:
    began = time.process_time()
    understood(text)
    return time.process_time() - began
