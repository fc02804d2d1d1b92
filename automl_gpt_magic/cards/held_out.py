"""The test table that a card names must fit the training table, so that no training ends in a failed test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import CardError, did_you_mean
from ..records.card import Cards
from ..records.table import TableProfile
from .arrays import is_npz, names_in
from .leakage import shared_rows
from .paths import expanded

if TYPE_CHECKING:
    import pandas as pd


def check_test_table(
    cards: Cards, profile: TableProfile, table: pd.DataFrame | None, test: pd.DataFrame | None
) -> tuple[str, ...]:
    """Return what a person should know of the test table.

    Parameters
    ----------
    cards : Cards
    profile : TableProfile
        Of the training table.
    table : DataFrame or None
        The training table.
    test : DataFrame or None
        As `load_test_table` returns it; None is nothing to check.

    Raises
    ------
    CardError
        If the test table lacks a column, has no labelled row, or holds an unknown class.
    """
    if test is None or table is None:
        return ()
    used = profile.names("text") if cards.data.input_type == "text" else profile.names("numeric", "categorical", "date")
    for label in (profile.target, *used):
        if label not in test.columns:
            hint = did_you_mean(str(label), map(str, test.columns)) if len(test.columns) else "it has no columns"
            raise _error(cards, f"the test table has no column {label!r}; {hint}")
    _check_arrays(cards, profile)
    labels = test[profile.target].dropna()
    if labels.empty:
        raise _error(cards, f"the test table has no row with a value of {profile.target!r}")
    unknown = set(labels) - set(profile.classes) if profile.classes else set()
    if unknown:
        shown = ", ".join(sorted(map(repr, unknown))[:3])
        raise _error(cards, f"the test table holds classes that the training table does not: {shown}")
    return tuple(shared_rows(table, test, [profile.target, *used])) if used else ()


def _check_arrays(cards: Cards, profile: TableProfile) -> None:
    """Refuse arrays of other names, which the cells would not find."""
    path = cards.data.split.test_path
    if path is None or not profile.arrays:
        return
    names = names_in(expanded(path), "data.split.test_path", cards) if is_npz(path) else None
    if names != profile.arrays:
        raise _error(cards, f"the test file must be a npz file with the arrays {' and '.join(profile.arrays)} too")


def _error(cards: Cards, message: str) -> CardError:
    fields = ("data.split.test", "data.split.test_frame", "data.split.test_path", "data.split")
    return cards.error(next((field for field in fields if field in cards.positions), "data.split"), message)
