"""What this package recommends, from the other datasets alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl_gpt_magic.cards import feature_matrix
from automl_gpt_magic.experience import MOST_ROWS, Advice, measure_landmarks
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import Cards, DataCard
from automl_gpt_magic.records.table import TableProfile

from .trained import AtHand


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
    """
    landmarks = None if at_hand is None or table is None else _landmarks(at_hand, card, table)
    advice = Advice(card, table, family_named(family).space, {}, landmarks=landmarks, bank=bank)
    return {**advice.evidence.configuration}


def _landmarks(at_hand: AtHand, card: DataCard, table: TableProfile) -> Any:
    """Measure them as a notebook does, on all rows but those of the test."""
    held_out = np.repeat([False, True], list(map(len, at_hand.frames)))
    matrix = feature_matrix(Cards(card), pd.concat(at_hand.frames), table, MOST_ROWS, held_out)
    return measure_landmarks(*matrix) if matrix else None
