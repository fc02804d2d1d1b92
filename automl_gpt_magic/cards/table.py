"""The table a card names: a DataFrame of the notebook, a file, a folder of images or a dataset."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AutoMLError, DataError, one_line
from ..records.card import Cards
from ..records.extras import install
from .annotated import is_annotated, read_annotated
from .arrays import is_npz, read_npz
from .datasets import read_dataset
from .images import files_in, read_folder
from .paths import expanded, is_file, is_folder
from .target import implied_target

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".parquet", ".npz")
_MAX_SHOWN = 10


def load_table(cards: Cards, namespace: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return the table that ``data.frame``, ``path`` or ``dataset`` names; None for a card without one.

    Images are rows of a column ``image`` (the place in the file, or the path in the folder) and the target; what tasks
    without a table read, `read_annotated` says.

    Parameters
    ----------
    cards : Cards
        As `read_cards` returns them.
    namespace : mapping
        The variables of the notebook.

    Raises
    ------
    CardError
        If there is no such DataFrame or file.
    DataError
        If the file cannot be read as a table.
    """
    if is_annotated(cards):
        return read_annotated(cards)
    if cards.data.dataset is not None:
        return read_dataset(cards)
    return _load(cards, namespace, (cards.data.frame, "data.frame"), (cards.data.path, "data.path"))


def load_test_table(cards: Cards, namespace: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return the table that ``data.split`` names for the test; None where it names none.

    Parameters
    ----------
    cards : Cards
        As `read_cards` returns them.
    namespace : mapping
        The variables of the notebook.

    Raises
    ------
    CardError
        If there is no such DataFrame or file.
    DataError
        If the file cannot be read as a table.
    """
    split = cards.data.split
    written = "data.split.test" if "data.split.test" in cards.positions else "data.split.test_frame"
    return _load(cards, namespace, (split.test_frame, written), (split.test_path, "data.split.test_path"))


def _load(
    cards: Cards, namespace: Mapping[str, Any], frame: tuple[str | None, str], path: tuple[str | None, str]
) -> pd.DataFrame | None:
    if frame[0] is not None:
        return _from_namespace(frame[0], frame[1], cards, namespace)
    return None if path[0] is None else _from_file(path[0], path[1], cards)


def _from_namespace(name: str, field: str, cards: Cards, namespace: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    if name not in namespace:
        known = [key for key, value in namespace.items() if isinstance(value, pd.DataFrame) and not key.startswith("_")]
        raise cards.error(field, f"the notebook has no DataFrame {name}; {_frame_hint(name, known)}")
    value = namespace[name]
    if hasattr(value, "to_pandas") and not isinstance(value, (pd.DataFrame, type)):
        value = _to_pandas(name, value)
    if isinstance(value, pd.DataFrame):
        return value
    raise cards.error(field, f"{name} is {_kind(value)}, not a DataFrame. {_conversion(name, value)}")


def _frame_hint(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    if known:
        return f"write one of {_shown(known)}."
    return f"run the cell that defines it, or write path: and a file ({', '.join(SUFFIXES)})."


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return ", ".join(sorted(names)[:_MAX_SHOWN]) + more


def _to_pandas(name: str, value: Any) -> Any:
    try:
        return value.to_pandas()
    # Another library's code: polars needs pyarrow, a lazy table its connection.
    except Exception as error:
        message = f"{name}.to_pandas() failed ({error}). Make {name} a pandas DataFrame first."
        raise DataError(one_line(message)) from error


def _kind(value: object) -> str:
    name = f"class {value.__name__}" if isinstance(value, type) else type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _conversion(name: str, value: object) -> str:
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.Series):
        return f"Write {name} = {name}.to_frame() above this cell."
    if isinstance(value, (np.ndarray, dict, list, tuple)):
        return f"Write {name} = pd.DataFrame({name}) above this cell."
    if isinstance(value, (str, Path)):
        return "To read a file, write path: instead of frame:."
    return "Write the name of a pandas DataFrame."


def _from_file(written: str, field: str, cards: Cards) -> pd.DataFrame:
    path = expanded(written)
    if is_folder(path) and files_in(path):
        return read_folder(path, implied_target(cards))
    if is_folder(path):
        raise cards.error(
            field, f"{written} is a folder without images in class folders. Write a file; {_nearest(path, '')}"
        )
    if not is_file(path):
        raise cards.error(field, f"there is no file {written}; {_nearest(path.parent, path.name)}")
    if not path.name.lower().endswith(SUFFIXES):
        raise cards.error(field, f"{path.name} is of no known kind. Write a file that ends in {', '.join(SUFFIXES)}.")
    return _read(path, field, cards)


def _nearest(folder: Path, name: str) -> str:
    if not is_folder(folder):
        return f"there is no folder {folder} either, looking from {Path.cwd()}."
    try:
        tables = [entry.name for entry in folder.iterdir() if entry.name.lower().endswith(SUFFIXES)]
    except OSError as error:
        return f"the folder {folder} cannot be read ({error.strerror})."
    near = difflib.get_close_matches(name, tables, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"the folder {folder} has {_shown(tables) if tables else 'no table'}."


def _read(path: Path, field: str, cards: Cards) -> pd.DataFrame:
    try:
        return read_npz(path, field, cards, implied_target(cards)) if is_npz(path) else _read_known(path)
    except AutoMLError:
        raise
    except ImportError:  # pandas' own for a parquet file
        raise DataError(f"{path.name} needs pyarrow, which is not installed; {install('pyarrow')}") from None
    except UnicodeDecodeError:
        message = f"{path.name} is not UTF-8 text. Read it with its own encoding above this cell, such as "
        message += f"table = pd.read_csv({str(path)!r}, encoding='latin-1'), and write frame: table."
        raise DataError(one_line(message)) from None
    # pandas, pyarrow, gzip and zlib each raise their own errors, which share no base but Exception.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        message = f"{path.name} cannot be read as a table ({reason}). {_repair(path, error)}"
        raise DataError(one_line(message)) from error


def _read_known(path: Path) -> pd.DataFrame:
    import pandas as pd

    name = path.name.lower()
    if name.endswith(".parquet"):
        return pd.read_parquet(path)
    # Measured on a csv of 192 MB (1.55 million rows, 16 columns, a frame of 244 MB): this engine takes 2 s
    # and 630 MB at its peak, pyarrow's 2 to 4 s and 780 MB. Reading in chunks (low_memory) would save 60 MB,
    # but can give one column several types.
    return pd.read_csv(path, sep="\t" if name.endswith(".tsv") else ",", low_memory=False)


def _repair(path: Path, error: Exception) -> str:
    import pandas as pd

    if isinstance(error, pd.errors.EmptyDataError):
        return "Write a file with a header and rows."
    if isinstance(error, PermissionError):
        return "Allow this user to read it."
    if isinstance(error, pd.errors.ParserError):
        return "Repair that line, or read it above this cell with pd.read_csv and write frame: instead of path:."
    return f"Write a whole {''.join(path.suffixes[-2:])} file."
