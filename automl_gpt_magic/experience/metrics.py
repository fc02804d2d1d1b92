"""Curves of whatever metric a card asks for, from the forecast of loss and error, where measured trainings tell it.

The recorded runs hold log loss and accuracy, or RMSE and MAE. What other metrics came to beside these was measured on
the recorded tables, of at most 2,000 rows (``python -m automl_gpt_magic.recording metrics``). Of a table that was left
out of the fit, they are off by so much at the end of a training, as a mean of absolute errors, where the loss and error
that were measured are known; always to say the median of the other tables is off by what stands in brackets.

========================  =============  =============  ==============
metric                    two classes    more classes   regression
========================  =============  =============  ==============
roc_auc                   0.028 (0.107)  0.032 (0.102)
average_precision         0.040 (0.178)  0.051 (0.190)
brier_score               0.018 (0.243)  0.026 (0.222)
d2_log_loss_score         0.005 (0.234)  0.009 (0.228)
balanced_accuracy         0.022 (0.143)  0.036 (0.212)
f1                        0.048 (0.262)  0.050 (0.210)
f1_macro                  0.027 (0.154)  as f1
f1_weighted               0.011 (0.117)  0.050 (0.172)
precision                 0.111 (0.199)  0.072 (0.220)
precision_macro           0.061 (0.144)  as precision
precision_weighted        0.022 (0.114)  0.063 (0.176)
recall                    0.071 (0.296)  as balanced_accuracy
jaccard                   0.037 (0.271)  0.041 (0.224)
matthews_corrcoef         0.034 (0.271)  0.031 (0.225)
top_k_accuracy                           0.035 (0.098)
r2                                                      0.028 (0.270)
explained_variance                                      0.028 (0.269)
median_absolute_error                                   0.022 (0.164)
d2_absolute_error_score                                 0.025 (0.212)
========================  =============  =============  ==============

The median absolute error counts in standard deviations of the target, the Brier score as a share of what the class
shares alone give. With loss and error forecast too, for each of 62 recorded tables from the runs of all others, the 80%
bands of these metrics held 88% of what six trainings of 100 and 200 rounds came to, and the 95% bands 97% (two classes
85 and 94%, more 97 and 99%, regression 84 and 98%). So they are wider than they have to be for more than two classes.
The lines, but not the bands, had been fitted to these tables too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from ..records.curve import QUANTILES, Curve
from ..records.evidence import Forecast, Forecasting
from ..records.metric import LOSSES, METRICS, judged_by, label_of
from ..records.table import TableProfile
from .metric_models import DECIDED, FITTED, MISSED, Course, load_models, predicted, unit_of, unscaled
from .scales import scales

Floats = NDArray[np.float64]

# Metrics that are the same number as another one, or nearly so.
_ACCURACIES = ("f1_micro", "precision_micro", "recall_micro", "recall_weighted")
_SAME: Mapping[str, Mapping[str, str]] = {
    BINARY: {
        **dict.fromkeys(_ACCURACIES, "accuracy"),
        **dict.fromkeys(("roc_auc_ovr", "roc_auc_ovr_weighted", "roc_auc_ovo", "roc_auc_ovo_weighted"), "roc_auc"),
        "recall_macro": "balanced_accuracy",
    },
    MULTICLASS: {
        **dict.fromkeys(_ACCURACIES, "accuracy"),
        **{f"{name}_macro": name for name in ("f1", "precision", "jaccard")},
        **dict.fromkeys(("recall", "recall_macro"), "balanced_accuracy"),
        "roc_auc_ovr": "roc_auc",
    },
    REGRESSION: {},
}
_SQUARED = "mean_squared_error"
_NATIVE = ("log_loss", "accuracy", "rmse", "mae")
_MIDDLE = QUANTILES.index(0.5)


def with_asked(forecast: Forecasting, card: DataCard, table: TableProfile | None) -> Forecasting:
    """Return a forecast of the metrics that the card asks for, in its order, and of the loss.

    A metric that nothing tells has no curve. One that is forecast already stays as it is.

    Parameters
    ----------
    forecast : callable
        From a whole configuration to the curves of loss and error, or to what this function made of it.
    card : DataCard
    table : TableProfile or None
    """

    def asked(configuration: Mapping[str, Any]) -> Forecast:
        plain = forecast(configuration)
        if not card.metrics or not card.task:
            return plain
        in_order = dict.fromkeys(filter(None, (judged_by(card.metrics), *card.metrics)))
        curves = {metric: _curve(metric, plain, card, table) for metric in in_order}
        curves.setdefault(plain.loss.metric, plain.loss)
        return replace(plain, curves={metric: curve for metric, curve in curves.items() if curve is not None})

    return asked


def told_by(card: DataCard) -> tuple[str, ...]:
    """Say how the metric is predicted that the card asks for first, or that it is not, and what the values go by."""
    metric = judged_by(card.metrics)
    if not metric or card.task not in _SAME or metric in LOSSES:
        return ()
    loss, beside = ("RMSE", "RMSE and MAE") if card.task == REGRESSION else ("log loss", "log loss and accuracy")
    by, label = f"The values are recommended by the {loss} of recorded runs", label_of(metric)
    if metric in _NATIVE:
        return (f"{by}, not by the {label}.",)
    if _source(metric, card.task) is None:
        return (f"{label[:1].upper()}{label[1:]}: not predicted; it will be measured. {by}.",)
    return (f"{by}; the {label} is predicted from {beside}, as they went together in other trainings of XGBoost.",)


def _curve(metric: str, plain: Forecast, card: DataCard, table: TableProfile | None) -> Curve | None:
    if metric in plain.curves:
        return plain.curves[metric]
    source = _source(metric, card.task)
    if source is None or len(plain.curves) < 2:
        return None
    if source in plain.curves:
        return _exactly(metric, plain.curves[source])
    return _predicted(metric, source, plain, card, scales(card, table))


def _source(metric: str, task: str) -> str | None:
    """Return what a metric is predicted as: itself, or one that is the same; None where nothing tells it."""
    if metric == _SQUARED:
        return "rmse"
    if task not in _SAME:
        return None
    same = _SAME[task].get(metric, metric)
    told = (*FITTED[task], *(DECIDED if task == BINARY else ()), "accuracy")
    return same if same in told and same != MISSED else None


def _exactly(metric: str, curve: Curve) -> Curve:
    """Return a metric that another one tells exactly: the same number, or the square of the RMSE."""
    if metric != _SQUARED:
        return replace(curve, metric=metric)
    training = None if curve.training is None else curve.training**2
    quantiles = None if curve.quantiles is None else curve.quantiles**2
    return replace(curve, metric=metric, value=curve.value**2, training=training, quantiles=quantiles)


def _predicted(metric: str, source: str, plain: Forecast, card: DataCard, units: tuple[float, float]) -> Curve:
    """Return a metric's curve with its band, which knows of two doubts: what loss and error will be, and what then.

    For each quantile of the loss, the error is taken at the same: they are high and low together. Both doubts are
    taken as independent.
    """
    models, courses = load_models()[card.task], _courses(plain, card, units)
    band = models[source].band
    assert band is not None, "every metric that can be predicted has one"
    steps, levels = plain.loss.steps, predicted(source, courses, models)
    middle, levels = levels[_MIDDLE], np.sort(levels, axis=0)
    own = band.offsets(courses.doubts[:, _MIDDLE], np.log(steps / steps[-1]))
    sides = np.sign(np.array(QUANTILES) - 0.5)[:, None]
    values = unscaled(source, np.maximum.accumulate(middle + sides * np.hypot(levels - middle, own), axis=0))
    values = values * unit_of(metric, courses.shares, units[0])
    return Curve(metric, steps, values[_MIDDLE], quantiles=values)


def _courses(plain: Forecast, card: DataCard, units: tuple[float, float]) -> Course:
    """Return how the training goes at each of `QUANTILES` of its loss, (9, n)."""
    error = next(curve for metric, curve in plain.curves.items() if metric in ("accuracy", "mae"))
    losses, errors = (_quantiles(one) / unit for one, unit in zip((plain.loss, error), units, strict=True))
    return Course(losses, errors, _shares(card))


def _quantiles(curve: Curve) -> Floats:
    """Return the quantiles, (9, n), of what a curve says that is lost."""
    quantiles = np.tile(curve.value, (len(QUANTILES), 1)) if curve.quantiles is None else curve.quantiles
    return quantiles if METRICS[curve.metric].lower_is_better else 1 - quantiles[::-1]


def _shares(card: DataCard) -> Floats:
    """Return the share of each class, in the order of the labels; even ones where the card does not say them."""
    if card.task == REGRESSION:
        return np.array([])
    names = [label.name for label in card.label_space] or list(card.class_balance)
    shares = np.array([card.class_balance.get(name, 0.0) for name in names])
    shares = shares[shares > 0]
    even = max(2, len(names)) if card.task == MULTICLASS else 2
    return shares / shares.sum() if len(shares) > 1 else np.full(even, 1 / even)
