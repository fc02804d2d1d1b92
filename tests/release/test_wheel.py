"""What a release holds, and that it works where only its declared dependencies are installed."""

from __future__ import annotations

import email.policy
import os
import re
import subprocess
import tarfile
import tomllib
import zipfile
from email.parser import BytesParser

import pytest

import automl_gpt_magic
from tests.release.wheel import NAME, ROOT, build, install

BANK_MB = 8
# Imports what its extra brings.
NEEDS_ITS_EXTRA = "recording"

PLAN = """
import json
from IPython import get_ipython
shell = get_ipython()
shell.run_line_magic("load_ext", "automl_gpt_magic")
shell.run_line_magic("automl", "help")
import automl_gpt_magic
cards = {"data": {"name": "People", "input_type": "tabular", "task": "binary classification"}, "model": "XGBoost"}
plan = automl_gpt_magic.plan(cards)
shell.run_cell_magic("automl", "", json.dumps(cards))
found = {"file": automl_gpt_magic.__file__, "hyperparameters": plan.hyperparameters, "curve": len(plan.curve.value)}
print("FOUND " + json.dumps(found))
"""
IMPORT_ALL = """
import automl_gpt_magic, importlib, pkgutil, sys
for module in pkgutil.walk_packages(automl_gpt_magic.__path__, "automl_gpt_magic."):
    if module.name.split(".")[1] != sys.argv[1] and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(built):
    with zipfile.ZipFile(built[0]) as wheel:
        return wheel.namelist()


@pytest.fixture(scope="module")
def metadata(built):
    with zipfile.ZipFile(built[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser(policy=email.policy.default).parsebytes(wheel.read(name))


@pytest.fixture(scope="module")
def python(built, tmp_path_factory):
    return install(built[0], tmp_path_factory.mktemp("installed"))


def package_files():
    files = (path for path in (ROOT / NAME).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def run(python, folder, *arguments):
    """Run an interpreter in an empty folder, without what this process can import."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "MPLCONFIGDIR": str(folder / "mpl")}
    environment |= {"AUTOML_GPT_MAGIC_STORE": "", "AUTOML_GPT_MAGIC_CACHE": str(folder / "cache")}
    ran = subprocess.run([python, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_holds_the_package_and_nothing_else(names):
    assert {name for name in names if ".dist-info/" not in name} == package_files()
    needed = ("notebook/panel.css", "notebook/bridge.js", "prompt/wording.txt", "llm/prices.json", "py.typed")
    assert {f"{NAME}/{file}" for file in needed} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_bank_is_small(built):
    with zipfile.ZipFile(built[0]) as wheel:
        recorded = [file for file in wheel.infolist() if file.filename.startswith(f"{NAME}/experience/recorded/")]
    assert any(file.filename.endswith(".npz") for file in recorded)
    assert sum(file.file_size for file in recorded) < BANK_MB * 10**6


def test_the_version_stands_in_one_place(metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" not in project
    assert metadata["Version"] == automl_gpt_magic.__version__


def test_the_metadata_name_what_a_user_looks_for(metadata):
    named = metadata.get_all("Classifier")
    minors = {int(found[1]) for one in named if (found := re.search(r":: 3\.(\d+)$", one))}
    low, below = sorted(int(minor) for minor in re.findall(r"3\.(\d+)", metadata["Requires-Python"]))
    assert minors == set(range(low, below))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().startswith("# automl_gpt_magic")


def test_the_sdist_holds_no_tests_and_builds_the_same_wheel(built, tmp_path):
    wheel, sdist = built
    with tarfile.open(sdist) as packed:
        packed.extractall(tmp_path, filter="data")
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert {path.name for path in unpacked.iterdir() if path.is_dir()} == {NAME}
    assert (unpacked / "CHANGELOG.md").is_file()
    again, _ = build(unpacked, tmp_path / "again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_installed_wheel_plans_with_its_declared_dependencies_alone(python, tmp_path):
    printed = run(python, tmp_path, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", PLAN)
    assert "%automl help" in printed
    assert "Error" not in printed
    assert f'FOUND {{"file": "{python.parents[1]}' in printed
    assert re.search(r'"learning_rate": [\d.]+', printed)
    assert re.search(r'"curve": [1-9]', printed)


def test_every_module_imports_with_the_declared_dependencies_alone(python, tmp_path):
    run(python, tmp_path, "-c", IMPORT_ALL, NEEDS_ITS_EXTRA)


def test_nothing_undeclared_is_there(python, tmp_path):
    run(
        python, tmp_path, "-c", "from importlib.util import find_spec as f; assert not f('xgboost') and not f('pytest')"
    )
