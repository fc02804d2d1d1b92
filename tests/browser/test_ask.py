"""A request in the panel, from the words to the cells, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from harness import NotebookPage, wait_until
from test_automl import CARDS, LOAD, edit, field, literal, run_generated, wait_for_text, wait_for_value
from test_rounds import box, open_feedback

FREE = CARDS.replace("  hyperparameters: {n_estimators: 40}\n", "")


@pytest.fixture
def planned(open_notebook) -> NotebookPage:
    page = open_notebook(LOAD, FREE)
    page.run(0)
    page.run(1)
    page.wait_for(lambda cells: sum(bool(cell.stage) for cell in cells) == 3, "the generated cells")
    page.idle()
    return page


def press(page: NotebookPage, label: str) -> None:
    page.page.get_by_role("button", name=label, exact=True).last.click()


def ask(page: NotebookPage, words: str) -> float:
    """Ask, and return the seconds until the proposal is drawn."""
    began = time.perf_counter()
    box(page).fill(words)
    box(page).press("Enter")
    wait_for_text(page, "proposed")
    return time.perf_counter() - began


def test_a_request_is_taken_into_table_and_cell_and_undone(planned: NotebookPage) -> None:
    first = literal(planned, "n_estimators")
    edit(planned, "gamma", 1.5)
    open_feedback(planned)
    ask(planned, "at most 60 trees")
    assert literal(planned, "n_estimators") == first
    if folder := os.environ.get("LOOK"):
        planned.screenshot(Path(folder) / "ask.png")
    press(planned, "Accept all")
    wait_until(lambda: int(literal(planned, "n_estimators")) <= 60, "the new value in the cell")
    assert literal(planned, "gamma") == "1.5"
    run_generated(planned)
    assert not any(cell.error for cell in planned.cells())
    press(planned, "Undo")
    wait_until(lambda: literal(planned, "n_estimators") == first, "the first value in the cell")
    planned.page.locator(".ag-panel .lm-TabBar-tab", has_text="3 Hyperparameters").click()
    wait_for_value(planned, "n_estimators", first)
    assert not planned.complaints()


def test_what_was_taken_outlives_restart_and_run_all(planned: NotebookPage) -> None:
    open_feedback(planned)
    ask(planned, "at most 60 trees")
    press(planned, "Accept all")
    wait_until(lambda: int(literal(planned, "n_estimators")) <= 60, "the new value in the cell")
    sources = [cell.source for cell in planned.cells()]
    planned.restart()
    planned.run(0)
    planned.run(1)
    planned.idle()
    wait_for_text(planned, "at most 60 trees")
    wait_until(lambda: int(field(planned, "n_estimators").input_value()) <= 60, "the value in the table")
    assert [cell.source for cell in planned.cells()] == sources
