"""Images with boxes: a COCO annotation file beside its images."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from ..errors import DataError, one_line
from ..records.card import Cards, Label
from ..records.metric import OF_BOXES
from ..records.table import TableProfile
from .images import shape_of_file
from .paths import expanded

if TYPE_CHECKING:
    import pandas as pd

WHAT = "a COCO annotation file (.json), whose images lie in its folder or in images/ beside it"
TARGET = "objects"
_PARTS = ("images", "annotations", "categories")
# Boxes of COCO itself reach past the image by rounding.
_SLACK = 1.0
_MOST_PIXELS = 128


def read_coco(path: Path) -> pd.DataFrame:
    """Return a row for each image: its path from the file's folder, its width and height, and its objects.

    An object is a list of class, left, top, width and height in pixels. Boxes around crowds and boxes without an area
    are left out; ``attrs`` counts them, and holds the classes in the file's order.

    Raises
    ------
    DataError
        If the file is no COCO annotation file, an id is there twice, a box names an unknown image or class or is
        outside its image, or an image is not there.
    """
    import pandas as pd

    content = _content(path)
    classes = _classes(content["categories"], path)
    images = _images(content["images"], path)
    objects: dict[Any, list[list[Any]]] = {key: [] for key in images}
    seen: set[Any] = set()
    left_out: Counter[str] = Counter()
    for entry in _entries(content["annotations"], "annotation", path, seen, ("image_id", "category_id", "bbox")):
        box = _box(entry, images, classes, path)
        why = "crowd" if entry.get("iscrowd") else "empty" if min(box[2:]) <= 0 else ""
        if why:
            left_out[why] += 1
        else:
            objects[entry["image_id"]].append([classes[entry["category_id"]], *box])
    sizes = {"width": [width for _, width, _ in images.values()], "height": [height for *_, height in images.values()]}
    table = pd.DataFrame({"image": _found(images, path), **sizes, TARGET: list(objects.values())})
    table.attrs = {"classes": list(classes.values()), "left_out": dict(left_out)}
    return table


def describe_coco(cards: Cards, table: pd.DataFrame) -> tuple[Cards, TableProfile, tuple[str, ...]]:
    """Fill the cards' numbers from the images and their boxes.

    Raises
    ------
    CardError
        If the label space has a class that the file does not.
    DataError
        If there are no images, or no boxes.
    """
    classes: list[str] = table.attrs["classes"]
    counts = Counter(name for objects in table[TARGET] for name, *_ in objects)
    if not counts:
        raise DataError(f"{cards.data.path} holds no boxes. Write a file with annotated images.")
    height, width, channels = shape_of_file(_folder(cards) / str(table["image"].iloc[0]))
    size = cards.data.image_size or (min(height, _MOST_PIXELS), min(width, _MOST_PIXELS))
    n_objects = sum(counts.values())
    data = replace(
        cards.data,
        target=TARGET,
        output_type=cards.data.output_type or "boxes with classes",
        label_space=_labels(cards, classes),
        metrics=_metrics(cards),
        n_rows=len(table),
        class_balance={name: counts[name] / n_objects for name in classes},
        image_size=size,
        n_channels=1 if channels <= 2 else 3,
    )
    profile = TableProfile(
        (), len(table), classes=tuple(classes), class_counts=tuple(counts[name] for name in classes), target=TARGET
    )
    return replace(cards, data=data), profile, tuple(_notes(cards, table, n_objects))


def _metrics(cards: Cards) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cards.data.metrics + cards.request.metrics)) or OF_BOXES


def _folder(cards: Cards) -> Path:
    return expanded(str(cards.data.path)).parent


def _labels(cards: Cards, classes: Sequence[str]) -> tuple[Label, ...]:
    """Return the file's classes, each as the card describes it."""
    described = {label.name: label for label in cards.data.label_space}
    unknown = [name for name in described if name not in classes]
    if unknown:
        shown = ", ".join(classes[:10]) + (" and more" if len(classes) > 10 else "")
        raise cards.error("data.label_space", f"the file has no class {unknown[0]!r}; it has {shown}")
    return tuple(described.get(name, Label(name)) for name in classes)


def _notes(cards: Cards, table: pd.DataFrame, n_objects: int) -> Iterator[str]:
    yield f"{len(table):,} images with {n_objects:,} boxes of {len(table.attrs['classes']):,} classes"
    left_out = table.attrs["left_out"]
    if left_out.get("crowd"):
        yield f"{left_out['crowd']:,} boxes around crowds are left out: they count no single object"
    if left_out.get("empty"):
        yield f"{left_out['empty']:,} boxes without an area are left out"
    empty = int((table[TARGET].str.len() == 0).sum())
    if empty:
        yield f"{empty:,} images hold no object; the network learns from them that nothing is there"
    if cards.data.n_rows is not None and cards.data.n_rows != len(table):
        yield f"the card says n_rows {cards.data.n_rows:,}, the file has {len(table):,} images"


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DataError(one_line(f"{path.name} cannot be read as JSON ({reason}). Write {WHAT}.")) from None
    lacking = [part for part in _PARTS if not isinstance(content, dict) or not isinstance(content.get(part), list)]
    if lacking:
        raise DataError(one_line(f"{path.name} has no list of {' and of '.join(lacking)}. Write {WHAT}."))
    if not content["images"]:
        raise DataError(one_line(f"{path.name} lists no images. Write a file with annotated images."))
    return dict(content)


