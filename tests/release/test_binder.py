"""Binder's files name what is there; ``make binder`` builds and runs what they say."""

from __future__ import annotations

import json
import os
import re
import tomllib

from tests.release.wheel import ROOT

BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_requirements_are_extras_of_the_package_and_none_brings_torch():
    constraints, package = (BINDER / "requirements.txt").read_text().splitlines()
    assert (BINDER / constraints.removeprefix("--constraint ")).resolve() == ROOT / "constraints.txt"
    asked = re.fullmatch(r"--editable \.\[([\w,]+)\]", package)[1].split(",")
    named = [line for extra in asked for line in PROJECT["optional-dependencies"][extra]]
    assert any(line.startswith("jupyterlab") for line in named)
    assert not [line for line in named if re.match("torch|sentence-transformers|automl_gpt_magic", line)]


def test_python_is_one_that_the_package_supports():
    minor = int(re.fullmatch(r"python-3\.(\d+)", (BINDER / "runtime.txt").read_text().strip())[1])
    low, below = sorted(int(bound) for bound in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    assert low <= minor < below


def test_what_is_installed_without_its_requirements_is_what_make_installs():
    assert os.access(BINDER / "postBuild", os.X_OK)
    pinned = re.findall(r"[\w-]+==[\d.]+", (BINDER / "postBuild").read_text())
    makefile = (ROOT / "Makefile").read_text()
    assert pinned == [re.search(rf"^{name} := (\S+)$", makefile, re.MULTILINE)[1] for name in ("WEIGHTS", "ADULT")]


def test_the_page_that_opens_first_is_a_notebook():
    first = json.loads((BINDER / "jupyter_lab_config.json").read_text())["LabApp"]["default_url"]
    notebook = json.loads((ROOT / first.removeprefix("/lab/tree/")).read_text())
    assert any("".join(cell["source"]).startswith("%%automl") for cell in notebook["cells"])
