"""A split by group or time: which rows it holds out, checked before any cell is written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import CardError
from ..records.card import Cards
from ..records.table import Column, ColumnKind
from .target import find_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = pd.Series[Any]
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

_SEEDS_TRIED = 50


@dataclass(frozen=True)
class SplitBy:
    """The column that a card splits by, and its place in the table."""

    field: str
    place: int
    column: Column


def read_split(cards: Cards, table: pd.DataFrame, target_place: int) -> SplitBy | None:
    """Return what the card splits by; None for a split at random.

    Raises
    ------
    CardError
        If there is no such column, or it cannot split.
    """
    split = cards.data.split
    wanted, field = (split.group, "data.split.group") if split.group else (split.time, "data.split.time")
    if wanted is None:
        return None
    place = find_column(cards, table, wanted, field)
    if place == target_place:
        raise cards.error(field, f"{wanted} is the target. Write another column, or leave the field out.")
    values = table.iloc[:, place]
    n_unique = _n_unique(cards, field, values)
    if n_unique < 2:
        shown = "no value" if not n_unique else "one value"
        raise cards.error(field, f"{wanted} holds {shown} in all {len(values):,} rows, and a split needs two.")
    name = table.columns[place]
    kind: ColumnKind = "categorical" if split.group else "numeric" if _is_number(values) else "date"
    return SplitBy(field, place, Column(name, kind, float(values.isna().mean()), n_unique))


def _n_unique(cards: Cards, field: str, values: Values) -> int:
    try:
        return int(values.nunique(dropna=field == "data.split.time"))
    except (TypeError, NotImplementedError):
        raise cards.error(field, f"{values.name} holds lists or other collections. Write another column.") from None


def _is_number(values: Values) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(values.dtype))


def held_out(cards: Cards, by: SplitBy | None, rows: pd.DataFrame, classes: Values | None) -> Flags | None:
    """Return which rows the cells will hold out; None for a split at random, which only they make.

    Parameters
    ----------
    cards : Cards
    by : SplitBy or None
    rows : DataFrame
        The rows that are trained on.
    classes : Series or None
        Their classes; None for a regression.

    Raises
    ------
    CardError
        If a part would have no row, or the training part not every class.
    """
    if by is None:
        return None
    values, split = rows.iloc[:, by.place], cards.data.split
    flags = _last(cards, by, values) if split.time else _groups(values, split.validation, split.seed)
    missing = _missing(flags, classes)
    if missing is None:
        return flags
    if split.time:
        raise cards.error(by.field, f"the training part would have {missing}. Write a smaller validation share.")
    raise _with_a_better_seed(cards, by, values, classes, missing)


def _with_a_better_seed(cards: Cards, by: SplitBy, values: Values, classes: Values | None, missing: str) -> CardError:
    split = cards.data.split
    for seed in range(_SEEDS_TRIED):
        if _missing(_groups(values, split.validation, seed), classes) is None:
            message = f"with the seed {split.seed} the training part would have {missing}. Write seed: {seed}."
            return cards.error(by.field, message)
    message = f"the training part would have {missing}, whatever the seed. Write another column or another share."
    return cards.error(by.field, message)


def _groups(values: Values, share: float, seed: int) -> Flags:
    """Hold out the groups that scikit-learn's GroupShuffleSplit does, without importing it."""
    import numpy as np

    codes, groups = values.factorize(use_na_sentinel=False)
    out = np.random.RandomState(seed).permutation(len(groups))[: math.ceil(share * len(groups))]
    return np.isin(codes, out)


def _last(cards: Cards, by: SplitBy, values: Values) -> Flags:
    times = _times(cards, by, values)
    second = times[times > times.min()].min()
    cut = max(times.quantile(1 - cards.data.split.validation, interpolation="higher"), second)
    flags: Flags = (times >= cut).to_numpy()
    return flags


def _times(cards: Cards, by: SplitBy, values: Values) -> Any:
    import pandas as pd

    if by.column.kind == "numeric":
        return values
    try:
        return pd.to_datetime(values, utc=True)
    # pandas' parser raises ValueError, TypeError, OverflowError and its own for what it does not read as a time.
    except Exception:
        parsed = pd.to_datetime(values, utc=True, errors="coerce", format="mixed")
        strange = values[parsed.isna()].head(1).tolist()
        shown = f"holds {str(strange[0])[:40]!r}, which is" if strange else "mixes several ways to write"
        advice = "Write a column of dates or numbers, or make it one above this cell with pd.to_datetime."
        raise cards.error(by.field, f"{by.column.name} {shown} no time. {advice}") from None


def _missing(flags: Flags, classes: Values | None) -> str | None:
    """Return what a training part lacks; None for nothing."""
    if not (~flags).sum() > 1:
        return "fewer than two rows"
    if classes is None:
        return None
    lacking = sorted(set(classes.unique()) - set(classes[~flags].unique()), key=str)
    return f"no row of the class {lacking[0]}" if lacking else None
