"""Execute the UCI Adult notebook, print its plan and results, and write it as one HTML file."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator

import nbformat
from nbconvert import HTMLExporter
from renew import HERE, WIDGET, run

NOTEBOOK = HERE / "cases" / "uci_adult.ipynb"
HTML = HERE.parent / "build" / "uci_adult.html"


def main() -> None:
    os.environ["AUTOML_GPT_MAGIC_STORE"] = ""  # the prediction without what earlier runs of this measured
    executed = run(nbformat.read(NOTEBOOK, 4), NOTEBOOK.parent)
    HTML.parent.mkdir(exist_ok=True)
    HTML.write_text(as_html(executed), encoding="utf-8")
    print(f"The executed notebook is in {HTML.relative_to(HERE.parent)}\n")
    for cell in shown(executed):
        print(text_of(cell))


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
            output.get("data", {}).pop(WIDGET, None)
    exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    return exporter.from_notebook_node(static)[0]


if __name__ == "__main__":
    main()
