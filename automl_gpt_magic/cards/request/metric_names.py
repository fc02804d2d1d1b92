"""The metrics that a request may name, by the ways people write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...records.metric import METRICS

# Words that a request has for much else.
_NO_NAMES = ("loss", "ap")
# Beside the names, labels and spellings that the metrics themselves have.
_SPELT: Mapping[str, str] = {
    "accuracy": "genauigkeit|korrektklassifikationsrate",
    "balanced_accuracy": "balanced acc|balancierte genauigkeit|ausgewogene genauigkeit",
    "roc_auc": "auc roc|roc|area under the curve|area under the roc curve|auc score|roc auc score",
    "average_precision": "pr auc|auc pr|average precision score",
    "f1": "f1 score|f score|f1 measure|f1 wert|f1 mass",
    "f1_macro": "macro f1 score|f1 score macro|f1 ( macro )|f1 score ( macro )|macro averaged f1|makro f1|f1 makro",
    "f1_micro": "micro f1 score|f1 score micro|f1 ( micro )|f1 score ( micro )|micro averaged f1|mikro f1",
    "f1_weighted": "weighted f1 score|f1 score weighted|f1 ( weighted )|f1 score ( weighted )|gewichteter f1",
    "precision": "praezision",
    "recall": "sensitivitaet|true positive rate",
    "matthews_corrcoef": "matthews correlation coefficient",
    "log_loss": "logloss|cross entropy|logistic loss",
    "rmse": "root mean squared error|neg root mean squared error|root mean square error",
    "mae": "mean absolute error|neg mean absolute error|mittlerer absoluter fehler|mittlere absolute abweichung",
    "r2": "r squared|r 2|r2 score|bestimmtheitsmass|coefficient of determination",
    "mean_squared_error": "mittlerer quadratischer fehler",
    "explained_variance": "erklaerte varianz",
}


def spelt_metrics() -> Iterator[tuple[str, str]]:
    """Yield each phrase for a metric that models can be measured by, and the metric's name."""
    for name, metric in METRICS.items():
        if metric.tasks:
            written = (name, f"neg_{name}", metric.label, *metric.spellings, *_SPELT.get(name, "").split("|"))
            plain = (phrase for phrase in dict.fromkeys(written) if phrase and "," not in phrase)
            yield from ((phrase, name) for phrase in plain if phrase not in _NO_NAMES)


def is_impossible(name: str, bound: float, in_percent: bool) -> bool:
    """Return whether a bound is none that can be meant: a recall of 90, or an error in the target's unit in percent."""
    is_share = METRICS[name].highest <= 1 or name == "mean_absolute_percentage_error"
    return bound > 1 if is_share else in_percent
