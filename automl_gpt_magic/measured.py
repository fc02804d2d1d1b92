"""The trainings that were kept of the very rows of a card's table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import StoreError
from .planning.recipes.tabular import kept_classes
from .records.card import DataCard
from .records.run import Run
from .records.secret import SecretUrl
from .records.table import TableProfile

if TYPE_CHECKING:
    import pandas as pd


def runs_on(
    table: Any, profile: TableProfile | None, card: DataCard, store: Path | SecretUrl | None
) -> tuple[Mapping[int, Run], tuple[str, ...]]:
    """Return the finished runs on a table's rows by number, the oldest first; and why they could not be read.

    Parameters
    ----------
    table : DataFrame or None
        As it was loaded.
    profile : TableProfile or None
    card : DataCard
        With the task as it is trained.
    store : Path, SecretUrl or None
    """
    if store is None or profile is None or table is None or card.input_type == "image":  # rows only name the images
        return {}, ()
    from .store import Store
    from .training import fingerprint

    try:
        kept = Store(store)
        if not kept.has_runs(card.task):  # rows are only read through where it can matter
            return {}, ()
        return kept.runs_on(fingerprint(rows_as_trained(table, profile)), card.task), ()
    except StoreError as error:
        return {}, (f"Earlier runs are not considered: {error}",)


def rows_as_trained(table: pd.DataFrame, profile: TableProfile) -> pd.DataFrame:
    """Return the rows that a plan's data cell keeps of a table: those with a target, of classes with several rows."""
    import numpy as np

    target = str(profile.target)
    rows = table.rename(columns=str)
    if profile.n_unlabelled and all(isinstance(label, float) for label in profile.classes):
        rows = rows.replace({target: [np.inf, -np.inf]}, np.nan)
    by = profile.split_by
    times = [str(by.name)] if by and by.kind != "categorical" else []
    rows = rows.dropna(subset=[target, *times])
    several = kept_classes(profile)
    return rows if len(several) == len(profile.classes) else rows[rows[target].isin(several)]
