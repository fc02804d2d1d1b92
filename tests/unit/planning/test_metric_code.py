"""Generated expressions give what scikit-learn's scorers give, and the log of every family has what is asked for."""

from __future__ import annotations

import math
from inspect import signature

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import LinearRegression
from sklearn.metrics import brier_score_loss, get_scorer, get_scorer_names
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_limits

from automl_gpt_magic.planning.metric_code import Parts, expression, functions, in_a_log
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from automl_gpt_magic.records.metric import metric_named

PARTS = Parts("y", "model.predict_proba(x)", "model.predict(x)", "len(classes)")
# scikit-learn's scorer of several classes is another one, or is none.
SCORERS = {
    "roc_auc": "roc_auc_ovr",
    **{name: f"{name}_macro" for name in ("f1", "precision", "recall", "jaccard")},
}
BRIER_OF_SEVERAL_CLASSES = "scale_by_half" in signature(brier_score_loss).parameters


class NoLess(LinearRegression):
    def predict(self, x):
        return np.abs(super().predict(x))


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def fitted(task):
    if task == REGRESSION:
        x, y = make_regression(300, 5, noise=30, random_state=0)
        return LinearRegression().fit(x[:200], y[:200]), x[200:], y[200:]
    x, y = make_classification(
        400, 6, n_informative=4, n_classes=2 if task == BINARY else 4, flip_y=0.3, random_state=0
    )
    return GaussianNB().fit(x[:200], y[:200]), x[200:], y[200:]


def evaluated(code, **names):
    imported = {name: getattr(sklearn_metrics, name) for name in functions([code])}
    return eval(code, {"np": np, **imported, **names})


def scorers(task):
    usable = []
    for name in get_scorer_names():
        try:
            usable += [name] if task in metric_named(name).tasks else []
        except ValueError:
            continue
    return usable


@pytest.mark.parametrize(
    ("task", "scorer"), [(task, name) for task in (BINARY, MULTICLASS, REGRESSION) for name in scorers(task)]
)
def test_every_expression_gives_what_the_scorer_gives(task, scorer):
    if (task, scorer) == (MULTICLASS, "neg_brier_score") and not BRIER_OF_SEVERAL_CLASSES:
        pytest.skip("the scorer takes several classes only from scikit-learn 1.7")
    model, x, y = fitted(task)
    if "log_error" in scorer:
        model, y = NoLess().fit(x, y), np.abs(y)
    metric, card = metric_named(scorer).name, DataCard("x", task=task)
    found = evaluated(
        expression(metric, card, PARTS), model=model, x=x, y=y, classes=range(4 if task == MULTICLASS else 2)
    )
    wanted = get_scorer(SCORERS.get(scorer, scorer) if task == MULTICLASS else scorer)
    assert found == pytest.approx(wanted._sign * wanted(model, x, y), rel=1e-9)
    given = model.predict(x) if task == REGRESSION else model.predict_proba(x)
    assert evaluated(in_a_log([metric], card)[metric], y=y, p=given) == pytest.approx(found, rel=1e-9)


def test_a_class_that_is_not_there_is_left_out_of_averages():
    p = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.4, 0.5, 0.1], [0.6, 0.3, 0.1]])
    y, card = np.array([0, 1, 1, 0]), DataCard("x", task=MULTICLASS)
    for name in ("roc_auc", "average_precision", "roc_auc_ovr_weighted", "log_loss", "f1_macro"):
        assert math.isfinite(evaluated(in_a_log([name], card)[name], y=y, p=p))
