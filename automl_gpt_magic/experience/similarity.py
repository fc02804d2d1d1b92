"""How much a new dataset resembles each recorded one: its card's text and its card's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..records.card import BINARY, MULTICLASS, DataCard, Label
from .bank import Bank
from .level import landmark_features

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


# The share of the words in whether a dataset is near; the rest goes by its card's numbers.
TEXT_IN_LIKENESS = 0.25

# An encoder reads a few hundred tokens: the labels come last and should be among them.
_LONGEST = {"name": 200, "description": 800, "label": 60}
_MOST_LABELS = 40


def card_text(card: DataCard) -> str:
    """Return what is embedded: modality and task first, which lifts same-task precision, then the words."""
    labels = ", ".join(_cut(label.name, "label") for label in card.label_space[:_MOST_LABELS])
    words = [_cut(card.name, "name"), _cut(card.description, "description")]
    parts = [f"Modality: {card.input_type}.", f"Task: {card.task}.", *words]
    text = " ".join(part for part in [*parts, f"Labels: {labels}." if labels else ""] if part)
    return text.encode("utf-8", "replace").decode()


def recorded_text(card: Mapping[str, Any]) -> str:
    """Return the same text of a recorded dataset."""
    labels = tuple(Label(name) for name in card["label_space"])
    return card_text(
        DataCard(
            card["name"],
            card.get("input_type", "tabular"),
            task=card["task"],
            description=card["description"],
            label_space=labels,
        )
    )


def _cut(text: str, part: str) -> str:
    return text[: _LONGEST[part]]


def card_numbers(card: DataCard) -> Floats:
    """Return the card's numbers on comparable scales, shape (6,); NaN where the card does not say."""
    return recorded_numbers(card_fields(card))


def card_fields(card: DataCard) -> dict[str, Any]:
    """Return the fields that a recorded dataset is compared by."""
    return {
        "task": card.task,
        "n_rows": card.n_rows,
        "n_features": card.n_features,
        "image_size": card.image_size,
        "n_channels": card.n_channels,
        "n_categorical": card.n_categorical,
        "class_balance": card.class_balance,
        "missing_fraction": card.missing_fraction,
    }


def features(recorded: Mapping[str, Any], words: Floats | None = None, landmarks: Floats | None = None) -> Floats:
    """Return what a `Forest` knows a dataset by: its card's numbers and task, and either its words or its landmarks.

    Where landmarks were measured, words tell nothing more.

    Parameters
    ----------
    recorded : mapping
        The fields of a recorded dataset.
    words : array or None
        Coordinates of the card's text; see `Bank.words`.
    landmarks : array or None
        See `landmarks`.

    Returns
    -------
    (F,) array
        NaN where the card does not say.
    """
    numbers = recorded_numbers(recorded)
    rows, columns, _, classes, balance, _ = numbers
    own = [rows - columns, rows + balance - math.log10(2) * (0 if math.isnan(classes) else classes)]
    task = [float(recorded["task"] == one) for one in (BINARY, MULTICLASS)]
    others = words if landmarks is None else landmark_features(landmarks)
    return np.concatenate([numbers, own, task, [] if others is None else others])


class _Numbers(NamedTuple):
    """The numbers of every recorded dataset, shape (6, D): 0 where a card does not say, which ``known`` tells."""

    values: Floats
    known: Floats


_numbers_of_banks: WeakKeyDictionary[Bank, _Numbers] = WeakKeyDictionary()


def similarities(numbers: Floats, text: NDArray[np.float32] | None, bank: Bank, text_share: float) -> Floats:
    """Return one number between 0 and 1 for each recorded dataset, shape (D,).

    It is ``exp(-mean squared step)`` of the numbers, mixed with the cosine of the texts by ``text_share``;
    without a text, of the numbers alone.
    """
    alike = _alike_by_numbers(numbers, _numbers_of(bank))
    if text is None:
        return alike
    # Twice as fast as OpenBLAS: both are bound by reading the embeddings once.
    cosine = np.einsum("ij,j->i", bank.embeddings, np.asarray(text, dtype=bank.embeddings.dtype))
    np.clip(cosine, 0, 1, out=cosine)
    cosine *= text_share
    alike *= 1 - text_share
    alike += cosine
    return alike


def _alike_by_numbers(numbers: Floats, recorded: _Numbers) -> Floats:
    """Work number by number, so that 100,000 cards need two small buffers and no table."""
    n_cards = recorded.values.shape[1]
    total, count, step = np.zeros(n_cards), np.zeros(n_cards), np.empty(n_cards)
    for number, values, known, unit in zip(numbers, *recorded, _UNITS.values(), strict=True):
        if math.isnan(number):
            continue
        np.subtract(values, number, out=step)
        step /= unit
        step *= step
        step *= known
        total += step
        count += known
    total /= np.maximum(count, 1, out=count)
    return np.exp(np.negative(total, out=total), out=total)


def _numbers_of(bank: Bank) -> _Numbers:
    if bank not in _numbers_of_banks:
        recorded = np.array([recorded_numbers(card) for card in bank.datasets]).reshape(-1, len(_UNITS)).T
        known = ~np.isnan(recorded)
        _numbers_of_banks[bank] = _Numbers(
            np.ascontiguousarray(np.where(known, recorded, 0.0)), np.ascontiguousarray(known, dtype="float64")
        )
    return _numbers_of_banks[bank]


def describe_likeness(card: DataCard, recorded: Mapping[str, Any]) -> str:
    """Say in a few words what a recorded dataset is, for comparison with the user's."""
    balance = recorded["class_balance"]
    whole = f" of {recorded['n_rows_whole']:,}" if recorded["n_rows_whole"] > recorded["n_rows"] else ""
    size = recorded.get("image_size")
    columns = f"{size[0]} × {size[1]} pixels" if size else f"{recorded['n_features']} features"
    words = [f"{recorded['n_rows']:,}{whole} rows", columns]
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
    n_features = n_inputs(card)
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


def n_inputs(card: Mapping[str, Any]) -> int | None:
    """Return the number of columns, or of values in an image, of a recorded dataset; None where it is not said."""
    size = card.get("image_size")
    number: int | None = math.prod(size) * (card.get("n_channels") or 1) if size else card["n_features"]
    return number


def _log10(number: float | None) -> float:
    return math.log10(max(number, 1)) if number is not None else math.nan
