"""The whole extension in a real JupyterLab and Notebook 7."""

from __future__ import annotations

import re
from collections.abc import Callable

import nbformat
import pytest
from harness import ROOT, NotebookPage, assert_outputs_came_from_their_source, generated, wait_until

NOTEBOOK = ROOT / "notebooks" / "cases" / "uci_adult.ipynb"
LOAD = """\
import numpy as np, pandas as pd
random = np.random.default_rng(0)
frame = pd.DataFrame({"a": random.normal(size=400), "b": random.choice(["x", "y"], 400)})
frame["target"] = np.where(frame["a"] + random.normal(0, 0.7, 400) > 0, "yes", "no")
%load_ext automl_gpt_magic"""
CARDS = """\
%%automl
data:
  name: Task
  frame: frame
  target: target
  metrics: [log_loss, accuracy]
model:
  name: XGBoost
  hyperparameters: {n_estimators: 40}
"""
STAGES = ["data", "model", "training"]


@pytest.fixture
def planned(open_notebook: Callable[..., NotebookPage]) -> NotebookPage:
    """A notebook whose cells were all run once: the magic cell has written its cells, and they have not run."""
    page = open_notebook(LOAD, CARDS, "print('tail')")
    page.run_all()
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    page.idle()
    return page


def field(page: NotebookPage, name: str):
    return page.page.locator(".ag-in", has_text=name).locator("input").last


def edit(page: NotebookPage, name: str, value: object) -> None:
    field(page, name).fill(str(value))
    field(page, name).press("Enter")


def wait_for_text(page: NotebookPage, text: str) -> None:
    page.page.locator(".ag-panel", has_text=text).last.wait_for(timeout=60_000)


def wait_for_value(page: NotebookPage, name: str, value: str) -> None:
    wait_until(lambda: field(page, name).input_value() == value, f"{name} to show {value}")


def literal(page: NotebookPage, name: str) -> str:
    source = page.cells()[page.index("training")].source
    return re.search(rf"'{name}': ([^,]+),", source).group(1)


def run_generated(page: NotebookPage) -> None:
    for stage in STAGES:
        page.run(page.index(stage))
    page.idle()


def curve(page: NotebookPage) -> str:
    return page.page.locator(".ag-plot, .ag-panel svg").last.inner_html()


def test_panel_cells_and_measured_curve(planned: NotebookPage) -> None:
    assert planned.stages() == ["", "", *STAGES, ""]
    wait_for_text(planned, "Plan complete; nothing has been run.")
    wait_for_text(planned, "predicted, not run")
    assert not any(cell.outputs for cell in generated(planned.cells()))
    run_generated(planned)
    assert not any(cell.error for cell in planned.cells())
    wait_for_text(planned, "Measured: validation log loss")
    assert_outputs_came_from_their_source(planned)
    assert not planned.complaints()


def test_an_edit_redraws_the_curve_and_rewrites_only_the_literal(planned: NotebookPage) -> None:
    before, drawn = planned.cells()[planned.index("training")].source, curve(planned)
    planned.select(5)
    edit(planned, "learning_rate", 0.25)
    planned.wait_for(lambda cells: "'learning_rate': 0.25" in cells[4].source, "the edit in the cell")
    after = planned.cells()[4].source
    strip = re.compile(r"'learning_rate': [^,]+,")
    assert strip.sub("", before) == strip.sub("", after)
    wait_until(lambda: curve(planned) != drawn, "another curve")
    wait_for_text(planned, "last edit")
    edit(planned, "subsample", 7)
    wait_for_text(planned, "subsample 7 is above 1")
    assert literal(planned, "subsample") != "7"


def test_a_second_run_all_runs_what_it_shows_and_changes_nothing(planned: NotebookPage) -> None:
    planned.run_all()
    planned.idle()
    sources = [cell.source for cell in planned.cells()]
    wait_for_text(planned, "Measured: validation log loss")
    planned.run_all()
    planned.idle()
    assert [cell.source for cell in planned.cells()] == sources
    assert all(cell.execution_count for cell in planned.cells())
    assert_outputs_came_from_their_source(planned)


def test_the_run_all_trap(planned: NotebookPage) -> None:
    """A changed plan is offered, not written into cells that Run All has queued with their old source."""
    planned.set_source(1, CARDS.replace("n_estimators: 40", "n_estimators: 60"))
    planned.run_all()
    planned.idle()
    wait_for_text(planned, "The plan changed")
    assert literal(planned, "n_estimators") == "40"
    assert_outputs_came_from_their_source(planned)
    planned.click("Update cells")
    planned.wait_for(lambda cells: "'n_estimators': 60" in cells[4].source, "the update")
    assert not planned.cells()[4].outputs
    assert_outputs_came_from_their_source(planned)


