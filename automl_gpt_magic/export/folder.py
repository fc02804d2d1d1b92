"""The folder of a project: written whole or not at all, and never over what is not an earlier export's."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from ..errors import DataError, UsageError, one_line

MARKER = "exported_by"
MARK = "automl_gpt_magic"
DATA = ("data/train.parquet", "data/train.csv"), ("data/test.parquet", "data/test.csv")
_OWN = (
    "README.md",
    "config.yaml",
    "preprocess.py",
    "model.py",
    "train.py",
    "predict.py",
    "requirements.txt",
    "model.ubj",
    "model.txt",
    "model.skops",
    "model.safetensors",
    "preprocessing.skops",
    "scores.json",
)


def written_folder(folder: Path, write: Callable[[Path], None]) -> list[Path]:
    """Let ``write`` fill a folder beside ``folder``, then move its files in place.

    Raises
    ------
    UsageError
        If ``folder`` holds something else than an earlier export.
    DataError
        If it cannot be written; it is then as it was.
    """
    try:
        check_folder(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name[:40]}-", dir=folder.parent) as beside:
            fresh = Path(beside, "fresh")
            fresh.mkdir()
            write(fresh)
            files = sorted(path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file())
            _move_in(fresh, folder, files, Path(beside, "earlier"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{folder} was not written ({reason}); name another folder, or make room and allow writing there"
        raise DataError(one_line(message)) from error
    return [folder / file for file in files]


def check_folder(folder: Path) -> None:
    """Raise where a folder holds something else than an earlier export.

    Raises
    ------
    UsageError
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(one_line(f"{folder} is a file; name a new folder"))
    if folder.is_dir() and any(folder.iterdir()) and not _is_export(folder):
        raise UsageError(one_line(f"{folder} is not empty and holds no earlier export; name a new or an empty folder"))


def _is_export(folder: Path) -> bool:
    try:
        config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(config, dict) and config.get(MARKER) == MARK


def _move_in(fresh: Path, folder: Path, files: Iterable[Path], earlier: Path) -> None:
    """Put the earlier export's files aside and the fresh ones in place; at a failure, undo both."""
    if not folder.exists():
        fresh.rename(folder)
        return
    replaced = _replaced(files)
    for file in replaced:
        if (folder / file).is_dir() and not (folder / file).is_symlink():
            raise IsADirectoryError(errno.EISDIR, f"{file} is a folder, where a file belongs")
    aside: list[Path] = []
    placed: list[Path] = []
    try:
        for file in replaced:
            if os.path.lexists(folder / file):
                _move(folder / file, earlier / file)
                aside.append(file)
        for file in files:
            _move(fresh / file, folder / file)
            placed.append(file)
    except BaseException:
        for file in placed:
            (folder / file).unlink(missing_ok=True)
        for file in aside:
            _move(earlier / file, folder / file)
        raise


def _replaced(files: Iterable[Path]) -> list[Path]:
    """Return the files of an earlier export to take away; its rows only where there are new ones."""
    fresh = {file.as_posix() for file in files}
    rows = [one for kinds in DATA if fresh.intersection(kinds) for one in kinds]
    return [Path(file) for file in dict.fromkeys((*_OWN, *rows, *fresh))]


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
