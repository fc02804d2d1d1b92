"""One server and one browser for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import nbformat
import pytest
from harness import NotebookPage, Server, find_browser, start_browser, start_server
from playwright.sync_api import BrowserContext, sync_playwright

HERE = Path(__file__).parent
NO_BROWSER = "BROWSER TESTS SKIPPED: no chromium, chromium-browser or google-chrome, and none from Playwright"

OPENED = pytest.StashKey[list[NotebookPage]]()


def _browser_is_missing() -> bool:
    if find_browser():
        return False
    with sync_playwright() as playwright:
        return not Path(playwright.chromium.executable_path).exists()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark this folder's tests; without a browser they are skipped, except in CI, where they fail."""
    own = [item for item in items if HERE in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.browser)
    if own and "CI" not in os.environ and _browser_is_missing():
        for item in own:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    count = sum(NO_BROWSER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if count:
        terminalreporter.write_line(f"{NO_BROWSER} ({count} tests)", red=True, bold=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the user would have seen."""
    report = yield
    if report.when == "call" and report.failed:
        for page in item.stash.get(OPENED, []):
            report.sections.append((f"{page.name} when it failed", page.seen()))
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives JupyterLab and Notebook 7 in a real browser")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    profile = tmp_path_factory.mktemp("profile")
    with sync_playwright() as playwright, start_browser(playwright, profile) as started:
        yield started


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("jupyter"), python_path=[HERE]) as started:
        yield started


@pytest.fixture(params=["lab", "notebook"], scope="session")
def app(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_notebook(
    browser: BrowserContext, server: Server, app: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """Return a function that opens a notebook of the given sources, or a given notebook."""
    opened = request.node.stash[OPENED] = []

    def open_(*sources: str, notebook: nbformat.NotebookNode | None = None) -> NotebookPage:
        name = f"{request.node.originalname}_{app}_{len(opened)}.ipynb"
        opened.append(NotebookPage(browser.new_page(), server, app, name))
        if notebook is None:
            opened[-1].open(sources)
        else:
            opened[-1].open_copy(notebook)
        return opened[-1]

    yield open_
    for page in opened:
        page.close()
    server.end_kernels()
    server.forget_runs()
