"""UCI Adult from the cell to the verdict by buttons alone, and what live reports cost; ``make bench-train`` runs it.

The first is timed in a real JupyterLab and Chromium. The second compares the training cells with and without the line
that reports to the panel, in pairs, each time in the order that the last pair did not have: run in the kernel with a
panel that is drawn, and run by the Train button's process.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from harness import NotebookPage, start_browser, start_server  # noqa: E402 - a module beside the browser tests

from automl_gpt_magic.answers import Options  # noqa: E402
from automl_gpt_magic.records.plan import Plan  # noqa: E402
from automl_gpt_magic.session import Session  # noqa: E402
from automl_gpt_magic.settings import AutoML  # noqa: E402
from automl_gpt_magic.training import CellProcess, Job, announcements, current_folder, tables_read  # noqa: E402

NOTEBOOK = ROOT / "notebooks" / "cases" / "uci_adult.ipynb"
PAIRS = 7
MARK = "automl_gpt_magic.watch"


def main() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin would measure what else the machine does
    print(f"by buttons, from the cell to the verdict, s  {_by_buttons():7.1f}", flush=True)
    shell = InteractiveShell.instance()
    shell.run_cell(next(cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"))
    with tempfile.TemporaryDirectory() as folder:
        plan, heard = _planned(shell, Path(folder))
        for where, run in (("in the kernel", _in_the_kernel), ("in a process", _in_a_process)):
            _compare(where, lambda code, run=run: run(shell, plan, code), plan, heard)


def _by_buttons() -> float:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, sync_playwright() as playwright:
        folder = Path(name)
        for part in ("profile", "jupyter"):
            (folder / part).mkdir()
        with start_browser(playwright, folder / "profile") as browser, start_server(folder / "jupyter") as server:
            page = NotebookPage(browser.new_page(), server, "lab", "adult.ipynb")
            cells = [one for one in nbformat.read(NOTEBOOK, 4).cells if one.cell_type == "code"][:3]
            page.open([cell.source for cell in cells])
            for index in (0, 1):
                page.run(index)
            page.idle()
            began = time.perf_counter()
            page.run(2)
            page.click("Train")
            page.page.locator(".ag-panel", has_text="Measured: validation log loss").last.wait_for(timeout=300_000)
            return time.perf_counter() - began


def _planned(shell: InteractiveShell, folder: Path) -> tuple[Plan, list[float]]:
    """Return the notebook's plan with a panel that draws, and the list of the times at which it was drawn."""
    session, settings = Session(shell), AutoML(store=str(folder / "store.sqlite"), cache="")
    magic = next(cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.source.startswith("%%automl"))
    session.plan(magic.source.partition("\n")[2], 2, DisplayHandle(), settings, Options())
    task = session.last
    drawn: list[float] = []
    show = task.panel.show_measured

    def counted(measured: Any) -> None:
        show(measured)
        drawn.append(time.perf_counter())

    task.panel.show_measured = counted  # type: ignore[method-assign]
    return task.plan, drawn


def _compare(where: str, run: Callable[[dict[str, str]], float], plan: Plan, drawn: list[float]) -> None:
    code = {stage: plan.code[stage] for stage in ("data", "model", "training")}
    bare = {stage: "\n".join(line for line in code[stage].splitlines() if MARK not in line) for stage in code}
    assert bare["training"] != code["training"]
    run(code), run(bare)  # what is imported or made once is not counted
    drawn.clear()
    pairs = []
    for pair in range(PAIRS):
        order = (code, bare) if pair % 2 else (bare, code)
        seconds = {id(cells): run(cells) for cells in order}
        pairs.append(seconds[id(code)] / seconds[id(bare)] - 1)
    gaps = [later - earlier for earlier, later in pairwise(drawn)]
    fastest = 1 / min((gap for gap in gaps if gap > 0), default=float("inf"))
    share, low, high = statistics.median(pairs), min(pairs), max(pairs)
    print(f"live reports {where}: {share:+.1%} of the training's time (pairs {low:+.1%} to {high:+.1%}), ", end="")
    print(f"at most {fastest:.1f} redraws a second, {len(drawn) / PAIRS:.0f} a training", flush=True)


def _in_the_kernel(shell: InteractiveShell, plan: Plan, code: dict[str, str]) -> float:
    namespace = dict(shell.user_ns)
    with redirect_stdout(StringIO()):
        for source in code.values():
            exec(source, namespace)
    return float(namespace[f"{plan.names}_seconds"])


def _in_a_process(shell: InteractiveShell, plan: Plan, code: dict[str, str]) -> float:
    sources = list(code.items())
    ended: list[Any] = []
    job = Job(plan.names, sources, tables_read(sources, shell.user_ns), current_folder())
    with redirect_stdout(StringIO()):
        CellProcess(job, announcements.announce, ended.append).join()
    assert ended[0].state == "finished", ended[0].said
    return float(ended[0].defined[f"{plan.names}_seconds"])


if __name__ == "__main__":
    main()
