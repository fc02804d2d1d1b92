"""How long a user waits: loading, first output, the whole plan, an edit until its curve is drawn, a request's answer.

``make bench-speed`` runs it. Everything happens in a real JupyterLab and Chromium but the loading, which is timed
against a bare IPython in processes of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from harness import NotebookPage, start_browser, start_server  # noqa: E402 - a module beside the browser tests

NOTEBOOK = ROOT / "notebooks" / "cases" / "uci_adult.ipynb"
RUNS = 7
BARE = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
LOADED = BARE + "; s.run_line_magic('load_ext', 'automl_gpt_magic')"
# Started in the page, so that no round trip of the test is counted.
WATCH = """
(arg) => new Promise(resolve => {
  const began = performance.now();
  const seen = () => arg.outputs.some(text => document.body.innerText.includes(text)) && !(arg.not
    && [...document.querySelectorAll('.ag-panel svg')].some(svg => svg.outerHTML === arg.not));
  const observer = new MutationObserver(() => {
    if (seen()) { observer.disconnect(); resolve(performance.now() - began); }
  });
  observer.observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});
  if (arg.command) window.jupyterapp.commands.execute('notebook:run-cell');
  if (arg.value) {
    const row = [...document.querySelectorAll('.ag-in')].find(e => e.textContent.includes(arg.name));
    const input = row.querySelector('input');
    input.value = arg.value;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  }
})
"""
Waited = tuple[float, float, float, list[float], list[float]]
REQUESTS = (
    "make it faster",
    "at most 100 trees",
    "make it more accurate",
    "a smaller model",
    "train in under 20 seconds",
    "use less memory",
)
# From the Enter in the box until the proposal, or that nothing is proposed, is drawn and the box takes words again.
ASK = """
(words) => new Promise(resolve => {
  const form = document.querySelector('.ag-panel .ag-ask-form');
  const answered = () => form.getAttribute('aria-busy') === 'false'
    && document.querySelector('.ag-panel .ag-answer')?.innerText.includes(words);
  form.querySelector('input').value = words;
  const began = performance.now();
  form.requestSubmit();
  const observer = new MutationObserver(() => {
    if (answered()) { observer.disconnect(); resolve(performance.now() - began); }
  });
  observer.observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});
})
"""


def main() -> None:
    extra = _load_milliseconds()
    first, cold, warm, edits, asked = _in_the_browser()
    rows = {
        "load_ext over a bare IPython, ms": extra,
        "first visible output, ms": first,
        "plan in a fresh kernel, empty cache, ms": cold,
        "plan again in the same kernel, ms": warm,
        "edit to redrawn curve, median, ms": statistics.median(edits),
        "edit to redrawn curve, slowest, ms": max(edits),
        "request to drawn proposal, median, ms": statistics.median(asked),
        "request to drawn proposal, slowest, ms": max(asked),
    }
    for name, value in rows.items():
        print(f"{name:<42}{value:8.0f}")
    keys = ("load_ms", "first_output_ms", "plan_cold_ms", "plan_warm_ms", "edit_ms", "edit_slowest_ms")
    keys += ("ask_ms", "ask_slowest_ms")
    print(" ".join(f"{key}={value:.0f}" for key, value in zip(keys, rows.values(), strict=True)))


def _load_milliseconds() -> float:
    """Return the median difference of paired processes."""
    return statistics.median(_process(LOADED) - _process(BARE) for _ in range(RUNS))


def _process(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - began) * 1000


def _in_the_browser() -> Waited:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, sync_playwright() as playwright:
        folder = Path(name)
        for part in ("profile", "jupyter"):
            (folder / part).mkdir()
        with start_server(folder / "jupyter") as server, start_browser(playwright, folder / "profile") as browser:
            page = NotebookPage(browser.new_page(), server, "lab", "speed.ipynb")
            page.open_copy(nbformat.read(NOTEBOOK, 4))
            return _measure(page)


def _measure(page: NotebookPage) -> Waited:
    magic = next(i for i, cell in enumerate(page.cells()) if cell.source.startswith("%%automl"))
    for index in range(magic):
        page.run(index)
    page.idle()
    first, cold = _run_magic(page, magic)
    _, warm = _run_magic(page, magic)
    edits = [_edit(page, rate) for rate in (0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19)]
    return first, cold, warm, edits, _requests(page)


def _run_magic(page: NotebookPage, magic: int) -> tuple[float, float]:
    """Return the milliseconds from running the cell to its first output and to its finished panel."""
    page.command("notebook:clear-all-cell-outputs")
    page.select(magic)
    page.page.evaluate(f"() => {{ window.finished = ({WATCH})({{outputs: ['Plan complete']}}); }}")
    first = page.page.evaluate(WATCH, {"outputs": ["Reading the cards", "Plan complete"], "command": True})
    finished = page.page.evaluate("() => window.finished")
    page.idle()
    return first, finished


def _edit(page: NotebookPage, rate: float) -> float:
    before = page.page.locator(".ag-panel svg").last.evaluate("svg => svg.outerHTML")
    took = page.page.evaluate(
        WATCH, {"outputs": ["predicted"], "not": before, "name": "learning_rate", "value": str(rate)}
    )
    page.idle()
    return float(took)


def _requests(page: NotebookPage) -> list[float]:
    """Return the milliseconds of each request; every proposal is rejected before the next."""
    panel = page.page.locator(".ag-panel")
    panel.locator(".lm-TabBar-tab", has_text="4 Feedback").click()
    took = []
    for words in REQUESTS:
        took.append(float(page.page.evaluate(ASK, words)))
        reject = page.page.get_by_role("button", name="Reject", exact=True)
        if reject.count():
            reject.last.click()
        page.idle()
    return took


if __name__ == "__main__":
    main()
