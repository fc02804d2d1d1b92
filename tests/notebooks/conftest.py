"""The shipped notebooks, each executed once in a process, with its generated cells renewed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))

import renew  # noqa: E402 - a script beside the notebooks


@pytest.fixture(scope="session")
def executed() -> Callable[[str], nbformat.NotebookNode]:
    """Return a function that runs a notebook of the book by its path, in a kernel without a network."""

    @functools.cache
    def execute(path: str) -> nbformat.NotebookNode:
        with renew.alone():
            return renew.run(nbformat.read(NOTEBOOKS / path, 4), (NOTEBOOKS / path).parent, generate=True)

    return execute
