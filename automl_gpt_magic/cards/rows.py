"""The rows of a table that are trained on: those that have a target and, for a split by time, a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..records.card import Cards
from .columns import inferred_type, without_infinite
from .split import SplitBy, read_split
from .target import find_target

if TYPE_CHECKING:
    import pandas as pd

    Values = pd.Series[Any]


@dataclass(frozen=True)
class Rows:
    """The rows that are trained on, their target and what is left out of a table.

    ``feature_places`` are those of the columns that are neither the target nor what the card splits by;
    ``n_unlabelled`` rows have no target.
    """

    table: pd.DataFrame
    target: Values
    target_name: Any
    feature_places: tuple[int, ...]
    by: SplitBy | None
    n_unlabelled: int
    notes: tuple[str, ...]


def read_rows(cards: Cards, table: pd.DataFrame) -> Rows:
    """Return the rows that are trained on.

    Raises
    ------
    CardError
        If the table lacks the target or the column to split by, or no row is left.
    """
    place = find_target(cards, table)
    by = read_split(cards, table, place)
    target, n_infinite = without_infinite(table.iloc[:, place], inferred_type(table.iloc[:, place]))
    labelled = target.notna().to_numpy()
    if not labelled.any():
        message = f"{cards.data.target} is missing in all {len(table):,} rows. Write another target."
        raise cards.error("data.target", message)
    timed = table.iloc[:, by.place].notna().to_numpy() if by and cards.data.split.time else labelled
    kept = labelled & timed
    if not kept.any() and by:
        raise cards.error(by.field, f"no row has both {by.column.name} and {cards.data.target}. Write another column.")
    n_unlabelled, n_untimed = int((~labelled).sum()), int((labelled & ~timed).sum())
    notes = []
    if n_unlabelled:
        infinite = f" ({n_infinite:,} of them an infinite one)" if n_infinite else ""
        notes.append(f"{n_unlabelled:,} of {len(table):,} rows have no target{infinite} and are left out")
    if n_untimed and by:
        notes.append(f"{n_untimed:,} of {len(table):,} rows have no {by.column.name} and are left out")
    features = tuple(index for index in range(table.shape[1]) if index not in (place, by.place if by else place))
    rows, target = (table, target) if kept.all() else (table.loc[kept], target.loc[kept])
    return Rows(rows, target, table.columns[place], features, by, n_unlabelled, tuple(notes))
