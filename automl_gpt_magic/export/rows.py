"""The notebook's rows as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def write_rows(frame: pd.DataFrame, folder: Path, stem: str) -> tuple[Path, str]:
    """Write a table as parquet, or as csv where that cannot be; return the file, and what is to be known of it."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet = folder / f"{stem}.parquet"
    try:
        frame.to_parquet(parquet, engine="pyarrow")
        return parquet, ""
    # pyarrow raises errors of its own for what it has no type for: values of several types, repeated names.
    except Exception as error:
        if isinstance(error, OSError):
            raise
        parquet.unlink(missing_ok=True)
        reason = "pyarrow is not installed" if isinstance(error, ImportError) else "parquet has no type for its values"
    written = folder / f"{stem}.csv"
    frame.to_csv(written, index=False)
    changed = _changed(frame, written)
    return written, f"The rows are csv because {reason}.{changed}"


def _changed(frame: pd.DataFrame, written: Path) -> str:
    """Say which columns read back as something else; their rows may score otherwise than in the notebook."""
    import pandas as pd

    again = pd.read_csv(written, low_memory=False)
    equal: Callable[[int], bool] = lambda place: _same(frame.iloc[:, place], again.iloc[:, place])  # noqa: E731
    names = [str(frame.columns[place]) for place in range(frame.shape[1]) if not equal(place)]
    if not names:
        return ""
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f" These columns read back otherwise than in the notebook, so scores may differ: {shown}."


def _same(one: pd.Series, other: pd.Series) -> bool:
    missing = one.isna().to_numpy()
    if (missing != other.isna().to_numpy()).any():
        return False
    pairs = zip(one[~missing].tolist(), other[~missing].tolist(), strict=True)
    return all(left == right and isinstance(left, str) == isinstance(right, str) for left, right in pairs)
