"""Every shipped notebook is executed in a fresh kernel that has no network, and holds what it would generate."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))

import demo  # noqa: E402 - a script beside the notebooks

NO_NETWORK = """
import socket
_connect = socket.socket.connect
def connect(self, address):
    outside = self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(("127.", "::1"))
    if outside:
        raise OSError(f"no network in this test: {address}")
    return _connect(self, address)
socket.socket.connect = connect
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("no_network")
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("AUTOML_GPT_MAGIC_CACHE", str(folder / "cache"))
        patch.setenv("AUTOML_GPT_MAGIC_STORE", str(folder / "store.sqlite"))
        yield {path.name: demo.execute(nbformat.read(path, 4)) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def cell(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def test_no_cell_fails(executed):
    assert executed
    for notebook in executed.values():
        assert not [
            output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"
        ]


def test_the_shipped_cells_are_those_of_the_current_plan():
    shipped = nbformat.read(demo.NOTEBOOK, 4)
    assert demo.with_generated_cells(nbformat.read(demo.NOTEBOOK, 4)) == shipped, "run notebooks/demo.py --update"


def test_adult_beats_the_default_and_is_inside_the_band(executed):
    line = demo.text_of(cell(executed["uci_adult.ipynb"], "adult-summary"))
    summary = {name: float(value) for name, _, value in (pair.partition("=") for pair in line.split())}
    assert list(summary) == ["accuracy", "log_loss", "default_log_loss", "predicted_low", "predicted_high", "seconds"]
    assert summary["log_loss"] < summary["default_log_loss"]
    assert summary["predicted_low"] < summary["log_loss"] < summary["predicted_high"]


def test_the_saved_output_shows_plan_measured_curve_and_picture_without_widgets(executed):
    (output,) = cell(executed["uci_adult.ipynb"], "adult-magic").outputs
    assert "Measured: validation log loss" in output.data["text/html"]
    assert "data:image/png" in output.data["text/html"]
    assert {"text/plain", "image/png"} <= set(output.data)


def test_the_html_file_is_self_contained(executed):
    html = demo.as_html(executed["uci_adult.ipynb"])
    assert "measured, test" in html
    assert "data:image/png" in html
    assert not re.findall(r"""(?:src|href|from|import)\s*[=(]?\s*["'](?:https?:)?//[^"']+""", html)
