"""An LLM's own training log, and what is wrong with one."""

from __future__ import annotations

import pytest

from automl_gpt_magic.planning.own_log import read_log


def log(*points):
    return [{"round": step, "training": training, "validation": valid} for step, training, valid in points]


def read(*points, expected=None, metric="log_loss", n_rounds=100):
    return read_log(log(*points), points[-1][2] if expected is None else expected, metric, n_rounds)


def test_a_good_log_is_a_curve():
    curve, wrong = read((1, 0.6, 0.65), (50.0, 0.3, 0.4), (100, 0, 0.35))
    assert wrong == ""
    assert curve.steps.tolist() == [1, 50, 100]
    assert curve.value.tolist() == [0.65, 0.4, 0.35]
    assert curve.training.tolist() == [0.6, 0.3, 0.0]
    assert curve.metric == "log_loss"


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([(10, 0.5, 0.5), (5, 0.4, 0.4)], "rounds do not rise"),
        ([(10, 0.5, 0.5), (10, 0.4, 0.4)], "rounds do not rise"),
        ([(0, 0.5, 0.5), (10, 0.4, 0.4)], "rise from 1"),
        ([(-3, 0.5, 0.5)], "rise from 1"),
        ([(1, 0.5, 0.5), (101, 0.4, 0.4)], "goes to round 101, but the configuration trains 100"),
        ([(1.5, 0.5, 0.5)], "lacks a whole round"),
        ([(True, 0.5, 0.5)], "lacks a whole round"),
        ([("1", 0.5, 0.5)], "lacks a whole round"),
        ([(None, 0.5, 0.5)], "lacks a whole round"),
        ([(1, float("nan"), 0.5)], "finite training and validation"),
        ([(1, 0.5, float("inf"))], "finite training and validation"),
        ([(1, 0.5, 10**400)], "finite training and validation"),
        ([(1, None, 0.5)], "finite training and validation"),
        ([(1, 0.5, -0.1)], "log_loss is outside 0 to 20"),
        ([(1, -0.5, 0.1)], "log_loss is outside 0 to 20"),
        ([(1, 0.5, 21)], "log_loss is outside 0 to 20"),
        ([(step, 0.5, 0.5) for step in range(1, 12)], "11 checkpoints; write at most 10"),
    ],
)
def test_a_wrong_log_is_refused_with_its_reason(points, reason):
    curve, wrong = read(*points, expected=0.5)
    assert curve is None
    assert reason in wrong


def test_ten_checkpoints_and_the_last_round_are_allowed():
    assert read(*[(10 * step, 0.5, 0.5) for step in range(1, 11)])[1] == ""


@pytest.mark.parametrize("entry", [None, 3, "x", [1, 2, 3], {}, {"round": 1}])
def test_a_checkpoint_of_another_form_is_refused(entry):
    curve, wrong = read_log([*log((1, 0.5, 0.5)), entry], 0.5, "log_loss", 100)
    assert curve is None
    assert "a checkpoint lacks" in wrong


@pytest.mark.parametrize(("expected", "fine"), [(0.4, True), (0.405, True), (0.42, False), (0.2, False), (-0.4, False)])
def test_the_last_value_is_what_the_answer_expects(expected, fine):
    curve, wrong = read((1, 0.6, 0.6), (10, 0.3, 0.4), expected=expected)
    assert (curve is not None) == fine
    assert fine or f"its last validation value is 0.4, but the answer expects {expected}" in wrong


@pytest.mark.parametrize("expected", [float("nan"), "0.4", True, [], {}])
def test_a_log_needs_a_finite_expected_value(expected):
    assert "without a finite expected value" in read((1, 0.3, 0.4), expected=expected)[1]
    assert "without a finite expected value" in read_log(log((1, 0.3, 0.4)), None, "log_loss", 100)[1]


def test_the_range_is_the_metrics_own():
    assert "accuracy is outside 0 to 1" in read((1, 0.9, 1.01), metric="accuracy")[1]
    assert "accuracy is outside 0 to 1" in read((1, 1.2, 0.9), metric="accuracy")[1]
    assert read((1, 1.0, 0.9), metric="accuracy")[1] == ""
    assert read((1, 5000.0, 6000.0), metric="rmse")[1] == ""
    assert "rmse is outside" in read((1, -1.0, 6000.0), metric="rmse")[1]
