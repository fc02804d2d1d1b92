"""The data cell that a family's models need."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.card import DETECTION, RETRIEVAL, DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from ..families.family import Family
from . import detection, images, retrieval, steps, tabular, text


def data_steps(family: Family, card: DataCard, table: TableProfile) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    if card.task == DETECTION:
        return detection.data_steps(card, table)
    if card.task == RETRIEVAL:
        return retrieval.data_steps(card, table)
    if card.input_type == "image":
        return images.data_steps(card, table)
    if card.input_type == "text":
        return text.data_steps(card, table)
    return steps.data_steps(card, table, family.features)


def data_cell(
    family: Family, names: str, card: DataCard, table: TableProfile, prepare: str = "", warnings: Sequence[str] = ()
) -> str:
    """Return the source of the data cell.

    It defines ``{names}_rows``, ``_train`` and ``_valid`` (rows), ``_target`` (rows to numbers) and
    ``_preprocessing`` (rows to what the family's models read, fitted on the training part only). ``prepare`` is a
    language model's checked source, ``warnings`` what a person should know of it.
    """
    if card.task == DETECTION:
        return detection.data_cell(names, card, table)
    if card.task == RETRIEVAL:
        return retrieval.data_cell(names, card)
    if card.input_type == "image":
        return images.data_cell(names, card, table)
    if card.input_type == "text":
        return text.data_cell(names, card, table, prepare, warnings)
    return tabular.data_cell(names, card, table, prepare, warnings, features=family.features)
