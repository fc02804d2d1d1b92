"""The data cell for texts: select, clean, split, join."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.card import DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from .prepared import kind_function, prepared_function
from .source import comment, literal, proposed
from .source_rows import source_imports
from .split import split_code, split_import, split_step
from .tabular import has_rare_classes, kept_classes, report_sizes, rows_code, target_function


def data_steps(card: DataCard, table: TableProfile) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    texts = table.names("text")
    left_out = [column for column in table.columns if column.name not in texts]
    shown = ", ".join(f"{column.name} ({column.kind})" for column in left_out)
    steps = [
        (table.n_unlabelled > 0, "drop rows without target", f"{table.n_unlabelled} rows have no {card.target}"),
        (has_rare_classes(table), "drop classes with one row", "one row cannot be in training and validation"),
        (bool(left_out), f"leave out {len(left_out)} columns", shown if len(shown) < 200 else shown[:199] + "…"),
        (True, *split_step(card, table)),
        (len(texts) > 1, f"join {len(texts)} columns of text", "with a space between them, in the table's order"),
        (bool(card.missing_fraction), "read missing texts as empty", "an empty text has no terms"),
    ]
    return tuple(Step(technique, reason) for wanted, technique, reason in steps if wanted)


def data_cell(names: str, card: DataCard, table: TableProfile, prepare: str = "", warnings: Sequence[str] = ()) -> str:
    """Return the source of the data cell.

    It defines ``{names}_train``, ``_valid`` (rows), ``_target`` (rows to numbers) and ``_preprocessing`` (rows to an
    array of texts). ``prepare`` is a language model's checked source of ``{names}_prepare``, which the rows then go
    through first; ``warnings`` are what a person should know of it.
    """
    blocks = [
        comment(f"Data: {card.name}. Select, clean, split and join the texts; plain code, yours to edit.")
        + "\n"
        + _imports(card),
        *([proposed(prepare, warnings, "it reads one table of rows at a time") + "\n"] if prepare else []),
        _columns(names, card, table, prepared=bool(prepare)),
        rows_code(names, card, table),
        target_function(names, card, table),
        split_code(names, card, table),
        *(_prepared(names, card, table) if prepare else []),
        _texts_function(names, f"{names}_prepared(rows).reindex(columns={names}_text)" if prepare else ""),
        f"{names}_preprocessing = make_pipeline(FunctionTransformer({names}_texts)).fit({names}_train)",
        report_sizes(names),
    ]
    return "\n\n".join(filter(None, blocks)).replace("\n\n\n\n", "\n\n\n")


def _imports(card: DataCard) -> str:
    return "\n".join(
        [
            "import numpy as np",
            "import pandas as pd",
            *source_imports(card),
            *split_import(card),
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import FunctionTransformer",
        ]
    )


def _columns(names: str, card: DataCard, table: TableProfile, *, prepared: bool) -> str:
    texts = literal([str(name) for name in table.names("text")])
    lines = [] if prepared else [f"{names}_text = {texts}"]
    if card.is_classification:
        lines.append(f"{names}_classes = {literal(kept_classes(table))}")
    return "\n".join(lines)


def _prepared(names: str, card: DataCard, table: TableProfile) -> list[str]:
    """Return the blocks after a function that makes columns which only running it shows."""
    columns = "\n".join(
        [
            f"{names}_text = [",
            f"    name for name, values in {names}_prepared({names}_train).items() if {names}_kind(values) == 'words'",
            "]",
            f"if not {names}_text:",
            f"    raise ValueError('{names}_prepare left no column of text')",
        ]
    )
    return [prepared_function(names, card, table), kind_function(names), columns]


def _texts_function(names: str, selected: str) -> str:
    return "\n".join(
        [
            "",
            f"def {names}_texts(rows):",
            '    """Join the columns of text of each row; a missing one is empty."""',
            f"    words = {selected or f'rows[{names}_text]'}.astype(object)",
            "    words = words.where(words.notna(), '').to_numpy()",
            "    return np.array([' '.join(map(str, row)) for row in words], dtype=object)",
            "",
        ]
    )
