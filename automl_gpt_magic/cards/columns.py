"""What each feature column holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..records.table import Column, ColumnKind

if TYPE_CHECKING:
    import pandas as pd

    Values = pd.Series[Any]

# What pandas.api.types.infer_dtype says of an object column.
_OBJECT_KINDS: dict[str, ColumnKind] = {
    "integer": "numeric",
    "floating": "numeric",
    "mixed-integer-float": "numeric",
    "decimal": "numeric",
    "boolean": "numeric",
    "date": "date",
    "datetime": "date",
    "datetime64": "date",
}
_LONG_TEXT = 60
_TEXT_SHARE, _UNIQUE_SHARE = 0.5, 0.95
_FEW = 20
_SAMPLE = 1000


def profile_columns(table: pd.DataFrame, places: Iterable[int]) -> tuple[tuple[Column, ...], list[str]]:
    """Return the profile of the columns at ``places``, and what a person should know about them."""
    profiles = [profile_column(table.columns[place], table.iloc[:, place]) for place in places]
    return tuple(column for column, _ in profiles), [note for _, notes in profiles for note in notes]


def profile_column(name: Any, values: Values) -> tuple[Column, list[str]]:
    """Return the profile of one column and notes on it; infinite values count as missing."""
    inferred = inferred_type(values)
    values, n_infinite = without_infinite(values, inferred)
    notes = [f"column {name!r} has {n_infinite:,} infinite values, counted as missing"] if n_infinite else []
    n_present = int(values.count())
    n_unique = count_unique(values)
    if n_unique is None:
        notes.append(f"column {name!r} holds lists or other collections; it is treated as text")
        return Column(name, "text", _share(values, n_present), n_present, mixed=True), notes
    kind = _kind(values, inferred, n_present, n_unique)
    mixed = inferred.startswith("mixed") and inferred != "mixed-integer-float" and _several_types(values)
    if mixed:
        notes.append(f"column {name!r} mixes values of several types; they are compared as text")
    if _is_identifier(values, kind, n_unique):
        notes.append(f"column {name!r} looks like a row number or identifier: drop it if it carries no meaning")
    return Column(name, kind, _share(values, n_present), n_unique, mixed), notes


def without_infinite(values: Values, inferred: str) -> tuple[Values, int]:
    """Return the values with infinite ones as missing, and how many there were."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_float_dtype(values.dtype):
        infinite = np.isinf(values.to_numpy(dtype=float, na_value=np.nan))
    elif inferred in ("floating", "mixed-integer-float", "decimal"):
        infinite = values.isin([np.inf, -np.inf]).to_numpy()
    else:
        return values, 0
    n_infinite = int(infinite.sum())
    return (values.mask(infinite), n_infinite) if n_infinite else (values, 0)


def inferred_type(values: Values) -> str:
    """Return pandas' name for what a column of objects holds; empty for every other column."""
    import pandas as pd

    return pd.api.types.infer_dtype(values, skipna=True) if values.dtype == object else ""


def _share(values: Values, n_present: int) -> float:
    return 1 - n_present / len(values) if len(values) else 0.0


def count_unique(values: Values) -> int | None:
    """Return the number of different values; None for values that cannot be hashed, such as lists."""
    try:
        return int(values.nunique())
    except (TypeError, NotImplementedError):  # the second one from pyarrow
        return None


def _several_types(values: Values) -> bool:
    return len({type(value) for value in values.dropna()}) > 1


def _kind(values: Values, inferred: str, n_present: int, n_unique: int) -> ColumnKind:
    import pandas as pd

    if not n_present:
        return "empty"
    if n_unique == 1 and n_present == len(values):
        return "constant"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "numeric"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    return _OBJECT_KINDS.get(inferred) or _words_kind(values, n_present, n_unique)


def _words_kind(values: Values, n_present: int, n_unique: int) -> ColumnKind:
    share = n_unique / n_present
    if share >= _UNIQUE_SHARE and n_unique > _FEW:
        return "text"
    return "text" if share > _TEXT_SHARE and _mean_length(values) > _LONG_TEXT else "categorical"


def _mean_length(values: Values) -> float:
    sample = values.dropna().head(_SAMPLE).tolist()
    return sum(len(str(value)) for value in sample) / len(sample)


def _is_identifier(values: Values, kind: ColumnKind, n_unique: int) -> bool:
    import pandas as pd

    if n_unique != len(values) or n_unique <= _FEW:
        return False
    whole = kind == "numeric" and pd.api.types.is_integer_dtype(values.dtype)
    return (whole or (kind == "text" and values.dtype != object)) and bool(values.is_monotonic_increasing)
