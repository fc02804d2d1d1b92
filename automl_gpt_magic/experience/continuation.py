"""What a training that has begun will still do, from its curve so far and what had been predicted of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..records.curve import Curve


def going_on(predicted: Curve, measured: Curve | None) -> Curve | None:
    """Return the rest of a predicted curve at the measured level; None where nothing was measured."""
    if measured is None or not np.isfinite(measured.value).all():
        return None
    step, value = int(measured.steps[-1]), float(measured.value[-1])
    there = float(np.interp(step, predicted.steps, predicted.value))
    later = predicted.steps > step
    steps = np.append(step, predicted.steps[later])
    middle = np.append(value, predicted.value[later] + value - there)
    if predicted.quantiles is None:
        return replace(predicted, steps=steps, value=middle, training=None)
    spread = (predicted.quantiles - predicted.value)[:, later] * np.sqrt(np.linspace(0, 1, int(later.sum()) + 1)[1:])
    quantiles = middle + np.column_stack([np.zeros(len(spread)), spread])
    return replace(predicted, steps=steps, value=middle, training=None, quantiles=quantiles)
