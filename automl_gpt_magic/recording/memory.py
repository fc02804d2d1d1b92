"""Measure the peak memory of trainings, and fit what predicts it.

Each training runs the generated cells on made-up data, in a process of its own and on one thread. It needs Linux, whose
``/proc`` tells and resets the peak of a process. (``ru_maxrss`` starts at what the parent process held.)
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import platform
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from ..cards import describe, load_table, read_cards
from ..experience.memory import FILE, SCHEMA_VERSION, Sizes, amount, parts, read_sizes
from ..planning.families import family_named
from ..planning.recipes.data import data_cell
from ..planning.recipes.model import model_cell
from ..planning.recipes.training import training_cell
from ..records.card import BINARY, MULTICLASS, REGRESSION
from ..training.cells import prepare_process, run_cells
from .configurations import Recorded, shared_configurations

Floats = np.ndarray[Any, np.dtype[np.float64]]

_TRAININGS = {"XGBoost": 30, "LightGBM": 30, "PyTorch MLP": 22, "CNN": 24, "ViT": 24}
# What a third of the networks for images is, so that there can be many images.
_LEAST: Mapping[str, Mapping[str, int]] = {
    "CNN": {"channels": 4, "depth": 1},
    "ViT": {"patch_size": 16, "dim": 16, "depth": 1, "heads": 1},
}
# So that a training takes seconds.
_MOST_CELLS, _MOST_PIXELS, _MOST_PATCHES, _MOST_BATCHES = 8_000_000, 30_000_000, 100, 300
_WORK = 2e9  # multiplications of a pass over the images, or steps of growing the trees
_LOW, _HIGH = 0.1, 0.9
_NAMES, _TARGET = "run", "target"
_SAMPLE = 300  # rows that the cells are written from


@dataclass(frozen=True)
class Training:
    """One training to measure."""

    family: str
    sizes: Sizes
    configuration: Mapping[str, Any]


def write_memory(path: Path = FILE) -> Path:
    """Measure every family's trainings, one at a time, and write them with what was fitted to them."""
    families = {}
    for family in _TRAININGS:
        measured = _measured(family)
        families[family] = {**fitted(family, measured), "measured": measured}
        print(f"{family}: off by {families[family]['error']:.1%} on average", flush=True)
    modules = ("numpy", "pandas", "sklearn", *sorted({family_named(family).module for family in families}))
    about = {
        "schema_version": SCHEMA_VERSION,
        "command": "python -m automl_gpt_magic.recording memory",
        "versions": {"python": platform.python_version()} | {one: import_module(one).__version__ for one in modules},
        "machine": f"{platform.machine()}, {platform.system()}, one thread a training",
        "families": families,
    }
    path.write_text(json.dumps(about, indent=1) + "\n")
    return path


def _measured(family: str) -> list[dict[str, Any]]:
    measured = []
    trainings = design(family)
    for number, training in enumerate(trainings, 1):
        began = time.monotonic()
        peak = peak_memory(training)
        measured.append({"sizes": asdict(training.sizes), "configuration": training.configuration, "bytes": peak})
        took = f"{amount(peak)}, {time.monotonic() - began:.0f} s"
        print(f"{family} {number} of {len(trainings)}: {took}", flush=True)
    return measured


