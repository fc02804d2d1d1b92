"""How much a new dataset resembles each recorded one: its card's text and its card's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.card import DataCard
from .bank import Bank

Floats = NDArray[np.float64]

# A difference of one in these units halves nothing by itself: it is one "step" of unlikeness.
_UNITS = {
    "log10 of rows": 1.0,
    "log10 of features": 0.5,
    "share of categorical features": 0.5,
    "log2 of classes": 0.7,
    "log10 of class balance": 0.4,
    "root of missing share": 0.3,
}


def card_text(card: DataCard) -> str:
    """Return what is embedded: modality and task first, which lifts same-task precision, then the words."""
    labels = ", ".join(label.name for label in card.label_space[:40])
    parts = [f"Modality: {card.input_type}.", f"Task: {card.task}.", card.name, card.description]
    return " ".join(part for part in [*parts, f"Labels: {labels}." if labels else ""] if part)


def card_numbers(card: DataCard) -> Floats:
    """Return the card's numbers on comparable scales, shape (6,); NaN where the card does not say."""
    return recorded_numbers(
        {
            "n_rows": card.n_rows,
            "n_features": card.n_features,
            "n_categorical": card.n_categorical,
            "class_balance": card.class_balance,
            "missing_fraction": card.missing_fraction,
        }
    )


def similarities(numbers: Floats, text: NDArray[np.float32] | None, bank: Bank, text_share: float) -> Floats:
    """Return one number between 0 and 1 for each recorded dataset, shape (D,).

    It is ``exp(-mean squared step)`` of the numbers, mixed with the cosine of the texts by ``text_share``;
    without a text, of the numbers alone.
    """
    recorded = np.array([recorded_numbers(card) for card in bank.datasets]).reshape(-1, len(_UNITS))
    steps = (recorded - numbers) / np.array(list(_UNITS.values()))
    known = ~np.isnan(steps)
    squared = np.where(known, steps, 0.0) ** 2
    alike = np.exp(-squared.sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    if text is None:
        return np.asarray(alike)
    cosine = np.clip(bank.embeddings @ text, 0, 1)
    return np.asarray((1 - text_share) * alike + text_share * cosine)


def describe_likeness(card: DataCard, recorded: Mapping[str, Any]) -> str:
    """Say in a few words what a recorded dataset is, for comparison with the user's."""
    balance = recorded["class_balance"]
    whole = f" of {recorded['n_rows_whole']:,}" if recorded["n_rows_whole"] > recorded["n_rows"] else ""
    words = [f"{recorded['n_rows']:,}{whole} rows", f"{recorded['n_features']} features"]
    if recorded["n_categorical"]:
        words[-1] += f" ({recorded['n_categorical']} categorical)"
    if len(balance) == 2:
        words.append(f"{min(balance.values()):.0%} in the smaller class")
    elif balance:
        words.append(f"{len(balance)} classes")
    return f"same task; {', '.join(words)}"


def recorded_numbers(card: Mapping[str, Any]) -> Floats:
    """Return the same numbers of a recorded dataset, shape (6,)."""
    balance = card["class_balance"] or {}
    n_features = card["n_features"]
    shares = [share for share in balance.values() if share > 0]
    return np.array(
        [
            _log10(card["n_rows"]),
            _log10(n_features),
            math.nan if card["n_categorical"] is None or not n_features else card["n_categorical"] / n_features,
            math.log2(len(shares)) if shares else math.nan,
            math.log10(min(shares) * len(shares)) if shares else math.nan,
            math.nan if card["missing_fraction"] is None else math.sqrt(card["missing_fraction"]),
        ]
    )


def _log10(number: float | None) -> float:
    return math.log10(max(number, 1)) if number is not None else math.nan
