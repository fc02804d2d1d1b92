"""Where a cell's rows come from: a frame, a file, or a dataset by its name."""

from __future__ import annotations

from keyword import iskeyword

from ...records.card import DataCard
from ...records.table import TableProfile


def source_imports(card: DataCard) -> list[str]:
    """Return the import lines that the card's source needs."""
    source, _, name = (card.dataset or "").partition("/")
    if card.frame or not name:
        return []
    return [f"from sklearn.datasets import load_{name}" if source == "sklearn" else "from datasets import load_dataset"]


def training_rows(card: DataCard, table: TableProfile) -> str:
    """Return the expression for the rows that have a target and, for a split by time, a time."""
    needed = [str(table.target), *([card.split.time] if card.split.time else [])]
    return _labelled(_rows(card.frame, card.path, card.dataset, table), table, needed)


def labelled_rows(frame: str | None, path: str | None, table: TableProfile) -> str:
    """Return the expression for the rows of a frame or file that have a target."""
    return _labelled(_rows(frame, path, None, table), table, [str(table.target)])


def _labelled(rows: str, table: TableProfile, needed: list[str]) -> str:
    """Return the rows with their columns named by text, as scikit-learn wants, and without those that lack a value."""
    labels = [table.target, *(column.name for column in (*table.columns, *filter(None, [table.split_by])))]
    renamed = "" if all(isinstance(label, str) for label in labels) else ".rename(columns=str)"
    finite = f".replace({{{needed[0]!r}: [np.inf, -np.inf]}}, np.nan)" if _is_float_target(table) else ""
    return f"{rows}{renamed}{finite}.dropna(subset={needed!r})"


def _is_float_target(table: TableProfile) -> bool:
    """Whether the rows without target may be such for an infinite one."""
    return bool(table.n_unlabelled) and all(isinstance(label, float) for label in table.classes)


def _rows(frame: str | None, path: str | None, dataset: str | None, table: TableProfile) -> str:
    if frame:
        return frame
    if path:
        return _read(path, table)
    source, _, name = (dataset or "").partition("/")
    if source == "sklearn":
        return f"load_{name}(as_frame=True).frame"
    return f"load_dataset({name!r}, split='train').to_pandas()"


def _read(path: str, table: TableProfile) -> str:
    suffix = path.lower()
    if suffix.endswith(".npz") and table.arrays:
        x, y = (f"np.load({path!r})[{name!r}]" for name in table.arrays)
        target = str(table.target)
        named = f"{target}={y}" if target.isidentifier() and not iskeyword(target) else f"**{{{target!r}: {y}}}"
        return f"pd.DataFrame({x}).add_prefix('x').assign({named})"
    reader = "read_parquet" if suffix.endswith((".parquet", ".pq")) else "read_csv"
    tabs = ", sep='\\t'" if suffix.endswith((".tsv", ".tsv.gz")) else ""
    return f"pd.{reader}({path!r}{tabs})"