def fitted(family: str, measured: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the prediction of a family needs, and how good it is.

    Bytes are a sum over the parts of a training, with costs of at least 0 and the least squares of relative errors. (A
    product of powers of the parts was off by three to ten times as much.) ``error`` and ``band`` are of
    predictions for each training from all others.

    Parameters
    ----------
    family : str
    measured : sequence of mapping
        As in the file.
    """
    held = [parts(family, read_sizes(one["sizes"]), one["configuration"]) for one in measured]
    table = np.array([list(one.values()) for one in held])
    peaks = np.array([float(one["bytes"]) for one in measured])
    rest = [np.arange(len(peaks)) != index for index in range(len(peaks))]
    predicted = np.array([row @ _costs(table[keep], peaks[keep]) for row, keep in zip(table, rest, strict=True)])
    low, high = np.quantile(peaks / predicted, [_LOW, _HIGH])
    costs = _costs(table, peaks)
    return {
        "bytes_each": {name: float(f"{cost:.4g}") for name, cost in zip(held[0], costs, strict=True)},
        "band": [round(min(1.0, float(low)), 3), round(max(1.0, float(high)), 3)],
        "error": round(float(np.abs(predicted / peaks - 1).mean()), 4),
    }


def _costs(table: Floats, peaks: Floats) -> Floats:
    """Return what one number of each part costs, (P,), from parts (n, P) and bytes (n,)."""
    from scipy.optimize import nnls

    scale = table.max(axis=0)
    costs, _ = nnls(table / scale / peaks[:, None], np.ones(len(peaks)))
    return np.asarray(costs / scale)


def design(family: str) -> list[Training]:
    """Return the trainings to measure: data and configurations of all sizes, as far as each takes seconds."""
    from scipy.stats import qmc

    number = _TRAININGS[family]
    configurations = shared_configurations(Recorded(family, 1, number - 2, 0))
    points = qmc.Sobol(5, seed=3).random(64)[:number]
    trainings = [_training(family, *both) for both in zip(points, configurations, strict=True)]
    return [_affordable(one, keep_rows=index % 3 == 2) for index, one in enumerate(trainings)]


def _training(family: str, point: Any, configuration: Mapping[str, Any]) -> Training:
    model = family_named(family)
    sizes = _image_sizes(point) if "image" in model.inputs else _table_sizes(point)
    steps = _between(10, 600, point[4]) if model.rounds == "n_estimators" else 1  # more epochs take no more memory
    return Training(family, sizes, {**configuration, model.rounds: steps})


def _between(low: float, high: float, share: float) -> int:
    number: float = low * (high / low) ** share
    return round(number)


def _table_sizes(point: Any) -> Sizes:
    rows = _between(300, 100_000, point[0])
    columns = min(_between(4, 200, point[1]), max(4, _MOST_CELLS // rows))
    n_categorical = int(max(0.0, point[2] - 0.4) * (columns - 3))
    n_classes = 0 if point[3] < 0.25 else 2 if point[3] < 0.5 else _between(3, 20, 2 * point[3] - 1)
    return Sizes(rows, columns - n_categorical, n_categorical, n_classes)


def _image_sizes(point: Any) -> Sizes:
    side, channels = _between(8, 112, point[1]), 1 if point[2] < 0.5 else 3
    rows = min(_between(300, 60_000, point[0]), _MOST_PIXELS // (channels * side**2))
    return Sizes(max(300, rows), 0, 0, _between(2, 20, point[3]), (channels, side, side))


def _affordable(training: Training, *, keep_rows: bool) -> Training:
    """Return the training with fewer trees; of images with fewer of them or, to keep them, with the least network."""
    sizes, configuration = training.sizes, dict(training.configuration)
    if "n_estimators" in configuration:
        most = int(_WORK // _work_of_a_round(training))
        return replace(training, configuration={**configuration, "n_estimators": _at_most(most, configuration)})
    if sizes.image and keep_rows:
        configuration |= _LEAST[training.family]
    while configuration.get("patch_size", 16) ** 2 * _MOST_PATCHES < math.prod(sizes.image[1:]):
        configuration["patch_size"] = next(side for side in (4, 7, 8, 16) if side > configuration["patch_size"])
    if sizes.image and not keep_rows:
        most = int(_WORK // _work_of_an_image(training.family, replace(sizes, n_rows=1), configuration))
        sizes = replace(sizes, n_rows=max(300, min(sizes.n_rows, most)))
    configuration["batch_size"] = max(configuration["batch_size"], sizes.n_rows // _MOST_BATCHES)
    return Training(training.family, sizes, configuration)


def _at_most(most: int, configuration: Mapping[str, Any]) -> int:
    return max(5, min(int(configuration["n_estimators"]), most))


def _work_of_a_round(training: Training) -> float:
    held = parts(training.family, training.sizes, training.configuration)
    return max(1, training.sizes.n_classes) * (8 * held["numbers"] + 8 * held["words"] + held["histograms"])


def _work_of_an_image(family: str, sizes: Sizes, configuration: Mapping[str, Any]) -> float:
    """Return about how many multiplications one pass over an image takes."""
    held = parts(family, sizes, configuration)
    if family == "ViT":
        return float((8 * held["step"] + 2 * held["attention"]) * configuration["dim"])
    return float(9 * held["step"] * (configuration["channels"] if configuration["depth"] > 1 else sizes.image[0]))


def peak_memory(training: Training) -> int:
    """Train in a fresh process and return its peak, in bytes, beyond what it held before its data was there."""
    with TemporaryDirectory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        path = Path(folder) / "images.npz"
        if training.sizes.image:
            _write_images(path, training.sizes)
        peak: int = fresh.submit(_peak_of_cells, _cells(training, path), training.sizes).result()
        return peak


def _peak_of_cells(sources: Sequence[tuple[str, str]], sizes: Sizes) -> int:
    prepare_process()
    run_cells([(stage, _imports(source)) for stage, source in sources], {})
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is held now
    before = _held("VmRSS")
    tables = {} if sizes.image else {"table": _table(sizes)}
    with contextlib.redirect_stdout(io.StringIO()):
        run_cells(sources, tables)
    return _held("VmHWM") - before


def _held(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def _imports(source: str) -> str:
    imports = [node for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "\n".join(map(ast.unparse, imports))


def _cells(training: Training, path: Path) -> list[tuple[str, str]]:
    """Return the cells of a plan, written from the first rows of its table, which say the same of its columns."""
    family, sizes = family_named(training.family), training.sizes
    task = {0: REGRESSION, 2: BINARY}.get(sizes.n_classes, MULTICLASS)
    data = {"name": "Made up", "task": task, "target": _TARGET}
    sample = _table(replace(sizes, n_rows=min(sizes.n_rows, _SAMPLE))) if not sizes.image else None
    if sample is None:
        data |= {"input_type": "image", "path": str(path)}
    else:
        data |= {"input_type": "tabular", "frame": "table"}
    read = read_cards({"data": data})
    cards, table, _ = describe(read, load_table(read, {"table": sample}))
    assert table is not None
    return [
        ("data", data_cell(family, _NAMES, cards.data, table)),
        ("model", model_cell(family, _NAMES, cards.data)),
        ("training", training_cell(family, _NAMES, cards.data, training.configuration, "")),
    ]


def _table(sizes: Sizes) -> pd.DataFrame:
    """Return a table whose target depends on its first columns and on noise, so that trees grow."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.standard_normal((sizes.n_rows, sizes.n_numeric)))
    table.columns = pd.Index([f"n{number}" for number in range(sizes.n_numeric)])
    signal = np.sin(2 * table["n0"]) + table["n1"] * table["n2"] + random.standard_normal(sizes.n_rows)
    levels = np.array([f"level {number}" for number in range(14)], dtype=object)
    for number in range(sizes.n_categorical):
        table[f"c{number}"] = levels[random.integers(2 + number % 12, size=sizes.n_rows)]
    table[_TARGET] = _classes(signal.to_numpy(), sizes.n_classes) if sizes.n_classes else signal
    return table


def _classes(signal: Floats, n_classes: int) -> np.ndarray[Any, Any]:
    """Return equally frequent classes, by the order of the signal."""
    places = np.argsort(np.argsort(signal)) * n_classes // len(signal)
    return np.array([f"k{number}" for number in range(n_classes)], dtype=object)[places]


def _write_images(path: Path, sizes: Sizes) -> None:
    random = np.random.default_rng(0)
    channels, height, width = sizes.image
    images = random.integers(256, size=(sizes.n_rows, height, width, channels), dtype="uint8")
    signal = images[:, 0, 0, 0] + random.standard_normal(sizes.n_rows)
    np.savez(path, x=images, y=_classes(signal, sizes.n_classes).astype("str"), allow_pickle=False)
