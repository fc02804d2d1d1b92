"""Execute the UCI Adult notebook, print its plan and results, and write it as one HTML file.

``python notebooks/demo.py`` runs it; ``--update`` first rewrites the generated cells that the notebook is shipped
with, as running its magic cell in JupyterLab would.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from automl_gpt_magic.notebook.cells import generated_cells
from automl_gpt_magic.notebook.static import VIEW
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.planning.recipes.training import hyperparameters_name

HERE = Path(__file__).parent
NOTEBOOK = HERE / "uci_adult.ipynb"
HTML = HERE.parent / "build" / "uci_adult.html"
KEY = "automl_gpt_magic"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="rewrite the generated cells before running")
    notebook = nbformat.read(NOTEBOOK, 4)
    if parser.parse_args().update:
        nbformat.write(with_generated_cells(notebook), NOTEBOOK)
    os.environ["AUTOML_GPT_MAGIC_STORE"] = ""  # the prediction without what earlier runs of this measured
    executed = execute(notebook)
    HTML.parent.mkdir(exist_ok=True)
    HTML.write_text(as_html(executed), encoding="utf-8")
    print(f"The executed notebook is in {HTML.relative_to(HERE.parent)}\n")
    for cell in shown(executed):
        print(text_of(cell))


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run every cell in a kernel of this interpreter, without a network."""
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    return notebook


def with_generated_cells(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Put the cells of the current plan below the magic cell, with the metadata that the panel would give them."""
    kept = [cell for cell in notebook.cells if "stage" not in cell.metadata.get(KEY, {})]
    magic = next(cell for cell in kept if cell.source.startswith("%%automl"))
    identity = {"plan": hashlib.sha256(magic.id.encode()).hexdigest()[:32], "anchor": magic.id}
    magic.metadata[KEY] = identity
    place = kept.index(magic) + 1
    notebook.cells = [*kept[:place], *_generated(magic, kept[:place], identity), *kept[place:]]
    return notebook


def _generated(
    magic: nbformat.NotebookNode, before: list[nbformat.NotebookNode], identity: dict[str, str]
) -> Iterator[nbformat.NotebookNode]:
    namespace: dict[str, object] = {}
    for cell in before:
        if cell.cell_type == "code" and not cell.source.startswith("%"):
            exec(cell.source, namespace)
    made = build_plan(survey(magic.source.partition("\n")[2], namespace), {})
    for cell in generated_cells(made.code, hyperparameters_name(made.names), made.proposed):
        own = {**identity, "stage": cell["stage"], **cell["metadata"]}
        yield nbformat.v4.new_code_cell(cell["source"], id=f"adult-{cell['stage']}", metadata={KEY: own})


def shown(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    """Yield the magic cell and the cells that are tagged for the terminal."""
    for cell in notebook.cells:
        if cell.source.startswith("%%automl") or "terminal" in cell.metadata.get("tags", []):
            yield cell


def text_of(cell: nbformat.NotebookNode) -> str:
    """Return a cell's output as text."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "".join(texts).rstrip() + "\n"


def as_html(notebook: nbformat.NotebookNode) -> str:
    """Return a page that loads nothing: pictures inside, the static rendering instead of widgets and their scripts."""
    static = copy.deepcopy(notebook)
    static.metadata.pop("widgets", None)
    for cell in static.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
    exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    return exporter.from_notebook_node(static)[0]


if __name__ == "__main__":
    main()
