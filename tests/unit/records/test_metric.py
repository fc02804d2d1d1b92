"""What is known of metrics agrees with scikit-learn, and what cannot be computed says why."""

import pytest
from sklearn.metrics import get_scorer, get_scorer_names

from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION
from automl_gpt_magic.records.curve import LOWER_IS_BETTER
from automl_gpt_magic.records.metric import METRICS, label_of, metric_named, why_not

IMPOSSIBLE = (
    *(name for name in get_scorer_names() if name.endswith("_samples")),
    *("adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "fowlkes_mallows_score"),
    *("homogeneity_score", "mutual_info_score", "normalized_mutual_info_score", "rand_score", "v_measure_score"),
    *("neg_mean_poisson_deviance", "neg_mean_gamma_deviance"),
)


@pytest.mark.parametrize("name", sorted(set(get_scorer_names()) - set(IMPOSSIBLE)))
def test_every_scorer_is_known_with_its_direction(name):
    metric = metric_named(name)
    assert metric.tasks
    assert metric.lower_is_better == (get_scorer(name)._sign < 0)
    assert LOWER_IS_BETTER[metric.name] == metric.lower_is_better
    assert metric_named(metric.name) is metric


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_scorers_that_no_model_here_can_have_say_why(name):
    with pytest.raises(ValueError, match=r"cannot be computed here: it (compares clusters|is for rows|needs)"):
        metric_named(name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("AUC", "roc_auc"),
        ("PR-AUC", "average_precision"),
        ("macro F1", "f1_macro"),
        ("F1 macro", "f1_macro"),
        ("weighted f1-score", "f1_weighted"),
        ("sensitivity", "recall"),
        ("MCC", "matthews_corrcoef"),
        ("Brier", "brier_score"),
        ("MSE", "mean_squared_error"),
        ("MAPE", "mean_absolute_percentage_error"),
        ("neg_root_mean_squared_error", "rmse"),
        ("neg_log_loss", "log_loss"),
        ("RMSLE", "root_mean_squared_log_error"),
        ("R squared", "r2"),
        ("negative_likelihood_ratio", "negative_likelihood_ratio"),
    ],
)
def test_metrics_are_found_by_how_people_write_them(written, name):
    assert metric_named(written).name == name


def test_no_two_metrics_share_a_spelling():
    spellings = [spelling for metric in METRICS.values() for spelling in metric.spellings]
    assert len(spellings) == len(set(spellings))


def test_an_unknown_metric_is_met_with_the_nearest_one():
    with pytest.raises(ValueError, match=r"'acuracy' is unknown; did you mean accuracy\?"):
        metric_named("acuracy")


@pytest.mark.parametrize(
    ("name", "task", "why"),
    [
        ("roc_auc", REGRESSION, "roc_auc does not measure a regression: it compares classes. Write one of rmse, mae"),
        ("top_k_accuracy", REGRESSION, "does not measure a regression: it compares classes"),
        ("r2", BINARY, "r2 does not measure a binary classification: it compares numbers. Write one of log_loss"),
        ("rmse", MULTICLASS, "rmse does not measure a multiclass classification"),
        ("top_k_accuracy", BINARY, "among the two likeliest"),
        ("positive_likelihood_ratio", MULTICLASS, "it is defined for two classes"),
    ],
)
def test_a_metric_of_another_task_says_why(name, task, why):
    assert why in why_not(name, task)


def test_logarithms_need_targets_of_0_or_more():
    assert why_not("root_mean_squared_log_error", REGRESSION, 0.0) == ""
    assert "the target goes down to -3" in why_not("root_mean_squared_log_error", REGRESSION, -3.0)
    assert why_not("rmse", REGRESSION, -3.0) == ""


def test_labels_are_as_people_write_them():
    assert [label_of(name) for name in ("roc_auc", "f1", "r2", "log_loss", "mae")] == [
        *("ROC AUC", "F1", "R²", "log loss", "MAE")
    ]
    assert label_of("of_their_own") == "of their own"
