"""A value that makes a model cheaper by how it is built, where no run tells by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...records.request import Goal


@dataclass(frozen=True)
class Lever:
    """One hyperparameter's value that serves goals by construction: only a training and its measurement say how far.

    Attributes
    ----------
    name : str
    value : object
    goals : tuple of str
    reason : str
        What is then computed, read or kept less of, and what that may cost.
    """

    name: str
    value: Any
    goals: tuple[Goal, ...]
    reason: str
