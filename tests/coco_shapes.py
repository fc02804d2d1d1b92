"""A small COCO-format set: triangles, squares and discs, drawn on noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("disc", "square", "triangle")


def write_shapes(folder: Path, n_images: int = 60, size: int = 64, seed: int = 0) -> Path:
    """Write images of one to three shapes into ``images/`` and return the annotation file beside it."""
    random = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for number in range(n_images):
        pixels = random.integers(0, 60, (size, size, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        for _ in range(random.integers(1, 4)):
            kind, side = int(random.integers(len(CLASSES))), int(random.integers(size // 5, size // 2))
            left, top = (int(random.integers(0, size - side)) for _ in range(2))
            _draw(ImageDraw.Draw(image), CLASSES[kind], left, top, side, tuple(random.integers(120, 256, 3).tolist()))
            box = [left, top, side, side]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": kind + 1,
                    "bbox": box,
                    "area": side * side,
                    "iscrowd": 0,
                }
            )
        name = f"{number:04}.png"
        image.save(folder / "images" / name)
        images.append({"id": number, "file_name": name, "width": size, "height": size})
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASSES, start=1)]
    path = folder / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def _draw(draw: ImageDraw.ImageDraw, kind: str, left: int, top: int, side: int, colour: tuple[int, ...]) -> None:
    box = (left, top, left + side - 1, top + side - 1)
    if kind == "disc":
        draw.ellipse(box, fill=colour)
    elif kind == "square":
        draw.rectangle(box, fill=colour)
    else:
        draw.polygon([(left, box[3]), (box[2], box[3]), (left + side // 2, top)], fill=colour)
