"""What a real training reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .curve import Curve


@dataclass(frozen=True, eq=False)
class Measured:
    """A training run so far: curves by metric, seconds since it began, and whether it has ended."""

    names: str
    revision: str
    hyperparameters: Mapping[str, Any]
    curves: Mapping[str, Curve]
    seconds: float
    planned_steps: int
    finished: bool
