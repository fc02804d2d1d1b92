"""How much each recorded dataset counts for a new one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..records.card import DataCard
from .bank import Bank
from .similarity import card_fields, features
from .transfer import TransferSettings

Floats = NDArray[np.float64]

_SHARPNESS = 20.0  # of a cosine


def weights_for(
    bank: Bank, card: DataCard, text: NDArray[np.float32] | None, landmarks: Floats | None, settings: TransferSettings
) -> Floats:
    """Return the recorded datasets' weights, shape (D,), shares of 1.

    They are the forest's, by the card's numbers and the landmarks where there are any, mixed with those of the texts'
    cosines and with equal ones.
    """
    forest = bank.forests["card" if landmarks is None else "data"]
    return mixed(forest.weights(features(card_fields(card), landmarks)), bank, text, settings)


def mixed(own: Floats, bank: Bank, text: NDArray[np.float32] | None, settings: TransferSettings) -> Floats:
    """Return a forest's weights after mixing."""
    equal = np.full(len(own), 1 / len(own))
    if text is not None:
        by_text = np.exp(_SHARPNESS * (bank.embeddings @ text).astype("float64"))
        own = (1 - settings.text_share) * own + settings.text_share * by_text / by_text.sum()
    return (1 - settings.prior_share) * own + settings.prior_share * equal
