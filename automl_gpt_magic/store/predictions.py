"""Predicted curves in the form that is kept, and back.

Earlier versions kept of a forecast only the last value with its 80% interval, and of an LLM's log only the last value.
Such a prediction is read as a curve of one step, and kept again as it was, so that its run stays the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..records.curve import QUANTILES, Curve

LEVELS = tuple(map(str, QUANTILES))
_ENDS = ("0.5", "0.1", "0.9")


def parts_of_prediction(curve: Curve) -> Any:
    """Return a predicted curve as it is kept."""
    if _is_last_value(curve):
        last = None if curve.quantiles is None else dict(zip(LEVELS, curve.quantiles[:, -1].tolist(), strict=True))
        return curve.final if last is None else [last[level] for level in _ENDS]
    return {
        "steps": [int(step) for step in curve.steps],
        "value": numbers(curve.value),
        "training": numbers(curve.training),
        "quantiles": None if curve.quantiles is None else dict(zip(LEVELS, map(numbers, curve.quantiles), strict=True)),
    }


def prediction_of(metric: str, kept: Any, measured: Curve | None) -> Curve:
    """Undo `parts_of_prediction`; a last value alone is of the step at which its metric was measured last."""
    if not isinstance(kept, Mapping):
        return _last_value(metric, kept, measured.final_step if measured is not None and len(measured.steps) else 1)
    quantiles = kept["quantiles"]
    return Curve(
        metric,
        np.asarray(kept["steps"], dtype="int64"),
        _array(kept["value"]),
        None if kept["training"] is None else _array(kept["training"]),
        None if quantiles is None else _array([quantiles[level] for level in LEVELS]),
    )


def numbers(values: Any) -> list[float] | None:
    """Return an array as numbers of seven digits."""
    return None if values is None else [float(f"{value:.7g}") for value in np.asarray(values).tolist()]


def _is_last_value(curve: Curve) -> bool:
    bare = curve.quantiles is None or bool(np.isnan(curve.quantiles).any())
    return len(curve.steps) == 1 and curve.training is None and bare


def _last_value(metric: str, kept: Any, step: int) -> Curve:
    steps = np.array([step], dtype="int64")
    if isinstance(kept, (int, float)):
        return Curve(metric, steps, _array([kept]))
    known = dict(zip(_ENDS, kept, strict=True))
    return Curve(metric, steps, _array(kept[:1]), quantiles=_array([[known.get(level, np.nan)] for level in LEVELS]))


def _array(values: Any) -> Any:
    return np.asarray(values, dtype="float64")
