"""The techniques of the data cell for a table, each with its reason."""

from __future__ import annotations

from ...records.card import DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from ..families.family import Features
from .split import split_step


def data_steps(card: DataCard, table: TableProfile, features: Features = "trees") -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    dropped = table.names("text", "constant", "empty")
    steps = [
        (
            table.n_unlabelled > 0,
            "drop rows without target",
            f"{table.n_unlabelled} rows have no {card.target}",
        ),
        (
            any(count < 2 for count in table.class_counts),
            "drop classes with one row",
            "one row cannot be in training and validation",
        ),
        (bool(dropped), f"leave out {len(dropped)} columns", _left_out(table)),
        (True, *split_step(card, table)),
        (bool(table.names("date")), "dates to days", "days since 1970, as a number"),
        *(_scaled_steps(card, table) if features == "scaled" else _tree_steps(card, table)),
    ]
    return tuple(Step(technique, reason) for wanted, technique, reason in steps if wanted)


def _tree_steps(card: DataCard, table: TableProfile) -> list[tuple[bool, str, str]]:
    return [
        (
            bool(table.names("numeric")),
            "keep numbers as they are",
            "trees need no scaling; missing and infinite become NaN",
        ),
        (
            bool(table.names("categorical")),
            "ordinal codes for categories",
            "learned on the training part; unseen become NaN",
        ),
        (bool(card.missing_fraction), "leave missing values missing", "the trees learn a direction for them"),
    ]


def _scaled_steps(card: DataCard, table: TableProfile) -> list[tuple[bool, str, str]]:
    numbers = bool(table.names("numeric", "date"))
    return [
        (
            numbers and bool(card.missing_fraction),
            "fill missing numbers with the median",
            "of the training part; a further column says where",
        ),
        (numbers, "scale numbers to mean 0 and deviation 1", "the model weighs them against each other"),
        (
            bool(table.names("categorical")),
            "one column a category",
            "of the training part; rare and unseen ones share a column",
        ),
    ]


def _left_out(table: TableProfile) -> str:
    left_out = [column for column in table.columns if column.kind in ("text", "constant", "empty")]
    shown = ", ".join(f"{column.name} ({column.kind})" for column in left_out)
    return shown if len(shown) < 200 else shown[:199] + "…"
