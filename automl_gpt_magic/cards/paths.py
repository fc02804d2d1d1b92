"""Paths as people write them, which may be none."""

from __future__ import annotations

from pathlib import Path


def expanded(written: str) -> Path:
    """Return the path with ``~`` as the home folder, where it is one."""
    try:
        return Path(written).expanduser()
    except RuntimeError:  # ~someone, who has no home here
        return Path(written)


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder, also for a name that no folder can have."""
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long, or with characters that no name can have
        return False


def is_file(path: Path) -> bool:
    """Tell whether there is such a file, also for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
