"""What stands around a language model's function of the rows: its result is checked, and its columns read."""

from __future__ import annotations

from ...records.card import DataCard
from ...records.table import TableProfile
from .source import literal


def prepared_function(names: str, card: DataCard, table: TableProfile) -> str:
    hidden = [str(table.target), *filter(None, [card.split.group, card.split.time])]
    return "\n".join(
        [
            "",
            f"def {names}_prepared(rows):",
            f'    """Call {names}_prepare without the target, and hold it to the rows it was given."""',
            f"    rows = rows.drop(columns={hidden!r}, errors='ignore')",
            "    rows = rows.set_axis(range(len(rows), 3 * len(rows), 2))  # an order that no reset gives back",
            f"    places, prepared = rows.index.copy(), {names}_prepare(rows)",
            "    if not isinstance(prepared, pd.DataFrame) or not prepared.index.equals(places):",
            f"        raise ValueError('{names}_prepare must return a table of the rows it was given, in their order')",
            "    prepared = prepared.set_axis(prepared.columns.map(str), axis=1)",
            "    prepared = prepared.loc[:, ~prepared.columns.duplicated()]",
            "    return prepared.assign(**(prepared.select_dtypes('timedelta') / pd.Timedelta(days=1)))",
        ]
    )


def kind_function(names: str) -> str:
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


def kinds(names: str, table: TableProfile) -> str:
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
