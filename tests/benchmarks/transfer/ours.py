"""What this package recommends, from the other datasets alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import DataCard
from automl_gpt_magic.records.table import TableProfile

from .trained import AtHand

RECOMMENDED = ("XGBoost",)


class RefusedError(Exception):
    """There is no such recommendation; the text says why."""


def recommend(
    family: str, card: DataCard, table: TableProfile | None, at_hand: AtHand | None, bank: Bank
) -> dict[str, Any]:
    """Return the recommended configuration.

    Parameters
    ----------
    family : str
    card : DataCard
        With its numbers.
    table : TableProfile or None
        None where the card is all that is known.
    at_hand : AtHand or None
        Training and validation rows, where they may be looked at.
    bank : Bank
        Without the dataset and its near-copies, and with a calibration that was fitted without them.

    Raises
    ------
    RefusedError
        Where the package recommends nothing of its own.
    """
    if family not in RECOMMENDED:
        raise RefusedError(f"nothing is transferred for {family} yet")
    if at_hand is not None:
        raise RefusedError("a recommendation does not look at the data yet")
    with _shipped(bank):
        return {**Advice(card, table, family_named(family).space, {}).evidence.configuration}


@contextmanager
def _shipped(bank: Bank) -> Iterator[None]:
    """Let the package read ``bank`` as if it were the shipped one."""
    with patch("automl_gpt_magic.experience.advise.load_bank", lambda *_: bank):
        yield
