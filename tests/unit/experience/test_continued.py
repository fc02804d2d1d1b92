"""The rest of a training that has begun, as `Advice` forecasts it."""

import numpy as np
import pytest

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import BINARY, REGRESSION, DataCard
from automl_gpt_magic.records.curve import QUANTILES, Curve

XGBOOST = family_named("XGBoost").space
LOANS = DataCard("Loans", task=BINARY, n_rows=2000, n_features=12, n_categorical=4, class_balance={"a": 0.7, "b": 0.3})
SHIFTED = 1.2


@pytest.fixture(scope="module")
def advice():
    return Advice(LOANS, None, XGBOOST, {}, encoder="")


@pytest.fixture(scope="module")
def values(advice):
    return {**advice.evidence.configuration, "n_estimators": 400}


def begun(advice, values, done, factor=1.0):
    curves = advice.forecast(values).curves
    known = {name: curve.steps <= done for name, curve in curves.items()}
    return {
        name: Curve(name, curve.steps[known[name]], curve.value[known[name]] * factor, source="measured")
        for name, curve in curves.items()
    }


def test_it_begins_where_the_measurement_ends_and_goes_to_the_last_planned_step(advice, values):
    measured = begun(advice, values, 40, SHIFTED)
    rest = advice.continued(values, measured).forecast.curves["log_loss"]
    assert (rest.steps[0], rest.steps[-1]) == (40, 400)
    assert rest.quantiles[:, 0] == pytest.approx(measured["log_loss"].value[-1])
    assert rest.value == pytest.approx(rest.quantiles[QUANTILES.index(0.5)])
    assert (np.diff(rest.quantiles, axis=0) >= 0).all()


def test_the_band_sharpens_as_the_training_goes_on(advice, values):
    width = [advice.forecast(values).curves["log_loss"].half_width]
    for done in (10, 40, 150, 350):
        rest = advice.continued(values, begun(advice, values, done)).forecast.curves["log_loss"]
        width.append(rest.half_width)
    assert (np.diff(width) < 0).all() and width[-1] < 0.2 * width[0]


def test_a_worse_beginning_ends_worse_and_moves_what_is_said_of_the_default(advice, values):
    usual, worse = (advice.continued(values, begun(advice, values, 60, factor)) for factor in (1.0, SHIFTED))
    assert worse.forecast.curves["log_loss"].final > usual.forecast.curves["log_loss"].final
    assert worse.default["log_loss"] > usual.default["log_loss"]


def test_recorded_trainings_end_inside_the_band_of_their_beginning(advice):
    bank = load_bank().for_task(BINARY)
    dataset, inside = 5, []
    card = DataCard("x", task=BINARY, n_rows=bank.datasets[dataset]["n_rows"], class_balance={"a": 0.5, "b": 0.5})
    known = Advice(card, None, XGBOOST, {}, encoder="")
    for number in range(0, 192, 8):
        row = dict(zip(bank.parameters, bank.configurations[number], strict=True))
        row = {name: XGBOOST[name].check(float(value)) for name, value in row.items()} | {"n_estimators": 600}
        curve = np.log(2) * bank.valid[dataset, number].astype("float64")
        seen = bank.rounds <= 60
        measured = {"log_loss": Curve("log_loss", bank.rounds[seen], curve[seen], source="measured")}
        end = known.continued(row, measured).forecast.curves["log_loss"].quantiles[:, -1]
        inside.append(end[0] <= curve[-1] <= end[-1])
    assert np.mean(inside) > 0.85


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_no_number_any_more_is_not_continued_and_it_is_said(advice, values, odd):
    measured = begun(advice, values, 40)
    measured["log_loss"].value[-1] = odd
    rest = advice.continued(values, measured)
    assert set(rest.forecast.curves) == {"accuracy"} == set(rest.default)
    assert "log loss is no longer a number" in rest.forecast.note


def test_a_jump_widens_the_band_to_where_the_curve_was_and_it_is_said(advice, values):
    plain, jumped = begun(advice, values, 40), begun(advice, values, 40)
    jumped["log_loss"].value[-1] *= 2.5
    usual, after = (advice.continued(values, one).forecast for one in (plain, jumped))
    widths = [one.curves["log_loss"].half_width for one in (usual, after)]
    assert widths[1] > 2.5 * widths[0]
    assert after.curves["log_loss"].quantiles[0, -1] < 1.2 * plain["log_loss"].value[-1]
    assert "The log loss jumped" in after.note
    assert "jumped" not in usual.note


def test_nothing_measured_another_metric_and_a_finished_training(advice, values):
    assert advice.continued(values, {}).forecast.curves == {}
    other = {"roc_auc": Curve("roc_auc", np.array([1]), np.array([0.5]), source="measured")}
    assert advice.continued(values, other).forecast.curves == {}
    done = advice.continued(values, begun(advice, values, 400)).forecast.curves["log_loss"]
    assert (len(done.steps), done.half_width) == (1, 0.0)


def test_more_steps_than_were_recorded_widen_the_band_and_it_is_said(advice, values):
    inside, beyond = (advice.forecast({**values, "n_estimators": n}) for n in (600, 3000))
    assert inside.note == "" and "beyond 600 steps" in beyond.note
    assert beyond.curves["log_loss"].half_width > 1.5 * inside.curves["log_loss"].half_width


def test_losses_of_many_configurations_are_those_of_their_forecasts(advice, values):
    others = [values, XGBOOST.default, {**values, "max_depth": 2, "n_estimators": 50}]
    ends = [advice.forecast(one).curves["log_loss"].final for one in others]
    assert advice.losses(others) == pytest.approx(ends, rel=1e-3)


def test_a_regression_is_continued_in_its_own_unit():
    card = DataCard("Houses", task=REGRESSION, n_rows=900, n_features=8)
    known = Advice(card, None, XGBOOST, {}, encoder="")
    values = {**known.evidence.configuration, "n_estimators": 200}
    rest = known.continued(values, begun(known, values, 50, SHIFTED)).forecast.curves
    assert set(rest) == {"rmse", "mae"}
    assert rest["rmse"].final > known.forecast(values).curves["rmse"].final
