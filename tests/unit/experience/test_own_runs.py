"""Runs on the very rows of a plan count as evidence for it."""

from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.experience import Advice, learn
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.card import BINARY, DataCard
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.run import Run
from automl_gpt_magic.records.space import StepLimit

CARD = DataCard(
    name="People",
    task=BINARY,
    n_rows=5000,
    n_features=14,
    n_numeric=6,
    n_categorical=8,
    class_balance={"low": 0.76, "high": 0.24},
    metrics=("log_loss", "accuracy"),
)
SPLIT = {"validation": 0.2, "seed": 0}


@pytest.fixture(scope="module")
def advice():
    return Advice(CARD, None, XGBOOST, {})


@pytest.fixture(scope="module")
def transferred(advice):
    return advice.evidence.configuration


def a_run(configuration, loss, accuracy=None, **changes):
    steps = np.array([1, configuration["n_estimators"]])
    curves = {"log_loss": Curve("log_loss", steps, np.array([0.6, loss]), source="measured")}
    if accuracy is not None:
        curves["accuracy"] = Curve("accuracy", steps, np.array([0.6, accuracy]), source="measured")
    run = Run(
        date="2026-11-22T10:00:00+00:00",
        dataset="People",
        fingerprint="ab",
        task=BINARY,
        family="XGBoost",
        configuration=configuration,
        metric="log_loss",
        curves=curves,
        step="boosting round",
        predicted={},
        seconds=5.0,
        split=SPLIT,
        code="same",
        versions={},
    )
    return replace(run, **changes)


def learned(advice, runs, **changes):
    options = {"space": XGBOOST, "fixed": {}, "split": SPLIT, "code": "same", "most_seconds": None, **changes}
    return learn(dict(enumerate(runs, start=1)), advice.evidence, advice.forecast, **options)


def final(forecast, configuration, metric="log_loss"):
    return forecast(configuration).curves[metric].final


def test_without_runs_nothing_changes(advice):
    evidence, forecast = learned(advice, [])
    assert (evidence, forecast) == (advice.evidence, advice.forecast)


def test_a_better_run_takes_the_transferred_configurations_place(advice, transferred):
    better = {**transferred, "max_depth": 3 if transferred["max_depth"] != 3 else 4}
    runs = [a_run(transferred, 0.30), a_run(better, 0.2791), a_run({**better, "gamma": 2.0}, 0.31)]
    evidence, forecast = learned(advice, runs)
    assert evidence.configuration == better
    assert evidence.source == "measured"
    assert set(evidence.reasons) == {parameter.name for parameter in XGBOOST.parameters}
    assert set(evidence.reasons.values()) == {"measured here: log loss 0.2791 in run 2, 2026-11-22"}
    assert (evidence.own.n_runs, evidence.own.taken) == (3, 2)
    assert final(forecast, better) == pytest.approx(0.2791)
    assert final(forecast, transferred) == pytest.approx(0.30)


def test_one_run_of_the_plans_own_values_keeps_them_and_says_where_they_were_measured(advice, transferred):
    for loss in (0.01, final(advice.forecast, transferred), 0.69):
        evidence, forecast = learned(advice, [a_run(transferred, loss)])
        assert evidence.configuration == transferred
        assert evidence.source == "measured"
        assert final(forecast, transferred) == pytest.approx(loss)


def test_a_worse_run_of_other_values_does_not_win_but_moves_the_level(advice, transferred):
    other = {**transferred, "learning_rate": 0.5, "min_child_weight": 0.5}
    expected = final(advice.forecast, other)
    evidence, forecast = learned(advice, [a_run(other, 1.1 * expected)])
    assert (evidence.configuration, evidence.source, evidence.own.taken) == (
        transferred,
        advice.evidence.source,
        None,
    )
    assert evidence.reasons == advice.evidence.reasons
    assert final(forecast, transferred) == pytest.approx(1.1 * final(advice.forecast, transferred))
    assert evidence.own.level["log_loss"] == pytest.approx(1.1)
    assert "1 run on these rows was measured here: the predicted log loss is 10.0% higher" in evidence.note


def test_the_order_of_configurations_that_were_not_trained_stays(advice, transferred):
    _, forecast = learned(advice, [a_run(transferred, 0.1)])
    others = [{**transferred, "max_depth": depth, "gamma": 4.0} for depth in range(2, 13)]
    before, after = ([final(each, one) for one in others] for each in (advice.forecast, forecast))
    assert np.argsort(before).tolist() == np.argsort(after).tolist()


