"""What is read off a curve: advice to stop, and where overfitting starts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plans
import pytest

from automl_gpt_magic.notebook.course import advice, overfits_after, rest_of
from automl_gpt_magic.records.curve import QUANTILES
from automl_gpt_magic.records.evidence import Continuation, Forecast
from automl_gpt_magic.records.run import Measured


def expecting(metric: str, default: float, *, quantiles: bool = True) -> Measured:
    """A training whose last value has its quantiles at 0.01, 0.02 ... 0.09 in the metric's unit."""
    run = plans.under_way(plans.adult(), 180)
    assert run.rest is not None
    curve = run.rest.forecast.curves[metric]
    at = np.repeat(np.arange(1, 10)[:, None] / 100, len(curve.steps), axis=1)
    rest = replace(curve, value=at[4], quantiles=at if quantiles else None)
    return replace(run, rest=Continuation(Forecast({metric: rest}, 1.0), {metric: default}))


SAID = "This will not reach the default's result: {}% sure."


@pytest.mark.parametrize(
    ("default", "sure"),
    [(0.005, 99), (0.01, 97), (0.0199, 95), (0.0201, None), (0.05, None), (0.085, None), (0.2, None)],
)
def test_a_loss_that_stays_above_the_defaults(default: float, sure: int | None) -> None:
    assert advice(plans.adult(), expecting("log_loss", default), "log_loss") == (SAID.format(sure) if sure else "")


@pytest.mark.parametrize(
    ("default", "sure"), [(0.2, 99), (0.0901, 99), (0.09, 97), (0.0801, 95), (0.0799, None), (0.005, None)]
)
def test_an_accuracy_that_stays_below_the_defaults(default: float, sure: int | None) -> None:
    assert advice(plans.adult(), expecting("accuracy", default), "accuracy") == (SAID.format(sure) if sure else "")


def test_no_advice_without_a_ground() -> None:
    plan, hopeless = plans.adult(), expecting("log_loss", 0.005)
    assert advice(plan, hopeless, "log_loss")
    assert advice(plan, hopeless, "accuracy") == ""
    assert advice(plan, None, "log_loss") == "" and advice(plan, replace(hopeless, rest=None), "log_loss") == ""
    assert advice(plans.adult(plans.SPACE.default), hopeless, "log_loss") == ""
    assert advice(plan, expecting("log_loss", 0.005, quantiles=False), "log_loss") == ""
    assert advice(plan, expecting("log_loss", float("nan")), "log_loss") == ""


def test_an_expectation_that_is_no_number_is_none() -> None:
    run = expecting("log_loss", 0.3)
    assert run.rest is not None and rest_of(run, "log_loss") is not None
    curve = run.rest.forecast.curves["log_loss"]
    broken = replace(curve, quantiles=np.full((len(QUANTILES), len(curve.steps)), np.nan))
    assert rest_of(replace(run, rest=Continuation(Forecast({"log_loss": broken}, 1.0), {})), "log_loss") is None


def test_overfitting_starts_where_the_curve_leaves_its_best_for_good() -> None:
    plan = plans.overfitting()
    turn = overfits_after(plan, "log_loss")
    assert turn is not None and turn > plan.curve.best_step
    after = plan.curve.value[turn:]
    assert (after > plan.curve.value.min() + 0.0005).all()
    assert plan.curve.value[turn - 1] <= plan.curve.value.min() + 0.0005


def test_a_rise_that_the_numbers_do_not_show_is_none() -> None:
    plan = plans.overfitting()
    curve = plan.curve
    slight = curve.value.min() + (curve.value - curve.value.min()) * 0.0009 / (curve.final - curve.value.min())
    flat = replace(plan, forecast=Forecast({"log_loss": replace(curve, value=slight)}, 1.0))
    assert overfits_after(plan, "log_loss") and overfits_after(flat, "log_loss") is None


def test_an_accuracy_overfits_by_the_training_loss() -> None:
    plan = plans.overfitting()
    right = plan.forecast.curves["accuracy"]
    falling = replace(right, value=0.9 - plan.curve.value / 3)
    both = replace(plan, forecast=Forecast({"log_loss": plan.curve, "accuracy": falling}, 1.0))
    turn = overfits_after(both, "accuracy")
    assert turn is not None and turn > plan.curve.best_step
    alone = replace(plan, forecast=Forecast({"accuracy": falling}, 1.0))
    assert overfits_after(alone, "accuracy") is None
