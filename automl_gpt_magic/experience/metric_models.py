"""What tells a metric by loss and error: the models that were fitted to measured trainings, and their form.

Of two classes, one number says how the errors of a decision divide: the share of them that are missed positives. F1,
precision, recall and the like follow from it, the error and the share of the positive class. Every other metric, and
that share, is a line of signs of the training (`signs_of`), on a scale without ends (`scaled`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError
from ..records.card import BINARY, MULTICLASS, REGRESSION
from ..records.metric import METRICS
from .band import Band
from .level import compressed

Floats = NDArray[np.float64]

SCHEMA_VERSION = 1
FILE = Path(__file__).with_name("metrics.json")
MISSED = "missed"  # the share of errors that are missed positives
_OF_PROBABILITIES = ("roc_auc", "average_precision", "brier_score", "d2_log_loss_score")
_OF_SEVERAL = ("balanced_accuracy", "f1", "f1_weighted", "precision", "precision_weighted", "jaccard")
# What has a line of its own.
FITTED: Mapping[str, tuple[str, ...]] = {
    BINARY: (*_OF_PROBABILITIES, MISSED),
    MULTICLASS: (*_OF_PROBABILITIES, *_OF_SEVERAL, "matthews_corrcoef", "top_k_accuracy"),
    REGRESSION: ("r2", "explained_variance", "median_absolute_error", "d2_absolute_error_score"),
}
# What follows, of two classes, from the share of missed positives.
DECIDED = (
    *("balanced_accuracy", "f1", "f1_macro", "f1_weighted", "precision", "precision_macro", "precision_weighted"),
    *("recall", "jaccard", "matthews_corrcoef"),
)
_MOST = 3.0  # relative; as in `level`
_MOST_ODDS, _MOST_CLASSES, _RAREST = 3.5, 26, 0.09  # the last as a share of what each of the classes has on average
_OFFSET, _EDGE = 0.05, 0.01
_FEW = 0.003  # of the rows; so that no errors at all divide evenly


@dataclass(frozen=True, eq=False)
class Course:
    """How a training goes, relative to knowing nothing, or how several trainings do.

    Attributes
    ----------
    loss, error : (..., n) array
        After each kept step: 1 is what the class shares, or the target's mean, come to.
    shares : (K,) array
        Of the classes, of two the positive one last; empty of a regression.
    """

    loss: Floats
    error: Floats
    shares: Floats

    @property
    def doubts(self) -> Floats:
        """What tells how sure a metric is, (3, ..., n): loss, error, and how far the loss is from its best."""
        now = _logarithms(self.loss)
        return np.array([self.loss, self.error, np.exp(now - _least(now))])

    @property
    def wrong(self) -> Floats:
        """The share of the rows that are decided wrongly, (..., n)."""
        return np.asarray(np.clip(self.error * (1 - self.shares.max()), 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Model:
    """What was fitted for one metric of one task; metrics that are `DECIDED` have a band alone."""

    line: Floats | None
    band: Band | None


def signs_of(name: str, course: Course) -> Floats:
    """Return what a metric is a line of, (..., n, F).

    Of the whole training the best loss and error count, and at each step how far off they are: before the best step
    the decisions of boosted trees are nearly as good as there, while their probabilities still are near the shares.
    """
    if name == MISSED:
        return _signs_of_a_decision(course)
    now, wrong = _logarithms(course.loss), _logarithms(course.error)
    best, least, late = _least(now), _least(wrong), _after_the_best(now)
    off, further = now - best, wrong - least
    under, over = off * ~late, off * late
    signs = [np.ones_like(now), best, least, best**2, least**2, best * least, under, over, further]
    signs += [under**2, over**2, further**2, under * best, over * best, further * least, off * further]
    for shape in (one * signs[0] for one in _shapes(name, course.shares)):
        signs += [shape * one for one in (signs[0], best, least, shape, shape * best, shape * least, further)]
    return np.stack(signs, axis=-1)


def _least(values: Floats) -> Floats:
    return np.broadcast_to(values.min(axis=-1, keepdims=True), values.shape)


def _after_the_best(values: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.arange(values.shape[-1]) > values.argmin(axis=-1, keepdims=True))


def _shapes(name: str, shares: Floats) -> list[float]:
    """Return how the classes lie: the log odds of the positive one; of several, how many and how rare the rarest is.

    They go no further than in the measured tables.
    """
    if not len(shares):
        return []
    if len(shares) == 2:
        return [_log_odds(shares) if name == "average_precision" else abs(_log_odds(shares))]
    rarest = max(float(shares.min()) * len(shares), _RAREST)
    return [math.log(min(len(shares), _MOST_CLASSES)), math.log(rarest)]


def _signs_of_a_decision(course: Course) -> Floats:
    """Return the signs of the share of missed positives: odd in the log odds, as it is the other class's turned."""
    odds, error = _log_odds(course.shares), np.minimum(course.error, _MOST)
    now = _logarithms(course.loss)
    over = (now - _least(now)) * _after_the_best(now)
    signs = [np.ones_like(now), error, error**2, error**3, over]
    signs += [np.full_like(now, abs(odds)), abs(odds) * error, np.full_like(now, odds**2)]
    return np.asarray(odds * np.stack(signs, axis=-1))


