"""Slow references, kept as JSON beside the benchmark: one file a family, one line a dataset."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from automl_gpt_magic.experience.bank import slug

FOLDER = Path(__file__).parents[1] / "references"
SCHEMA_VERSION = 1
_PACKAGES = ("xgboost-cpu", "lightgbm", "torch", "optuna", "flaml", "scikit-learn", "pandas", "numpy")

Entry = dict[str, Any]


def path_of(family: str, folder: Path = FOLDER) -> Path:
    return folder / f"{slug(family)}.json"


def read_references(family: str, folder: Path = FOLDER) -> dict[str, Entry]:
    """Return the entries by the datasets' keys; none where nothing was kept yet.

    Raises
    ------
    ValueError
        If the file is of another schema.
    """
    path = path_of(family, folder)
    if not path.exists():
        return {}
    kept = json.loads(path.read_text())
    if kept["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"{path} has schema {kept['schema_version']}, this benchmark reads {SCHEMA_VERSION}")
    entries: dict[str, Entry] = kept["datasets"]
    return entries


def keep(
    family: str, parameters: list[str], key: str, change: Mapping[str, Any], folder: Path = FOLDER
) -> dict[str, Entry]:
    """Lay ``change`` over a dataset's entry in the file, which other processes may write too; return all entries."""
    with _alone(folder):
        entries = read_references(family, folder)
        entries[key] = {**entries.get(key, {}), **change}
        partial = path_of(family, folder).with_suffix(".part")
        partial.write_text(_text(family, parameters, entries))
        partial.rename(path_of(family, folder))
    return entries


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _text(family: str, parameters: list[str], entries: Mapping[str, Entry]) -> str:
    about = {
        "schema_version": SCHEMA_VERSION,
        "family": family,
        "command": f'python -m tests.benchmarks.transfer.references --family "{family}"',
        "versions": _versions(),
        "parameters": parameters,
        "trial": [*parameters, "validation loss", "test loss", "seconds"],
    }
    head = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in about.items())
    lines = [f"  {json.dumps(key)}: {json.dumps(entries[key], separators=(',', ':'))}" for key in sorted(entries)]
    body = ",\n".join(lines)
    return f'{{\n{head},\n "datasets": {{\n{body}\n }}\n}}\n'


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
