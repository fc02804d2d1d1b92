"""What a table turned out to hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ColumnKind = Literal["numeric", "categorical", "date", "text", "constant", "empty"]
MOST_CATEGORIES = 50  # columns that one-hot encoding makes of one


@dataclass(frozen=True)
class Column:
    """One feature column; ``missing`` is a share of 1, ``mixed`` marks values of several types."""

    name: Any
    kind: ColumnKind
    missing: float = 0.0
    n_unique: int = 0
    mixed: bool = False


@dataclass(frozen=True)
class Encoded:
    """How many columns scaling and one-hot encoding make of a table: fitted to the training part, and to every row."""

    training: int
    every: int


@dataclass(frozen=True)
class TableProfile:
    """The measured shape of a table, as planning needs it.

    ``classes`` are the target's values in the order of the label space (empty for regression);
    ``target_scale`` is the target's standard deviation (regression) and ``target_entropy`` the entropy
    of its classes in nats (classification). ``n_unlabelled`` rows have no target and are left out.
    ``target`` is the target column's own label, which need not be text. ``split_by`` is the column that the
    card splits by, which is no feature: a category is a group, a number or date a time. ``arrays`` names
    features and target in a npz file. Images have no ``columns``. ``encoded`` is None where nobody needed the count.
    """

    columns: tuple[Column, ...]
    n_rows: int
    n_unlabelled: int = 0
    classes: tuple[Any, ...] = ()
    class_counts: tuple[int, ...] = ()
    target_scale: float = 1.0
    target_entropy: float = 0.0
    target: Any = None
    split_by: Column | None = None
    arrays: tuple[str, str] | None = None
    encoded: Encoded | None = None

    def names(self, *kinds: ColumnKind) -> list[Any]:
        """Return the names of the columns of these kinds, in the table's order."""
        return [column.name for column in self.columns if column.kind in kinds]
