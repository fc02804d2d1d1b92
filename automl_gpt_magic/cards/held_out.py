"""The test table that a card names must fit the training table, so that no training ends in a failed test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import CardError, did_you_mean
from ..records.card import Cards
from ..records.table import TableProfile

if TYPE_CHECKING:
    import pandas as pd


def check_test_table(cards: Cards, profile: TableProfile, test: pd.DataFrame | None) -> None:
    """Raise where the test table lacks a column, has no labelled row, or holds an unknown class.

    Parameters
    ----------
    cards : Cards
    profile : TableProfile
        Of the training table.
    test : DataFrame or None
        As `load_test_table` returns it; None is nothing to check.

    Raises
    ------
    CardError
        At the field that names the test table.
    """
    if test is None:
        return
    used = profile.names("numeric", "categorical", "date")
    for label in (profile.target, *used):
        if label not in test.columns:
            hint = did_you_mean(str(label), map(str, test.columns)) if len(test.columns) else "it has no columns"
            raise _error(cards, f"the test table has no column {label!r}; {hint}")
    labels = test[profile.target].dropna()
    if labels.empty:
        raise _error(cards, f"the test table has no row with a value of {profile.target!r}")
    unknown = set(labels) - set(profile.classes) if profile.classes else set()
    if unknown:
        shown = ", ".join(sorted(map(repr, unknown))[:3])
        raise _error(cards, f"the test table holds classes that the training table does not: {shown}")


def _error(cards: Cards, message: str) -> CardError:
    fields = ("data.split.test", "data.split.test_frame", "data.split.test_path", "data.split")
    return cards.error(next((field for field in fields if field in cards.positions), "data.split"), message)
