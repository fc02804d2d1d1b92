"""The data cell for a table: select, clean, split, encode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ...errors import DataError
from ...records.card import BINARY, MULTICLASS, Cards, DataCard
from ...records.table import MOST_CATEGORIES, ColumnKind, TableProfile
from ..families.family import Features
from .prepared import kind_function, kinds, prepared_function
from .source import comment, literal, proposed
from .source_rows import source_imports, training_rows
from .split import split_code, split_import


def kept_classes(table: TableProfile) -> list[object]:
    """Return the classes that have at least two rows."""
    return [label for label, count in zip(table.classes, table.class_counts, strict=True) if count > 1]


def card_as_trained(cards: Cards, table: TableProfile) -> DataCard:
    """Return the data card with the task that is left once classes with one row are gone.

    Raises
    ------
    DataError
        If fewer than two classes are left.
    CardError
        If the validation share leaves a part without rows, or a class without training rows.
    """
    card = cards.data
    if not card.is_classification:
        _check_split(cards, table.n_rows, [])
        return card
    counts = [count for count in table.class_counts if count > 1]
    if len(counts) < 2:
        raise DataError(f"{card.target} has {len(counts)} class with at least two rows; two are needed")
    _check_split(cards, sum(counts), counts)
    return replace(card, task=BINARY if len(counts) == 2 else MULTICLASS)


def _check_split(cards: Cards, n_rows: int, counts: list[int]) -> None:
    split = cards.data.split
    if split.group or split.time:
        return  # checked with the rows at hand
    share = split.validation
    n_validation = math.ceil(share * n_rows)
    least = max(len(counts), 1)
    if n_validation < least or n_rows - n_validation < max(least, 2):
        parts = f"{n_rows - n_validation} training and {n_validation} validation rows"
        needed = f"at least {least} in each, one a class" if counts else "at least one in each"
        raise cards.error("data.split.validation", f"{share:g} leaves {parts}, but {needed} is needed")
    if counts and min(counts) * (1 - share) < 1:
        raise cards.error("data.split.validation", f"{share:g} leaves the class of {min(counts)} rows no training row")


def data_cell(
    names: str,
    card: DataCard,
    table: TableProfile,
    prepare: str = "",
    warnings: Sequence[str] = (),
    *,
    features: Features = "trees",
) -> str:
    """Return the source of the data cell.

    It defines ``{names}_train``, ``_valid`` (rows), ``_target`` (rows to numbers) and ``_preprocessing``
    (rows to a numeric matrix, fitted on the training part only). ``prepare`` is a language model's checked source
    of ``{names}_prepare``, which the rows then go through first; ``warnings`` are what a person should know of it.
    """
    head = [
        comment(f"Data: {card.name}. Select, clean, split and encode; plain code, yours to edit.")
        + "\n"
        + _imports(card, features),
    ]
    if prepare:
        written = proposed(prepare, warnings, "it reads one table of rows at a time")
        return f"{_joined(head)}\n\n{written}\n\n\n{_joined(_around_prepare(names, card, table, features))}"
    return _joined(head + _blocks(names, card, table, features))


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(blocks).replace("\n\n\n\n", "\n\n\n")


def _blocks(names: str, card: DataCard, table: TableProfile, features: Features) -> list[str]:
    dates, words = bool(table.names("date")), bool(table.names("categorical"))
    return [
        _columns(names, card, table),
        rows_code(names, card, table),
        _features_function(names, _SELECT, dates, words),
        target_function(names, card, table),
        split_code(names, card, table),
        _preprocessing(names, dates, words, features),
        report_sizes(names),
    ]


def _around_prepare(names: str, card: DataCard, table: TableProfile, features: Features) -> list[str]:
    """Return the blocks after a function that makes columns which only running it shows."""
    blocks = [
        "\n".join(_known_columns(names, card, table)),
        rows_code(names, card, table),
        target_function(names, card, table),
        split_code(names, card, table),
        prepared_function(names, card, table),
        kind_function(names),
        kinds(names, table),
        _features_function(names, _prepare(names), dates=True, words=True),
        "\n" + _preprocessing(names, dates=True, words=True, features=features),
        report_sizes(names),
    ]
    return [block for block in blocks if block]


def _imports(card: DataCard, features: Features) -> str:
    imputer = ["from sklearn.impute import SimpleImputer"] if features == "scaled" else []
    encoders = "OneHotEncoder, StandardScaler" if features == "scaled" else "OrdinalEncoder"
    return "\n".join(
        [
            "import numpy as np",
            "import pandas as pd",
            "from sklearn.compose import ColumnTransformer",
            *source_imports(card),
            *imputer,
            *split_import(card),
            "from sklearn.pipeline import make_pipeline",
            f"from sklearn.preprocessing import FunctionTransformer, {encoders}",
        ]
    )


def _columns(names: str, card: DataCard, table: TableProfile) -> str:
    lines = [f"{names}_numeric = {_literal(table, 'numeric')}"]
    if table.names("date"):
        lines.append(f"{names}_dates = {_literal(table, 'date')}")
    lines.append(f"{names}_categorical = {_literal(table, 'categorical')}")
    if card.is_classification:
        lines.append(f"{names}_classes = {literal(kept_classes(table))}")
    return "\n".join(lines)


def _known_columns(names: str, card: DataCard, table: TableProfile) -> list[str]:
    """Return what can be written down before the prepared columns are known."""
    lines = [f"{names}_classes = {literal(kept_classes(table))}"] if card.is_classification else []
    if table.names("text"):
        lines.append(f"{names}_text = {_literal(table, 'text')}  # not read as words")
    return lines


def _literal(table: TableProfile, kind: ColumnKind) -> str:
    return literal([str(name) for name in table.names(kind)])


def rows_code(names: str, card: DataCard, table: TableProfile) -> str:
    lines = [f"{names}_rows = {training_rows(card, table)}"]
    if has_rare_classes(table):
        lines.append(f"{names}_rows = {names}_rows[{names}_rows[{str(table.target)!r}].isin({names}_classes)]")
    return "\n".join(lines)


_SELECT = ['    """Select the columns the model reads; missing, infinite and huge values become NaN."""']


def _prepare(names: str) -> list[str]:
    return [
        '    """Prepare the rows, select the columns the model reads; missing, infinite and huge become NaN."""',
        f"    rows = {names}_prepared(rows).reindex(columns={names}_numeric + {names}_dates + {names}_categorical)",
    ]


def _features_function(names: str, start: list[str], dates: bool, words: bool) -> str:
    lines = [
        "",
        f"def {names}_features(rows):",
        *start,
        f"    numbers = rows[{names}_numeric].apply(pd.to_numeric, errors='coerce').astype('float64')",
        "    numbers = numbers.where(numbers.abs() < 3e38)  # many models' numbers have 32 bits",
    ]
    parts = ["numbers"]
    if dates:
        lines += [
            f"    dates = rows[{names}_dates].apply(pd.to_datetime, utc=True, errors='coerce')",
            "    days = (dates - pd.Timestamp(0, tz='UTC')) / pd.Timedelta(days=1)",
        ]
        parts.append("days")
    if words:
        lines += [
            f"    words = rows[{names}_categorical].astype(object)",
            "    words = words.map(str, na_action='ignore').astype(object).where(words.notna(), np.nan)",
        ]
        parts.append("words")
    lines.append(f"    return pd.concat([{', '.join(parts)}], axis=1)" if len(parts) > 1 else "    return numbers")
    return "\n".join(lines)


def target_function(names: str, card: DataCard, table: TableProfile) -> str:
    if not card.is_classification:
        return f"\ndef {names}_target(rows):\n    return rows[{str(table.target)!r}].to_numpy(dtype='float64')\n"
    return "\n".join(
        [
            "",
            f"def {names}_target(rows):",
            f'    """Number the classes in the order of {names}_classes."""',
            f"    codes = pd.Categorical(rows[{str(table.target)!r}], categories={names}_classes).codes",
            "    if (codes < 0).any():",
            f"        unknown = sorted(set(map(str, rows.loc[codes < 0, {str(table.target)!r}])))[:5]",
            f"        raise ValueError(f'the target holds {{unknown}}, which {names}_classes does not name')",
            "    return codes.astype('int64')",
            "",
        ]
    )


def _preprocessing(names: str, dates: bool, words: bool, features: Features) -> str:
    transformers = _scaled(names, dates, words) if features == "scaled" else _coded(names, dates, words)
    return "\n".join(
        [
            f"{names}_preprocessing = make_pipeline(",
            f"    FunctionTransformer({names}_features),",
            "    ColumnTransformer([",
            *transformers,
            "    ]),",
            f").fit({names}_train)",
        ]
    )


def _coded(names: str, dates: bool, words: bool) -> list[str]:
    encoder = "OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=np.nan)"
    return [
        f"        ('numbers', 'passthrough', {names}_numeric),",
        *([f"        ('days', 'passthrough', {names}_dates),"] if dates else []),
        *([f"        ('categories', {encoder}, {names}_categorical),"] if words else []),
    ]


def _scaled(names: str, dates: bool, words: bool) -> list[str]:
    numbers = f"{names}_numeric + {names}_dates" if dates else f"{names}_numeric"
    rare = f"handle_unknown='infrequent_if_exist', max_categories={MOST_CATEGORIES}"
    encoder = f"OneHotEncoder({rare}, sparse_output=False)"
    return [
        "        ('numbers', make_pipeline(",
        "            SimpleImputer(strategy='median', add_indicator=True, keep_empty_features=True), StandardScaler()",
        f"        ), {numbers}),",
        *([f"        ('categories', {encoder}, {names}_categorical),"] if words else []),
    ]


def report_sizes(names: str) -> str:
    return f"print(f'{{len({names}_train):,}} training rows, {{len({names}_valid):,}} validation rows')"


def has_rare_classes(table: TableProfile) -> bool:
    return any(count < 2 for count in table.class_counts)
