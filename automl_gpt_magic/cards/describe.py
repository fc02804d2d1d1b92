"""Cards and their table -> cards with measured numbers, and the profile of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..records.card import BINARY, MULTICLASS, REGRESSION, Cards, DataCard
from ..records.table import TableProfile
from .columns import inferred_type, profile_columns, without_infinite
from .nodes import refuse
from .target import Outcome, find_target, read_outcome, table_name
from .vocabulary import CLASSIFICATION, CLASSIFICATION_METRICS, REGRESSION_METRICS

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT_METRICS = {True: ("log_loss", "accuracy"), False: ("rmse", "mae")}
_NUMBERS = ("n_rows", "n_features", "n_numeric", "n_categorical", "missing_fraction")
_ROUNDING = 0.01
_HEAD = 100


def describe(cards: Cards, table: pd.DataFrame | None) -> tuple[Cards, TableProfile | None, tuple[str, ...]]:
    """Fill what the cards leave out from the table; where they contradict each other, the table stands.

    Parameters
    ----------
    cards : Cards
        As `read_cards` returns them.
    table : DataFrame or None
        As `load_table` returns it; None for a card without a table.

    Returns
    -------
    cards : Cards
        With task, classes, sizes and metrics.
    profile : TableProfile or None
        None without a table.
    notes : tuple of str
        What was assumed, contradicted or looks suspicious, one sentence each.

    Raises
    ------
    CardError
        If the target is missing, does not vary or contradicts task, metrics or label space.
    DataError
        If the table has no rows, no usable column or two columns of one name.
    """
    if table is None:
        described, notes = _without_table(cards)
        return described, None, notes
    _check_shape(cards, table)
    place = find_target(cards, table)
    labelled, target = _labelled(cards, table, place)
    outcome = read_outcome(cards, target)
    _check_metrics(cards, outcome.task)
    profile, column_notes = _profile(table, labelled, target, place, outcome)
    data = _filled(cards.data, profile, outcome)
    contradictions = _contradictions(cards.data, data, len(table))
    return replace(cards, data=data), profile, (*outcome.notes, *contradictions, *column_notes)


def _without_table(cards: Cards) -> tuple[Cards, tuple[str, ...]]:
    data = cards.data
    notes: tuple[str, ...] = ()
    n_classes = len(data.label_space) or len(data.class_balance)
    task = data.task
    if n_classes and task in ("", CLASSIFICATION):
        task = BINARY if n_classes == 2 else MULTICLASS
    elif task == CLASSIFICATION:
        task, notes = MULTICLASS, ("the card names no classes: taken as multiclass classification",)
    _check_metrics(cards, task)
    metrics = data.metrics or (_DEFAULT_METRICS[task != REGRESSION] if task else ())
    return replace(cards, data=replace(data, task=task, metrics=metrics)), notes


def _check_shape(cards: Cards, table: pd.DataFrame) -> None:
    name = table_name(cards)
    twice = table.columns[table.columns.duplicated()].unique().tolist()
    if twice:
        raise DataError(f"{name} has several columns named {', '.join(map(repr, twice[:5]))}. Rename or drop them.")
    if not len(table):
        raise DataError(f"{name} has 0 rows. Check the step that made it.")
    if len(table.columns) == 1 and cards.data.target is not None:
        raise DataError(
            f"{name} has one column, {table.columns[0]!r}. Check its separator, or add columns to learn from."
        )


def _labelled(cards: Cards, table: pd.DataFrame, place: int) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the rows that have a target, and that target."""
    target = table.iloc[:, place]
    target, _ = without_infinite(target, inferred_type(target))
    present = target.notna().to_numpy()
    if not present.any():
        message = f"{cards.data.target} is missing in all {len(table):,} rows. Write another target."
        raise refuse(cards, "data.target", message)
    return (table, target) if present.all() else (table.loc[present], target.loc[present])


def _check_metrics(cards: Cards, task: str) -> None:
    if not task:
        return
    known = REGRESSION_METRICS if task == REGRESSION else CLASSIFICATION_METRICS
    for field, metrics in (("data.metrics", cards.data.metrics), ("request.metrics", cards.request.metrics)):
        for metric in metrics:
            if metric not in known:
                raise refuse(cards, field, f"{metric} does not measure a {task}. Write one of {', '.join(known)}.")


def _profile(
    table: pd.DataFrame, labelled: pd.DataFrame, target: pd.Series[Any], place: int, outcome: Outcome
) -> tuple[TableProfile, list[str]]:
    places = [index for index in range(len(table.columns)) if index != place]
    columns, notes = profile_columns(labelled, places)
    if all(column.kind in ("constant", "empty") for column in columns):
        raise DataError("no column besides the target varies. Add columns to learn from.")
    n_unlabelled = len(table) - len(labelled)
    if n_unlabelled:
        notes.append(f"{n_unlabelled:,} of {len(table):,} rows have no target and are left out")
    notes.extend(_leaks(labelled, target, places))
    return TableProfile(
        columns=columns,
        n_rows=len(labelled),
        n_unlabelled=n_unlabelled,
        classes=outcome.classes,
        class_counts=outcome.counts,
        target_scale=outcome.scale,
        target_entropy=outcome.entropy,
        target=table.columns[place],
    ), notes


def _leaks(labelled: pd.DataFrame, target: pd.Series[Any], places: list[int]) -> Iterator[str]:
    for index in places:
        column = labelled.iloc[:, index]
        if _same(column.head(_HEAD), target.head(_HEAD)) and _same(column, target):
            name = labelled.columns[index]
            yield f"column {name!r} has the same values as the target: drop it unless it is known earlier"


def _same(column: pd.Series[Any], target: pd.Series[Any]) -> bool:
    try:
        return bool(column.tolist() == target.tolist())
    except (TypeError, ValueError):  # values that cannot be compared, such as arrays
        return False


def _filled(data: DataCard, profile: TableProfile, outcome: Outcome) -> DataCard:
    columns = profile.columns
    shares = {label.name: count / profile.n_rows for label, count in zip(outcome.labels, outcome.counts, strict=True)}
    is_regression = outcome.task == REGRESSION
    return replace(
        data,
        task=outcome.task,
        output_type=data.output_type or ("number" if is_regression else "class"),
        label_space=outcome.labels,
        metrics=data.metrics or _DEFAULT_METRICS[not is_regression],
        n_rows=profile.n_rows,
        n_features=len(columns),
        n_numeric=len(profile.names("numeric")),
        n_categorical=len(profile.names("categorical")),
        class_balance=shares,
        missing_fraction=sum(column.missing for column in columns) / len(columns),
    )


def _contradictions(stated: DataCard, measured: DataCard, n_rows: int) -> Iterator[str]:
    for name in _NUMBERS:
        written, real = getattr(stated, name), getattr(measured, name)
        rounding = _ROUNDING if name == "missing_fraction" else 0
        if written is None or abs(written - real) <= rounding or (name == "n_rows" and written == n_rows):
            continue
        yield f"the card says {name} {written:,}, the table has {round(real, 4):,}"
    if _differ(stated.class_balance, measured.class_balance):
        shares = ", ".join(f"{name} {share:.3f}" for name, share in measured.class_balance.items())
        yield f"the card's class balance is not the table's: {shares}"


def _differ(stated: Any, measured: Any) -> bool:
    return any(abs(share - measured.get(name, 0.0)) > _ROUNDING for name, share in stated.items())
