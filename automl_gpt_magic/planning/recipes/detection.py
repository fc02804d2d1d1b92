"""The data cell for images with boxes: read a COCO annotation file, split by image, resize, scale."""

from __future__ import annotations

from string import Template

from ...records.card import DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from .images import FOLDER_PIXELS, PREPROCESSING
from .source import comment, literal
from .split import split_code, split_import, split_step
from .tabular import report_sizes

_BYTES = 4  # of a number with 32 bits
_LISTED = Template('''\
def ${names}_listed(annotations):
    """Return a row for each image of a COCO annotation file: its path beside the file, its size and its objects.

    An object is its class, and left, top, width and height of its box in pixels.
    """
    content = json.loads(annotations.read_text(encoding='utf-8'))
    classes = {one['id']: one['name'].strip() for one in content['categories']}
    objects = {one['id']: [] for one in content['images']}
    for one in content['annotations']:
        if not one.get('iscrowd') and min(one['bbox'][2:]) > 0:  # a box around a crowd counts no single object
            objects[one['image_id']].append([classes[one['category_id']], *map(float, one['bbox'])])
    rows = pd.DataFrame(content['images'])[['file_name', 'width', 'height']].rename(columns={'file_name': 'image'})
    beside = (annotations.parent / rows['image'][0]).is_file()
    return rows.assign(image=('' if beside else 'images/') + rows['image'], objects=list(objects.values()))''')
_TARGET = Template('''\
def ${names}_target(rows):
    """Return an array for each image, a row an object: class, and centre, width and height of its box as shares."""
    targets = np.empty(len(rows), dtype=object)
    columns = (rows[name] for name in ('width', 'height', 'objects'))
    for place, (width, height, objects) in enumerate(zip(*columns, strict=True)):
        boxes = np.reshape([box for _, *box in objects], (-1, 4)) / [width, height, width, height]
        classes = [[${names}_classes.index(name)] for name, *_ in objects]
        boxes[:, :2] += boxes[:, 2:] / 2
        targets[place] = np.hstack([np.reshape(classes, (-1, 1)), boxes]).astype('float32')
    return targets''')


def data_steps(card: DataCard, table: TableProfile) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    height, width = card.image_size or (0, 0)
    size = table.n_rows * height * width * (card.n_channels or 0) * _BYTES / 1e9
    memory = f"{size:.1f} GB" if size >= 0.1 else f"{1000 * size:.0f} MB"
    technique, reason = split_step(card, table)
    return (
        Step("leave out boxes around crowds, and boxes without an area", "they show no single object"),
        Step(technique, reason.replace("rows", "images")),
        Step("boxes as centre, width and height", "in shares of the image, whatever its size"),
        Step(
            f"resize to {width} × {height} pixels",
            f"stretched where the sides differ; the card's image_size names another. All images are held in {memory}",
        ),
        Step("scale each channel to mean 0 and deviation 1", "of the training part; the network starts from there"),
        Step(
            "mirror training images at random", "left and right mean the same for most objects; flip: 0 leaves it out"
        ),
    )


def data_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source of the data cell.

    It defines ``{names}_rows``, ``_train`` and ``_valid`` (a row an image), ``_target`` (rows to an array of objects
    for each image) and ``_preprocessing`` (rows to a float32 array of images, channels, height and width).
    """
    height, width = card.image_size or (0, 0)
    mode = repr("L" if card.n_channels == 1 else "RGB")
    blocks = [
        comment(f"Data: {card.name}. Read images and boxes, split, resize and scale; plain code, yours to edit.")
        + "\n"
        + _imports(card),
        "\n".join(
            [
                f"{names}_classes = {literal(table.classes)}",
                f"{names}_annotations = Path({card.path!r}).expanduser()",
                f"{names}_source = {names}_annotations.parent",
            ]
        ),
        "\n" + _LISTED.substitute(names=names),
        "\n" + FOLDER_PIXELS.substitute(names=names, mode=mode, width=width, height=height),
        "\n" + _TARGET.substitute(names=names) + "\n",
        f"{names}_rows = {names}_listed({names}_annotations)",
        split_code(names, card, table).lstrip("\n"),
        "\n" + PREPROCESSING.substitute(names=names) + report_sizes(names),
    ]
    return "\n\n".join(blocks).replace("\n\n\n\n", "\n\n\n")


def _imports(card: DataCard) -> str:
    return "\n".join(
        [
            "import json",
            "from pathlib import Path",
            "",
            "import numpy as np",
            "import pandas as pd",
            "from PIL import Image",
            "from sklearn.base import BaseEstimator, TransformerMixin",
            *split_import(card),
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import FunctionTransformer",
        ]
    )
