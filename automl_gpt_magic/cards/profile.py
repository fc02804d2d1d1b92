"""The profile of the rows that are trained on, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import DataError
from ..records.card import Cards
from ..records.table import Column, TableProfile
from .arrays import is_npz, names_in
from .columns import profile_columns
from .leakage import repeated_rows, target_leaks
from .paths import expanded
from .rows import Rows
from .split import held_out
from .target import Outcome

_ALONE = 1


def profile_rows(cards: Cards, rows: Rows, outcome: Outcome) -> tuple[TableProfile, list[str]]:
    """Return the profile of the rows; for images, without columns.

    Raises
    ------
    CardError
        If the card's split leaves a part that cannot be used.
    DataError
        If no column can be used.
    """
    data = cards.data
    columns, notes = profile_columns(rows.table, () if data.input_type == "image" else rows.feature_places)
    if data.input_type == "text":
        columns = tuple(replace(one, kind="text") if one.kind == "categorical" else one for one in columns)
    if data.input_type != "image":
        _check_features(columns, data.input_type)
    of_arrays = data.path if data.frame is None and is_npz(data.path) else None
    profile = TableProfile(
        columns=columns,
        n_rows=len(rows.table),
        n_unlabelled=rows.n_unlabelled,
        classes=outcome.classes,
        class_counts=outcome.counts,
        target_scale=outcome.scale,
        target_entropy=outcome.entropy,
        target=rows.target_name,
        split_by=rows.by.column if rows.by else None,
        arrays=names_in(expanded(of_arrays), "data.path", cards) if of_arrays else None,
    )
    return profile, [*notes, *rows.notes, *_leaks(cards, rows, profile)]


def _check_features(columns: tuple[Column, ...], input_type: str) -> None:
    kinds = {column.kind for column in columns}
    if kinds <= {"constant", "empty"}:
        raise DataError("no column besides the target varies. Add columns to learn from.")
    if input_type == "text" and "text" not in kinds:
        raise DataError("no column besides the target holds text. Write input_type: tabular, or add a column of text.")
    if kinds <= {"constant", "empty", "text"} and input_type != "text":
        raise DataError(
            "every column besides the target is free text, an identifier or does not vary, and free text is not "
            "used. Add columns of numbers, dates or categories, such as the text's length."
        )


def _leaks(cards: Cards, rows: Rows, profile: TableProfile) -> Iterator[str]:
    """Yield what looks like leakage; for a split by group or time refuse one that cannot be made."""
    once = [value for value, n in zip(profile.classes, profile.class_counts, strict=True) if n == _ALONE]
    kept = ~rows.target.isin(once).to_numpy()
    classes = rows.target[kept] if profile.classes else None
    out = held_out(cards, rows.by, rows.table[kept], classes)
    if cards.data.input_type == "image":
        return
    places = zip(rows.feature_places, profile.columns, strict=True)
    features = rows.table.iloc[:, [place for place, column in places if column.kind not in ("constant", "empty")]]
    yield from target_leaks(features, rows.target, classes=bool(profile.classes))
    together = features.assign(**{str(rows.target_name): rows.target})[kept]
    yield from repeated_rows(together, cards.data.split.validation, out)
