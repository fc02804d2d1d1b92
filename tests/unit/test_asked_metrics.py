"""A plan that is asked for a metric predicts it, trains for it, searches for it and is judged by it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import automl_gpt_magic
from automl_gpt_magic.errors import CardError, UsageError
from automl_gpt_magic.history import keep
from automl_gpt_magic.notebook import plan_wording, plot, static, wording
from automl_gpt_magic.notebook.curve_view import CurveView
from automl_gpt_magic.notebook.spoken import spoken
from automl_gpt_magic.notebook.training_wording import verdict
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.planning.standing import Standing
from automl_gpt_magic.planning.taking import take
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.round import Change
from automl_gpt_magic.records.run import Measured
from automl_gpt_magic.running import Running, _defined
from automl_gpt_magic.searching import study_job
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from automl_gpt_magic.store import Store
from automl_gpt_magic.training import announcements, fingerprint
from automl_gpt_magic.training.cells import run_cells
from tests.conftest import small_adult

ROUNDS = 30


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOML_GPT_MAGIC_STORE", str(tmp_path / "store.sqlite"))
    with threadpool_limits(1):
        yield


def numbers():
    frame = small_adult()
    noise = np.random.default_rng(1).normal(0, 20, len(frame))
    return frame.assign(income=2 * frame["hours"] + noise)


def cards(*metrics):
    about = {"name": "Small Adult", "frame": "adult", "target": "income", "metrics": list(metrics)}
    model = {"name": "XGBoost", "hyperparameters": {"n_estimators": ROUNDS}}
    return {"data": about, "model": model}


def trained(plan, frame):
    """Run the plan's cells, and return what they defined and the last report."""
    heard = []
    announcements.listen(plan.names, heard.append)
    try:
        return run_cells(list(plan.code.items()), {"adult": frame}), heard[-1]
    finally:
        announcements.forget(plan.names, heard.append)


CASES = {
    "roc_auc": (small_adult, "ROC AUC"),
    "f1": (small_adult, "F1"),
    "balanced_accuracy": (small_adult, "balanced accuracy"),
    "r2": (numbers, "R²"),
}


@pytest.mark.parametrize("metric", CASES)
def test_the_predicted_log_the_training_and_the_verdict_are_of_the_metric(metric):
    table, label = CASES[metric]
    frame = table()
    plan = automl_gpt_magic.plan(cards(metric), frame=frame)
    assert plan.metric == plan.curve.metric == next(iter(plan.forecast.curves)) == metric
    done, measured = trained(plan, frame)
    assert measured.curves[metric].final == pytest.approx(done["small_adult_valid_scores"][metric], abs=1e-6)
    first, second = verdict(plan, measured)
    places = wording.places(plan.curve)
    shown = wording.score(measured.curves[metric].final, places)
    assert first.startswith(f"Measured: validation {label} {shown}; predicted {wording.ending(plan.curve)}")
    reached, lowest, highest = (
        round(float(value), places)
        for value in (measured.curves[metric].final, plan.curve.lower[-1], plan.curve.upper[-1])
    )
    inside = lowest <= reached <= highest
    assert second.startswith("Inside the band." if inside else "Outside the band")
    low, high = plan.curve.quantiles[[0, -1], -1]
    assert low <= measured.curves[metric].final <= high
    assert f"the {label} is predicted from" in " ".join(plan.notes)


def test_the_values_stay_those_with_the_lowest_loss():
    frame = small_adult()
    plain = automl_gpt_magic.plan(cards("log_loss", "accuracy"), frame=frame)
    asked = automl_gpt_magic.plan(cards("roc_auc"), frame=frame)
    assert asked.hyperparameters == plain.hyperparameters
    assert np.array_equal(asked.forecast.curves["log_loss"].value, plain.forecast.curves["log_loss"].value)
    assert asked.code["model"] != plain.code["model"] and asked.code["data"] == plain.code["data"]
    assert not [note for note in plain.notes if "recommended by" in note]


def test_what_nothing_predicts_is_said_measured_and_drawn():
    frame = numbers()
    plan = automl_gpt_magic.plan(cards("max_error"), frame=frame)
    assert (plan.metric, plan.curve.metric, list(plan.forecast.curves)) == ("max_error", "rmse", ["rmse"])
    assert "Largest error: not predicted; it will be measured." in " ".join(plan.notes)
    assert "RMSE" in static.effect(plan)
    view = CurveView()
    view.show(plan, None, None)
    assert [name for _, name in view._metric.options] == ["rmse"]
    _, measured = trained(plan, frame)
    first, second = verdict(plan, measured)
    curve = measured.curves["max_error"]
    shown = wording.score(curve.final, wording.places(curve))
    assert first.startswith(f"Measured: validation largest error {shown}; it was not predicted")
    assert second.startswith("RMSE ") and "predicted" in second and "the band" in second
    view.show(plan, measured, None)
    assert [name for _, name in view._metric.options] == ["rmse", "max_error"]
    view._metric.value = "max_error"
    assert "<svg" in view._picture.value and plan_wording.NOT_PREDICTED in view._effect.value
    assert spoken(plan, "max_error", measured).endswith("It was not predicted.")
    low, high = plot.limits(plan, "max_error", measured)
    assert low <= curve.final <= high


