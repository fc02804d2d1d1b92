"""What is kept of a training, and what it changes of the next plan."""

import numpy as np
import pytest

import automl_gpt_magic
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.training.kept import kept_run, thinned
from tests.conftest import CARDS
from tests.trained_plans import measured, planned


def test_the_llms_own_log_is_kept_for_its_values_and_the_forecast_for_the_plans(adult):
    plan = planned(adult, {"gamma": 1.02})
    assert plan.chosen == "LLM 1"
    run = kept_run(plan, measured(plan, 0.4), "f", ["data", "model"], "cell")
    assert run.llm == "scripted"
    assert run.llm_predicted["log_loss"] is plan.own_log
    assert (plan.own_log.steps.tolist(), plan.own_log.value.tolist()) == ([10, 20], [0.55, 0.45])
    assert run.predicted.keys() == plan.forecast.curves.keys() == {"log_loss", "accuracy"}
    for metric, curve in plan.forecast.curves.items():
        kept_curve = run.predicted[metric]
        assert kept_curve.steps[[0, -1]].tolist() == curve.steps[[0, -1]].tolist()
        assert len(kept_curve.steps) == min(25, len(curve.steps))
        at = np.searchsorted(curve.steps, kept_curve.steps)
        assert kept_curve.value.tolist() == curve.value[at].tolist()
        assert kept_curve.quantiles.tolist() == curve.quantiles[:, at].tolist()
    other = {**plan.hyperparameters, "max_depth": 2}
    edited = kept_run(plan, measured(plan, 0.4, other), "f", ["data", "model"], "cell")
    assert (edited.llm_predicted, edited.predicted, edited.configuration) == ({}, {}, other)


@pytest.mark.parametrize("n_steps", [1, 2, 24, 25, 26, 600])
def test_a_long_prediction_is_thinned_and_its_ends_stay(n_steps):
    steps = np.arange(1, n_steps + 1)
    levels = np.arange(9)[:, None] + steps
    curve = thinned(Curve("log_loss", steps, levels[4], training=levels[0], quantiles=levels))
    assert len(curve.steps) == min(n_steps, 25)
    assert {1, n_steps} <= set(curve.steps.tolist())
    assert (curve.value - curve.steps).tolist() == [4] * len(curve.steps)
    assert (curve.training - curve.steps).tolist() == [0] * len(curve.steps)
    assert (curve.quantiles - curve.steps).tolist() == [[level] * len(curve.steps) for level in range(9)]


def test_a_training_that_ended_before_its_last_step_says_so(adult):
    plan = automl_gpt_magic.plan(CARDS, frame=adult)
    for n_steps, status in ((2, "stopped early"), (3, "finished")):
        run = kept_run(plan, measured(plan, 0.4, n_steps=n_steps), "f", ["data", "model"], "cell")
        assert run.status == status
