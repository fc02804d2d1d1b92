"""Build what Binder would build, and run its first notebook within Binder's memory and one core.

``make binder`` runs it: a copy of the repository, a new virtual environment, `binder/requirements.txt` and
`binder/postBuild` in it, JupyterLab from it in a browser. The limit on memory is a control group's, which needs Linux
and root; without one the peaks are printed and nothing ends at the limit.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import sync_playwright

from tests.release.wheel import ROOT

sys.path.insert(0, str(ROOT / "tests" / "browser"))

from harness import NotebookPage, Server, start_browser, start_server, wait_until

MEMORY, MOST_DISK_MB = 2 * 2**30, 2_500
GROUPS = Path("/sys/fs/cgroup/memory")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository, python = Path(folder) / "repository", Path(folder) / "environment" / "bin" / "python"
        seconds = _build(repository, python)
        size = sum(file.lstat().st_size for file in python.parents[1].rglob("*")) / 1e6
        print(f"environment: {size:,.0f} MB in {seconds:.0f} s")
        assert size < MOST_DISK_MB, f"Binder's environment is to stay below {MOST_DISK_MB:,} MB"
        _run(repository, python, Path(folder))


def _build(repository: Path, python: Path) -> float:
    """Do what repo2docker does with the folder; return the seconds it took."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in sorted({name.decode() for name in files if name} - _gone()):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    began = time.monotonic()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-cache-dir", "-r", "binder/requirements.txt"]
    for command in (pip, ["bash", "binder/postBuild"]):
        subprocess.run(command, cwd=repository, env=environment, check=True)
    return time.monotonic() - began


def _gone() -> set[str]:
    found = subprocess.run(["git", "ls-files", "--deleted", "-z"], cwd=ROOT, capture_output=True, check=True)
    return {name.decode() for name in found.stdout.split(b"\0") if name}


def _run(repository: Path, python: Path, folder: Path) -> None:
    """Open the first page, plan, then run the rest of its notebook; say how long and how much memory each took."""
    first = json.loads((repository / "binder" / "jupyter_lab_config.json").read_text())["LabApp"]["default_url"]
    notebook = nbformat.read(repository / first.removeprefix("/lab/tree/"), 4)
    magic = next(place for place, cell in enumerate(notebook.cells) if cell.source.startswith("%%automl"))
    (folder / "jupyter").mkdir()
    with _limits() as limit, start_server(folder / "jupyter", installed=python) as server:
        (process,) = psutil.Process().children()
        used = limit(process)
        assert _opened_first(server).endswith(first), f"{_opened_first(server)} is opened, not {first}"
        with sync_playwright() as playwright, start_browser(playwright, folder / "profile") as browser:
            page = NotebookPage(browser.new_page(), server, "lab", "first.ipynb")
            page.open_copy(notebook)
            began = time.monotonic()
            for place in range(magic + 1):
                page.run(place)
            wait_until(lambda: "Plan complete" in page.seen(), f"the plan:\n{page.seen()}", 120)
            print(f"the first plan, from the first cell: {time.monotonic() - began:.1f} s; {used()}")
            page.run_all()
            page.idle()
            assert not any(cell.error for cell in page.cells()), page.seen()
            print(f"the whole notebook: {used()}")


def _opened_first(server: Server) -> str:
    with urllib.request.urlopen(f"{server.url}/?token={server.token}", timeout=10) as answer:
        return str(answer.url).partition("?")[0]


@contextlib.contextmanager
def _limits() -> Iterator[Callable[[psutil.Process], Callable[[], str]]]:
    """Yield what holds a process, and all it will start, to one core and Binder's memory and tells the peaks."""
    group: Path | None = GROUPS / f"automl_binder_{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(MEMORY))
    except OSError as error:
        print(f"memory is not limited: {error}")
        group = None

    def limit(process: psutil.Process) -> Callable[[], str]:
        process.cpu_affinity([0])
        if group:
            (group / "cgroup.procs").write_text(str(process.pid))
        return lambda: _peaks(process, group)

    try:
        yield limit
    finally:
        if group:
            wait_until(lambda: not (group / "cgroup.procs").read_text(), "the server and its kernels to end")
            group.rmdir()


def _peaks(server: psutil.Process, group: Path | None) -> str:
    """Return the most memory that the server and each process below it, and all together, held at once."""
    lines = []
    for process in (server, *server.children(recursive=True)):
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))
        lines.append(f"{'kernel' if 'ipykernel' in ' '.join(process.cmdline()) else 'server'} {peak:,.0f} MB")
    if group:
        all_of_it = int((group / "memory.max_usage_in_bytes").read_text()) / 1e6
        lines.append(f"all with the files they read {all_of_it:,.0f} MB of {MEMORY / 1e6:,.0f}")
    return "peaks: " + ", ".join(lines)


if __name__ == "__main__":
    main()
