"""What a prompt is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..records.card import Cards, ModelCard
from ..records.evidence import Evidence, Forecast
from ..records.plan import Step
from ..records.space import SearchSpace
from ..records.table import TableProfile


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything a prompt is about.

    ``models`` are the cards to choose from, the planned one first; ``steps``, ``estimator`` and ``objective``
    describe the recipe that stands where an answer gives no code, ``round`` is what one step of a log is. ``prepared``
    tells whether preprocessing code is taken; model code is where ``estimator`` is not empty.
    """

    cards: Cards
    table: TableProfile | None
    models: Sequence[ModelCard]
    space: SearchSpace
    evidence: Evidence
    forecast: Forecast
    default: Forecast
    steps: Sequence[Step]
    prepared: bool
    estimator: str
    objective: str
    round: str