def test_running_the_magic_again_updates_in_place(planned: NotebookPage) -> None:
    run_generated(planned)
    ids = [cell.id for cell in planned.cells()]
    planned.set_source(1, CARDS.replace("n_estimators: 40", "n_estimators: 60"))
    planned.run(1)
    planned.wait_for(lambda cells: "'n_estimators': 60" in cells[4].source, "the update")
    assert [cell.id for cell in planned.cells()] == ids
    assert not planned.cells()[4].outputs
    assert_outputs_came_from_their_source(planned)


def test_an_edited_cell_is_kept_until_the_user_says_so(planned: NotebookPage) -> None:
    mine = planned.cells()[2].source + "\n# mine"
    planned.set_source(2, mine)
    planned.set_source(1, CARDS.replace("metrics:", "split: {validation: 0.3}\n  metrics:"))
    planned.run(1)
    wait_for_text(planned, "Your edit of data is kept")
    assert planned.cells()[2].source == mine
    planned.click("Update cells")
    planned.wait_for(lambda cells: "test_size=0.3" in cells[2].source, "the update")


def test_table_edits_survive_restart_and_run_all(planned: NotebookPage) -> None:
    edit(planned, "learning_rate", 0.25)
    planned.wait_for(lambda cells: "'learning_rate': 0.25" in cells[4].source, "the edit in the cell")
    planned.restart()
    planned.run_all()
    planned.idle()
    wait_for_value(planned, "learning_rate", "0.25")
    assert literal(planned, "learning_rate") == "0.25"
    assert planned.stages() == ["", "", *STAGES, ""]
    wait_for_text(planned, "Measured: validation log loss")


def test_a_literal_edited_by_hand_is_the_users_value(planned: NotebookPage) -> None:
    source = planned.cells()[4].source
    planned.set_source(4, re.sub(r"'gamma': [^,]+,", "'gamma': 3.5,", source))
    wait_for_value(planned, "gamma", "3.5")
    planned.run(1)
    wait_for_value(planned, "gamma", "3.5")
    assert literal(planned, "gamma") == "3.5"
    planned.set_source(4, re.sub(r"'gamma': [^,]+,", "'gamma': 99,", source))
    wait_for_text(planned, "gamma 99 is above 5")
    assert literal(planned, "gamma") == "99"


def test_reload_and_edit(planned: NotebookPage) -> None:
    planned.reload()
    wait_for_text(planned, "predicted, not run")
    edit(planned, "learning_rate", 0.25)
    planned.wait_for(lambda cells: "'learning_rate': 0.25" in cells[4].source, "the edit in the cell")


def test_a_copied_magic_cell_gets_its_own_cells_and_names(planned: NotebookPage) -> None:
    planned.copy(1)
    planned.paste_below(5)
    planned.run(6)
    planned.wait_for(lambda cells: len(generated(cells)) == 6, "the cells of the copy")
    assert planned.stages() == ["", "", *STAGES, "", "", *STAGES]
    assert "task_2_train" in planned.cells()[7].source
    for index in range(2, 5):
        planned.run(index)
    for index in range(7, 10):
        planned.run(index)
    planned.idle()
    assert not any(cell.error for cell in planned.cells())
    assert_outputs_came_from_their_source(planned)


def test_a_mistake_in_the_cards_is_one_line_and_loses_nothing(planned: NotebookPage) -> None:
    planned.set_source(1, CARDS.replace("target: target", "target: tagret"))
    planned.run(1)
    planned.idle()
    (error,) = [out for out in planned.cells()[1].outputs if out["output_type"] == "error"]
    assert len(error["traceback"]) == 1
    assert "line 5" in error["traceback"][0]
    assert "did you mean target" in error["traceback"][0]
    assert planned.stages() == ["", "", *STAGES, ""]


def test_the_shipped_notebook(open_notebook: Callable[..., NotebookPage]) -> None:
    """Run All on the notebook that `make lab` opens."""
    page = open_notebook(notebook=nbformat.read(NOTEBOOK, 4))
    stages = page.stages()
    page.run_all()
    page.idle()
    wait_for_text(page, "Measured: validation log loss")
    assert page.stages() == stages
    assert not any(cell.error for cell in page.cells())
    assert_outputs_came_from_their_source(page)
