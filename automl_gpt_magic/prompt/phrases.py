"""Values and logs as a prompt writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..records.curve import Curve


def configuration_text(values: Mapping[str, Any]) -> str:
    """Return values such as ``max_depth=6, learning_rate=0.1``."""
    return ", ".join(f"{name}={number(value)}" for name, value in values.items())


def number(value: Any) -> str:
    """Return a value, a fraction with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def shortened(text: str, most: int) -> str:
    """Return a text on one line with at most so many characters; ``none`` for nothing."""
    text = " ".join(text.split())
    return (text if len(text) <= most else text[: max(most - 1, 0)] + "…" if most else "") or "none"


def log_text(curve: Curve, count: int = 5) -> str:
    """Return a curve at a few rounds, the last one among them: training and validation part, or validation alone."""
    at = np.unique(np.linspace(0, len(curve.steps) - 1, count).round().astype(int))
    training = curve.training
    points = [
        f"round {curve.steps[i]}: "
        + (f"{training[i]:.4f} and " if training is not None else "")
        + f"{curve.value[i]:.4f}"
        for i in at
    ]
    parts = "training and validation" if training is not None else "validation"
    return f"{parts} {curve.metric} {', '.join(points)}"
