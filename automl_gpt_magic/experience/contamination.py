"""Whether a user's dataset is one of the recorded ones: then its evidence would be its own past results."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records.card import DataCard

# As a text with a space around each word.
_SAID_OF_ANY = " a an and data dataset datasets my of sample set small subset table the train training uci "
_SAID_OF_ANY_CLASS = (
    " yes no true false positive negative good bad high medium low first second third none other class normal "
)
_ROWS, _SCALE = 0.005, 0.02
_LETTERS_OF_A_NAME = 7


@dataclass(frozen=True)
class Known:
    """A recorded dataset that looks like the user's.

    ``family`` is what its near-copies share; ``reason`` says in words what is the same.
    """

    key: str
    family: str
    name: str
    reason: str


def known_datasets(
    card: DataCard, datasets: Sequence[Mapping[str, Any]], *, target_scale: float | None = None
) -> tuple[Known, ...]:
    """Return the recorded datasets that look like the one of a card, one of each family, the most alike first.

    One looks like it where the size and the class shares are the same; or the name and the number of features; or the
    names of the classes and the number of features. What the card does not say counts neither for nor against.

    Parameters
    ----------
    card : DataCard
    datasets : sequence of mapping
        A bank's.
    target_scale : float or None
        A regression target's standard deviation.
    """
    found = [(_same(card, dataset, target_scale), dataset) for dataset in datasets if dataset["task"] == card.task]
    alike = [(same, dataset) for same, dataset in found if _is_known(same)]
    if any("name" in same for same, _ in alike):  # another's name may hold it: Turnout and Turnout in two states
        alike = [(same, dataset) for same, dataset in alike if "name" in same or not _is_known_by_part_of_name(same)]
    alike.sort(key=lambda pair: -len(pair[0]))
    known: dict[str, Known] = {}
    for same, dataset in alike:
        family = dataset.get("family", dataset["key"])
        known.setdefault(family, Known(dataset["key"], family, dataset["name"], _said(same)))
    return tuple(known.values())


def _is_known(same: Mapping[str, str]) -> bool:
    by_size = {"rows", "features"} <= same.keys() and bool({"shares", "scale", "exact rows"} & same.keys())
    by_name = "name" in same and ("features" in same or "no features" in same)
    by_classes = "classes" in same and ("features" in same or ("many classes" in same and "no features" in same))
    return (by_size and "other shares" not in same) or by_name or by_classes or _is_known_by_part_of_name(same)


def _is_known_by_part_of_name(same: Mapping[str, str]) -> bool:
    return "part of name" in same and ("every feature" in same or "no features" in same)


def _said(same: Mapping[str, str]) -> str:
    *most, last = filter(None, same.values())
    return f"{', '.join(most)} and {last}" if most else last


def _same(card: DataCard, dataset: Mapping[str, Any], target_scale: float | None) -> dict[str, str]:
    """Return what is the same by its kind, in words; kinds without words only decide."""
    return {
        **dict(_same_words(card, dataset)),
        **dict(_same_size(card, dataset)),
        **dict(_same_target(card, dataset, target_scale)),
    }


def _same_words(card: DataCard, dataset: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    own, theirs = _words(card.name), _words(dataset["name"])
    if own and own in (theirs, _words(dataset["key"])):
        yield "name", "the name"
    elif _holds(own, theirs):
        yield "part of name", "part of the name"
    labels, recorded = _labels([label.name for label in card.label_space]), _labels(dataset["label_space"])
    distinct = {label for label in labels if _is_distinct(label)}
    if labels and labels == recorded and distinct:
        yield "classes", "the names of the classes"
        if len(distinct) > 2:
            yield "many classes", ""


def _is_distinct(label: str) -> bool:
    return bool(re.search(r"[^\W\d_]{3}", label)) and f" {label} " not in _SAID_OF_ANY_CLASS


def _holds(one: str, other: str) -> bool:
    """Tell whether one of two names is in the other, where it says enough."""
    short, long = sorted((one, other), key=len)
    telling = len(short.split()) > 1 or len(short) >= _LETTERS_OF_A_NAME
    return telling and f" {short} " in f" {long} "


def _same_size(card: DataCard, dataset: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    whole = dataset.get("n_rows_whole") or dataset["n_rows"]
    if card.n_rows is not None and abs(card.n_rows - whole) <= _ROWS * whole:
        yield "rows", f"{card.n_rows:,} rows"
        if card.n_rows == whole and card.n_features == dataset["n_features"]:
            yield "exact rows", ""
    if card.n_features is None or dataset["n_features"] is None:
        yield "no features", ""
    elif abs(card.n_features - dataset["n_features"]) <= (1 if card.n_features > 3 else 0):
        yield "features", f"{card.n_features} features"
        if card.n_features == dataset["n_features"]:
            yield "every feature", ""


def _same_target(card: DataCard, dataset: Mapping[str, Any], target_scale: float | None) -> Iterator[tuple[str, str]]:
    own, recorded = _shares(card.class_balance), _shares(dataset["class_balance"])
    if own and recorded:
        pairs = list(zip(own, recorded, strict=False))
        same = len(own) == len(recorded) and all(abs(one - other) <= _tolerance(other, dataset) for one, other in pairs)
        yield ("shares", "the shares of the classes") if same else ("other shares", "")
    elif target_scale and dataset.get("loss_scale") and abs(target_scale / dataset["loss_scale"] - 1) <= _SCALE:
        yield "scale", "the spread of the target"


def _tolerance(share: float, dataset: Mapping[str, Any]) -> float:
    """Return what a share may differ by: the recorded rows may be a sample of the whole."""
    rows, whole = dataset["n_rows"], dataset.get("n_rows_whole") or dataset["n_rows"]
    drawn = max(0.0, 1 - rows / whole)
    return 0.002 + 4 * math.sqrt(share * (1 - share) / rows * drawn)


def _shares(balance: Mapping[str, float] | None) -> list[float]:
    return sorted(share for share in (balance or {}).values() if share > 0)


def _labels(names: Sequence[str]) -> frozenset[str]:
    return frozenset(" ".join(str(name).casefold().split()) for name in names)


def _words(text: str) -> str:
    """Return a name's words without those that any dataset's may have."""
    words = re.findall(r"[^\W_]+", str(text).casefold())
    return " ".join(word for word in words if f" {word} " not in _SAID_OF_ANY)
