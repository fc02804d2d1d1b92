"""Binder's files name what is there, and its first page runs where only that is installed.

``make binder`` does the same with real downloads, in JupyterLab, within Binder's memory.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib

import nbformat

from tests.release.wheel import ROOT, build, install

BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=200).execute()
nbformat.write(notebook, sys.argv[1])
"""


def extras():
    """Return the extras of the package that Binder installs."""
    _, package = (BINDER / "requirements.txt").read_text().splitlines()
    return re.fullmatch(r"--editable \.\[([\w,]+)\]", package)[1].split(",")


def installed_alone():
    """Return what Binder installs without its requirements, with versions."""
    return re.findall(r"[\w-]+==[\d.]+", (BINDER / "postBuild").read_text())


def first_page():
    """Return the path of the notebook that opens first."""
    first = json.loads((BINDER / "jupyter_lab_config.json").read_text())["LabApp"]["default_url"]
    return ROOT / first.removeprefix("/lab/tree/")


def test_the_requirements_are_extras_of_the_package_and_none_brings_torch():
    constraints, _ = (BINDER / "requirements.txt").read_text().splitlines()
    assert (BINDER / constraints.removeprefix("--constraint ")).resolve() == ROOT / "constraints.txt"
    named = [line for extra in extras() for line in PROJECT["optional-dependencies"][extra]]
    assert any(line.startswith("jupyterlab") for line in named)
    assert not [line for line in named if re.match("torch|sentence-transformers|automl_gpt_magic", line)]


def test_python_is_one_that_the_package_supports():
    minor = int(re.fullmatch(r"python-3\.(\d+)", (BINDER / "runtime.txt").read_text().strip())[1])
    low, below = sorted(int(bound) for bound in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    assert low <= minor < below


def test_what_is_installed_without_its_requirements_is_what_make_installs():
    assert os.access(BINDER / "postBuild", os.X_OK)
    makefile = (ROOT / "Makefile").read_text()
    assert installed_alone() == [
        re.search(rf"^{name} := (\S+)$", makefile, re.MULTILINE)[1] for name in ("WEIGHTS", "ADULT")
    ]


def test_the_page_that_opens_first_is_the_first_tutorial_and_runs_in_the_environments_own_kernel(tmp_path):
    wheel, _ = build(ROOT, tmp_path)
    alone = [name.partition("==")[0] for name in installed_alone()]
    python = install(wheel, tmp_path / "environment", extras(), alone)
    notebook = nbformat.read(first_page(), 4)
    assert first_page() == min((ROOT / "notebooks" / "tutorials").glob("*.ipynb"))
    assert any(cell.source.startswith("%%automl") for cell in notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell("import sys; print(sys.prefix)"))
    nbformat.write(notebook, tmp_path / "first.ipynb")
    ran = subprocess.run(
        [python, "-c", RUN, "first.ipynb"], cwd=tmp_path, env=bare(tmp_path), text=True, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    cells = nbformat.read(tmp_path / "first.ipynb", 4).cells
    assert cells[-1].outputs[0].text.strip() == str(python.parents[1])
    (plan,) = (cell for cell in cells if cell.source.startswith("%%automl"))
    assert "image/png" in plan.outputs[0].data


def bare(folder):
    """Return an environment whose user has nothing but an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER", "IPYTHON"))}
    return kept | {"HOME": str(folder), "AUTOML_GPT_MAGIC_STORE": "", "AUTOML_GPT_MAGIC_CACHE": ""}
