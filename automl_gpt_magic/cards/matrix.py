"""A table's columns as one matrix of numbers, for what is measured before any cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records.card import Cards
from ..records.table import Column, TableProfile
from .rows import read_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = pd.Series[Any]
    Array = np.ndarray[Any, Any]

_SEED = 0
_HUGE = 3e38  # beyond it a number of 32 bits is infinite


def feature_matrix(
    cards: Cards, table: pd.DataFrame, profile: TableProfile, most_rows: int
) -> tuple[Array, Array, int] | None:
    """Return features (n, p), target (n,) and the number of classes of at most ``most_rows`` rows.

    Categories are numbered, dates are seconds; missing and infinite values are NaN, free text is left out. Classes of
    one row are left out, as they are from training. None where no column is left.
    """
    import numpy as np

    rows = read_rows(cards, table)
    kept = [value for value, count in zip(profile.classes, profile.class_counts, strict=True) if count > 1]
    places = np.arange(len(rows.table))
    if profile.classes:
        places = places[rows.target.isin(kept).to_numpy()]
    if len(places) > most_rows:
        places = np.sort(np.random.default_rng(_SEED).permutation(places)[:most_rows])
    columns = [
        _numbers(rows.table.iloc[places, place], column)
        for place, column in zip(rows.feature_places, profile.columns, strict=True)
        if column.kind in ("numeric", "categorical", "date")
    ]
    if not columns:
        return None
    target = rows.target.iloc[places]
    return np.column_stack(columns), _target(target, kept), len(kept)


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