def _entries(
    entries: Sequence[Any], what: str, path: Path, seen: set[Any], fields: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    """Give the entries of a list, each of which has an id of its own and all fields."""
    for place, entry in enumerate(entries):
        where = f"{path.name}: {what} {place}"
        if not isinstance(entry, dict):
            raise DataError(one_line(f"{where} is no mapping of names to values. {_REPAIR}"))
        lacking = [name for name in ("id", *fields) if name not in entry]
        if lacking:
            raise DataError(one_line(f"{where} has no {lacking[0]}. {_REPAIR}"))
        for name in ("id", *(field for field in fields if field.endswith("_id"))):
            if isinstance(entry[name], bool) or not isinstance(entry[name], (int, str)):
                raise DataError(one_line(f"{where} has the {name} {str(entry[name])[:40]}, no number. {_REPAIR}"))
        if entry["id"] in seen:
            raise DataError(one_line(f"{where} has the id {entry['id']} of an earlier one. {_REPAIR}"))
        seen.add(entry["id"])
        yield entry


_REPAIR = "Repair it, or leave it out."


def _classes(entries: Sequence[Any], path: Path) -> dict[Any, str]:
    classes = {
        entry["id"]: str(entry["name"]).strip() for entry in _entries(entries, "category", path, set(), ["name"])
    }
    twice = [name for name, count in Counter(classes.values()).items() if count > 1 or not name]
    if twice or not classes:
        raise DataError(
            one_line(
                f"{path.name}: {f'category {twice[0]!r} is' if twice else 'categories are'} "
                f"{'there twice, or empty' if twice else 'lacking'}. {_REPAIR}"
            )
        )
    return classes


def _images(entries: Sequence[Any], path: Path) -> dict[Any, tuple[str, float, float]]:
    """Return name, width and height of each image, by its id."""
    images = {}
    for entry in _entries(entries, "image", path, set(), ("file_name", "width", "height")):
        size = _numbers([entry["width"], entry["height"]])
        if size is None or min(size) < 1:
            raise DataError(one_line(f"{path.name}: image {entry['id']} has no width and height. {_REPAIR}"))
        images[entry["id"]] = (_inner_name(entry, path), size[0], size[1])
    return images


def _inner_name(entry: Mapping[str, Any], path: Path) -> str:
    """Return the file name, which may not lead out of the folder."""
    name = str(entry["file_name"])
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or PureWindowsPath(name).drive or not name.isprintable() or not name:
        message = f"{path.name}: image {entry['id']} has the file name {name[:80]!r}, which leads out of its folder"
        raise DataError(one_line(f"{message}. Write names inside it."))
    return parts.as_posix()


def _found(images: Mapping[Any, tuple[str, float, float]], path: Path) -> list[str]:
    """Return the path of each image from the file's folder, where it lies there or in ``images/``."""
    names = [name for name, *_ in images.values()]
    folder = "" if (path.parent / names[0]).is_file() else "images/"
    missing = [name for name in names if not (path.parent / f"{folder}{name}").is_file()]
    if missing:
        shown = ", ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")
        message = f"{len(missing):,} of {len(names):,} images of {path.name} are neither beside it nor in images/"
        raise DataError(one_line(f"{message}: {shown}. Move them there."))
    return [f"{folder}{name}" for name in names]


def _box(
    entry: Mapping[str, Any],
    images: Mapping[Any, tuple[str, float, float]],
    classes: Mapping[Any, str],
    path: Path,
) -> list[float]:
    """Return left, top, width and height in pixels."""
    where = f"{path.name}: annotation {entry['id']}"
    if entry["image_id"] not in images:
        raise DataError(one_line(f"{where} names the image {entry['image_id']}, which is not listed. {_REPAIR}"))
    if entry["category_id"] not in classes:
        raise DataError(one_line(f"{where} names the category {entry['category_id']}, which is not listed. {_REPAIR}"))
    box = _numbers(entry["bbox"])
    if box is None or len(box) != 4:
        raise DataError(one_line(f"{where} has no bbox of left, top, width and height. {_REPAIR}"))
    name, width, height = images[entry["image_id"]]
    left, top, wide, high = box
    if min(left, top) < -_SLACK or left + wide > width + _SLACK or top + high > height + _SLACK:
        raise DataError(one_line(f"{where} is outside of {name} ({width:g} × {height:g}): {box}. {_REPAIR}"))
    return box


def _numbers(values: Any) -> list[float] | None:
    if not isinstance(values, list):
        return None
    usual = all(isinstance(one, (int, float)) and not isinstance(one, bool) and abs(one) < 1e9 for one in values)
    return [float(one) for one in values] if usual and all(map(math.isfinite, values)) else None
