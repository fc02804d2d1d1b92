"""Run notebooks as a reader would, and save them with what they show.

``python notebooks/renew.py PATH...`` (without a path: every notebook of the book) rewrites the generated cells below
each ``%%automl`` cell as running it in JupyterLab would, runs every cell in a fresh kernel that has no network, and
saves the notebook with its outputs. Widgets are left to a live kernel: what is saved is text, HTML and pictures.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).parent
KEY = "automl_gpt_magic"
WIDGET = "application/vnd.jupyter.widget-view+json"
# Run in the kernel after a magic cell: what its plan would put into the cells below.
_ASK = """
def _generated():
    import json
    from automl_gpt_magic.notebook.cells import generated_cells
    from automl_gpt_magic.planning.recipes.training import hyperparameters_name

    magics = get_ipython().find_line_magic("automl").__self__
    plan = magics.session.last.plan
    code = plan.code if magics.settings.write_cells else {}
    print(json.dumps(generated_cells(code, hyperparameters_name(plan.names), plan.proposed)))


_generated()
"""
NO_NETWORK = """
import socket

_connect = socket.socket.connect


def connect(self, address):
    outside = self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(("127.", "::1"))
    if outside:
        raise OSError(f"no network here: {address}")
    return _connect(self, address)


socket.socket.connect = connect
"""


def main() -> None:
    """Renew the notebooks that are named, or all."""
    for path in map(Path, sys.argv[1:] or notebooks()):
        notebook = nbformat.read(path, 4)
        with alone():
            run(notebook, path.parent, generate=True)
        nbformat.write(as_saved(notebook), path)
        print(f"{path}: {len(notebook.cells)} cells")


def notebooks() -> list[Path]:
    """Return every notebook of the book, in reading order."""
    return [path for folder in ("tutorials", "cases") for path in sorted((HERE / folder).glob("*.ipynb"))]


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let kernels that are started meanwhile have no network, and no experience but what is shipped."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, before.get("PYTHONPATH")]))
        os.environ["AUTOML_GPT_MAGIC_STORE"] = str(Path(folder, "runs.sqlite"))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def run(notebook: NotebookNode, folder: Path = HERE, *, generate: bool = False) -> NotebookNode:
    """Run every cell in a kernel of this interpreter, in ``folder``; ``generate`` first renews the cells of each plan.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # how often a cell's print is passed on differs from run to run
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        place = 0
        while place < len(notebook.cells):
            cell = notebook.cells[place]
            client.execute_cell(cell, place)
            if generate and _plans_one_task(cell):
                _renew(notebook, place, _generated(client))
            place += 1
        client.set_widgets_metadata()
    return notebook


def _plans_one_task(cell: NotebookNode) -> bool:
    """Tell whether a cell made one plan: a panel came of it, and only that of one data card."""
    return cell.source.startswith("%%automl") and sum(WIDGET in one.get("data", {}) for one in cell.outputs) == 1


def _generated(client: NotebookClient) -> list[dict]:
    """Return the cells that the kernel's last plan would put into a notebook."""
    question = nbformat.v4.new_code_cell(_ASK)
    client.nb.cells.append(question)
    client.execute_cell(question, len(client.nb.cells) - 1, store_history=False)
    (printed,) = client.nb.cells.pop().outputs
    return json.loads(printed.text)


def _renew(notebook: NotebookNode, place: int, generated: list[dict]) -> None:
    """Put a plan's cells below its magic cell, with the metadata that the panel would give them."""
    magic = notebook.cells[place]
    own = {"plan": hashlib.sha256(magic.id.encode()).hexdigest()[:32], "anchor": magic.id}
    magic.metadata[KEY] = own
    after = [cell for cell in notebook.cells[place + 1 :] if not _belongs(cell, magic.id)]
    new = [
        nbformat.v4.new_code_cell(
            one["source"],
            id=f"{magic.id.removesuffix('-magic')}-{one['stage']}",
            metadata={KEY: {**own, "stage": one["stage"], **one["metadata"]}},
        )
        for one in generated
    ]
    notebook.cells[place + 1 :] = [*new, *after]


def _belongs(cell: NotebookNode, anchor: str) -> bool:
    own = cell.metadata.get(KEY, {})
    return "stage" in own and own.get("anchor") == anchor


def as_saved(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as it is kept in the repository: nothing in it that needs the kernel or changes by itself."""
    kept = copy.deepcopy(notebook)
    kept.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for cell in kept.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    return kept


if __name__ == "__main__":
    main()
