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
