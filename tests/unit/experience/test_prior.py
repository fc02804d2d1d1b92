"""What is predicted for a family that no run was recorded of."""

import math
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import Prior
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.records.card import BINARY, REGRESSION, DataCard
from automl_gpt_magic.records.space import Parameter, SearchSpace, StepLimit

CARD = DataCard("New", task=BINARY, class_balance={"a": 0.5, "b": 0.5})
SPACE = SearchSpace(
    "Other trees", (Parameter("rate", "float", 0.1, 0.01, 1), Parameter("n_trees", "int", 50, 1, 500, log=True))
)


def prior(card=CARD, rounds="n_trees", fixed=None):
    return Prior(card, None, SPACE, fixed or {}, rounds)


def test_it_stands_on_the_librarys_defaults_and_what_the_card_fixes():
    evidence = prior(fixed={"rate": 0.5}).evidence
    assert evidence.configuration == {"rate": 0.5, "n_trees": 50}
    assert (evidence.reasons, evidence.near, evidence.neighbours, evidence.n_runs) == ({}, False, (), 0)
    assert "No run of Other trees was recorded" in evidence.note


@pytest.mark.parametrize(("most", "steps"), [(20, 20), (80, 50)])
def test_a_limit_cuts_the_defaults_steps(most, steps):
    limited = Prior(CARD, None, SPACE, {}, "n_trees", most_steps=StepLimit("n_trees", most, "trees"))
    assert limited.evidence.configuration == {"rate": 0.1, "n_trees": steps}


def test_the_band_is_where_the_recorded_defaults_ended():
    forecast = prior().forecast({"rate": 0.1, "n_trees": 50})
    curve = forecast.curves["log_loss"]
    bank = load_bank().for_task(BINARY)
    ended = math.log(2) * bank.valid[:, 0, np.searchsorted(bank.rounds, 100)]
    assert [curve.lower[-1], curve.value[-1], curve.upper[-1]] == pytest.approx(np.quantile(ended, [0.1, 0.5, 0.9]))
    assert curve.steps[-1] == 50
    assert math.isnan(forecast.seconds)
    accuracy = forecast.curves["accuracy"]
    assert (accuracy.lower <= accuracy.value).all() and (accuracy.value <= accuracy.upper).all()


def test_a_training_with_fewer_steps_than_the_default_ends_where_that_stood_then():
    whole, cut = (prior().forecast({"rate": 0.1, "n_trees": steps}).curves["log_loss"] for steps in (50, 2))
    assert cut.value[-1] == pytest.approx(np.interp(2, whole.steps, whole.value))
    assert abs(cut.value[-1] - whole.value[-1]) > 0.01


def test_a_training_of_one_step_has_one_point():
    assert list(prior(rounds="").forecast({"rate": 0.1}).curves["log_loss"].steps) == [1]


def test_on_other_data_nothing_is_claimed_but_better_than_guessing():
    curve = prior(replace(CARD, input_type="image")).forecast({"n_trees": 5}).curves["log_loss"]
    assert (curve.lower[-1], curve.upper[-1]) == (0, pytest.approx(math.log(2)))
    assert "image data" in prior(replace(CARD, input_type="image")).evidence.note


def test_a_regression_is_predicted_in_units_of_the_target():
    assert set(prior(replace(CARD, task=REGRESSION)).forecast({"n_trees": 5}).curves) == {"rmse", "mae"}


def test_a_card_without_a_task_is_refused():
    with pytest.raises(ExperienceError, match="name the task"):
        prior(replace(CARD, task=""))
