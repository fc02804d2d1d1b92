"""Two tasks in one magic cell, in a real JupyterLab and Notebook 7: each has its panel and its cells."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Cell, NotebookPage, assert_outputs_came_from_their_source, generated, wait_until
from playwright.sync_api import Locator
from test_automl import LOAD

HELD = LOAD.replace(
    "%load_ext",
    "frame['c'] = frame['a'] * 2 + random.normal(0, 0.1, 400)\nheld, frame = frame[:100], frame[100:]\n%load_ext",
)
BOTH = """\
%%automl
data:
  name: First
  frame: frame
  target: target
  split: {test_frame: held}
model:
  name: XGBoost
  hyperparameters: {n_estimators: 40}
---
data:
  name: Second
  frame: frame
  target: c
  split: {test_frame: held}
model:
  name: LightGBM
  hyperparameters: {n_estimators: 40}
"""
STAGES = ["data", "model", "training", "test"]


def places(cells: list[Cell]) -> list[int]:
    return [cell.own.get("task", 0) for cell in generated(cells)]


@pytest.fixture
def planned(open_notebook: Callable[..., NotebookPage]) -> NotebookPage:
    page = open_notebook(HELD, BOTH, "print('tail')")
    page.run_all()
    page.wait_for(lambda cells: len(generated(cells)) == 8, "the cells of both tasks")
    page.idle()
    return page


def panel(page: NotebookPage, name: str) -> Locator:
    return page.page.locator(".ag-panel", has=page.page.locator(".ag-title", has_text=name))


def edit(page: NotebookPage, name: str, parameter: str, value: object) -> None:
    field = panel(page, name).locator(".ag-in", has_text=parameter).locator("input")
    field.fill(str(value))
    field.press("Enter")


def literal(cell: Cell, name: str) -> str:
    found = re.search(rf"'{name}': ([^,]+),", cell.source)
    assert found
    return found.group(1)


def test_each_task_has_its_panel_and_its_cells_and_running_again_changes_nothing(planned: NotebookPage) -> None:
    assert planned.stages() == ["", "", *STAGES, *STAGES, ""]
    assert places(planned.cells()) == [0] * 4 + [1] * 4
    assert all("task" not in cell.own for cell in planned.cells()[1:6])
    for name in ("First", "Second"):
        panel(planned, name).wait_for()
    assert planned.page.locator(".ag-panel").count() == 2
    assert all("second_" in cell.source for cell in planned.cells()[6:10])
    if folder := os.environ.get("LOOK"):
        planned.screenshot(Path(folder) / "several.png")

    before = [(cell.id, cell.source) for cell in planned.cells()]
    planned.run_all()
    planned.idle()
    assert [(cell.id, cell.source) for cell in planned.cells()] == before
    assert not any(cell.error for cell in planned.cells())
    assert_outputs_came_from_their_source(planned)
    panel(planned, "First").get_by_text("Measured: validation").wait_for()
    panel(planned, "Second").get_by_text("Measured: validation").wait_for()

    planned.restart()
    planned.run_all()
    planned.idle()
    assert [(cell.id, cell.source) for cell in planned.cells()] == before
    assert not planned.complaints()


def test_an_edit_in_one_panel_changes_only_its_cell(planned: NotebookPage) -> None:
    before = [cell.source for cell in planned.cells()]
    edit(planned, "Second", "learning_rate", 0.25)
    planned.wait_for(lambda cells: literal(cells[8], "learning_rate") == "0.25", "the edit in the second task's cell")
    edit(planned, "First", "learning_rate", 0.15)
    planned.wait_for(lambda cells: literal(cells[4], "learning_rate") == "0.15", "the edit in the first task's cell")
    after = [cell.source for cell in planned.cells()]
    assert [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other] == [4, 8]

    # An edit in a cell goes to its own panel.
    planned.set_source(8, planned.cells()[8].source.replace("'learning_rate': 0.25", "'learning_rate': 0.35"))
    field = panel(planned, "Second").locator(".ag-in", has_text="learning_rate").locator("input")
    wait_until(lambda: field.input_value() == "0.35", "the value in the second panel")
    other = panel(planned, "First").locator(".ag-in", has_text="learning_rate").locator("input")
    assert other.input_value() == "0.15"
    assert not planned.complaints()


def test_a_moved_magic_cell_takes_the_cells_of_all_its_tasks_along(planned: NotebookPage) -> None:
    plan = planned.cells()[1].own["plan"]
    planned.cut(1)
    planned.paste_below(0)
    moved = planned.cells()[1].id
    planned.run(1)
    planned.idle()
    wait_until(lambda: {cell.own["anchor"] for cell in planned.cells() if cell.own} == {moved}, "the new anchor")
    assert {cell.own["plan"] for cell in planned.cells() if cell.own} == {plan}
    assert planned.stages() == ["", "", *STAGES, *STAGES, ""] and places(planned.cells()) == [0] * 4 + [1] * 4

    # A task that is added later gets its cells below those of the others.
    planned.set_source(1, planned.cells()[1].source + "---\ndata: {name: Third, frame: frame, target: b}\n")
    planned.run(1)
    planned.wait_for(lambda cells: len(generated(cells)) == 11, "the third task's cells")
    assert places(planned.cells()) == [0] * 4 + [1] * 4 + [2] * 3
    assert not planned.complaints()
