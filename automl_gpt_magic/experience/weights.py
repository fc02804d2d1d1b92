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
_TEXT_IN_LEVEL = 0.3


def forest_weights(bank: Bank, card: DataCard, text: NDArray[np.float32] | None, landmarks: Floats | None) -> Floats:
    """Return the weights of the recorded datasets by which configurations are good on them, (D,), shares of 1."""
    forest = bank.forests["card" if landmarks is None else "data"]
    return forest.weights(features(card_fields(card), bank.words(text), landmarks))


def level_weights(bank: Bank, card: DataCard, text: NDArray[np.float32] | None) -> Floats:
    """Return those by where their curves lie, likewise, by the card alone."""
    same_encoder = text if text is not None and text.shape == bank.embeddings.shape[1:] else None
    return level_mixed(features(card_fields(card), bank.words(text)), bank, same_encoder)


def level_mixed(known: Floats, bank: Bank, text: NDArray[np.float32] | None) -> Floats:
    """Return the same by a card's features, (F,)."""
    return _with_text(bank.forests[LEVEL].weights(known), bank, text, _TEXT_IN_LEVEL)


def mixed(own: Floats, bank: Bank, text: NDArray[np.float32] | None, settings: TransferSettings) -> Floats:
    """Return a forest's weights mixed with those of the texts' cosines and with equal ones."""
    equal = np.full(len(own), 1 / len(own))
    own = _with_text(own, bank, text, settings.text_share)
    return (1 - settings.prior_share) * own + settings.prior_share * equal


def _with_text(own: Floats, bank: Bank, text: NDArray[np.float32] | None, share: float) -> Floats:
    """Return weights of which a share goes by the cosines of the texts, if there is one."""
    if text is None:
        return own
    by_text = np.exp(_SHARPNESS * (bank.embeddings @ text).astype("float64"))
    return np.asarray((1 - share) * own + share * by_text / by_text.sum())
