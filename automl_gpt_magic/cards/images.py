"""Images: a folder with a folder for each class, an npz file, or scikit-learn's digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError, one_line
from ..records.card import DataCard
from .arrays import is_npz, shape_in
from .paths import expanded, is_file, is_folder

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".png", ".jpg", ".jpeg")
_CHANNELS = {"1": 1, "L": 1, "I": 1, "F": 1, "I;16": 1, "LA": 2, "RGBA": 4, "CMYK": 4}
_DIGITS = (8, 8, 1)
_MOST_PIXELS = 32


def files_in(folder: Path) -> list[Path]:
    """Return the images in the folder's class folders, in one order everywhere."""
    found = (file for file in folder.glob("*/*") if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    return sorted(file.relative_to(folder) for file in found if file.parent.name[0] != ".")


def read_folder(folder: Path, target: str) -> pd.DataFrame:
    """Return a row for each image: its path in the folder, and its class, which is its folder's name."""
    import pandas as pd

    files = files_in(folder)
    return pd.DataFrame({"image": [file.as_posix() for file in files], target: [file.parent.name for file in files]})


def image_shape(card: DataCard) -> tuple[int, int, int] | None:
    """Return height, width and channels of the card's images as a model reads them; None for a table.

    Images of a folder are resized to the card's size; without one to that of the first, at most 32 × 32.

    Raises
    ------
    DataError
        If the first image cannot be read.
    """
    if card.frame is not None:
        return None
    if card.path is not None:
        return _shape_at(expanded(card.path), card.image_size)
    return _DIGITS if card.dataset == "sklearn/digits" and card.input_type == "image" else None


def _shape_at(path: Path, stated: tuple[int, int] | None) -> tuple[int, int, int] | None:
    if is_npz(path) and is_file(path):
        shape = shape_in(path)
        return (shape[1], shape[2], shape[3] if shape[3:] else 1) if len(shape) > 2 else None
    files = files_in(path) if is_folder(path) else []
    if not files:
        return None
    height, width, channels = shape_of_file(path / files[0])
    return (*(stated or (min(height, _MOST_PIXELS), min(width, _MOST_PIXELS))), channels)


def shape_of_file(path: Path) -> tuple[int, int, int]:
    """Return height, width and channels of an image.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.height, image.width, _CHANNELS.get(image.mode, 3)
    except OSError as error:
        raise DataError(one_line(f"{path} cannot be read as an image ({error}). Repair or remove it.")) from None
