"""A real JupyterLab and Notebook 7 in a real browser, driven the way a user drives them."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).parents[2]
KEY = "automl_gpt_magic"
TIMEOUT = float(os.environ.get("BROWSER_TEST_TIMEOUT", "60"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PANEL = """
const panel = [...window.jupyterapp.shell.widgets('main')].find(w => w.content?.model?.cells);
const notebook = panel?.content;
const shared = panel?.context.model.sharedModel;
const session = panel?.context.sessionContext;
"""


@dataclass(frozen=True)
class Cell:
    """One cell as the page's document model holds it."""

    id: str
    cell_type: str
    source: str
    metadata: dict[str, Any]
    outputs: list[dict[str, Any]]
    execution_count: int | None
    running: bool

    @property
    def own(self) -> dict[str, Any]:
        """Our metadata; empty for a cell that is not ours."""
        own: dict[str, Any] = self.metadata.get(KEY, {})
        return own

    @property
    def stage(self) -> str:
        """The generated cell's stage; empty for any other cell."""
        return str(self.own.get("stage", ""))

    @property
    def text(self) -> str:
        """All text that the cell's outputs show."""
        parts = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in self.outputs]
        return "".join("".join(part) for part in parts)

    @property
    def error(self) -> str:
        """The error that the cell ended with; empty when it has none."""
        return "".join(str(out.get("evalue", "")) for out in self.outputs if out["output_type"] == "error")


@dataclass(frozen=True)
class Server:
    """A running Jupyter server; Notebook's serves JupyterLab too, each with the files it has on its own."""

    url: str
    token: str
    folder: Path

    def address(self, app: str, name: str) -> str:
        page = "lab/tree" if app == "lab" else "notebooks"
        reset = "&reset" if app == "lab" else ""
        return f"{self.url}/{page}/{name}?token={self.token}{reset}"

    def call(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or b"null")

    def forget_runs(self) -> None:
        """Delete what was trained: runs on the same rows are evidence for the next plan."""
        for file in (self.folder.parent / "xdg").rglob("*.sqlite*"):
            file.unlink()

    def end_kernels(self) -> None:
        for session in self.call("sessions"):
            self.call(f"sessions/{session['id']}", "DELETE")


def find_browser() -> str | None:
    """Return the first browser on the PATH."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextlib.contextmanager
def start_browser(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """Start the system's browser, or Playwright's own, with a new profile."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=find_browser(),
        args=[*BROWSER_FLAGS],
        viewport={"width": 1300, "height": 1000},
        permissions=["clipboard-read", "clipboard-write"],
    )
    try:
        yield context
    finally:
        context.close()


@contextlib.contextmanager
def start_server(folder: Path, python_path: Sequence[Path] = (), installed: Path | None = None) -> Iterator[Server]:
    """Start a server whose whole configuration and data live in `folder`.

    Parameters
    ----------
    folder : Path
        An empty folder; notebooks lie in its ``notebooks``.
    python_path : sequence of Path
        What kernels can import besides the installed packages.
    installed : Path or None
        Another interpreter to serve with, of an environment where the package is installed; the server then sees no
        program but that environment's.
    """
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), notebooks)
    environment, command = _environment(folder, python_path), _server_command(installed or sys.executable, server, port)
    if installed:
        environment |= {"PATH": str(installed.parent), "PYTHONPATH": os.pathsep.join(map(str, python_path))}
    _decline_news(folder / "settings")
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            wait_until(lambda: _is_up(server, process, folder), "the Jupyter server to start")
            yield server
            server.end_kernels()
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _server_command(python: Path | str, server: Server, port: int) -> list[str]:
    return [
        *(
            str(python),
            "-m",
            "jupyterlab",
            "--no-browser",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--allow-root",
        ),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={server.token}"),
        f"--ServerApp.root_dir={server.folder}",
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def _decline_news(settings: Path) -> None:
    """Answer the question that a new user is asked in front of the notebook."""
    own = settings / "@jupyterlab" / "apputils-extension"
    own.mkdir(parents=True)
    (own / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


def _environment(folder: Path, python_path: Sequence[Path]) -> dict[str, str]:
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "XDG_DATA_HOME": "xdg",
        "HOME": "home",
    }
    for place in places.values():
        (folder / place).mkdir()
    return {
        **os.environ,
        **{name: str(folder / place) for name, place in places.items()},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *python_path))),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OPENAI_API_KEY": "",
        "OPENAI_BASE_URL": "",
        # Threads that spin while they wait would take the cores from the browser.
        "OMP_WAIT_POLICY": "PASSIVE",
    }


