"""Metrics that were not recorded are predicted from loss and error, as wide as both are unsure."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import get_scorer, log_loss, mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import Advice, Prior
from automl_gpt_magic.experience.metric_models import (
    DECIDED,
    FILE,
    FITTED,
    MISSED,
    SCHEMA_VERSION,
    Course,
    decided,
    load_models,
    missed_share,
    predicted,
    scaled,
    unscaled,
)
from automl_gpt_magic.experience.metrics import told_by, with_asked
from automl_gpt_magic.planning.families import XGBOOST, family_named
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard, Label
from automl_gpt_magic.records.curve import QUANTILES, Curve, quantiles_within
from automl_gpt_magic.records.evidence import Forecast
from automl_gpt_magic.records.metric import METRICS

CARDS = {
    BINARY: DataCard("People", task=BINARY, class_balance={"low": 0.76, "high": 0.24}, label_space=()),
    MULTICLASS: DataCard("Plants", task=MULTICLASS, class_balance={"a": 0.3, "b": 0.3, "c": 0.4}),
    REGRESSION: DataCard("Houses", task=REGRESSION),
}
PREDICTED = [(task, name) for task in CARDS for name in FITTED[task] if name != MISSED]
PREDICTED += [(BINARY, name) for name in DECIDED]
STEPS = np.array([1, 10, 50, 100])


def forecast_of(task, loss, error, width=0.05):
    """Return a forecast that ends at a relative loss and error, both falling from 1."""
    fall = np.array([1.0, 0.4, 0.1, 0.0])
    unit = {BINARY: 0.5511, MULTICLASS: 1.0889, REGRESSION: 1.0}[task]
    most = {BINARY: 0.24, MULTICLASS: 0.6, REGRESSION: 1.0}[task]
    low, high = 1 - width, 1 + width
    losses, errors = (unit * (one + (1 - one) * fall) for unit, one in ((unit, loss), (most, error)))
    names = ("rmse", "mae") if task == REGRESSION else ("log_loss", "accuracy")
    lines = {
        names[0]: Curve(names[0], STEPS, losses, quantiles=quantiles_within(low * losses, losses, high * losses)),
        names[1]: Curve(names[1], STEPS, errors, quantiles=quantiles_within(low * errors, errors, high * errors)),
    }
    if task != REGRESSION:
        error_curve = lines["accuracy"]
        quantiles = 1 - error_curve.quantiles[::-1]
        lines["accuracy"] = replace(error_curve, value=1 - errors, quantiles=quantiles)
    return Forecast(lines, 3.0)


def asked(task, *metrics, loss=0.5, error=0.5, width=0.05, **changes):
    card = replace(CARDS[task], metrics=metrics, **changes)
    return with_asked(lambda configuration: forecast_of(task, loss, error, width), card, None)({})


@pytest.mark.parametrize(("task", "metric"), PREDICTED)
def test_a_predicted_curve_has_a_rising_band_within_the_metrics_range(task, metric):
    forecast = asked(task, metric)
    curve = forecast.curves[metric]
    assert next(iter(forecast.curves)) == metric == curve.metric
    assert curve.quantiles.shape == (9, 4) and (np.diff(curve.quantiles, axis=0) >= 0).all()
    assert (curve.quantiles >= METRICS[metric].lowest).all() and (curve.quantiles <= METRICS[metric].highest).all()
    assert np.array_equal(curve.value, curve.quantiles[QUANTILES.index(0.5)])
    assert curve.lower[-1] < curve.value[-1] < curve.upper[-1]


@pytest.mark.parametrize(("task", "metric"), PREDICTED)
def test_a_better_training_is_predicted_better_and_a_surer_one_surer(task, metric):
    sign = -1 if METRICS[metric].lower_is_better else 1
    better, worse = (asked(task, metric, loss=one, error=one).curves[metric].final for one in (0.3, 0.7))
    assert sign * better > sign * worse
    narrow, wide = (asked(task, metric, width=one).curves[metric].half_width for one in (0.02, 0.3))
    assert narrow < wide


def test_curves_are_those_that_are_asked_for_in_their_order_and_the_loss():
    assert list(asked(BINARY, "f1", "accuracy", "roc_auc").curves) == ["f1", "accuracy", "roc_auc", "log_loss"]
    assert list(asked(BINARY, "log_loss").curves) == ["log_loss"]
    assert list(asked(BINARY).curves) == ["log_loss", "accuracy"]
    assert list(asked(BINARY, "positive_likelihood_ratio").curves) == ["log_loss"]
    assert list(asked(REGRESSION, "max_error", "r2").curves) == ["r2", "rmse"]


def test_a_forecast_that_has_a_metric_keeps_it():
    card = replace(CARDS[BINARY], metrics=("roc_auc", "log_loss"))
    measured = Curve("roc_auc", STEPS, np.full(4, 0.9))
    plain = forecast_of(BINARY, 0.5, 0.5)
    known = replace(plain, curves={"roc_auc": measured, "log_loss": plain.curves["log_loss"]})
    assert with_asked(lambda configuration: known, card, None)({}).curves["roc_auc"] is measured


def test_the_same_numbers_under_other_names_are_predicted_alike():
    forecast = asked(BINARY, "f1_micro", "accuracy", "recall_macro", "balanced_accuracy", "roc_auc_ovr", "roc_auc")
    for one, other in (("f1_micro", "accuracy"), ("recall_macro", "balanced_accuracy"), ("roc_auc_ovr", "roc_auc")):
        assert np.array_equal(forecast.curves[one].quantiles, forecast.curves[other].quantiles)
    squared = asked(REGRESSION, "mean_squared_error").curves
    assert np.allclose(squared["mean_squared_error"].quantiles, squared["rmse"].quantiles ** 2)


def test_a_card_without_class_shares_is_predicted_as_an_even_one():
    labels = (Label("a"), Label("b"))
    even = asked(BINARY, "f1", class_balance={"a": 0.5, "b": 0.5}, label_space=labels).curves["f1"]
    unknown = asked(BINARY, "f1", class_balance={}, label_space=labels).curves["f1"]
    assert even.value.tolist() == unknown.value.tolist()


def test_the_positive_class_is_the_second_label():
    rare = asked(BINARY, "f1", label_space=(Label("low"), Label("high"))).curves["f1"]
    common = asked(BINARY, "f1", label_space=(Label("high"), Label("low"))).curves["f1"]
    assert common.final > rare.final + 0.1


@pytest.mark.parametrize("seed", range(5))
def test_what_follows_from_the_missed_positives_is_what_scikit_learn_computes(seed):
    random = np.random.default_rng(seed)
    y = random.random(1000) < random.uniform(0.1, 0.9)
    called = np.where(random.random(1000) < random.uniform(0.02, 0.4), ~y, y)
    positive, wrong = y.mean(), (called != y).mean()
    shares = np.array([1 - positive, positive])
    course = Course(np.array([0.5]), np.array([wrong / (1 - shares.max())]), shares)
    missed = np.array([(y & ~called).sum() / (called != y).sum()])
    for name in DECIDED:
        scorer = get_scorer(name)
        found = scorer._score_func(y, called, **scorer._kwargs)
        assert decided(name, course, missed)[0] == pytest.approx(found, abs=1e-9), name
    recall = np.array([(y & called).sum() / y.sum()])
    assert missed_share(recall, course) == pytest.approx(missed, abs=0.05)


@pytest.mark.parametrize(("task", "metric"), PREDICTED)
def test_the_scale_is_undone(task, metric):
    values = np.array([0.05, 0.4, 0.9])
    assert unscaled(metric, scaled(metric, values)) == pytest.approx(values)
    assert (np.diff(scaled(metric, values)) > 0).all()


REAL = {
    "breast_cancer": (load_breast_cancer, BINARY, ("roc_auc", "f1", "balanced_accuracy", "brier_score")),
    "wine": (load_wine, MULTICLASS, ("roc_auc", "f1", "matthews_corrcoef")),
    "iris": (load_iris, MULTICLASS, ("balanced_accuracy", "average_precision")),
    "diabetes": (load_diabetes, REGRESSION, ("r2", "median_absolute_error")),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_training_of_another_model_is_inside_the_wider_band(name):
    load, task, metrics = REAL[name]
    x, y = load(return_X_y=True)
    stratify = None if task == REGRESSION else y
    x, there, y, truth = train_test_split(x, y, test_size=0.4, random_state=0, stratify=stratify)
    kind = HistGradientBoostingRegressor if task == REGRESSION else HistGradientBoostingClassifier
    with threadpool_limits(1):
        model = kind(max_iter=30, early_stopping=False, random_state=0).fit(x, y)
        staged = list(model.staged_predict(there) if task == REGRESSION else model.staged_predict_proba(there))
    steps = np.array([3, 10, 30])
    given = [staged[step - 1] for step in steps]
    if task == REGRESSION:
        card, scale = CARDS[task], float(np.std(np.append(y, truth)))
        losses = np.array([root_mean_squared_error(truth, p) for p in given]) / scale
        errors = np.array([mean_absolute_error(truth, p) for p in given]) / scale
        names = ("rmse", "mae")
    else:
        shares = np.bincount(truth) / len(truth)
        card = replace(CARDS[task], class_balance={f"k{k}": share for k, share in enumerate(shares)})
        losses = np.array([log_loss(truth, p) for p in given])
        errors = np.array([(p.argmax(axis=1) == truth).mean() for p in given])
        names = ("log_loss", "accuracy")
        scale = 1.0
    known = Forecast({kind: Curve(kind, steps, line) for kind, line in zip(names, (losses, errors), strict=True)}, 1.0)
    curves = with_asked(lambda configuration: known, replace(card, metrics=metrics), None)({}).curves
    for metric in metrics:
        code = {"roc_auc": "roc_auc_ovr", "f1": "f1_macro", "brier_score": "neg_brier_score"}
        scorer = get_scorer(f"neg_{metric}" if metric == "median_absolute_error" else code.get(metric, metric))
        scorer = get_scorer("f1") if (metric, task) == ("f1", BINARY) else scorer
        measured = scorer._sign * scorer(model, there, truth) / (scale if metric == "median_absolute_error" else 1)
        low, high = curves[metric].quantiles[[0, -1], -1]
        assert low <= measured <= high, (metric, low, measured, high)
        assert high - low < 0.8


def test_advice_and_prior_forecast_what_the_card_asks_for():
    card = replace(CARDS[BINARY], n_rows=5000, n_features=14, n_numeric=6, n_categorical=8, metrics=("roc_auc",))
    forest = family_named("RandomForestClassifier")
    for told in (Advice(card, None, XGBOOST, {}), Prior(card, None, forest.space, {}, forest.rounds)):
        forecast = with_asked(told.forecast, card, None)(told.evidence.configuration)
        assert list(forecast.curves) == ["roc_auc", "log_loss"]
        assert 0.6 < forecast.curves["roc_auc"].final < 0.99


@pytest.mark.parametrize(
    ("task", "metric", "said"),
    [
        (BINARY, "roc_auc", "the ROC AUC is predicted from log loss and accuracy"),
        (BINARY, "accuracy", "by the log loss of recorded runs, not by the accuracy."),
        (BINARY, "positive_likelihood_ratio", "Positive likelihood ratio: not predicted; it will be measured."),
        (REGRESSION, "r2", "the R² is predicted from RMSE and MAE"),
        (REGRESSION, "max_error", "Largest error: not predicted; it will be measured. The values are recommended by"),
    ],
)
def test_a_note_says_how_the_metric_is_predicted(task, metric, said):
    (note,) = told_by(replace(CARDS[task], metrics=(metric, "accuracy" if task == BINARY else "mae")))
    assert said in note


def test_nothing_is_said_where_the_loss_is_asked_for():
    assert told_by(replace(CARDS[BINARY], metrics=("log_loss", "roc_auc"))) == ()
    assert told_by(CARDS[BINARY]) == ()


def test_the_table_of_errors_is_the_shipped_one():
    from automl_gpt_magic.experience import metrics

    about = json.loads(FILE.read_text())
    for task, name in PREDICTED:
        fitted = about["tasks"][task][name]
        assert f"{fitted['error']:.3f} ({fitted['without']:.3f})" in metrics.__doc__, (task, name)
        assert fitted["error"] < 0.6 * fitted["without"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda about: about.pop("tasks"),
        lambda about: about.update(schema_version=SCHEMA_VERSION + 1),
        lambda about: about["tasks"][BINARY]["roc_auc"].update(line=[float("nan")]),
        lambda about: about["tasks"][BINARY]["roc_auc"]["band"].pop("quantiles"),
    ],
)
def test_a_damaged_file_says_what_to_do(damage, tmp_path):
    about = json.loads(FILE.read_text())
    damage(about)
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(about))
    with pytest.raises(ExperienceError, match=r"upgrade the package|reinstall the package"):
        load_models(path)


def test_every_metric_that_can_be_predicted_was_fitted():
    for task, name in PREDICTED:
        shares = {BINARY: [0.4, 0.6], MULTICLASS: [0.3, 0.3, 0.4], REGRESSION: []}[task]
        course = Course(np.array([0.9, 0.5]), np.array([0.9, 0.5]), np.array(shares))
        assert np.isfinite(predicted(name, course, load_models()[task])).all()
        assert load_models()[task][name].band is not None
