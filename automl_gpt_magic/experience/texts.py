"""The cards' texts as vectors that can be compared, whatever encoder made them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError
from ..records.card import DataCard
from .bank import Bank
from .encoder import DEFAULT_ENCODER, embed, embed_all, is_default
from .similarity import card_text, recorded_text

Matrix = NDArray[np.float32]

_MOST_COMPARED = 400


def comparable(
    card: DataCard, bank: Bank, cache: Path | None = None, encoder: str = DEFAULT_ENCODER
) -> tuple[Matrix | None, Bank, str]:
    """Return a card's text vector, the bank with embeddings to compare it with, and a note where there are none.

    Parameters
    ----------
    card : DataCard
    bank : Bank
    cache : Path or None
        Folder of embeddings; with an encoder that is not the default one, the bank's cards are embedded once and kept
        there too.
    encoder : str
        Empty to compare by numbers only.
    """
    try:
        if not encoder:
            raise ExperienceError("AutoML.encoder is empty")
        vector = embed(card_text(card), cache, encoder)
        if is_default(encoder):
            return vector, bank, ""
        others = embed_all([recorded_text(dataset) for dataset in bank.datasets], cache, encoder)
    except ExperienceError as error:
        return None, bank, f"Compared by the cards' numbers only: {error}."
    slope, shift = _to_scale_of(bank.embeddings, others)
    # A column of ones makes the inner product with the embeddings a matched cosine.
    matched = np.column_stack([slope * others, np.full(len(others), shift)]).astype("float32")
    return np.append(vector, np.float32(1)), replace(bank, embeddings=matched), ""


def _to_scale_of(shipped: Matrix, others: Matrix) -> tuple[float, float]:
    """Return slope and shift that give another encoder's cosines the mean and spread of the shipped embeddings'.

    The weights and the threshold were fitted to those, and cosines of different encoders cannot be compared.
    """
    own, new = _cosines(shipped), _cosines(others)
    if len(own) < 2 or new.std() < 1e-6:
        return 1.0, 0.0
    slope = float(own.std() / new.std())
    return slope, float(own.mean() - slope * new.mean())


def _cosines(vectors: Matrix) -> NDArray[np.float64]:
    """Return the cosine of each pair of different cards, of the first 400."""
    some = vectors[:_MOST_COMPARED].astype("float64")
    return np.asarray((some @ some.T)[np.triu_indices(len(some), 1)])
