"""The forecast that follows a running training, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import NotebookPage, generated, wait_until
from test_automl import CARDS, LOAD, wait_for_text

# Enough rows and rounds that several reports come before the end.
LARGER = LOAD.replace("400", "20_000").replace("random.normal(0, 0.7,", "random.normal(0, 1.5,")
SLOW = CARDS.replace("{n_estimators: 40}", "{n_estimators: 600, max_depth: 10}")
SHOWN = """\
import fake_session
from tests.unit.notebook import plans
shown = fake_session.panel()
plan = plans.adult()
shown.show_measured(plans.under_way(plan, 120, off=0.02, default=0.27))"""
ENDED = "shown.show_measured(plans.measured(plan, 420, finished=True))"


def plot_says(page: NotebookPage) -> str:
    return page.page.locator(".ag-panel svg.ag-plot").last.get_attribute("aria-label") or ""


@pytest.fixture
def planned(open_notebook: Callable[..., NotebookPage]) -> NotebookPage:
    page = open_notebook(LARGER, SLOW)
    page.run(0)
    page.run(1)
    page.wait_for(lambda cells: len(generated(cells)) == 3, "the generated cells")
    page.idle()
    return page


def test_a_training_by_the_button_moves_the_forecast_until_it_ends(planned: NotebookPage) -> None:
    assert "Expected by now" not in plot_says(planned)
    planned.click("Train")
    wait_until(lambda: "Expected by now: it ends at" in plot_says(planned), "what is expected by now")
    assert plot_says(planned).startswith("Measured validation log loss at round")
    wait_for_text(planned, "Measured: validation log loss")
    wait_until(lambda: "Expected by now" not in plot_says(planned), "the first prediction")
    assert "Predicted: this plan ends at" in plot_says(planned)
    assert not planned.complaints()


def test_a_training_by_hand_moves_the_forecast(planned: NotebookPage) -> None:
    for stage in ("data", "model"):
        planned.run(planned.index(stage))
    planned.idle()
    planned.page.evaluate(
        """() => { window.said = []; new MutationObserver(() => {
          const plots = document.querySelectorAll('.ag-panel svg.ag-plot');
          window.said.push(plots[plots.length - 1]?.getAttribute('aria-label') ?? '');
        }).observe(document.body, {childList: true, subtree: true}); }"""
    )
    planned.run(planned.index("training"))
    wait_for_text(planned, "Measured: validation log loss")
    assert any("Expected by now: it ends at" in said for said in planned.page.evaluate("() => window.said"))
    assert not planned.complaints()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_bands_and_advice_can_be_told_apart_at_any_width(
    open_notebook: Callable[..., NotebookPage], theme: str
) -> None:
    page = open_notebook(SHOWN, ENDED)
    page.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
    page.run(0)
    wait_for_text(page, "This will not reach the default's result: 99% sure.")
    for width in (600 if page.app == "notebook" else 900, 1600):  # beside JupyterLab's own bar
        page.page.set_viewport_size({"width": width, "height": 1000})
        sizes = page.page.locator(".ag-panel").last.evaluate(
            "panel => ['.ag-plot', '.ag-outlook', '.ag-row:not(.ag-th)'].map(name => "
            "panel.querySelector(name).getBoundingClientRect().right - panel.getBoundingClientRect().right)"
        )
        assert max(sizes) <= 0, (width, sizes)
    fills = page.page.locator(".ag-panel .ag-plot path").evaluate_all(
        "paths => paths.map(path => getComputedStyle(path).fill).filter(fill => fill.startsWith('rgba'))"
    )
    outer, inner = fills[:2]
    assert outer != inner and outer.rsplit(",", 1)[0] == inner.rsplit(",", 1)[0]
    assert float(outer.rstrip(")").rsplit(",", 1)[1]) >= 0.08
    page.run(1)
    wait_for_text(page, "Inside the band.")
    assert page.page.locator(".ag-outlook").count() == 0
    page.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    assert not page.complaints()
