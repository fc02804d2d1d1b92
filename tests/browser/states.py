"""The panel in each of its states, brought there as a user does: for the tests of its looks, and for the pictures."""

from __future__ import annotations

from collections.abc import Callable

from harness import NotebookPage, generated, wait_until
from playwright.sync_api import Locator
from test_automl import edit, wait_for_text


def plan(page: NotebookPage) -> None:
    """Run the first two cells: the data, and the magic cell that writes its cells."""
    page.run(0)
    page.run(1)
    page.wait_for(lambda cells: len(generated(cells)) >= 3, "the generated cells")
    page.idle()
    wait_for_text(page, "Plan complete")


def panel(page: NotebookPage) -> Locator:
    return page.page.locator(".ag-panel").last


def slot(page: NotebookPage) -> str:
    """Return what the panel's status slot says; empty before there is a panel."""
    return "".join(page.page.locator(".ag-panel .ag-slot").all_inner_texts()[-1:])


def open_stage(page: NotebookPage, name: str) -> None:
    """Open a stage by its name, such as ``2 Model``."""
    panel(page).locator(".lm-TabBar-tab", has_text=name).click()


def change(page: NotebookPage, name: str, value: object) -> None:
    """Edit a value that is allowed, and wait for what it changes."""
    edit(page, name, value)
    wait_for_text(page, "last edit")


def compare_models(page: NotebookPage) -> None:
    open_stage(page, "2 Model")
    panel(page).locator(".ag-models").wait_for(timeout=60_000)


def ask(page: NotebookPage, words: str) -> None:
    """Ask for a change, and wait for the proposal."""
    open_stage(page, "4 Feedback")
    box = page.page.get_by_label("Ask for a change")
    box.fill(words)
    box.press("Enter")
    wait_for_text(page, "proposed")
    panel(page).get_by_role("button", name="Accept all").wait_for()


def train(page: NotebookPage, until: Callable[[], bool] | None = None) -> None:
    """Train by the button until something is seen; without it until the verdict."""
    open_stage(page, "3 Hyperparameters")
    page.click("Train")
    wait_for_text(page, "Training:")
    if until:
        wait_until(until, "the training to come so far")
    else:
        finish(page)


def finish(page: NotebookPage) -> None:
    """Wait for the verdict on a training."""
    wait_for_text(page, "Measured: validation")
    wait_until(lambda: panel(page).get_by_role("button", name="Train", exact=True).is_enabled(), "the end")


def tune(page: NotebookPage, trials: int) -> None:
    """Search by the button until so many trials have ended."""
    open_stage(page, "3 Hyperparameters")
    page.click("Tune")
    wait_until(lambda: _ended(page) >= trials, f"{trials} trials")


def cancel(page: NotebookPage) -> None:
    page.click("Cancel")
    wait_for_text(page, "Cancelled")


def _ended(page: NotebookPage) -> int:
    first = slot(page).split(" ", 1)[0]
    return int(first) if first.isdigit() else 0