def _is_up(server: Server, process: subprocess.Popen[bytes], folder: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError("the Jupyter server ended:\n" + (folder / "server.log").read_text()[-3000:])
    try:
        return bool(server.call("status"))
    except OSError:
        return False


def wait_until(condition: Callable[[], object], what: str, timeout: float = TIMEOUT) -> None:
    """Poll until a condition holds; name it when it does not in time."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:.0f} s for {what}")
        time.sleep(0.05)


class NotebookPage:
    """One notebook in one tab.

    Parameters
    ----------
    page : Page
        An empty tab.
    server : Server
        Where the notebook is written and opened.
    app : str
        ``"lab"`` or ``"notebook"``.
    name : str
        File name of the notebook.
    """

    def __init__(self, page: Page, server: Server, app: str, name: str) -> None:
        self.page, self.server, self.app, self.name = page, server, app, name
        self.path = server.folder / name
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))

    def open(self, sources: Sequence[str]) -> None:
        """Write a notebook of code cells and open it."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        self.open_copy(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}))

    def open_copy(self, notebook: nbformat.NotebookNode) -> None:
        """Write a whole notebook and open it."""
        nbformat.write(notebook, self.path)
        self.page.goto(self.server.address(self.app, self.name), timeout=TIMEOUT * 1000)
        self._ready()

    def reload(self) -> None:
        """Save, load the page again, and wait for the kernel that is still running."""
        self.save()
        self.page.reload(timeout=TIMEOUT * 1000)
        self._ready()

    def restart(self) -> None:
        """Restart the kernel, as the menu does after its dialog."""
        self._js("await session.restartKernel();")
        self.idle()

    def run(self, index: int) -> None:
        """Run one cell and wait for it."""
        self.select(index)
        self.command("notebook:run-cell")

    def run_all(self) -> None:
        """Run all cells and wait for the last."""
        self.command("notebook:run-all-cells")

    def idle(self) -> None:
        """Wait until the kernel is idle and no cell is queued."""
        self._wait(
            "return session?.isReady && session.session?.kernel?.status === 'idle'"
            " && !shared.cells.some(c => c.executionState === 'running');"
        )

    def cells(self) -> list[Cell]:
        """Return the cells of the page's document model."""
        found = self._js("return shared.cells.map(c => ({...c.toJSON(), running: c.executionState === 'running'}));")
        names = ("id", "cell_type", "source", "metadata", "running")
        return [
            Cell(
                **{name: cell[name] for name in names},
                outputs=cell.get("outputs", []),
                execution_count=cell.get("execution_count"),
            )
            for cell in found
        ]

    def stages(self) -> list[str]:
        """Return every cell's stage in order; empty for cells that are not generated."""
        return [cell.stage for cell in self.cells()]

    def index(self, stage: str) -> int:
        """Return the place of the first cell of a stage."""
        return self.stages().index(stage)

    def wait_for(self, condition: Callable[[list[Cell]], object], what: str) -> None:
        """Wait until the cells fulfil a condition."""
        try:
            wait_until(lambda: condition(self.cells()), what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.seen()}") from None

    def seen(self) -> str:
        """Return cells, panels and console as text, for the report of a failure."""
        try:
            cells = [f"{cell.stage!r}: {cell.source!r} -> {cell.text!r} {cell.error}" for cell in self.cells()]
            panels = self.page.locator(".ag-panel").all_inner_texts()
            kernel = self._js("return session?.session?.kernel?.status;")
        except PlaywrightError as error:
            return f"the page says nothing: {error}"
        return "\n".join([*cells, *panels, f"kernel: {kernel}", *self.console[-10:]])

    def set_source(self, index: int, source: str) -> None:
        """Change a cell's text as typing does."""
        self._js("shared.cells[arg.index].setSource(arg.source);", {"index": index, "source": source})

    def select(self, index: int) -> None:
        """Make one cell the active one."""
        self._js("notebook.deselectAll(); notebook.activeCellIndex = arg; notebook.mode = 'command';", index)

    def copy(self, index: int) -> None:
        self.select(index)
        self.command("notebook:copy-cell")

    def cut(self, index: int) -> None:
        self.select(index)
        self.command("notebook:cut-cell")

    def paste_below(self, index: int) -> None:
        count = len(self.cells())
        self.select(index)
        self.command("notebook:paste-cell-below")
        self.wait_for(lambda cells: len(cells) > count, "the pasted cell")

    def delete(self, index: int) -> None:
        self.select(index)
        self.command("notebook:delete-cell")

    def move(self, index: int, to: int) -> None:
        """Move a cell to another place, as dragging it does."""
        self._js("notebook.moveCell(arg[0], arg[1]);", [index, to])

    def click(self, label: str) -> None:
        """Click the first widget button with a label."""
        self.page.locator("button.jupyter-button:visible", has_text=label).first.click(timeout=TIMEOUT * 1000)

    def command(self, name: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Execute a JupyterLab command and wait for its end."""
        self._js("await window.jupyterapp.commands.execute(arg[0], arg[1]);", [name, dict(arguments or {})])

    def save(self) -> nbformat.NotebookNode:
        """Save, and return what the file holds."""
        self._js("await panel.context.save();")
        return nbformat.read(self.path, as_version=4)

    def executed(self) -> dict[int, str]:
        """Return what this kernel ran under each execution count."""
        code = "list(get_ipython().history_manager.input_hist_raw)"
        shown = self._js(
            "const future = session.session.kernel.requestExecute("
            "{code: '', silent: true, store_history: false, user_expressions: {ran: arg}});"
            "return (await future.done).content.user_expressions.ran.data['text/plain'];",
            f"__import__('json').dumps({code})",
        )
        return dict(enumerate(json.loads(ast.literal_eval(shown))))

    def complaints(self) -> list[str]:
        """Return the console's errors about widgets; Notebook 7 has some of its own about other things."""
        wrong = [line for line in self.console if line.startswith(("error", "pageerror"))]
        return [line for line in wrong if re.search("widget|automl|cell|blob:", line, re.IGNORECASE)]

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=str(path))

    def close(self) -> None:
        self.page.close()

    def _ready(self) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=TIMEOUT * 1000)
        self.idle()

    def _js(self, body: str, arg: Any = None) -> Any:
        return self.page.evaluate(f"async (arg) => {{ {PANEL} {body} }}", arg)

    def _wait(self, body: str) -> None:
        self.page.wait_for_function(f"() => {{ {PANEL} {body} }}", timeout=TIMEOUT * 1000)


def generated(cells: Sequence[Cell]) -> list[Cell]:
    """Return the generated cells."""
    return [cell for cell in cells if cell.stage]


def assert_outputs_name_their_source(cells: Sequence[Cell], version: re.Pattern[str]) -> None:
    """Check that every generated cell's output names the version that its source names.

    Parameters
    ----------
    cells : sequence of Cell
        All cells of the notebook.
    version : pattern
        Finds the version in a source; the same text must stand in the output.
    """
    for cell in generated(cells):
        if cell.outputs:
            named = version.search(cell.source)
            assert named and named[0] in cell.text, f"{cell.stage}: {cell.source!r} did not print {cell.text!r}"


def assert_outputs_came_from_their_source(page: NotebookPage) -> None:
    """Check that generated cells hold what the kernel ran under their count; for use before it restarts."""
    ran = page.executed()
    for cell in generated(page.cells()):
        if cell.execution_count is not None:
            assert ran[cell.execution_count] == cell.source, f"{cell.stage} does not hold what was run"
        else:
            assert not cell.outputs, f"{cell.stage} has outputs and no execution count"
