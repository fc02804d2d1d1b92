"""The data cell for images: list them with their classes, split, read as numbers, scale."""

from __future__ import annotations

from string import Template

from ...records.card import DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from .source import comment, literal
from .split import split_code, split_import, split_step
from .tabular import has_rare_classes, kept_classes, report_sizes, target_function

_SIZE = (32, 32)  # of a folder's images where nothing says another
_NPZ = Template('''\
def ${names}_listed(source):
    """Return a row for each image of a file: its number there, and its class."""
    with np.load(source, allow_pickle=False) as file:
        labels = file[$y]
    return pd.DataFrame({'image': np.arange(len(labels)), $target: labels}).dropna(subset=[$target])


def ${names}_pixels(source, images):
    """Return the pixels of the images with these numbers; an image may be an array itself."""
    if not pd.api.types.is_integer_dtype(images):
        return np.stack(list(images))
    with np.load(source, allow_pickle=False) as file:
        return file[$x][images.to_numpy()]''')
_DIGITS = Template('''\
def ${names}_listed(source):
    """Return a row for each image of scikit-learn's digits: its number there, and its class."""
    return pd.DataFrame({'image': np.arange(len(source.target)), $target: source.target})


def ${names}_pixels(source, images):
    """Return the pixels of the images with these numbers; an image may be an array itself."""
    return source.images[images.to_numpy()] if pd.api.types.is_integer_dtype(images) else np.stack(list(images))''')
_FOLDER = Template('''\
def ${names}_listed(source):
    """Return a row for each image of a folder: its path there, and its class, the folder that it lies in."""
    files = sorted(
        file.relative_to(source)
        for file in source.glob('*/*')
        if file.suffix.lower() in ('.png', '.jpg', '.jpeg') and '.' not in (file.name[0], file.parent.name[0])
    )
    return pd.DataFrame({'image': [file.as_posix() for file in files], $target: [file.parent.name for file in files]})
''')
FOLDER_PIXELS = Template('''\
def ${names}_pixels(source, images):
    """Return the pixels of the images with these paths, in one size; an image may be an array itself."""

    def pixels(image):
        opened = Image.fromarray(image) if isinstance(image, np.ndarray) else Image.open(source / image)
        with opened:
            return np.asarray(opened.convert($mode).resize(($width, $height)))

    return np.stack([pixels(image) for image in images])''')
PREPROCESSING = Template('''\
def ${names}_images(rows):
    """Return the images as numbers: (images, channels, height, width). Those missing or infinite become 0."""
    pixels = ${names}_pixels(${names}_source, rows['image'])
    pixels = pixels.reshape(*pixels.shape[:3], -1).transpose(0, 3, 1, 2).astype('float32', order='C')
    return np.nan_to_num(pixels, copy=False, posinf=0, neginf=0)


class ${names}_Scaling(TransformerMixin, BaseEstimator):
    """Each channel with mean 0 and deviation 1."""

    def fit(self, images, y=None):
        channels = images.swapaxes(0, 1)
        mean, deviation = ([measure(one, dtype='float64') for one in channels] for measure in (np.mean, np.std))
        self.mean_ = np.array(mean, dtype='float32')[:, None, None]
        self.deviation_ = np.array([one or 1 for one in deviation], dtype='float32')[:, None, None]
        return self

    def transform(self, images):
        return (images - self.mean_) / self.deviation_


${names}_preprocessing = make_pipeline(FunctionTransformer(${names}_images), ${names}_Scaling()).fit(${names}_train)
''')


def data_steps(card: DataCard, table: TableProfile) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    height, width = card.image_size or _SIZE
    steps = [
        (table.n_unlabelled > 0, "drop images without class", f"{table.n_unlabelled} have no {card.target}"),
        (has_rare_classes(table), "drop classes with one image", "one cannot be in training and validation"),
        (True, *split_step(card, table)),
        (
            _is_folder(card),
            f"resize to {width} × {height} pixels",
            f"the network reads one size, in {'grey' if card.n_channels == 1 else 'colour'}; "
            "the card's image_size names another",
        ),
        (True, "scale each channel to mean 0 and deviation 1", "of the training part; the network starts from there"),
    ]
    return tuple(Step(technique, reason) for wanted, technique, reason in steps if wanted)


def data_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source of the data cell.

    It defines ``{names}_rows``, ``_train`` and ``_valid`` (a row an image), ``_target`` (rows to numbers) and
    ``_preprocessing`` (rows to a float32 array of images, channels, height and width).
    """
    blocks = [
        comment(f"Data: {card.name}. List the images, split, read and scale; plain code, yours to edit.")
        + "\n"
        + _imports(card),
        f"{names}_classes = {literal(kept_classes(table))}\n{names}_source = {_source(card, card.path)}",
        "\n" + _listed_and_pixels(names, card, table) + "\n",
        _rows(names, table),
        target_function(names, card, table),
        split_code(names, card, table),
        "\n" + PREPROCESSING.substitute(names=names) + report_sizes(names),
    ]
    return "\n\n".join(blocks).replace("\n\n\n\n", "\n\n\n")


def test_rows(names: str, card: DataCard) -> str:
    """Return the statements that define ``{names}_test``, whose images are found from everywhere."""
    test, source = f"{names}_test", f"{names}_test_source"
    if _is_folder(card):
        images = f"[str({source}.resolve() / image) for image in {test}['image']]"
    else:
        images = f"list({names}_pixels({source}, {test}['image']))"
    return "\n".join(
        [
            f"{source} = {_source(card, card.split.test_path)}",
            f"{test} = {names}_listed({source})",
            f"{test}['image'] = {images}",
        ]
    )


def _is_npz(card: DataCard) -> bool:
    return str(card.path).lower().endswith(".npz")


def _is_folder(card: DataCard) -> bool:
    return card.path is not None and not _is_npz(card)


def _imports(card: DataCard) -> str:
    return "\n".join(
        [
            *(["from pathlib import Path", ""] if card.path else []),
            "import numpy as np",
            "import pandas as pd",
            *(["from PIL import Image"] if _is_folder(card) else []),
            "from sklearn.base import BaseEstimator, TransformerMixin",
            *([] if card.path else ["from sklearn.datasets import load_digits"]),
            *split_import(card),
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import FunctionTransformer",
        ]
    )


def _source(card: DataCard, path: str | None) -> str:
    return f"Path({path!r}).expanduser()" if path else "load_digits()"


def _listed_and_pixels(names: str, card: DataCard, table: TableProfile) -> str:
    target = repr(str(table.target))
    if _is_folder(card):
        height, width = card.image_size or _SIZE
        mode = repr("L" if card.n_channels == 1 else "RGB")
        pixels = FOLDER_PIXELS.substitute(names=names, mode=mode, width=width, height=height)
        return f"{_FOLDER.substitute(names=names, target=target)}\n\n{pixels}"
    if _is_npz(card):
        x, y = table.arrays or ("x", "y")
        return _NPZ.substitute(names=names, target=target, x=repr(x), y=repr(y))
    return _DIGITS.substitute(names=names, target=target)


def _rows(names: str, table: TableProfile) -> str:
    lines = [f"{names}_rows = {names}_listed({names}_source)"]
    if has_rare_classes(table):
        lines.append(f"{names}_rows = {names}_rows[{names}_rows[{str(table.target)!r}].isin({names}_classes)]")
    return "\n".join(lines)
