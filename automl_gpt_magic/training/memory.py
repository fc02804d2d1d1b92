"""How much memory this process takes at its peak, beyond what its libraries take."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class PeakMemory:
    """Counts from where it is made; where the system does not tell, nothing is known.

    Parameters
    ----------
    sources : iterable of str
        What will run: its libraries are imported now, so that they do not count.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        for statement in (one for source in sources for one in imports(source)):
            with suppress(Exception, SystemExit):  # the cell that imports it will say what is wrong
                exec(statement, {})
        self._before: int | None = None
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is held now
            self._before = held("VmRSS")

    def bytes(self) -> int | None:
        """Return the peak by now; None where it is not known."""
        return None if self._before is None else max(0, held("VmHWM") - self._before)


def imports(source: str) -> list[str]:
    """Return the import statements at the top level of a source; none where it does not parse."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    return [ast.unparse(node) for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]


def held(name: str) -> int:
    """Return a line of what Linux tells of this process's memory, such as ``VmHWM``, in bytes.

    Raises
    ------
    OSError
        On another system.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])
