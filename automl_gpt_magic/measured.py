"""The trainings that were kept: of the very rows of a card's table, and of other data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import StoreError
from .planning.families import family_of, plannable
from .planning.recipes.tabular import kept_classes
from .records.card import Cards, DataCard
from .records.run import Run
from .records.secret import SecretUrl
from .records.table import TableProfile

if TYPE_CHECKING:
    import pandas as pd

# Of other data, so that a plan does not wait for a large store.
_MOST_READ = 200


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
        return {}, (_not_considered(error),)


def runs_on_others(
    cards: Cards, runs: Mapping[int, Run], store: Path | SecretUrl | None
) -> tuple[Mapping[int, Run], tuple[str, ...]]:
    """Return the newest runs on other rows, of families that can be planned, by number; and why they are not read.

    Parameters
    ----------
    cards : Cards
        With the task as it is trained.
    runs : mapping of number to Run
        What `runs_on` found.
    store : Path, SecretUrl or None
    """
    if store is None or cards.data.input_type == "image":  # rows only name the images
        return {}, ()
    from .store import Store

    families = {family.space.family for model in plannable(cards) if (family := family_of(model, cards.data))}
    same = {run.fingerprint for run in runs.values()}
    try:
        return Store(store).newest_runs(cards.data.task, families, _MOST_READ, without=("", *same)), ()
    except StoreError as error:
        return {}, (_not_considered(error),)


def _not_considered(error: StoreError) -> str:
    return f"Earlier runs are not considered: {error}"


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
