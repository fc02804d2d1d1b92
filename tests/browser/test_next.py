"""What people do next, by buttons and by the line magic, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from harness import NotebookPage, assert_outputs_came_from_their_source, wait_until
from test_automl import CARDS, LOAD, STAGES, run_generated, wait_for_text


def button(page: NotebookPage, label: str):
    return page.page.get_by_role("button", name=label, exact=True)


def written_by(page: NotebookPage, label: str, stage: str) -> None:
    """Click a button, wait for its cell, and run it."""
    page.click(label)
    page.wait_for(lambda cells: stage in [cell.stage for cell in cells], f"the cell of {stage}")
    assert not page.cells()[page.index(stage)].outputs, "a click runs nothing"
    page.run(page.index(stage))
    page.idle()
    assert not page.cells()[page.index(stage)].error


def test_cross_validation_and_importance_by_a_click_each(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(LOAD, CARDS, "%automl next predict", "print('tail')")
    page.run(0)
    page.run(1)
    page.wait_for(lambda cells: len([cell for cell in cells if cell.stage]) == 3, "the generated cells")
    assert button(page, "Cross-validate").is_disabled(), "nothing is trained yet"
    run_generated(page)
    wait_until(lambda: button(page, "Cross-validate").is_enabled(), "the buttons after the training")

    written_by(page, "Cross-validate", "cross-validation")
    assert "15 trainings" in page.cells()[page.index("cross-validation")].text
    wait_for_text(page, "(15 folds)")
    page.page.locator(".ag-plot", has_text="folds 0.").wait_for()
    written_by(page, "Importance", "importance")
    picture = [out for out in page.cells()[page.index("importance")].outputs if "image/png" in out.get("data", {})]
    assert len(picture) == 1
    page.click("Importance")
    wait_for_text(page, "Importance: the code is below")
    assert page.stages() == ["", "", *STAGES, "cross-validation", "importance", "", ""]

    page.run(page.stages().index("", 5))
    page.wait_for(lambda cells: "predict" in [cell.stage for cell in cells], "the line magic's cell")
    assert page.stages() == ["", "", *STAGES, "cross-validation", "predict", "importance", "", ""]
    if folder := os.environ.get("SCREENSHOTS"):
        page.page.set_viewport_size({"width": 1300, "height": 1500})
        page.page.locator(".ag-panel").last.screenshot(path=Path(folder) / f"next_{page.app}.png")

    page.run_all()
    page.idle()
    assert not any(cell.error for cell in page.cells())
    sources = [cell.source for cell in page.cells()]
    page.run_all()
    page.idle()
    assert [cell.source for cell in page.cells()] == sources
    assert_outputs_came_from_their_source(page)
    assert not page.complaints()
