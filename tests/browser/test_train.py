"""Train and Cancel by buttons, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import NotebookPage, generated, wait_until
from test_automl import CARDS, LOAD, edit, wait_for_text


@pytest.fixture
def planned(open_notebook: Callable[..., NotebookPage]) -> NotebookPage:
    page = open_notebook(LOAD, CARDS, "print(sorted(n for n in dir() if n.startswith('task_m')))", "task_model")
    page.run(0)
    page.run(1)
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    page.idle()
    return page


def test_train_shows_the_verdict_and_leaves_the_fitted_pipeline_in_the_notebook(planned: NotebookPage) -> None:
    edit(planned, "max_depth", 3)
    wait_until(lambda: "'max_depth': 3" in generated(planned.cells())[2].source, "the edit in the cell")
    planned.click("Train")
    wait_for_text(planned, "Measured: validation log loss")
    wait_until(lambda: planned.page.get_by_role("button", name="Train", exact=True).is_enabled(), "the end")
    planned.run(5)
    planned.wait_for(lambda cells: "task_model" in cells[5].text, "the names")
    assert not [cell for cell in generated(planned.cells()) if cell.outputs], "no cell was run in the notebook"
    assert not planned.complaints()


def test_tune_shows_its_trials_and_the_best_is_taken_by_a_click(planned: NotebookPage) -> None:
    edit(planned, "learning_rate", 0.005)
    wait_until(lambda: "'learning_rate': 0.005" in generated(planned.cells())[2].source, "the edit in the cell")
    planned.set_source(6, "%automl tune --trials 6 --workers 1")
    planned.run(6)
    wait_for_text(planned, "6 of 6 trials have ended")
    planned.click("Take the best")
    wait_until(lambda: "'learning_rate': 0.005" not in generated(planned.cells())[2].source, "the best in the cell")
    assert "'n_estimators': 40," in generated(planned.cells())[2].source, "the card fixes it"
    planned.click("Tune")
    wait_for_text(planned, "40 trials have ended")
    planned.click("Cancel")
    wait_for_text(planned, "Cancelled")
    wait_until(lambda: planned.page.get_by_role("button", name="Tune", exact=True).is_enabled(), "the end")
    assert not planned.complaints()
