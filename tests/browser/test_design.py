"""The panel as a designed thing, in a real JupyterLab and Notebook 7: it fits, it can be read, it keeps its place."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import states
from harness import NotebookPage, wait_until
from states import panel
from test_automl import CARDS, LOAD, edit, field, literal, wait_for_text
from test_live_forecast import LARGER, SLOW, plot_says
from test_llm import ANSWER, CONFIG

from tests.scripted_llm import ScriptedLLM, answer

CHECKS = Path(__file__).with_name("panel_checks.js").read_text(encoding="utf-8")
AXE = importlib.util.find_spec("axe_playwright_python")
WITHOUT_A_CARD = CARDS.partition("model:")[0] + "request: train in under a minute\n"
WIDTHS = (600, 1600)
PARTS = (
    *(".ag-head", ".ag-slot", ".ag-tabs", ".ag-table", ".ag-row:nth-child(5)", ".ag-curvehead", ".ag-plot"),
    *(".ag-effect", ".ag-note", ".ag-ev", ".ag-sec.ag-act", ".ag-next"),
)
in_lab = pytest.mark.parametrize("app", ["lab"])


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@pytest.fixture
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def show(page: NotebookPage, width: int, theme: str = "", height: int = 1000) -> None:
    """Give the window a width, and JupyterLab's own bars none of it."""
    if theme:
        page.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
    page.page.set_viewport_size({"width": width, "height": height})
    if page.app == "lab":
        page._js("window.jupyterapp.shell.collapseLeft(); window.jupyterapp.shell.collapseRight();")


def measure(page: NotebookPage, check: str) -> Any:
    return page.page.evaluate(f"() => {CHECKS}.{check}()")


def assert_it_fits_and_can_be_read(page: NotebookPage, state: str) -> None:
    """Check every width that JupyterLab gives the panel in these windows, and a panel of 600 px itself."""
    for width in WIDTHS:
        show(page, width)
        panel(page).scroll_into_view_if_needed()
        assert_fits(page, f"{state} in a window of {width} px")
        found = violations(page)
        assert not found, f"{state} at {width} px: {found}"
    panel(page).evaluate("panel => { panel.style.width = '600px'; }")
    assert_fits(page, f"{state} in a panel of 600 px")
    panel(page).evaluate("panel => { panel.style.width = ''; }")


def assert_fits(page: NotebookPage, where: str) -> None:
    for check in ("beyond", "cutOff", "overlapping", "faint"):
        found = measure(page, check)
        assert not found, f"{where}, {check}: {found}"


def violations(page: NotebookPage) -> list[str]:
    """Return what axe-core finds in the panel that is serious or critical."""
    assert AXE and AXE.submodule_search_locations
    if not page.page.evaluate("() => 'axe' in window"):
        folder = Path(next(iter(AXE.submodule_search_locations)))
        page.page.evaluate((folder / "axe.min.js").read_text(encoding="utf-8"))
    found = page.page.evaluate(f"() => axe.run({CHECKS}.panel(), {{resultTypes: ['violations']}})")
    assert found["passes"], "axe looked at nothing"
    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}" for one in serious]


@pytest.fixture
def axe() -> None:
    """Skip loudly where axe-core cannot be had; the extra `test` brings it."""
    if AXE is None:
        pytest.skip("AXE-CORE IS MISSING: pip install axe-playwright-python")


@in_lab
@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("theme", ["Light", "Dark"], indirect=True)
def test_every_state_fits_and_can_be_read(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, tmp_path: Path, theme: str
) -> None:
    page = open_notebook(LOAD, WITHOUT_A_CARD, CONFIG.format(url=llm.refused_url, folder=tmp_path))
    states.plan(page)
    show(page, 1600, theme)
    assert_it_fits_and_can_be_read(page, "planned")
    edit(page, "subsample", 7)
    wait_for_text(page, "subsample 7 is above 1")
    assert_it_fits_and_can_be_read(page, "a value refused")
    states.change(page, "subsample", 0.8)
    states.ask(page, "at most 60 trees and train in under 10 s")
    assert_it_fits_and_can_be_read(page, "a proposal open")
    states.compare_models(page)
    assert_it_fits_and_can_be_read(page, "models")
    states.train(page)
    assert_it_fits_and_can_be_read(page, "trained")
    states.tune(page, 3)
    assert_it_fits_and_can_be_read(page, "tuning")
    states.cancel(page)
    page.run(len(page.cells()) - 1)
    page.run(1)
    wait_for_text(page, "LLM not reached")
    page.idle()
    assert_it_fits_and_can_be_read(page, "an error")
    show(page, 1300, "Light")
    assert not page.complaints()


