"""What this package recommends, from the other datasets alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl_gpt_magic.cards import feature_matrix
from automl_gpt_magic.experience import MOST_ROWS, Advice, Sample, measure_sample
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import Cards, DataCard
from automl_gpt_magic.records.table import TableProfile

from .trained import AtHand


def recommend(
    family: str, card: DataCard, table: TableProfile | None, sample: Sample | None, bank: Bank, *, tried: bool = True
) -> dict[str, Any]:
    """Return the recommended configuration.

    Parameters
    ----------
    family : str
    card : DataCard
        With its numbers.
    table : TableProfile or None
        None where the card is all that is known.
    sample : Sample or None
        Of training and validation rows, where they may be looked at.
    bank : Bank
        Without the dataset and its near-copies, and with a calibration that was fitted without them.
    tried : bool
        Whether a few candidates may be tried on the sample.
    """
    landmarks, tryout = (None, None) if sample is None else (sample.landmarks, sample.tryout if tried else None)
    advice = Advice(card, table, family_named(family).space, {}, landmarks=landmarks, tryout=tryout, bank=bank)
    return {**advice.evidence.configuration}


def sample_of(at_hand: AtHand, card: DataCard, table: TableProfile) -> Sample | None:
    """Measure what a notebook does, on all rows but those of the test."""
    held_out = np.repeat([False, True], list(map(len, at_hand.frames)))
    matrix = feature_matrix(Cards(card), pd.concat(at_hand.frames), table, MOST_ROWS, held_out)
    return measure_sample(*matrix) if matrix else None