def _log_odds(shares: Floats) -> float:
    positive = min(max(float(shares[-1]), 1e-9), 1 - 1e-9)
    return min(max(math.log(positive / (1 - positive)), -_MOST_ODDS), _MOST_ODDS)


def unit_of(name: str, shares: Floats, loss: float) -> float:
    """Return what a metric's values are divided by: what knowing the shares alone gives, or the unit of the loss."""
    if name == "brier_score":
        return float(1 - (shares**2).sum()) / (2 if len(shares) == 2 else 1)
    return loss if name in METRICS and METRICS[name].in_units else 1.0


def _logarithms(relative: Floats) -> Floats:
    return np.asarray(compressed(np.clip(relative, 0.0, _MOST)))


def scaled(name: str, values: Floats) -> Floats:
    """Return a metric's values on a scale without ends, that rises with them."""
    low = _lowest_share(name)
    if low is not None:
        share = (np.clip(values, low, 1.0) - low) / (1 - low) * (1 - 2 * _EDGE) + _EDGE
        return np.asarray(np.log(share / (1 - share)))
    if METRICS[name].lower_is_better:
        return np.asarray(np.log(np.maximum(values, 0.0) + _OFFSET))
    return np.asarray(-np.log(np.maximum(1 - values, 0.0) + _OFFSET))


def unscaled(name: str, values: Floats) -> Floats:
    """Undo `scaled`."""
    low = _lowest_share(name)
    if low is not None:
        share = (1 / (1 + np.exp(-values)) - _EDGE) / (1 - 2 * _EDGE)
        return np.asarray(np.clip(low + (1 - low) * share, low, 1.0))
    if METRICS[name].lower_is_better:
        return np.asarray(np.maximum(np.exp(values) - _OFFSET, 0.0))
    return np.asarray(np.minimum(1 - np.exp(-values) + _OFFSET, 1.0))


def _lowest_share(name: str) -> float | None:
    """Return the least of a metric that ends at 1; None of one without both ends."""
    if name == MISSED:
        return 0.0
    ends = METRICS[name].lowest, METRICS[name].highest
    return ends[0] if math.isfinite(ends[0]) and ends[1] == 1 else None


def missed_share(recall: Floats, course: Course) -> Floats:
    """Return the share of errors that are missed positives, (..., n), from what was measured."""
    missed = course.shares[-1] * (1 - recall)
    others = np.maximum(course.wrong - missed, 0.0)
    return np.asarray((missed + _FEW) / (missed + others + 2 * _FEW))


def decided(name: str, course: Course, missed: Floats) -> Floats:
    """Return a metric of `DECIDED`, (..., n), from the share of errors that are missed positives, likewise."""
    positive = course.shares[-1]
    lost = np.minimum(missed * course.wrong, positive)
    taken = np.minimum(course.wrong - lost, 1 - positive)
    hit, left = positive - lost, 1 - positive - taken
    of, _, way = name.partition("_")
    if name == "matthews_corrcoef":
        return _share(hit * left - taken * lost, np.sqrt((hit + taken) * (left + lost) * positive * (1 - positive)))
    if name == "balanced_accuracy":
        of, way = "recall", "macro"
    weight = {"macro": 0.5, "weighted": positive}.get(way, 1.0)
    return np.asarray(weight * _SCORES[of](hit, lost, taken) + (1 - weight) * _SCORES[of](left, taken, lost))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0))


# Of one class, by the shares of the rows that are rightly called so, that are so and not called, and the reverse.
_SCORES: Mapping[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "recall": lambda hit, lost, taken: _share(hit, hit + lost),
    "precision": lambda hit, lost, taken: _share(hit, hit + taken),
    "f1": lambda hit, lost, taken: _share(2 * hit, 2 * hit + lost + taken),
    "jaccard": lambda hit, lost, taken: _share(hit, hit + lost + taken),
}


def predicted(name: str, course: Course, models: Mapping[str, Model]) -> Floats:
    """Return a metric of `FITTED` or `DECIDED` for each step, (..., n), on the scale of `scaled`."""
    of_its_own = models.get(name)
    if of_its_own is not None and of_its_own.line is not None:
        return np.asarray(signs_of(name, course) @ of_its_own.line)
    missed = unscaled(MISSED, predicted(MISSED, course, models))
    return scaled(name, decided(name, course, missed))


@lru_cache(maxsize=1)
def load_models(path: Path = FILE) -> Mapping[str, Mapping[str, Model]]:
    """Read the fitted models, by task and metric.

    Raises
    ------
    ExperienceError
        If the file cannot be read.
    """
    try:
        about = json.loads(path.read_text())
        if about["schema_version"] != SCHEMA_VERSION:
            raise ExperienceError(
                f"the fitted metrics have schema {about['schema_version']}, this version reads {SCHEMA_VERSION}; "
                "upgrade the package"
            )
        return {task: {name: _model(one) for name, one in of.items()} for task, of in about["tasks"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExperienceError(f"the fitted metrics cannot be read ({error}); reinstall the package") from None


def _model(about: Mapping[str, Any]) -> Model:
    line, band = about.get("line"), about.get("band")
    if line is not None and not all(math.isfinite(one) for one in line):
        raise ValueError("a number of a line is not one")
    return Model(None if line is None else np.array(line, dtype="float64"), None if band is None else Band(band))
