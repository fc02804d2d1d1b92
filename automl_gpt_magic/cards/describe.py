"""Cards and their table -> cards with measured numbers, and the profile of the table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import DataError, one_line
from ..records.card import BINARY, DETECTION, MULTICLASS, REGRESSION, RETRIEVAL, Cards, DataCard, Split
from ..records.metric import OF_BOXES, OF_RANKS, why_not
from ..records.table import Column, TableProfile
from .annotated import describe_annotated, is_annotated, with_input
from .images import image_shape
from .profile import profile_rows
from .rows import read_rows
from .target import Outcome, implied_target, read_outcome, table_name
from .vocabulary import CLASSIFICATION

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT_METRICS = {REGRESSION: ("rmse", "mae"), DETECTION: OF_BOXES, RETRIEVAL: OF_RANKS[:2]}
_OF_CLASSES = ("log_loss", "accuracy")
_NUMBERS = ("n_rows", "n_features", "n_numeric", "n_categorical", "missing_fraction")
_ROUNDING = 0.01


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
        If the target is missing, does not vary, has classes that code cannot name or contradicts task,
        metrics or label space, or the split cannot be made; without a table, if the class balance is not one
        of all classes.
    DataError
        If the table has no rows, no usable column, several levels of column names or two columns of one
        name, or a regression's numbers are too large.
    """
    if is_annotated(cards):
        cards = with_input(cards)
        _check_metrics(cards, cards.data.task)
    if table is None:
        described, notes = _without_table(cards)
        return described, None, notes
    if is_annotated(cards):
        return describe_annotated(cards, table)
    cards = _with_source(cards)
    _check_shape(cards, table)
    rows = read_rows(cards, table)
    outcome = read_outcome(cards, rows.target)
    _check_metrics(cards, outcome.task, outcome.lowest)
    profile, row_notes = profile_rows(cards, rows, outcome)
    data = _filled(cards, profile, outcome)
    contradictions = _contradictions(cards.data, data, len(table))
    notes = (*outcome.notes, *contradictions, *row_notes)
    return replace(cards, data=data), profile, tuple(one_line(note) for note in notes)


def _with_source(cards: Cards) -> Cards:
    """Return the cards with the target and the images that their source implies."""
    data = replace(cards.data, target=implied_target(cards) or None)
    shape = image_shape(data)
    if shape:
        data = replace(data, input_type="image", image_size=shape[:2], n_channels=shape[2])
    elif data.input_type == "image":
        message = "images come from a folder with a folder for each class, or a npz file: write path:"
        raise cards.error("data.input_type", f"this is a table of columns; {message}")
    return replace(cards, data=data)


def _without_table(cards: Cards) -> tuple[Cards, tuple[str, ...]]:
    data = cards.data
    _check_balance(cards)
    notes: tuple[str, ...] = ()
    n_classes = len(data.label_space) or len(data.class_balance)
    task = data.task
    if n_classes and task in ("", CLASSIFICATION):
        task = BINARY if n_classes == 2 else MULTICLASS
    elif task == CLASSIFICATION:
        task, notes = MULTICLASS, ("the card names no classes: taken as multiclass classification",)
    _check_metrics(cards, task)
    return replace(cards, data=replace(data, task=task, metrics=_metrics(cards, task))), notes


def _check_balance(cards: Cards) -> None:
    """Refuse a class balance that no table can have; with a table the measured one stands."""
    shares = cards.data.class_balance.values()
    total = sum(shares)
    if shares and (len(shares) < 2 or abs(total - 1) > _ROUNDING + 1e-9):
        shown = f"{len(shares)} share{'s' * (len(shares) > 1)} of {total:g} in all"
        message = f"found {shown}. Write the share of each class, such as {{no: 0.7, yes: 0.3}}."
        raise cards.error("data.class_balance", message)


def _metrics(cards: Cards, task: str) -> tuple[str, ...]:
    """Return the metrics of the data card, then those of the request, else the task's own."""
    stated = tuple(dict.fromkeys(cards.data.metrics + cards.request.metrics))
    return stated or (_DEFAULT_METRICS.get(task, _OF_CLASSES) if task else ())


def _check_shape(cards: Cards, table: pd.DataFrame) -> None:
    problem = _problem(cards, table)
    if problem:
        raise DataError(one_line(f"{table_name(cards)} has {problem}"))


def _problem(cards: Cards, table: pd.DataFrame) -> str:
    """Return what makes a table unusable whatever its values are; empty for none."""
    if table.columns.nlevels > 1:
        name = cards.data.frame or "table"
        flat = f"{name}.columns = ['_'.join(map(str, label)) for label in {name}.columns]"
        return f"{table.columns.nlevels} levels of column names. Flatten them above this cell: {flat}"
    twice = [label for label, n in Counter(map(str, table.columns)).items() if n > 1]
    if twice:
        return f"several columns named {', '.join(map(repr, twice[:5]))}. Rename or drop them."
    if not len(table):
        return "0 rows. Check the step that made it."
    if len(table.columns) == 1 and cards.data.target is not None:
        return f"one column, {table.columns[0]!r}. Check its separator, or add columns to learn from."
    return ""


def _check_metrics(cards: Cards, task: str, lowest: float = math.inf) -> None:
    """Refuse metrics that cannot be computed for a task; ``lowest`` is a regression's smallest target."""
    for field, metrics in (("data.metrics", cards.data.metrics), ("request.metrics", cards.request.metrics)):
        for metric in metrics if task else ():
            wrong = why_not(metric, task, lowest)
            if wrong:
                raise cards.error(field, wrong)


def _filled(cards: Cards, profile: TableProfile, outcome: Outcome) -> DataCard:
    data = cards.data
    shares = {label.name: count / profile.n_rows for label, count in zip(outcome.labels, outcome.counts, strict=True)}
    is_regression = outcome.task == REGRESSION
    data = replace(
        data,
        task=outcome.task,
        output_type=data.output_type or ("number" if is_regression else "class"),
        label_space=outcome.labels,
        metrics=_metrics(cards, outcome.task),
        n_rows=profile.n_rows,
        class_balance=shares,
        split=_split_by_label(data.split, profile.split_by),
    )
    return replace(data, **_measured_columns(profile)) if profile.columns else data


def _measured_columns(profile: TableProfile) -> dict[str, Any]:
    columns = profile.columns
    return {
        "n_features": len(columns),
        "n_numeric": len(profile.names("numeric")),
        "n_categorical": len(profile.names("categorical")),
        "missing_fraction": sum(column.missing for column in columns) / len(columns),
    }


def _split_by_label(split: Split, column: Column | None) -> Split:
    """Return the split with the column's own label in place of how the card spells it."""
    name = str(column.name) if column else None
    return replace(split, group=split.group and name, time=split.time and name)


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
