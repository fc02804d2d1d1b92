"""How generated cells compute a metric: one expression of scikit-learn and numpy for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..records.card import BINARY, REGRESSION, DataCard

# {y}: classes from 0 or numbers; {p}: a column of probabilities for each class; {d}: predicted classes or numbers;
# {k}: how many classes there are.
_BY_CLASS = "{score}({{y}} == c, {{p}}[:, c]) for c in np.unique({{y}})"
_SQUARES = "np.mean(np.sum(({p} - np.eye({k})[{y}]) ** 2, axis=1))"
_ONE_VS_ONE = "roc_auc_score({{y}}, {{p}}, multi_class='ovo', average={average!r}, labels=range({{k}}))"
# One class against the others, over those that are there: scikit-learn's own average needs all of them.
_ROC_AUCS, _PRECISIONS = (_BY_CLASS.format(score=f"{name}_score") for name in ("roc_auc", "average_precision"))
_ROC_AUC = f"np.mean([{_ROC_AUCS}])"
_COUNTS = "np.unique({y}, return_counts=True)[1]"
_CODE: Mapping[str, str] = {
    "log_loss": "log_loss({y}, {p}, labels=range({k}))",
    "accuracy": "accuracy_score({y}, {d})",
    "balanced_accuracy": "balanced_accuracy_score({y}, {d})",
    "roc_auc": _ROC_AUC,
    "roc_auc_ovr": _ROC_AUC,
    "roc_auc_ovr_weighted": f"np.average([{_ROC_AUCS}], weights={_COUNTS})",
    "roc_auc_ovo": _ONE_VS_ONE.format(average="macro"),
    "roc_auc_ovo_weighted": _ONE_VS_ONE.format(average="weighted"),
    "average_precision": f"np.mean([{_PRECISIONS}])",
    "matthews_corrcoef": "matthews_corrcoef({y}, {d})",
    "brier_score": _SQUARES,
    "d2_brier_score": f"1 - {_SQUARES} / (1 - np.sum(({_COUNTS} / len({{y}})) ** 2))",
    "d2_log_loss_score": "d2_log_loss_score({y}, {p}, labels=range({k}))",
    "top_k_accuracy": "top_k_accuracy_score({y}, {p}, k=2, labels=range({k}))",
    "rmse": "root_mean_squared_error({y}, {d})",
    "mae": "mean_absolute_error({y}, {d})",
    "r2": "r2_score({y}, {d})",
    "mean_squared_error": "mean_squared_error({y}, {d})",
    "median_absolute_error": "median_absolute_error({y}, {d})",
    "max_error": "max_error({y}, {d})",
    "mean_absolute_percentage_error": "mean_absolute_percentage_error({y}, {d})",
    # Their logarithm is of the number above -1, and a model may predict less.
    "mean_squared_log_error": "mean_squared_log_error({y}, np.maximum({d}, 0))",
    "root_mean_squared_log_error": "root_mean_squared_log_error({y}, np.maximum({d}, 0))",
    "explained_variance": "explained_variance_score({y}, {d})",
    "d2_absolute_error_score": "d2_absolute_error_score({y}, {d})",
}
_BINARY: Mapping[str, str] = {
    **dict.fromkeys(
        ("roc_auc", "roc_auc_ovr", "roc_auc_ovr_weighted", "roc_auc_ovo", "roc_auc_ovo_weighted"),
        "roc_auc_score({y}, {p}[:, 1])",
    ),
    "average_precision": "average_precision_score({y}, {p}[:, 1])",
    "brier_score": "brier_score_loss({y}, {p}[:, 1])",
    "d2_brier_score": "1 - brier_score_loss({y}, {p}[:, 1]) / np.var({y})",
    "positive_likelihood_ratio": "class_likelihood_ratios({y}, {d})[0]",
    "negative_likelihood_ratio": "class_likelihood_ratios({y}, {d})[1]",
}
_OVER_CLASSES = re.compile(r"(f1|precision|recall|jaccard)(?:_(macro|micro|weighted))?")
_FUNCTION = re.compile(r"(?<![.\w])([a-z]\w+)\(")
_PYTHONS_OWN = ("range", "len", "float")


@dataclass(frozen=True)
class Parts:
    """What the expressions are written with.

    Attributes
    ----------
    target : str
        Numbers, or classes from 0.
    probabilities : str
        A column for each class.
    predicted : str
        Numbers, or classes from 0.
    n_classes : str
    """

    target: str
    probabilities: str
    predicted: str
    n_classes: str


# In a log, `p` is what the model gives: numbers, or probabilities.
IN_A_LOG = Parts("y", "p", "p.argmax(axis=1)", "p.shape[1]")


def expression(metric: str, card: DataCard, parts: Parts) -> str:
    """Return the expression that computes a metric that suits the card's task."""
    code = _code(metric, card.task)
    return code.format(y=parts.target, p=parts.probabilities, d=parts.predicted, k=parts.n_classes)


def in_a_log(metrics: Iterable[str], card: DataCard) -> dict[str, str]:
    """Return the expression of each metric for the target ``y`` and what the model gives for it, ``p``."""
    parts = Parts("y", "p", "p", "1") if card.task == REGRESSION else IN_A_LOG
    return {metric: expression(metric, card, parts) for metric in metrics}


def functions(expressions: Iterable[str]) -> list[str]:
    """Return the functions of scikit-learn that expressions call, in order."""
    called = {name for code in expressions for name in _FUNCTION.findall(code)}
    return sorted(called.difference(_PYTHONS_OWN))


def others(card: DataCard, logged: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics that the card asks for beside those that a log has anyway."""
    return tuple(metric for metric in card.metrics if metric not in logged)


def _code(metric: str, task: str) -> str:
    averaged = _OVER_CLASSES.fullmatch(metric)
    if averaged:
        average = averaged[2] or ("binary" if task == BINARY else "macro")
        return f"{averaged[1]}_score({{y}}, {{d}}, average={average!r}, zero_division=0)"
    return _BINARY[metric] if task == BINARY and metric in _BINARY else _CODE[metric]
