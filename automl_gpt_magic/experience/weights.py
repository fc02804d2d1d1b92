"""How much each recorded dataset counts for a new one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..records.card import DataCard
from .bank import LEVEL, Bank
from .similarity import card_fields, features
from .transfer import TransferSettings

Floats = NDArray[np.float64]

_SHARPNESS = 20.0  # of a cosine


def forest_weights(bank: Bank, card: DataCard, text: NDArray[np.float32] | None, landmarks: Floats | None) -> Floats:
    """Return the weights of the recorded datasets by which configurations are good on them, (D,), shares of 1."""
    forest = bank.forests["card" if landmarks is None else "data"]
    return forest.weights(features(card_fields(card), bank.words(text), landmarks))


def level_weights(bank: Bank, card: DataCard, text: NDArray[np.float32] | None) -> Floats:
    """Return those by where their curves lie, likewise, by the card alone."""
    return bank.forests[LEVEL].weights(features(card_fields(card), bank.words(text)))


def mixed(own: Floats, bank: Bank, text: NDArray[np.float32] | None, settings: TransferSettings) -> Floats:
    """Return a forest's weights mixed with those of the texts' cosines and with equal ones."""
    equal = np.full(len(own), 1 / len(own))
    if text is not None:
        by_text = np.exp(_SHARPNESS * (bank.embeddings @ text).astype("float64"))
        own = (1 - settings.text_share) * own + settings.text_share * by_text / by_text.sum()
    return (1 - settings.prior_share) * own + settings.prior_share * equal
