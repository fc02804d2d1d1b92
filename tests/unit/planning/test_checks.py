"""Each limit with its number: measured where it was, else predicted, else not yet measured."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.planning.constraints import check_constraints
from automl_gpt_magic.planning.costs import Times, Work
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.trained import PredictedCost, Trained
from automl_gpt_magic.records.cost import Cost, Latency, this_machine
from automl_gpt_magic.records.curve import Curve, quantiles_within
from automl_gpt_magic.records.evidence import Forecast
from automl_gpt_magic.records.request import UNITS, Constraint

XGBOOST = family_named("XGBoost")
VALUES = {**XGBOOST.space.default, "n_estimators": 100}
HIGH, LOW, MIDDLE = (np.array([value]) for value in (0.9, 0.8, 0.86))
ACCURACY = Curve("accuracy", np.array([100]), MIDDLE, quantiles=quantiles_within(LOW, MIDDLE, HIGH))
FORECAST = Forecast({"accuracy": ACCURACY}, 14.0, memory=36e6)
WORK = Work(100, 100, 500, 80_000, Times(1, 1, 1, 1))
COST = Cost(
    this_machine(),
    (Latency(1, 0.0025, 0.0032, 200), Latency(1000, 0.005, 0.007, 100)),
    (Latency(1, 0.0003, 0.0004, 900), Latency(1000, 0.001, 0.0015, 300)),
    81_392,
    42_000_000,
    12.0,
)
TRAINED = Trained("XGBoost", VALUES, 100, 12.0, {"accuracy": 0.84, "recall": 0.91}, COST)
NO_FORECAST = Forecast({}, math.nan)


def check(limit, forecast=FORECAST, cost=None, trained=None):
    (found,) = check_constraints([limit], XGBOOST, VALUES, forecast, cost, trained)
    return found


@pytest.mark.parametrize(
    ("limit", "detail"),
    [
        (Constraint("latency", 0.02), "p95 3.2 ms at batch 1, measured on this machine"),
        (Constraint("latency", 0.02, percentile=50), "p50 2.5 ms at batch 1, measured on this machine"),
        (Constraint("throughput", 1e5, True, 1000), "200,000 rows/s at batch 1,000, measured on this machine"),
        (Constraint("model_size", 50e6), "81.4 kB, measured as it is saved"),
        (Constraint("memory", 5e8), "42 MB, measured on this machine, beyond what the libraries take"),
        (Constraint("training_seconds", 60), "12 s, measured on this machine"),
        (Constraint("recall", 0.9, True), "0.91, measured on the validation part"),
        (Constraint("trees", 100), "n_estimators is 100"),
        (Constraint("max_depth", 6), "max_depth is 6"),
    ],
)
def test_a_measured_number_decides(limit, detail):
    found = check(limit, trained=TRAINED)
    assert (found.met, found.measured, found.detail) == (True, True, detail)
    against = replace(limit, bound=1e12 if limit.at_least else 0)
    assert (check(against, trained=TRAINED).met, check(against, trained=TRAINED).measured) == (False, True)


def test_what_was_measured_stands_for_what_was_predicted():
    limit = Constraint("accuracy", 0.85, True)
    expected = check(limit)
    assert (expected.met, expected.measured) == (True, False)
    assert expected.detail == "predicted 0.86 (80%: 0.8 to 0.9); not measured yet"
    assert check(limit, trained=TRAINED).met is False


@pytest.mark.parametrize(
    ("limit", "detail"),
    [
        (
            Constraint("training_seconds", 60),
            "predicted 14 s on one core, like the recorded runs; not measured yet",
        ),
        (Constraint("memory", 5e8), "predicted 36 MB; not measured yet"),
        (Constraint("latency", 0.02), "predicted p95 3.2 ms at batch 1 from 1 trained model on these rows"),
        (Constraint("model_size", 50e6), "predicted 81 kB from 1 trained model on these rows; not measured yet"),
    ],
)
def test_a_predicted_number_says_that_it_is_one(limit, detail):
    found = check(limit, cost=PredictedCost(WORK, [(WORK, COST)]))
    assert (found.met, found.measured) == (True, False)
    assert found.detail.startswith(detail)


def test_a_curve_that_no_run_tells_keeps_or_breaks_no_limit():
    guess = Forecast({"accuracy": ACCURACY}, math.nan)
    assert check(Constraint("accuracy", 0.99, True), FORECAST).met is False
    assert check(Constraint("accuracy", 0.99, True), guess).met is None


def test_a_size_that_was_fitted_says_how_far_it_may_be_off():
    limit = Constraint("model_size", 50e6)
    fitted = check(limit, cost=PredictedCost(WORK)).detail
    assert fitted == "predicted 80 kB, within a factor of 2 in 9 of 10 trainings; not measured yet"
    assert (
        check(limit, cost=PredictedCost(replace(WORK, is_counted=True))).detail == "predicted 80 kB; not measured yet"
    )


@pytest.mark.parametrize("quantity", [*(name for name in UNITS if name not in ("trees", "epochs")), "recall"])
def test_what_nothing_tells_is_not_yet_measured(quantity):
    found = check(Constraint(quantity, 1), forecast=NO_FORECAST)
    assert (found.met, found.measured) == (None, False)
    assert found.detail.endswith("not measured yet")


def test_a_limit_on_steps_that_the_family_does_not_have_is_none():
    assert check_constraints([Constraint("epochs", 5)], XGBOOST, VALUES, FORECAST) == ()


def test_a_batch_that_was_not_timed_and_another_machine_are_not_measured():
    limit = Constraint("latency", 1, batch=32)
    assert check(limit, trained=TRAINED).met is None
    elsewhere = replace(TRAINED, here=False)
    assert check(Constraint("latency", 1), trained=elsewhere).met is None
    assert check(Constraint("training_seconds", 60), trained=elsewhere).measured is False
    assert check(Constraint("model_size", 50e6), trained=elsewhere).measured is True
    assert check(Constraint("recall", 0.9, True), trained=elsewhere).met is True


def test_a_number_that_is_none_is_not_taken():
    diverged = replace(TRAINED, values={"accuracy": math.nan})
    assert check(Constraint("accuracy", 0.5, True), NO_FORECAST, trained=diverged).met is None
