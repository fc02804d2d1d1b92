"""Write what pycocotools says of random boxes: ``python -m tests.coco_scores``, where pycocotools is installed."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

PATH = Path(__file__).parent / "unit" / "planning" / "coco_scores.json"
N_CLASSES, SIZE = 3, 1000  # shares of an image times SIZE are pixels


def case(name: str, seed: int, n_images: int, noise: float, n_false: int) -> dict[str, Any]:
    """Return objects, and boxes found near them and elsewhere, with their scores by pycocotools."""
    random = np.random.default_rng(seed)
    found, wanted = [], []
    for _ in range(n_images):
        objects = _boxes(random, random.integers(0, 6))
        moved = objects.copy()
        moved[:, 1:] += random.normal(0, noise, moved[:, 1:].shape) * moved[:, [3, 4, 3, 4]]
        moved[:, 0] = np.where(random.random(len(moved)) < 0.15, random.integers(0, N_CLASSES, len(moved)), moved[:, 0])
        every = np.concatenate([moved, moved[random.random(len(moved)) < 0.3], _boxes(random, n_false)])
        every[:, 3:] = every[:, 3:].clip(0.01)
        found.append(np.insert(every, 1, random.random(len(every)), axis=1).round(6))
        wanted.append(objects.round(6))
    return {
        "name": name,
        "found": [one.tolist() for one in found],
        "wanted": [one.tolist() for one in wanted],
        **scores(found, wanted),
    }


def _boxes(random: np.random.Generator, count: int) -> Any:
    sizes = random.uniform(0.05, 0.4, (count, 2))
    centres = random.uniform(0.2, 0.8, (count, 2))
    return np.hstack([random.integers(0, N_CLASSES, (count, 1)), centres, sizes])


def scores(found: list[Any], wanted: list[Any]) -> dict[str, float]:
    """Return pycocotools' mean average precision of boxes by centre and size."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, boxes = COCO(), []
    truth.dataset = {
        "images": [{"id": number, "width": SIZE, "height": SIZE} for number in range(len(wanted))],
        "categories": [{"id": number} for number in range(N_CLASSES)],
        "annotations": [],
    }
    for image, objects in enumerate(wanted):
        for kind, *box in objects:
            corner = _corner(box)
            entry = {"image_id": image, "category_id": int(kind), "bbox": corner, "area": corner[2] * corner[3]}
            truth.dataset["annotations"].append({**entry, "iscrowd": 0, "id": len(truth.dataset["annotations"]) + 1})
    for image, rows in enumerate(found):
        for kind, score, *box in rows:
            boxes.append({"image_id": image, "category_id": int(kind), "bbox": _corner(box), "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        measured = COCOeval(truth, truth.loadRes(boxes), "bbox")
        measured.evaluate()
        measured.accumulate()
        measured.summarize()
    return {"map": float(measured.stats[0]), "map_50": float(measured.stats[1])}


def _corner(box: Any) -> list[float]:
    x, y, width, height = box
    return [SIZE * (x - width / 2), SIZE * (y - height / 2), SIZE * width, SIZE * height]


if __name__ == "__main__":
    cases = [
        case("near", 0, 6, 0.02, 1),
        case("rough", 1, 6, 0.1, 3),
        case("many false", 2, 4, 0.05, 12),
        case("one image", 3, 1, 0.03, 0),
    ]
    PATH.write_text(json.dumps(cases) + "\n")