def test_the_band_stays_as_wide_and_no_number_is_impossible(advice, transferred):
    _, forecast = learned(advice, [a_run(transferred, 0.001, accuracy=0.9999)])
    plain, moved = advice.forecast(transferred), forecast(transferred)
    for metric, curve in moved.curves.items():
        assert curve.final == pytest.approx({"log_loss": 0.001, "accuracy": 0.9999}[metric])
        assert (curve.lower >= 0).all()
        assert (curve.lower <= curve.upper).all()
        if metric == "accuracy":
            assert (curve.upper <= 1).all()
    wide, before = moved.curves["log_loss"], plain.curves["log_loss"]
    assert (wide.upper - wide.value)[-1] == pytest.approx((before.upper - before.value)[-1])
    assert moved.seconds == plain.seconds


@pytest.mark.parametrize(
    "change",
    [
        {"family": "LightGBM"},
        {"split": {"validation": 0.3, "seed": 0}},
        {"split": {"validation": 0.2, "seed": 1}},
        {"curves": {"rmse": Curve("rmse", np.array([1]), np.array([0.1]))}, "metric": "rmse"},
        {"configuration": {"max_depth": 3}},
        {"configuration": {**XGBOOST.default, "max_depth": 99}},
        {"curves": {"log_loss": Curve("log_loss", np.array([1]), np.array([np.nan]))}},
    ],
)
def test_runs_of_something_else_do_not_count(advice, transferred, change):
    evidence, forecast = learned(advice, [replace(a_run(transferred, 0.01), **change)])
    assert (evidence, forecast) == (advice.evidence, advice.forecast)


def test_runs_of_other_code_count_only_where_there_are_none_of_the_same(advice, transferred):
    other = {**transferred, "gamma": 3.0}
    foreign = [a_run(transferred, 0.3, code="edited"), a_run(other, 0.01, code="edited")]
    assert learned(advice, foreign)[0].configuration == other
    evidence, _ = learned(advice, [*foreign, a_run(transferred, 0.3)])
    assert (evidence.configuration, evidence.own.n_runs) == (transferred, 1)


def test_values_of_the_model_card_and_the_limits_on_time_and_steps_hold(advice, transferred):
    other = {**transferred, "gamma": 3.0}
    runs = [a_run(transferred, 0.3, seconds=1.0), a_run(other, 0.01, seconds=5.0)]
    assert learned(advice, runs)[0].configuration == other
    assert learned(advice, runs, most_seconds=4.0)[0].configuration == transferred
    shorter = {**other, "n_estimators": other["n_estimators"] - 1}
    limit = StepLimit("n_estimators", shorter["n_estimators"], "trees")
    assert learned(advice, [*runs, a_run(shorter, 0.02)])[0].configuration == other
    assert learned(advice, [*runs, a_run(shorter, 0.02)], most_steps=limit)[0].configuration == shorter
    assert learned(advice, runs, fixed={"gamma": transferred["gamma"]})[0].configuration == transferred
    assert "gamma" not in learned(advice, runs, fixed={"gamma": 3.0})[0].reasons


def test_training_a_configuration_again_changes_nothing(advice, transferred):
    better = {**transferred, "gamma": 3.0}
    runs = [a_run(transferred, 0.3), a_run(better, 0.28)]
    once, forecast = learned(advice, runs)
    again, later = learned(advice, [*runs, a_run(better, 0.28), a_run(better, 0.27), a_run(transferred, 0.1)])
    assert (once.configuration, once.reasons) == (again.configuration, again.reasons)
    other = {**transferred, "gamma": 1.0}
    assert final(forecast, other) == final(later, other)


def test_trials_with_their_own_number_of_rounds_count(advice, transferred):
    trial = {**transferred, "n_estimators": 37}
    evidence, forecast = learned(advice, [a_run(transferred, 0.3), a_run(trial, 0.05, origin="tune")])
    assert evidence.configuration == trial
    assert forecast(trial).curves["log_loss"].steps[-1] == 37


@pytest.mark.parametrize("loss", [0.0, 1e6])
def test_a_run_that_diverged_or_lost_nothing_does_not_move_what_the_others_say(advice, transferred, loss):
    others = [{**transferred, "gamma": 0.1 * number} for number in range(1, 6)]
    runs = [a_run(one, 1.05 * final(advice.forecast, one)) for one in others]
    _, forecast = learned(advice, [*runs, a_run({**transferred, "gamma": 4.9}, loss)])
    unseen = {**transferred, "gamma": 2.5}
    assert final(forecast, unseen) == pytest.approx(1.05 * final(advice.forecast, unseen), rel=0.01)
