"""An LLM's answer in a real JupyterLab and Notebook 7: streamed, stopped, replayed. The LLM is a scripted server."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, NotebookPage, assert_outputs_came_from_their_source, generated, wait_until
from test_automl import CARDS, LOAD, wait_for_text

from tests.scripted_llm import ScriptedLLM, answer

PREPARE = """\
import numpy as np


def task_prepare(rows):
    rows = rows.copy()
    rows["a_squared"] = np.square(rows["a"])
    return rows
"""
ANSWER = {
    "data_processing": {
        "techniques": [{"technique": "square of a", "reason": "the classes may lie around a centre"}],
        "code": PREPARE,
    },
    "model": {
        "card": "XGBoost",
        "why": "mixed columns, few rows",
        "layers": ["boosted trees"],
        "activations": "none",
        "loss": "logistic",
        "code": "",
    },
    "candidates": [
        {
            "hyperparameters": [
                {"name": "subsample", "value": 0.9, "reason": "few rows, less variance"},
                {"name": "gamma", "value": 99, "reason": "too much"},
            ],
            "log": [
                {"round": 1, "training": 0.68, "validation": 0.69},
                {"round": 40, "training": 0.4, "validation": 0.48},
            ],
            "expected": 0.48,
        }
    ],
    "notes": "Nothing was asked for beyond the metrics.",
}
CONFIG = """
%config AutoML.base_url = "{url}"
%config AutoML.model = "example-model"
%config AutoML.recordings = "{folder}"
%config AutoML.candidates = 1"""


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@pytest.fixture
def config(llm: ScriptedLLM, tmp_path: Path) -> str:
    return CONFIG.format(url=llm.base_url, folder=tmp_path)


def streamed(seconds: float) -> object:
    text = json.dumps(ANSWER)
    return answer(text, chunk=12, pace=seconds / (len(text) / 12))


def start(page: NotebookPage) -> None:
    """Run the magic cell without waiting for its end."""
    page.run(0)
    page.idle()
    page.select(1)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")


def slot(page: NotebookPage) -> str:
    return page.page.locator(".ag-slot").last.inner_text()


def test_an_answer_streams_into_the_panel_and_its_cells_run(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, config: str
) -> None:
    page = open_notebook(LOAD + config, CARDS, "print('tail')")
    llm.play(streamed(8), answer(json.dumps(ANSWER)))
    start(page)
    wait_until(lambda: "tokens" in slot(page) and "127.0.0.1" in slot(page), "what is sent, and where")
    done = page.page.locator(".ag-panel", has_text="done: XGBoost")
    wait_until(lambda: "stage 3 of 4" in slot(page) and done.count() == 1, "the third stage, after the second")
    if "UPDATE_SCREENSHOT" in os.environ:
        page.screenshot(ROOT / "build" / "streaming.png")
    wait_for_text(page, "Plan complete")
    wait_for_text(page, "LLM: example-model")
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    assert "task_prepare" not in generated(page.cells())[0].source, "the LLM's code waits for a click"
    page.page.get_by_role("tab", name="1 Data").last.click()
    page.click("Use the LLM's code")
    page.wait_for(lambda cells: "task_prepare" in generated(cells)[0].source, "the LLM's code in its cell")
    if "UPDATE_SCREENSHOT" in os.environ:
        page.screenshot(ROOT / "build" / "llm.png")
    page.run_all()
    page.wait_for(lambda cells: "refitted" in generated(cells)[2].text, "the training")
    page.idle()
    assert len(llm.posts) == 2, "one call and one correction; the second run replays them"
    wait_for_text(page, "replayed from")
    assert_outputs_came_from_their_source(page)
    assert not page.complaints()


def test_stop_keeps_the_plan_and_what_had_arrived(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, config: str
) -> None:
    page = open_notebook(LOAD + config, CARDS, "print('tail')")
    llm.play(streamed(30))
    start(page)
    wait_until(lambda: "stage 2 of 4" in slot(page), "the first stage")
    page.page.locator("button.ag-stop:visible").click()
    clicked = time.monotonic()
    wait_until(lambda: "Stopped." in slot(page), "the stop")
    assert time.monotonic() - clicked < 3, "a second for the call, and the page's own time"
    wait_for_text(page, "Had arrived before the stop")
    wait_for_text(page, "square of a")
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    page.wait_for(lambda cells: _errors(cells[1]), "the cell's error")
    (error,) = _errors(page.cells()[1])
    assert error["ename"] == "StoppedError"
    assert len(error["traceback"]) == 1
    assert llm.wait_until_idle(2)


def _errors(cell: Any) -> list[Any]:
    return [out for out in cell.outputs if out["output_type"] == "error"]


def test_a_fault_is_said_in_one_line_and_the_plan_stands(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, config: str
) -> None:
    page = open_notebook(LOAD + config.replace(llm.base_url, llm.refused_url), CARDS, "print('tail')")
    page.run_all()
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    wait_for_text(page, "LLM not reached")
    wait_for_text(page, "The plan stands on measured runs alone.")
    assert page.cells()[-1].text == "tail\n"
    if "UPDATE_SCREENSHOT" in os.environ:
        page.screenshot(ROOT / "build" / "fault.png")
