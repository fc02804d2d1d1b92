"""What this package recommends, from the other datasets alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_gpt_magic.experience import Advice, measure_landmarks
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import DataCard
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
    landmarks = None if at_hand is None else _landmarks(at_hand, card)
    advice = Advice(card, table, family_named(family).space, {}, landmarks=landmarks, bank=bank)
    return {**advice.evidence.configuration}


def _landmarks(at_hand: AtHand, card: DataCard) -> Any:
    (x, y), (x_valid, y_valid) = at_hand.parts
    return measure_landmarks(np.vstack([x, x_valid]), np.concatenate([y, y_valid]), len(card.class_balance))
