"""What a real training reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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


@dataclass(frozen=True)
class Ended:
    """How a training in a process of its own ended: ``said`` in one line, ``printed`` by its cells.

    ``defined`` holds the variables that its cells defined, where it finished.
    """

    state: Literal["finished", "failed", "cancelled"]
    said: str = ""
    printed: str = ""
    defined: Mapping[str, Any] = field(default_factory=dict)
