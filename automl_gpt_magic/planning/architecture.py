"""The layers of the planned network, for the hyperparameters as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..records.architecture import Architecture
from ..records.card import DataCard
from ..records.plan import LLMCode
from ..records.table import TableProfile
from .families import Family


def planned_architecture(
    family: Family,
    card: DataCard,
    table: TableProfile | None,
    values: Mapping[str, Any],
    llm_code: Mapping[str, LLMCode],
) -> Architecture | None:
    """Return the network that the cells build; None for a model without layers.

    Where a language model's code prepares the rows, only running it shows the columns, and the counts are those of the
    table's own.
    """
    planned = family.architecture(card, table, values)
    prepared = llm_code.get("data")
    return replace(planned, exact=False, refitted=None) if planned and prepared and prepared.used else planned
