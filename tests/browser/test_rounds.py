"""The conversation in the panel, in a real JupyterLab and Notebook 7: by mouse and by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import NotebookPage, wait_until
from test_automl import wait_for_text

TALK = """\
import fake_session, time
from tests.unit.notebook import conversations
talk = conversations.Talk({rounds}, usage=conversations.Usage(2034, 300, 0.0037), budget_left="$0.496", can_redo=True)
shown = fake_session.panel(talk=talk)"""
BUSY = "time.sleep(3)"


@pytest.fixture
def talk(open_notebook: Callable[..., NotebookPage]) -> NotebookPage:
    return shown(open_notebook, "()")


def shown(open_notebook: Callable[..., NotebookPage], rounds: str) -> NotebookPage:
    page = open_notebook(TALK.format(rounds=rounds), BUSY, "print(talk.asked)")
    page.run(0)
    open_feedback(page)
    return page


def open_feedback(page: NotebookPage) -> None:
    page.page.locator(".ag-panel .lm-TabBar-tab", has_text="4 Feedback").click()
    box(page).wait_for(timeout=60_000)


def box(page: NotebookPage):
    return page.page.get_by_label("Ask for a change")


def asked(page: NotebookPage) -> str:
    page.run(2)
    page.idle()
    return page.cells()[2].text


def focused(page: NotebookPage) -> str:
    return page.page.evaluate("() => document.activeElement.textContent || document.activeElement.type")


def test_enter_asks_once_and_leaving_the_field_does_not(talk: NotebookPage) -> None:
    box(talk).fill("not sent")
    talk.page.locator(".ag-panel .ag-title").click()
    box(talk).fill("faster")
    box(talk).press("Enter")
    wait_for_text(talk, "Round 1: 7 changes proposed")
    wait_until(lambda: box(talk).input_value() == "", "the box to be empty")
    box(talk).press("Enter")
    box(talk).fill("refuse")
    box(talk).press("Shift+Enter")
    wait_for_text(talk, "ask for something else")
    assert box(talk).input_value() == "refuse" and box(talk).is_editable()
    assert asked(talk).strip() == "[('ask', 'faster'), ('ask', 'refuse')]"
    assert not talk.complaints()


def test_a_busy_kernel_gets_the_whole_text_once(talk: NotebookPage) -> None:
    talk.select(1)
    talk.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    wait_until(lambda: talk.cells()[1].running, "the busy cell")
    box(talk).press_sequentially("half the size")
    box(talk).press("Enter")
    box(talk).press("Enter")
    assert talk.page.get_by_role("button", name="Asking…").is_disabled()
    wait_for_text(talk, "Round 1: 7 changes proposed")
    assert asked(talk).strip() == "[('ask', 'half the size')]"


def test_the_conversation_goes_on_after_the_page_is_loaded_again(talk: NotebookPage) -> None:
    box(talk).fill("faster")
    box(talk).press("Enter")
    wait_for_text(talk, "Round 1: 7 changes proposed")
    talk.reload()
    open_feedback(talk)
    box(talk).fill("smaller")
    talk.click("Ask")
    wait_for_text(talk, "Round 2: 7 changes proposed")
    assert asked(talk).strip() == "[('ask', 'faster'), ('ask', 'smaller')]"


def test_a_round_is_taken_in_part_by_keyboard_alone(talk: NotebookPage) -> None:
    box(talk).focus()
    talk.page.keyboard.type("faster")
    talk.page.keyboard.press("Enter")
    wait_for_text(talk, "Round 1: 7 changes proposed")
    wait_until(lambda: talk.page.get_by_role("button", name="Ask", exact=True).is_enabled(), "the answer")
    assert "1 proposed; 1 of 1 expected" in talk.page.locator(".ag-panel .lm-TabBar-tab").last.inner_text()
    tick = talk.page.get_by_label("n_estimators").last
    for _ in range(20):
        talk.page.keyboard.press("Tab")
        if tick.evaluate("tick => tick === document.activeElement"):
            break
    talk.page.keyboard.press("Space")
    assert not tick.is_checked()
    for name in ("Accept all", "Accept selected"):
        while focused(talk) != name:
            talk.page.keyboard.press("Tab")
    talk.page.keyboard.press("Enter")
    wait_for_text(talk, "partly accepted: metric log loss → accuracy")
    wait_until(lambda: box(talk).evaluate("box => box === document.activeElement"), "the focus in the box")
    assert "'value:n_estimators'" not in asked(talk) and "'code:model'" in asked(talk)
    assert not talk.complaints()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_everything_fits_at_any_width(open_notebook: Callable[..., NotebookPage], theme: str) -> None:
    page = shown(open_notebook, "(*conversations.earlier(), conversations.proposed(6))")
    page.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
    page.page.locator(".ag-answer summary").click()
    panel = page.page.locator(".ag-panel").last
    for width in (620, 1200):
        panel.evaluate("(panel, width) => { panel.style.width = `${width}px`; }", width)
        assert panel.evaluate("panel => panel.getBoundingClientRect().width") == width or page.app == "notebook"
        beyond = panel.evaluate(
            "panel => [...panel.querySelectorAll('.ag-rounds *')].filter(one => !one.closest('.ag-vh, pre') &&"
            " one.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1)"
            ".map(one => one.className || one.tagName)"
        )
        assert beyond == []
        picture(page, f"rounds-{page.app}-{theme.lower()}-{width}")
    page.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    assert not page.complaints()


def test_locks_have_names_and_states(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(TALK.format(rounds="()"), "shown.show(fake_session.plans.locked('max_depth'))")
    page.run(0)
    lock = page.page.get_by_role("checkbox", name="Lock max_depth")
    lock.wait_for(timeout=60_000)
    assert not lock.is_checked() and page.page.get_by_label("max_depth", exact=True).is_enabled()
    page.run(1)
    wait_for_text(page, "Locked: max_depth.")
    wait_until(lock.is_checked, "the tick")
    assert page.page.get_by_label("max_depth", exact=True).is_disabled()
    for width in (562, 620, 1200):
        panel = page.page.locator(".ag-panel").last
        panel.evaluate("(panel, width) => { panel.style.width = `${width}px`; }", width)
        rights = panel.evaluate(
            "panel => [...panel.querySelectorAll('.ag-row')].flatMap(row => [...row.children].map("
            "one => one.getBoundingClientRect().right - panel.getBoundingClientRect().right))"
        )
        assert max(rights) < 0
        picture(page, f"locks-{page.app}-{width}")


def picture(page: NotebookPage, name: str) -> None:
    """Take a picture of the panel where somebody wants to look at it."""
    folder = os.environ.get("LOOK_AT")
    if folder:
        page.page.set_viewport_size({"width": 1700, "height": 1600})
        page.page.locator(".ag-panel").last.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
