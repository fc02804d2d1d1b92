"""How many columns the data cell will make of a table by scaling and one-hot encoding, before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..records.card import Cards
from ..records.table import MOST_CATEGORIES, ColumnKind, Encoded, TableProfile
from .rows import Rows, read_rows
from .split import held_out

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = pd.Series[Any]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

_HUGE = 3e38  # counts as missing: beyond it a number of 32 bits is infinite


def with_columns_counted(cards: Cards, table: pd.DataFrame, profile: TableProfile) -> TableProfile:
    """Return the profile with the columns that a network will read of the table.

    They depend on the rows that are held out: a category that only those hold has no column, and a column says where
    values are missing only if one is missing in the training part.

    Parameters
    ----------
    cards : Cards
        With the task as it is trained.
    table : DataFrame
        As it was loaded.
    profile : TableProfile
    """
    rows = read_rows(cards, table)
    places = zip(rows.feature_places, profile.columns, strict=True)
    columns = [(place, column.kind) for place, column in places if column.kind in ("numeric", "categorical", "date")]
    kept = [value for value, count in zip(profile.classes, profile.class_counts, strict=True) if count > 1]
    of_classes = rows.target.isin(kept).to_numpy() if kept else rows.target.notna().to_numpy()
    every = rows.table[of_classes]
    widest = _width(every, columns)
    if widest == len(columns):  # no category, nothing missing: any part gives as many
        return replace(profile, encoded=Encoded(widest, widest))
    trained = every[~rows_held_out(cards, rows, of_classes, kept)[of_classes]]
    return replace(profile, encoded=Encoded(_width(trained, columns), widest))


def rows_held_out(cards: Cards, rows: Rows, trained_on: Flags, classes: list[Any]) -> Flags:
    """Return which rows the data cell will hold out, drawn by the same function with the same seed.

    Parameters
    ----------
    cards : Cards
    rows : Rows
    trained_on : (n,) array of bool
        The rows that are split; the others are never trained on, and not held out.
    classes : list
        Their classes; nothing of a regression.
    """
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import train_test_split

    every, target = rows.table[trained_on], rows.target[trained_on]
    out = np.zeros(len(rows.table), dtype="bool")
    flags = held_out(cards, rows.by, every, target if classes else None)
    if flags is not None:
        out[np.flatnonzero(trained_on)[flags]] = True
        return out
    split = cards.data.split
    codes = pd.Categorical(target, categories=classes).codes if classes else None
    _, places = train_test_split(
        np.flatnonzero(trained_on), test_size=split.validation, random_state=split.seed, stratify=codes
    )
    out[places] = True
    return out


def _width(rows: pd.DataFrame, columns: Sequence[tuple[int, ColumnKind]]) -> int:
    return sum(_columns_of(rows.iloc[:, place], kind) for place, kind in columns)


def _columns_of(values: Values, kind: ColumnKind) -> int:
    """Return one column, or one for each category; and one for missing values where there are some."""
    import pandas as pd

    if kind == "categorical":
        present = values.dropna()
        # In a column of objects 1 and True are equal, but not their texts.
        different = present if present.dtype == object else present.unique()
        return min(len(set(map(str, different))) + (len(present) < len(values)), MOST_CATEGORIES)
    if kind == "date":
        return 1 + bool(pd.to_datetime(values, utc=True, errors="coerce").isna().any())
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return 1 + bool((~(numbers.abs() < _HUGE)).any())
