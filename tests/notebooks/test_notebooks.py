"""Every shipped notebook runs in a fresh kernel without a network, and holds what it would generate and show."""

from __future__ import annotations

import re

import nbformat
import pytest
import renew

from .conftest import NOTEBOOKS

EVERY = [path.relative_to(NOTEBOOKS).as_posix() for path in sorted(NOTEBOOKS.rglob("*.ipynb"))]
# One group a notebook, so that with --dist loadgroup one process runs it once for all its tests.
each_notebook = pytest.mark.parametrize(
    "path", [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in EVERY]
)


def shipped(path):
    return nbformat.read(NOTEBOOKS / path, 4)


def test_every_notebook_is_one_of_the_book():
    assert EVERY
    assert [NOTEBOOKS / path for path in EVERY] == sorted(renew.notebooks())


@each_notebook
def test_it_runs_and_ships_the_cells_of_the_current_plans(path, executed):
    ran = executed(path)
    assert not [cell.id for cell in ran.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    kept = [[(cell.id, cell.source, cell.metadata) for cell in one.cells] for one in (ran, shipped(path))]
    assert kept[0] == kept[1], f"run python notebooks/renew.py notebooks/{path}"


@each_notebook
def test_it_ships_outputs_that_need_no_kernel(path, executed):
    notebook = shipped(path)
    nbformat.validate(notebook)
    shows = [[bool(cell.outputs) for cell in code(one)] for one in (notebook, executed(path))]
    assert shows[0] == shows[1]
    for cell in code(notebook):
        kinds = [kind for out in cell.outputs for kind in out.get("data", {})]
        assert renew.WIDGET not in kinds
        assert "execution" not in cell.metadata, "a timestamp"
    assert "widgets" not in notebook.metadata


@each_notebook
def test_its_cells_have_names_and_its_links_lead_somewhere(path):
    notebook = shipped(path)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one) for one in ids), ids
    folder = (NOTEBOOKS / path).parent
    texts = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", texts)
    assert not [target for target in targets if not (folder / target).exists()]


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
