"""The models side by side in the panel, and another one at a click, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness import NotebookPage, wait_until
from test_automl import CARDS, LOAD, STAGES, run_generated, wait_for_text

WITHOUT_A_CARD = CARDS.partition("model:")[0]


@pytest.fixture
def planned(open_notebook) -> NotebookPage:
    page = open_notebook(LOAD, WITHOUT_A_CARD)
    page.run_all()
    page.wait_for(lambda cells: sum(bool(cell.stage) for cell in cells) == 3, "the generated cells")
    page.idle()
    return page


def source(page: NotebookPage, stage: str) -> str:
    return page.cells()[page.index(stage)].source


def test_another_model_is_planned_at_a_click_and_undone(planned: NotebookPage) -> None:
    before = [source(planned, stage) for stage in STAGES]
    planned.page.locator(".ag-panel .lm-TabBar-tab", has_text="2 Model").click()
    table = planned.page.locator(".ag-models:visible")
    table.wait_for()
    assert table.locator("tbody th").count() == 7
    assert "XGBoost" in table.locator("tr.ag-chosen").inner_text()
    if folder := os.environ.get("LOOK"):
        table.scroll_into_view_if_needed()
        planned.screenshot(Path(folder) / "models.png")
    planned.click("Use LightGBM")
    planned.wait_for(lambda cells: "LGBMClassifier" in cells[planned.index("model")].source, "LightGBM's cells")
    wait_until(lambda: "LightGBM" in planned.page.locator(".ag-models tr.ag-chosen").inner_text(), "the marked row")
    run_generated(planned)
    assert not any(cell.error for cell in planned.cells())
    wait_for_text(planned, "Measured: validation log loss")

    planned.page.locator(".ag-panel .lm-TabBar-tab", has_text="4 Feedback").click()
    planned.page.get_by_role("button", name="Undo", exact=True).last.click()
    wait_until(lambda: [source(planned, stage) for stage in STAGES] == before, "the first model's cells")
    assert not planned.complaints()
