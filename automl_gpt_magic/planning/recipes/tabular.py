"""The data cell for a table: select, clean, split, encode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ...errors import DataError
from ...records.card import BINARY, MULTICLASS, Cards, DataCard
from ...records.plan import Step
from ...records.table import ColumnKind, TableProfile
from .source import comment, literal


def data_steps(card: DataCard, table: TableProfile) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    dropped = table.names("text", "constant", "empty")
    share = f"{card.split.validation:.0%} of the rows, seed {card.split.seed}"
    steps = [
        (
            table.n_unlabelled > 0,
            "drop rows without target",
            f"{table.n_unlabelled} rows have no {card.target}",
        ),
        (bool(_rare(table)), "drop classes with one row", "one row cannot be in training and validation"),
        (bool(dropped), f"leave out {len(dropped)} columns", _left_out(table)),
        (
            True,
            "split off a validation part",
            share + (", same class shares" if card.is_classification else ""),
        ),
        (
            bool(table.names("numeric")),
            "keep numbers as they are",
            "trees need no scaling; missing and infinite become NaN",
        ),
        (bool(table.names("date")), "dates to days", "days since 1970, as a number"),
        (
            bool(table.names("categorical")),
            "ordinal codes for categories",
            "learned on the training part; unseen become NaN",
        ),
        (bool(card.missing_fraction), "leave missing values missing", "XGBoost learns a direction for them"),
    ]
    return tuple(Step(technique, reason) for wanted, technique, reason in steps if wanted)


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
    share = cards.data.split.validation
    n_validation = math.ceil(share * n_rows)
    least = max(len(counts), 1)
    if n_validation < least or n_rows - n_validation < max(least, 2):
        parts = f"{n_rows - n_validation} training and {n_validation} validation rows"
        needed = f"at least {least} in each, one a class" if counts else "at least one in each"
        raise cards.error("data.split.validation", f"{share:g} leaves {parts}, but {needed} is needed")
    if counts and min(counts) * (1 - share) < 1:
        raise cards.error("data.split.validation", f"{share:g} leaves the class of {min(counts)} rows no training row")


def data_cell(names: str, card: DataCard, table: TableProfile, prepare: str = "", warnings: Sequence[str] = ()) -> str:
    """Return the source of the data cell.

    It defines ``{names}_train``, ``_valid`` (rows), ``_target`` (rows to numbers) and ``_preprocessing``
    (rows to a numeric matrix, fitted on the training part only). ``prepare`` is a language model's checked source
    of ``{names}_prepare``, which the rows then go through first; ``warnings`` are what a person should know of it.
    """
    head = [
        comment(f"Data: {card.name}. Select, clean, split and encode; plain code, yours to edit.")
        + "\n"
        + _imports(card),
    ]
    if prepare:
        written = proposed(prepare, warnings, "it reads one table of rows at a time")
        return f"{_joined(head)}\n\n{written}\n\n\n{_joined(_around_prepare(names, card, table))}"
    return _joined(head + _blocks(names, card, table))


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(blocks).replace("\n\n\n\n", "\n\n\n")


def _blocks(names: str, card: DataCard, table: TableProfile) -> list[str]:
    dates, words = bool(table.names("date")), bool(table.names("categorical"))
    return [
        _columns(names, card, table),
        _rows(names, card, table),
        _features_function(names, _SELECT, dates, words),
        _target_function(names, card, table),
        _split(names, card),
        _preprocessing(names, dates, words),
        _report(names),
    ]


def _around_prepare(names: str, card: DataCard, table: TableProfile) -> list[str]:
    """Return the blocks after a function that makes columns which only running it shows."""
    blocks = [
        "\n".join(_known_columns(names, card, table)),
        _rows(names, card, table),
        _target_function(names, card, table),
        _split(names, card),
        _prepared_function(names, table),
        _kind_function(names),
        _kinds(names, table),
        _features_function(names, _prepare(names), dates=True, words=True),
        "\n" + _preprocessing(names, dates=True, words=True),
        _report(names),
    ]
    return [block for block in blocks if block]


def proposed(source: str, warnings: Sequence[str], what: str) -> str:
    """Return a language model's source under comments that say so, and what a person should know of it."""
    lines = [*(comment(f"Warning: {warning}") for warning in warnings), f"# From the language model; {what}."]
    return "\n".join([*lines, source.strip()])


def labelled_rows(frame: str | None, path: str | None, table: TableProfile) -> str:
    """Return the expression for the rows that have a target, their columns named by text as scikit-learn wants."""
    labels = [table.target, *(column.name for column in table.columns)]
    renamed = "" if all(isinstance(label, str) for label in labels) else ".rename(columns=str)"
    target = str(table.target)
    finite = f".replace({{{target!r}: [np.inf, -np.inf]}}, np.nan)" if _is_float_target(table) else ""
    return f"{_rows_source(frame, path)}{renamed}{finite}.dropna(subset=[{target!r}])"


def _is_float_target(table: TableProfile) -> bool:
    """Whether the rows without target may be such for an infinite one."""
    return bool(table.n_unlabelled) and all(isinstance(label, float) for label in table.classes)


