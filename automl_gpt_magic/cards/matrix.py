"""A table's columns as one matrix of numbers, for what is measured before any cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records.card import Cards
from ..records.table import Column, TableProfile
from .encoded import rows_held_out
from .rows import Rows, read_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = pd.Series[Any]
    Array = np.ndarray[Any, Any]

_SEED = 0
_HUGE = 3e38  # beyond it a number of 32 bits is infinite


def feature_matrix(
    cards: Cards, table: pd.DataFrame, profile: TableProfile, most_rows: int, held_out: Array | None = None
) -> tuple[Array, Array, int, Array] | None:
    """Return features (n, p), target (n,), the number of classes, and which rows the cells will hold out, (n,).

    Of each part there are at most ``most_rows`` rows. Categories are numbered, dates are seconds; missing and infinite
    values are NaN, free text is left out. Classes of one row are left out, as they are from training. None where no
    column is left, or nothing can be held out. ``held_out`` stands for the card's split.
    """
    import numpy as np

    rows = read_rows(cards, table)
    kept = [value for value, count in zip(profile.classes, profile.class_counts, strict=True) if count > 1]
    trained_on = rows.target.isin(kept).to_numpy() if profile.classes else np.ones(len(rows.table), dtype="bool")
    if held_out is None:
        held_out = _held_out(cards, rows, trained_on, kept)
    places = np.sort(
        np.concatenate([_sampled(np.flatnonzero(trained_on & part), most_rows) for part in (~held_out, held_out)])
    )
    columns = [
        _numbers(rows.table.iloc[places, place], column)
        for place, column in zip(rows.feature_places, profile.columns, strict=True)
        if column.kind in ("numeric", "categorical", "date")
    ]
    if not columns or not held_out.any():
        return None
    target = rows.target.iloc[places]
    return np.column_stack(columns), _target(target, kept), len(kept), held_out[places]


def _held_out(cards: Cards, rows: Rows, trained_on: Array, classes: list[Any]) -> Array:
    """Return the rows that the cells will hold out; none where they are too few to be split, which the cells say."""
    try:
        return rows_held_out(cards, rows, trained_on, classes)
    except ValueError:
        return trained_on & False


def _sampled(places: Array, most: int) -> Array:
    import numpy as np

    return places if len(places) <= most else np.random.default_rng(_SEED).permutation(places)[:most]


def _numbers(values: Values, column: Column) -> Array:
    import numpy as np
    import pandas as pd

    if column.kind == "numeric":
        numbers = pd.to_numeric(values, errors="coerce").to_numpy("float64", na_value=np.nan)
        return np.where(np.abs(numbers) < _HUGE, numbers, np.nan)
    if column.kind == "date":
        times = pd.to_datetime(values, errors="coerce", utc=True, format="mixed")
        return ((times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy("float64", na_value=np.nan)
    codes = values.map(str, na_action="ignore").factorize(sort=True)[0].astype("float64")
    return np.where(codes < 0, np.nan, codes)


def _target(values: Values, classes: list[Any]) -> Array:
    import numpy as np
    import pandas as pd

    if not classes:
        return pd.to_numeric(values).to_numpy("float64")
    return np.asarray(pd.Categorical(values, categories=classes).codes, dtype="int64")
