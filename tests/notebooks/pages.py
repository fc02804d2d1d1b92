"""What the tests of several notebooks look for."""

from __future__ import annotations

import nbformat


def cell(notebook: nbformat.NotebookNode, cell_id: str) -> nbformat.NotebookNode:
    """Return the cell with this id."""
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def printed(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    """Return what a cell printed."""
    return "".join(output.text for output in cell(notebook, cell_id).outputs if output.output_type == "stream")
