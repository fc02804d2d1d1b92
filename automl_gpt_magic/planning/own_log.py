"""The training log that an LLM expects of its configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from ..records.curve import Curve
from ..records.metric import METRICS

MOST_CHECKPOINTS = 10
# The text's expected value and the log's last one are the same number, rounded at will.
_SAME = 0.02
# No loss in nats of a working classifier is larger; a regression's depends on the target's unit.
_LARGEST = {"log_loss": 20.0}


def read_log(given: Sequence[Any], expected: Any, metric: str, n_rounds: int) -> tuple[Curve | None, str]:
    """Return a log as a curve; or None, and what is wrong with it.

    Parameters
    ----------
    given : sequence
        Checkpoints of the form ``{"round", "training", "validation"}``.
    expected : number
        What the answer says elsewhere that the last validation value is.
    metric : str
    n_rounds : int
        The boosting rounds of the configuration that the log is for.
    """
    if len(given) > MOST_CHECKPOINTS:
        return None, f"it has {len(given)} checkpoints; write at most {MOST_CHECKPOINTS}"
    rows = [_row(entry) for entry in given]
    if any(row is None for row in rows):
        return None, "a checkpoint lacks a whole round or a finite training and validation value"
    steps, training, validation = (np.array(column) for column in zip(*filter(None, rows), strict=True))
    wrong = _wrong(steps, np.concatenate([training, validation]), metric, n_rounds) or _contradiction(
        validation[-1], expected
    )
    if wrong:
        return None, wrong
    return Curve(metric, steps.astype("int64"), validation, training=training), ""


def _row(entry: Any) -> tuple[int, float, float] | None:
    if not isinstance(entry, Mapping):
        return None
    step, training, validation = (entry.get(name) for name in ("round", "training", "validation"))
    if not (_is_finite(step) and _is_finite(training) and _is_finite(validation)) or step != int(step):
        return None
    return int(step), float(training), float(validation)


def _is_finite(value: Any) -> TypeGuard[float]:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12 and math.isfinite(value)
    )


def _wrong(steps: Any, values: Any, metric: str, n_rounds: int) -> str:
    if steps[0] < 1 or (np.diff(steps) <= 0).any():
        return "its rounds do not rise from 1"
    if steps[-1] > n_rounds:
        return f"it goes to round {steps[-1]}, but the configuration trains {n_rounds}"
    known = METRICS.get(metric)
    low, high = (known.lowest, min(known.highest, _LARGEST.get(metric, math.inf))) if known else (-math.inf, math.inf)
    if (values < low).any() or (values > high).any():
        return f"{metric} is outside {low:g} to {high:g}"
    return ""


def _contradiction(last: float, expected: Any) -> str:
    if not _is_finite(expected):
        return "it comes without a finite expected value"
    if abs(last - expected) > _SAME * max(abs(last), abs(expected)) + 1e-9:
        return f"its last validation value is {last:g}, but the answer expects {expected:g}"
    return ""