@pytest.mark.parametrize("app", ["notebook"])
@pytest.mark.usefixtures("axe")
def test_notebook_7_shows_it_as_well(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(LOAD, WITHOUT_A_CARD)
    states.plan(page)
    assert_it_fits_and_can_be_read(page, "planned")
    states.ask(page, "at most 60 trees and train in under 10 s")
    assert_it_fits_and_can_be_read(page, "a proposal open")
    assert not page.complaints()


# The controls of the panel that Tab should reach, in the order of the document; the stages are one stop.
STOPS = """panel => [...panel.querySelectorAll(
    "input, select, button, summary, [tabindex='0']")].filter(one =>
    !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}))"""
# Of the control that has the focus: which it is, where it stands and the ring around it.
FOCUSED = f"""panel => {{
    const one = document.activeElement, at = one.getBoundingClientRect(), style = getComputedStyle(one);
    let clipped = false;
    for (let box = one.parentElement; box && panel.contains(box); box = box.parentElement) {{
        const edge = box.getBoundingClientRect();
        const isOut = at.left - 3 < edge.left || at.right + 3 > edge.right || at.top - 3 < edge.top;
        clipped ||= getComputedStyle(box).overflowX !== "visible" && isOut;
    }}
    const {{top}} = panel.getBoundingClientRect(), place = ({STOPS})(panel).indexOf(one);
    return {{place, left: at.left, top: at.top - top, bottom: at.bottom - top, clipped,
        ring: style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0, says: one.outerHTML.slice(0, 200)}};
}}"""


FOCUSED_NAME = "() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent"


def tab_until(page: NotebookPage, name: str) -> None:
    """Press Tab until a control of the panel has the focus."""
    for _ in range(60):
        page.page.keyboard.press("Tab")
        if page.page.evaluate(FOCUSED_NAME).strip() == name:
            return
    raise AssertionError(f"Tab does not reach {name}")


@in_lab
def test_the_keyboard_alone_reaches_edits_asks_and_accepts(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(LOAD, WITHOUT_A_CARD)
    states.plan(page)
    show(page, 600)
    panel(page).locator(".lm-TabBar-tab[tabindex='0']").focus()
    stops = [panel(page).evaluate(FOCUSED)]
    count = panel(page).evaluate(f"panel => ({STOPS})(panel).length")
    for _ in range(count - 1):
        page.page.keyboard.press("Tab")
        stops.append(panel(page).evaluate(FOCUSED))
    assert [stop["place"] for stop in stops] == [*range(count)]
    for before, after in pairwise(stops):
        is_below, is_right = after["top"] > before["bottom"] - 8, after["left"] > before["left"]
        assert is_below or is_right, (before["says"], after["says"])
    # A tab's ring may lie at the panel's edge.
    assert [stop["says"] for stop in stops if stop["ring"] < 2 or stop["clipped"]] == []

    panel(page).locator(".lm-TabBar-tab[tabindex='0']").focus()
    tab_until(page, "gamma")
    page.page.keyboard.press("Control+A")
    page.page.keyboard.type("1.5")
    page.page.keyboard.press("Enter")
    wait_until(lambda: literal(page, "gamma") == "1.5", "the edit in the cell")
    page.page.keyboard.press("Shift+Tab")
    page.page.keyboard.press("Tab")
    assert field(page, "gamma").evaluate("one => one === document.activeElement"), "the focus stays in the table"
    panel(page).locator(".lm-TabBar-tab[tabindex='0']").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Enter")
    tab_until(page, "Ask for a change")
    page.page.keyboard.type("at most 60 trees")
    page.page.keyboard.press("Enter")
    wait_for_text(page, "proposed")
    tab_until(page, "Accept all")
    page.page.keyboard.press("Enter")
    wait_until(lambda: int(literal(page, "n_estimators")) <= 60, "the accepted value in the cell")
    assert not page.complaints()


def run_without_waiting(page: NotebookPage, index: int) -> None:
    page.select(index)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")


def begin_watch(page: NotebookPage) -> None:
    page.page.evaluate(f"parts => {{ window.endWatch = {CHECKS}.watch(parts); }}", [*PARTS])


def assert_nothing_moved(page: NotebookPage, parts: tuple[str, ...] = PARTS) -> None:
    """Check that every part stood in one place at every frame since `begin_watch`, and that nothing in it jumped."""
    seen = page.page.evaluate("() => window.endWatch()")
    assert seen["frames"] > 20
    moved = {part: places for part, places in seen["places"].items() if part in parts and len(places) != 1}
    assert not moved, moved
    assert sum(value for value, _ in seen["shifts"]) < 0.01, seen["shifts"]


@in_lab
def test_nothing_moves_while_an_answer_streams(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, tmp_path: Path
) -> None:
    page = open_notebook(LOAD + CONFIG.format(url=llm.base_url, folder=tmp_path), CARDS)
    text = json.dumps(ANSWER)
    page.run(0)
    for width in WIDTHS:
        llm.play(answer(text, chunk=12, pace=5 / (len(text) / 12)), answer(text))
        page.set_source(1, CARDS.replace("40", str(width // 20)))
        show(page, width)
        run_without_waiting(page, 1)
        wait_until(lambda: "Tokens received" in states.slot(page), "the first words")
        begin_watch(page)
        wait_until(lambda: "it will be replaced" in panel(page).inner_text(), "a value out of range")
        assert_nothing_moved(page)
        begin_watch(page)
        wait_for_text(page, "Plan complete")
        page.idle()
        assert_nothing_moved(page, PARTS[:5])


@in_lab
def test_nothing_moves_while_a_training_runs(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(LARGER, SLOW)
    states.plan(page)
    for width in WIDTHS:
        show(page, width)
        panel(page).scroll_into_view_if_needed()
        begin_watch(page)
        states.train(page, until=lambda: "Expected by now" in plot_says(page))
        states.finish(page)
        assert_nothing_moved(page)
    assert not page.complaints()