def test_a_metric_that_is_not_defined_is_no_divergence_and_the_rest_is_kept():
    plan = automl_gpt_magic.plan(cards("roc_auc"), frame=small_adult())
    steps = np.array([1, 2])
    curves = {
        "roc_auc": Curve("roc_auc", steps, np.array([math.nan, math.nan]), source="measured"),
        "log_loss": Curve("log_loss", steps, np.array([0.5, 0.4]), source="measured"),
    }
    measured = Measured(plan.names, plan.revision, plan.hyperparameters, curves, 1.0, 2, True)
    assert "ROC AUC of these validation rows and predictions is not defined" in verdict(plan, measured)[0]
    assert list(_defined(curves)) == ["log_loss"]
    lost = {**curves, "log_loss": replace(curves["log_loss"], value=np.array([0.5, math.inf]))}
    assert "diverged" in verdict(plan, replace(measured, curves=lost))[0]
    assert _defined(lost) == {}


def job_of(plan, situation):
    return study_job(plan, situation, plan.code, {"adult": small_adult()})


def test_a_search_is_for_the_metric_in_its_direction():
    frame = small_adult()
    for metric, lower_is_better in (("roc_auc", False), ("brier_score", True), ("log_loss", True)):
        situation = survey(cards(metric), None, frame=frame)
        job = job_of(build_plan(situation, {}), situation)
        assert (job.metric, job.lower_is_better) == (metric, lower_is_better)


def test_no_forecast_ends_a_trial_by_a_metric_that_is_not_recorded():
    situation = survey(cards("roc_auc"), None, frame=small_adult())
    plan = build_plan(situation, {})
    running = Running({}, None, None, lambda: plan, lambda: situation, list, print)
    assert running._is_hopeless(plan.hyperparameters, ((1, 0.6), (5, 0.7))) is None


def kept(plan, frame, configuration, **finals):
    steps = np.array([1, configuration["n_estimators"]])
    curves = {name: Curve(name, steps, np.array([0.6, value]), source="measured") for name, value in finals.items()}
    measured = Measured(plan.names, plan.revision, configuration, curves, 1.0, ROUNDS, True)
    sources = [plan.code["data"], plan.code["model"]]
    assert keep(AutoML().store_place, plan, measured, fingerprint(frame), sources, "tune") == ""


def test_runs_are_judged_by_the_metric_where_they_measured_it():
    frame = small_adult()
    plan = automl_gpt_magic.plan(cards("roc_auc"), frame=frame)
    before = plan.curve.final
    lossy, ranked = ({**plan.hyperparameters, "max_depth": depth} for depth in (3, 9))
    kept(plan, frame, lossy, roc_auc=0.90, log_loss=0.30)
    kept(plan, frame, ranked, roc_auc=0.99, log_loss=0.45)
    assert Store(AutoML().store_place).runs(10)[2].metric == "roc_auc"
    after = automl_gpt_magic.plan(cards("roc_auc"), frame=frame)
    assert after.hyperparameters == ranked and after.curve.final == pytest.approx(0.99) != before
    (value,) = [value for value in after.values if value.name == "max_depth"]
    assert value.source == "measured" and "roc auc 0.99 in run 2" in value.reason
    by_loss = automl_gpt_magic.plan(cards("log_loss"), frame=frame)
    assert by_loss.hyperparameters == lossy


def test_runs_without_the_metric_still_move_its_forecast():
    frame = small_adult()
    plan = automl_gpt_magic.plan(cards("roc_auc"), frame=frame)
    kept(plan, frame, plan.hyperparameters, log_loss=0.1, accuracy=0.97)
    after = automl_gpt_magic.plan(cards("roc_auc"), frame=frame)
    assert after.forecast.curves["log_loss"].final == pytest.approx(0.1)
    assert after.curve.metric == "roc_auc" and after.curve.final > max(0.97, plan.curve.final)


@pytest.mark.parametrize(
    ("metric", "table", "why"),
    [
        ("r2", small_adult, "r2 does not measure a binary classification: it compares numbers. Write one of log_loss"),
        ("roc_auc", numbers, "roc_auc does not measure a regression: it compares classes. Write one of rmse"),
        ("top_k_accuracy", small_adult, "needs more than two classes"),
        ("adjusted_rand_score", small_adult, "it compares clusters with classes"),
        ("neg_mean_poisson_deviance", numbers, "it needs predictions above 0"),
        ("rmsle", numbers, "it takes logarithms, and the target goes down to -"),
        ("roc_acu", small_adult, "the metric 'roc_acu' is unknown; did you mean roc_auc?"),
    ],
)
def test_a_metric_that_cannot_be_computed_says_why(metric, table, why):
    with pytest.raises(CardError) as caught:
        automl_gpt_magic.plan(cards(metric), frame=table())
    assert why in str(caught.value)


def test_a_metric_taken_later_changes_forecast_cells_and_what_is_judged_by():
    settings = AutoML()
    situation = survey(cards("log_loss", "accuracy"), None, frame=small_adult(), settings=settings)
    standing, replan = Standing(situation), replanner(settings)
    asked = take(standing, [Change("metric", "metric", "log_loss", "neg_brier_score", "user", "")], replan)
    assert asked.plan.metric == asked.plan.curve.metric == "brier_score"
    assert "brier_score_loss" in asked.plan.code["model"] and "brier_score_loss" in asked.plan.code["training"]
    accurate = take(asked, [Change("metric", "metric", "brier_score", "accuracy", "user", "")], replan)
    assert accurate.plan.metric == "accuracy"
    with pytest.raises(UsageError, match="rmse does not measure a binary classification"):
        take(standing, [Change("metric", "metric", "log_loss", "rmse", "user", "")], replan)


def test_a_request_names_metrics_beside_the_card():
    frame = small_adult()
    plan = automl_gpt_magic.plan({**cards(), "request": {"metrics": ["AUC", "macro F1"]}}, frame=frame)
    assert plan.cards.data.metrics == ("roc_auc", "f1_macro") and plan.metric == "roc_auc"
    assert list(plan.forecast.curves) == ["roc_auc", "f1_macro", "log_loss"]
