"""Data that is no table of features and a target: images with boxes, questions with passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError, one_line
from ..records.card import DETECTION, RETRIEVAL, Cards
from ..records.table import TableProfile
from . import coco, passages
from .paths import expanded, is_file

if TYPE_CHECKING:
    import pandas as pd

_Read = Callable[[Path], "pd.DataFrame"]
_Describe = Callable[[Cards, "pd.DataFrame"], tuple[Cards, TableProfile, tuple[str, ...]]]
_INPUTS = {DETECTION: "image", RETRIEVAL: "text"}
_KINDS = {DETECTION: coco.WHAT, RETRIEVAL: passages.WHAT}
_READ: Mapping[str, _Read] = {DETECTION: coco.read_coco, RETRIEVAL: passages.read_passages}
_DESCRIBE: Mapping[str, _Describe] = {DETECTION: coco.describe_coco, RETRIEVAL: passages.describe_passages}
MOST_BYTES = 1_000_000_000


def is_annotated(cards: Cards) -> bool:
    """Tell whether the card's task reads annotations, and no table."""
    return cards.data.task in _READ


def read_annotated(cards: Cards) -> pd.DataFrame | None:
    """Return a row for each image or question of the file that ``data.path`` names; None for a card without one.

    Raises
    ------
    CardError
        If the card names a table, or a file that is not there.
    DataError
        If the file is too large, or not of the form that the task reads.
    """
    data, what = cards.data, _KINDS[cards.data.task]
    for field in ("frame", "dataset"):
        if getattr(data, field) is not None:
            raise cards.error(f"data.{field}", f"{data.task} reads {what}. Write path: and its name.")
    _check_split(cards)
    if data.path is None:
        return None
    path = expanded(data.path)
    if not is_file(path):
        raise cards.error("data.path", f"there is no file {data.path}. Write the name of {what}.")
    if not path.name.lower().endswith((".json", ".jsonl")):
        raise cards.error("data.path", f"{path.name} is of no known kind. Write the name of {what}.")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(one_line(f"{path.name} has over {MOST_BYTES / 1e9:g} GB. Write a part of it to a file first."))
    return _READ[data.task](path)


def describe_annotated(cards: Cards, table: pd.DataFrame) -> tuple[Cards, TableProfile, tuple[str, ...]]:
    """Fill what the cards leave out from such rows, as `describe` does from a table."""
    return _DESCRIBE[cards.data.task](cards, table)


def with_input(cards: Cards) -> Cards:
    """Return the cards with the input type of their task, where they leave it at the usual one.

    Raises
    ------
    CardError
        If they name another.
    """
    wanted, given = _INPUTS[cards.data.task], cards.data.input_type
    is_written = given != "tabular" or "data.input_type" in cards.positions
    if is_written and given != wanted:
        raise cards.error("data.input_type", f"{cards.data.task} is planned for data of type {wanted}. Write that.")
    return replace(cards, data=replace(cards.data, input_type=wanted))


def _check_split(cards: Cards) -> None:
    split = cards.data.split
    for name in ("group", "time", "test_frame", "test_path"):
        if getattr(split, name) is not None:
            message = f"{cards.data.task} is split at random, and without a test set of its own. Leave {name} out."
            raise cards.error(f"data.split.{name}", message)
