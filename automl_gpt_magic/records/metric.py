"""What is known of each metric: which way is better, what values it can have, and for which tasks it can be computed.

Every scorer of scikit-learn 1.9 is here. A scorer whose name begins with ``neg_`` is a loss with its sign turned; here
the loss itself stands, under the name without ``neg_``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import did_you_mean
from .card import BINARY, DETECTION, MULTICLASS, REGRESSION, RETRIEVAL

_CLASSES = (BINARY, MULTICLASS)
_NUMBERS = (REGRESSION,)
_LOSS_BESIDE = {"accuracy": "log_loss", "mae": "rmse"}


@dataclass(frozen=True)
class Metric:
    """A metric of the validation part.

    Attributes
    ----------
    name : str
        In cards, curves and generated code.
    label : str
        As people write it.
    tasks : tuple of str
        Those that it can be computed for.
    lower_is_better : bool
    lowest, highest : float
        No value is outside.
    of_probabilities : bool
        Whether it is computed from probabilities, not from predicted classes or numbers.
    in_units : bool
        Whether its size depends on the target's unit.
    least_target : float
        No target may be below it.
    why_not : str
        Why it cannot be computed for other tasks.
    spellings : tuple of str
        Further ones, in lower-case letters and digits.
    """

    name: str
    label: str
    tasks: tuple[str, ...]
    lower_is_better: bool = False
    lowest: float = 0.0
    highest: float = 1.0
    of_probabilities: bool = False
    in_units: bool = False
    least_target: float = -math.inf
    why_not: str = ""
    spellings: tuple[str, ...] = ()


def _of_classes(name: str, label: str, *spellings: str) -> Metric:
    return Metric(name, label, _CLASSES, spellings=spellings)


def _of_probabilities(name: str, label: str, *spellings: str) -> Metric:
    return Metric(name, label, _CLASSES, of_probabilities=True, spellings=spellings)


def _of_numbers(name: str, label: str, *spellings: str) -> Metric:
    """Return a share of what knowing only the mean leaves open: 1 at best, below 0 where that does better."""
    return Metric(name, label, _NUMBERS, lowest=-math.inf, spellings=spellings)


def _error(name: str, label: str, *spellings: str, in_units: bool = True) -> Metric:
    return Metric(name, label, _NUMBERS, True, highest=math.inf, in_units=in_units, spellings=spellings)


def _averaged(name: str, label: str, *spellings: str) -> list[Metric]:
    """Return a metric of one class, and the ways in which it is averaged over several."""
    several = Metric(f"{name}_samples", f"{label} by row", (), why_not="it is for rows that have several labels each")
    ways = [
        _of_classes(f"{name}_{way}", f"{way} {label}", *(f"{way}{one}" for one in (name, f"{name}score", *spellings)))
        for way in ("macro", "micro", "weighted")
    ]
    return [_of_classes(name, label, f"{name}score", *spellings), *ways, several]


def _clusters(*names: str) -> list[Metric]:
    why = "it compares clusters with classes, and models here predict classes or numbers"
    return [Metric(name, name.replace("_", " "), (), why_not=why) for name in names]


def _above_zero(name: str, label: str) -> Metric:
    why = "it needs predictions above 0, and models here may predict any number; take rmse or mae"
    return Metric(name, label, (), True, highest=math.inf, why_not=why)


def _of_boxes(name: str, label: str, *spellings: str) -> Metric:
    return Metric(name, label, (DETECTION,), why_not="it compares boxes with boxes", spellings=spellings)


def _of_ranks(name: str, label: str, *spellings: str) -> Metric:
    why = "it asks at which rank a passage is found"
    return Metric(name, label, (RETRIEVAL,), why_not=why, spellings=spellings)


def _top(k: int) -> Metric:
    """Return the share of questions with a right passage among the first k, as DPR reports it (arXiv:2004.04906)."""
    return _of_ranks(f"recall_at_{k}", f"top-{k} accuracy", f"top{k}accuracy", f"recall{k}", f"hit{k}")


_TWO = "it is defined for two classes"
_LOG_ERRORS = [
    replace(_error(*row, in_units=False), least_target=0.0)
    for row in (
        ("mean_squared_log_error", "mean squared log error", "msle"),
        ("root_mean_squared_log_error", "RMSLE", "rmsle"),
    )
]
_EVERY = [
    replace(
        _of_probabilities("log_loss", "log loss", "crossentropy", "nll", "logisticloss"),
        lower_is_better=True,
        highest=math.inf,
    ),
    _of_classes("accuracy", "accuracy", "acc", "accuracyscore"),
    _of_probabilities("roc_auc", "ROC AUC", "auc", "auroc", "aucroc", "rocaucscore", "aucscore"),
    _of_classes("balanced_accuracy", "balanced accuracy", "balancedacc", "balancedaccuracyscore"),
    *_averaged("f1", "F1", "fscore", "f1measure"),
    *_averaged("precision", "precision", "ppv"),
    *_averaged("recall", "recall", "sensitivity", "tpr", "truepositiverate"),
    *_averaged("jaccard", "Jaccard index", "iou"),
    _of_probabilities("average_precision", "average precision", "averageprecisionscore", "prauc", "aucpr", "auprc"),
    replace(_of_classes("matthews_corrcoef", "Matthews correlation", "mcc", "matthews"), lowest=-1.0),
    replace(
        _of_probabilities("brier_score", "Brier score", "brier", "brierscoreloss"), lower_is_better=True, highest=2.0
    ),
    replace(_of_probabilities("d2_brier_score", "D² of the Brier score"), lowest=-math.inf),
    replace(_of_probabilities("d2_log_loss_score", "D² of the log loss", "d2logloss"), lowest=-math.inf),
    _of_probabilities("roc_auc_ovr", "ROC AUC, one against the rest"),
    _of_probabilities("roc_auc_ovr_weighted", "weighted ROC AUC, one against the rest"),
    _of_probabilities("roc_auc_ovo", "ROC AUC, one against one"),
    _of_probabilities("roc_auc_ovo_weighted", "weighted ROC AUC, one against one"),
    Metric(
        "top_k_accuracy",
        "top 2 accuracy",
        (MULTICLASS,),
        of_probabilities=True,
        why_not="it asks whether the right class is among the two likeliest, and needs more than two classes",
        spellings=("topkaccuracyscore", "top2accuracy"),
    ),
    Metric("positive_likelihood_ratio", "positive likelihood ratio", (BINARY,), highest=math.inf, why_not=_TWO),
    Metric("negative_likelihood_ratio", "negative likelihood ratio", (BINARY,), True, highest=math.inf, why_not=_TWO),
    _error("rmse", "RMSE", "rootmeansquarederror", "rootmeansquareerror"),
    _error("mae", "MAE", "meanabsoluteerror"),
    _of_numbers("r2", "R²", "r2score", "rsquared"),
    _error("mean_squared_error", "mean squared error", "mse", "meansquareerror"),
    _error("median_absolute_error", "median absolute error", "medae"),
    _error("max_error", "largest error", "maximumerror"),
    _error(
        "mean_absolute_percentage_error",
        "mean absolute percentage error",
        "mape",
        in_units=False,
    ),
    *_LOG_ERRORS,
    _of_numbers("explained_variance", "explained variance", "explainedvariancescore"),
    _of_numbers("d2_absolute_error_score", "D² of the absolute error", "d2absoluteerror"),
    _above_zero("mean_poisson_deviance", "mean Poisson deviance"),
    _above_zero("mean_gamma_deviance", "mean gamma deviance"),
    *_clusters("adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "fowlkes_mallows_score"),
    *_clusters("homogeneity_score", "mutual_info_score", "normalized_mutual_info_score", "rand_score"),
    *_clusters("v_measure_score"),
    _of_boxes("map", "mAP", "boxap", "ap", "cocoap", "meanaverageprecision", "map5095"),
    _of_boxes("map_50", "mAP at IoU 0.5", "ap50", "boxap50", "map05"),
    *map(_top, (1, 5, 20, 100)),
    _of_ranks("mrr", "mean reciprocal rank", "meanreciprocalrank"),
    Metric(
        "loss",
        "loss",
        (DETECTION, RETRIEVAL),
        True,
        highest=math.inf,
        why_not="it is the loss of networks that detect or retrieve",
        spellings=("setloss",),
    ),
]
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _EVERY}
# What training minimises; configurations are recorded, forecast and recommended by it.
LOSSES = ("log_loss", "rmse", "loss")
# Said where a metric cannot be computed: the usual ones of the task, of all that can.
_USUAL = {
    False: ("log_loss", "accuracy", "balanced_accuracy", "roc_auc", "average_precision", "f1", "precision", "recall"),
    True: ("rmse", "mae", "r2", "median_absolute_error", "mean_absolute_percentage_error"),
}
# Of the tasks that scikit-learn has no scorers for: all, the usual ones first.
OF_BOXES = ("map", "map_50")
OF_RANKS = ("recall_at_20", "mrr", "recall_at_1", "recall_at_5", "recall_at_100")
_OWN: Mapping[str, tuple[str, ...]] = {DETECTION: OF_BOXES, RETRIEVAL: OF_RANKS}


def _squeezed(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", word).lower())


_SPELLINGS = {spelling: metric.name for metric in _EVERY for spelling in (_squeezed(metric.name), *metric.spellings)}


def metric_named(word: str) -> Metric:
    """Return the metric of a name, in any of the ways that people write it.

    Raises
    ------
    ValueError
        If there is none, with the nearest name; or if no model here can be measured by it.
    """
    squeezed = _squeezed(word)
    known = _SPELLINGS.get(squeezed) or _SPELLINGS.get(squeezed.removeprefix("neg"))
    if known is None:
        usable = [metric.name for metric in _EVERY if metric.tasks]
        raise ValueError(f"the metric {word[:40]!r} is unknown; {did_you_mean(word, usable)}")
    metric = METRICS[known]
    if not metric.tasks:
        raise ValueError(f"{metric.name} cannot be computed here: {metric.why_not}")
    return metric


def why_not(name: str, task: str, least_target: float = math.inf) -> str:
    """Return why a metric cannot be computed for a task, and what to write; empty where it can.

    Parameters
    ----------
    name : str
        In `METRICS`.
    task : str
    least_target : float
        The smallest target of a regression, where it is known.
    """
    metric = METRICS[name]
    if task not in metric.tasks:
        compares = "it compares numbers" if REGRESSION in metric.tasks else "it compares classes"
        of_others = metric.why_not and (is_own(name) or task not in (REGRESSION, *_OWN))
        why = metric.why_not if of_others else compares
        return f"{name} does not measure {'an' if task[0] in 'aeiou' else 'a'} {task}: {why}. Write {_instead(task)}."
    if least_target < metric.least_target:
        return (
            f"{name} cannot be computed: it takes logarithms, and the target goes down to {least_target:g}. Write rmse."
        )
    return ""


def _instead(task: str) -> str:
    if task in _OWN:
        return f"one of {', '.join(_OWN[task])}"
    return f"one of {', '.join(_USUAL[task == REGRESSION])}, or another of scikit-learn's scorers for it"


def is_own(name: str) -> bool:
    """Return whether a metric is one of a task that scikit-learn has no scorers for."""
    return not _OWN.keys().isdisjoint(METRICS[name].tasks)


def is_for_numbers(name: str) -> bool:
    """Return whether a metric is one of a regression alone."""
    return METRICS[name].tasks == _NUMBERS


def label_of(name: str) -> str:
    """Return a metric as people write it."""
    return METRICS[name].label if name in METRICS else name.replace("_", " ")


def loss_of(metrics: Iterable[str]) -> str:
    """Return the first that is a loss that training minimises; empty without one."""
    return next((name for name in metrics if name in LOSSES), "")


def judged_by(asked: Sequence[str]) -> str:
    """Return the metric that a plan is judged by: the first that is asked for; empty where none is.

    Of a loss and the accuracy or mean error beside it, that is the loss, whatever their order: it is what is trained.
    """
    first = next(iter(asked), "")
    loss = _LOSS_BESIDE.get(first, "")
    return loss if loss in asked else first