def _rows_source(frame: str | None, path: str | None) -> str:
    if frame:
        return frame
    reader = "read_parquet" if str(path).lower().endswith((".parquet", ".pq")) else "read_csv"
    tabs = ", sep='\\t'" if str(path).lower().endswith((".tsv", ".tsv.gz")) else ""
    return f"pd.{reader}({str(path)!r}{tabs})"


def _imports(card: DataCard) -> str:
    return "\n".join(
        [
            "import numpy as np",
            "import pandas as pd",
            "from sklearn.compose import ColumnTransformer",
            "from sklearn.model_selection import train_test_split",
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder",
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


def _rows(names: str, card: DataCard, table: TableProfile) -> str:
    lines = [f"{names}_rows = {labelled_rows(card.frame, card.path, table)}"]
    if _rare(table):
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
        "    numbers = numbers.where(numbers.abs() < 3e38)  # XGBoost's numbers have 32 bits",
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


def _prepared_function(names: str, table: TableProfile) -> str:
    return "\n".join(
        [
            "",
            f"def {names}_prepared(rows):",
            f'    """Call {names}_prepare without the target, and hold it to the rows it was given."""',
            f"    rows = rows.drop(columns=[{str(table.target)!r}], errors='ignore')",
            "    rows = rows.set_axis(range(len(rows), 3 * len(rows), 2))  # an order that no reset gives back",
            f"    places, prepared = rows.index.copy(), {names}_prepare(rows)",
            "    if not isinstance(prepared, pd.DataFrame) or not prepared.index.equals(places):",
            f"        raise ValueError('{names}_prepare must return a table of the rows it was given, in their order')",
            "    prepared = prepared.set_axis(prepared.columns.map(str), axis=1)",
            "    prepared = prepared.loc[:, ~prepared.columns.duplicated()]",
            "    return prepared.assign(**(prepared.select_dtypes('timedelta') / pd.Timedelta(days=1)))",
        ]
    )


def _kind_function(names: str) -> str:
    numbers = ["integer", "floating", "mixed-integer-float", "decimal", "boolean"]
    return "\n".join(
        [
            "",
            f"def {names}_kind(values):",
            '    """Say what a column is read as; None for one without values, or of lists."""',
            "    values = values.dropna()",
            "    inferred = pd.api.types.infer_dtype(values)",
            f"    if inferred in {literal(numbers)}:",
            "        return 'numeric' if len(values) else None",
            "    if inferred in ['datetime64', 'datetime', 'date']:",
            "        return 'dates' if len(values) else None",
            "    lists = any(map(pd.api.types.is_list_like, values))",
            "    return 'words' if len(values) and not lists else None",
            "",
        ]
    )


def _kinds(names: str, table: TableProfile) -> str:
    """Return the lists of columns, derived from the prepared training rows."""

    def listed(kind: str, but: str = "") -> str:
        return f"[name for name, kind in {names}_kinds.items() if kind == {kind!r}{but}]"

    but = f" and name not in {names}_text" if table.names("text") else ""
    return "\n".join(
        [
            "",
            f"{names}_kinds = {{",
            f"    name: {names}_kind(values) for name, values in {names}_prepared({names}_train).items()",
            "}",
            f"{names}_numeric = {listed('numeric')}",
            f"{names}_dates = {listed('dates')}",
            f"{names}_categorical = {listed('words', but)}",
            f"if not {names}_numeric + {names}_dates + {names}_categorical:",
            f"    raise ValueError('{names}_prepare left no column that a model can read')",
        ]
    )


def _target_function(names: str, card: DataCard, table: TableProfile) -> str:
    if not card.is_classification:
        return f"\ndef {names}_target(rows):\n    return rows[{str(table.target)!r}].to_numpy(dtype='float64')\n"
    return "\n".join(
        [
            "",
            f"def {names}_target(rows):",
            f'    """Number the classes in the order of {names}_classes."""',
            f"    codes = pd.Categorical(rows[{str(table.target)!r}], categories={names}_classes).codes",
            "    if (codes < 0).any():",
            f"        raise ValueError('the target holds a class that {names}_classes does not name')",
            "    return codes.astype('int64')",
            "",
        ]
    )


def _split(names: str, card: DataCard) -> str:
    stratify = f", stratify={names}_target({names}_rows)" if card.is_classification else ""
    return "\n".join(
        [
            "",
            f"{names}_train, {names}_valid = train_test_split(",
            f"    {names}_rows, test_size={card.split.validation!r}, random_state={card.split.seed!r}{stratify}",
            ")",
        ]
    )


def _preprocessing(names: str, dates: bool, words: bool) -> str:
    transformers = [f"        ('numbers', 'passthrough', {names}_numeric),"]
    if dates:
        transformers.append(f"        ('days', 'passthrough', {names}_dates),")
    if words:
        encoder = "OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=np.nan)"
        transformers.append(f"        ('categories', {encoder}, {names}_categorical),")
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


def _report(names: str) -> str:
    return f"print(f'{{len({names}_train):,}} training rows, {{len({names}_valid):,}} validation rows')"


def _rare(table: TableProfile) -> bool:
    return any(count < 2 for count in table.class_counts)


def _left_out(table: TableProfile) -> str:
    left_out = [column for column in table.columns if column.kind in ("text", "constant", "empty")]
    shown = ", ".join(f"{column.name} ({column.kind})" for column in left_out)
    return shown if len(shown) < 200 else shown[:199] + "…"
