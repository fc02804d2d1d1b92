"""What became of the table between the plan and its training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AutoMLError
from ..records.card import Cards
from ..records.table import TableProfile
from .rows import read_rows
from .target import table_name

if TYPE_CHECKING:
    import pandas as pd

_MAX_SHOWN = 3
_AGAIN = "run the %%automl cell again"


def changes(cards: Cards, profile: TableProfile, table: pd.DataFrame) -> str:
    """Return in one line how the table differs from the one that was planned for; empty where it does not.

    Parameters
    ----------
    cards : Cards
    profile : TableProfile
        As `describe` returned them.
    table : DataFrame
        As it is now.
    """
    name = table_name(cards)
    needed = [profile.target, *profile.names("numeric", "categorical", "date")]
    needed += [profile.split_by.name] if profile.split_by else []
    gone = [label for label in needed if label not in table.columns]
    if gone:
        return f"{name} no longer has {_columns(gone)}: {_AGAIN}"
    unknown = _unknown(table[profile.target], profile)
    if unknown:
        return f"{name} now holds classes that were not planned for, {_shown(unknown)}: {_AGAIN}"
    try:
        n_rows = len(read_rows(cards, table).table)
    except AutoMLError as error:
        return str(error)
    if n_rows != profile.n_rows:
        return f"{name} now has {n_rows:,} rows to train on, and had {profile.n_rows:,} when planned: {_AGAIN}"
    return ""


def _unknown(target: pd.Series[Any], profile: TableProfile) -> list[Any]:
    if not profile.classes:
        return []
    return [value for value in target.dropna().unique().tolist() if value not in profile.classes]


def _columns(labels: list[Any]) -> str:
    return f"the column{'s' * (len(labels) > 1)} {_shown(labels)}"


def _shown(values: list[Any]) -> str:
    more = f" and {len(values) - _MAX_SHOWN:,} more" if len(values) > _MAX_SHOWN else ""
    return ", ".join(map(repr, values[:_MAX_SHOWN])) + more
