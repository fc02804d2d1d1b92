"""Tables and images in a npz file: one array of features, one of targets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..records.card import Cards

if TYPE_CHECKING:
    import pandas as pd

FEATURES, TARGETS = ("x", "X", "images", "data"), ("y", "labels", "target")
_TABLE, _IMAGES = 2, (3, 4)
_MAX_SHOWN = 10


def is_npz(written: str | Path | None) -> bool:
    """Tell whether a path is that of a npz file."""
    return written is not None and str(written).lower().endswith(".npz")


def read_npz(path: Path, field: str, cards: Cards, target: str) -> pd.DataFrame:
    """Return the rows of a npz file: a column each for a table's features, the row's number for an image.

    Raises
    ------
    CardError
        If the arrays have other names.
    DataError
        If they have other shapes, or hold Python objects.
    """
    import numpy as np
    import pandas as pd

    with np.load(path, allow_pickle=False) as file:
        names = array_names(file, field, cards)
        shape = _shape(file, names[0])
        targets = _array(file, names[1])
        _check_shapes(path, names, shape, targets)
        if len(shape) in _IMAGES:
            return pd.DataFrame({"image": np.arange(shape[0]), target: targets})
        return pd.DataFrame(_array(file, names[0])).add_prefix("x").assign(**{target: targets})


def array_names(file: Mapping[str, Any], field: str, cards: Cards) -> tuple[str, str]:
    """Return the names of the array of features and that of targets.

    Raises
    ------
    CardError
        If there is not exactly one of each.
    """
    found = [[name for name in known if name in file] for known in (FEATURES, TARGETS)]
    if [len(names) for names in found] == [1, 1]:
        return found[0][0], found[1][0]
    held = sorted(file)
    shown = ", ".join(held[:_MAX_SHOWN]) + (" and more" if len(held) > _MAX_SHOWN else "") if held else "no arrays"
    message = f"the file holds {shown}. Save one array of features ({', '.join(FEATURES)}) and one of targets "
    raise cards.error(field, f"{message}({', '.join(TARGETS)}): np.savez(path, x=..., y=...).")


def names_in(path: Path, field: str, cards: Cards) -> tuple[str, str]:
    """Return the names of a file's two arrays; see `array_names`."""
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        return array_names(file, field, cards)


def shape_in(path: Path) -> tuple[int, ...]:
    """Return the shape of the array of features."""
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        return _shape(file, next(name for name in FEATURES if name in file))


def _shape(file: Any, name: str) -> tuple[int, ...]:
    """Read an array's shape without the array."""
    import numpy as np

    with file.zip.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        return tuple(read(member)[0])


def _array(file: Any, name: str) -> Any:
    try:
        return file[name]
    except ValueError:  # with allow_pickle it would run code that the file holds
        message = f"the array {name} holds Python objects, which are not read; save it as numbers or text, such as "
        raise DataError(f"{message}{name}.astype(str)") from None


def _check_shapes(path: Path, names: tuple[str, str], shape: tuple[int, ...], targets: Any) -> None:
    shown = f"{path.name}: {names[0]} has the shape {shape}"
    if len(shape) not in (_TABLE, *_IMAGES):
        raise DataError(f"{shown}. Save rows and columns for a table; rows, height, width and channels for images.")
    if targets.ndim != 1 or len(targets) != shape[0]:
        raise DataError(f"{shown}, but {names[1]} {targets.shape}. Save one target for each row.")
