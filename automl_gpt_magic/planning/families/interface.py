"""What a network reads and gives, as far as card and table tell before any cell ran."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.architecture import Shape
from ...records.card import DataCard
from ...records.table import MOST_CATEGORIES, Column, Encoded, TableProfile


@dataclass(frozen=True)
class Interface:
    """The shape of one example and the size of the last layer.

    ``training`` is the shape where the preprocessing is fitted to the training part, ``every`` where it is fitted to
    every row; ``exact`` says that they were counted.
    """

    training: Shape
    every: Shape
    n_outputs: int
    exact: bool


def interface_of(card: DataCard, table: TableProfile | None) -> Interface | None:
    """Return what a network reads and gives; None where there are no rows, or the card does not tell their shape."""
    if table is None:
        return None
    n_outputs = sum(count > 1 for count in table.class_counts) if card.is_classification else 1
    if card.input_type == "image":
        shape = _image_shape(card)
        return Interface(shape, shape, n_outputs, exact=True) if shape else None
    encoded = table.encoded or _about(table)
    return Interface((encoded.training,), (encoded.every,), n_outputs, exact=table.encoded is not None)


def _image_shape(card: DataCard) -> Shape | None:
    """Return channels, height and width as the data cell reads them: files in grey or as RGB, arrays as they are."""
    if card.image_size is None or card.n_channels is None:
        return None
    in_files = card.path is not None and not card.path.lower().endswith(".npz")
    return (3 if in_files and card.n_channels > 1 else card.n_channels, *card.image_size)


def _about(table: TableProfile) -> Encoded:
    """Return the columns as if the training part held every category, and a missing value wherever the table does."""
    width = sum(map(_width, table.columns))
    return Encoded(width, width)


def _width(column: Column) -> int:
    if column.kind == "categorical":
        return min(column.n_unique + (column.missing > 0), MOST_CATEGORIES)
    return 1 + (column.missing > 0) if column.kind in ("numeric", "date") else 0
