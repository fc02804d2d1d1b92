"""What measured runs say about a new dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .curve import Curve


@dataclass(frozen=True)
class Neighbour:
    """A recorded dataset that resembles the new one; ``weight`` is its share of 1 in the transfer.

    ``log`` is the measured curve of its ``best`` configuration.
    """

    key: str
    name: str
    weight: float
    similarity: float
    why: str
    best: Mapping[str, Any]
    best_loss: float
    default_loss: float
    n_runs: int
    log: Curve | None = None


@dataclass(frozen=True)
class Evidence:
    """The transferred configuration and where it comes from.

    ``near`` says whether the nearest neighbour reaches ``threshold``; if not, ``configuration`` is the
    best on average over all ``n_datasets`` and is marked ``prior``. ``reasons`` has one per value.
    ``text_compared`` is False where no text encoder was at hand, with the cause in ``note``.
    """

    neighbours: tuple[Neighbour, ...]
    configuration: Mapping[str, Any]
    reasons: Mapping[str, str]
    near: bool
    threshold: float
    n_datasets: int
    n_runs: int
    text_compared: bool = True
    note: str = ""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Predicted curves by metric, and the predicted training time in seconds."""

    curves: Mapping[str, Curve]
    seconds: float
