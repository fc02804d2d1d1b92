"""The way from the kernel into the notebook document: a widget without a view.

The kernel says what should stand in which cell; `bridge.js` does it in JupyterLab or Notebook 7 and reports what
stands there. Both directions are synced traits, so nothing is lost while the page loads or the kernel is busy.
A click on a Stop button is the one thing that must reach a busy kernel: the page interrupts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

State = dict[str, Any]


class Bridge(anywidget.AnyWidget):
    """Inserts and rewrites generated cells, and reports what the user did to them.

    Display it once (it shows nothing) or put it among a panel's children; `close` it when the magic cell runs
    again.

    Parameters
    ----------
    shell : InteractiveShell or None
    task : int
        Place of the task in its magic cell, from 0. Each owns its cells: those of the first carry no place, those of
        the others ``task`` in their metadata.

    Attributes
    ----------
    request : dict
        ``seq``, ``anchor``, ``task``, ``cells`` and ``writes`` of the last `ask`.
    state : dict
        What the notebook holds: ``seq`` of the request it answers, ``ok``, ``error``, ``plan``, ``anchor``,
        ``cells`` (each with ``stage``, ``id``, ``source``, ``metadata`` and ``pending``), and of that request
        the stages ``inserted``, ``written`` and ``refused``. Sent again when the user changes a generated cell.
    theme : str
        ``"light"`` or ``"dark"``; empty until the page has said so.
    stop_class : str
        CSS class of the buttons whose click interrupts the kernel from the page; a busy kernel hears no click.
    """

    _esm = Path(__file__).with_name("bridge.js").read_text(encoding="utf-8")
    request = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode().tag(sync=True)
    stop_class = traitlets.Unicode().tag(sync=True)

    def __init__(self, shell: InteractiveShell | None = None, task: int = 0) -> None:
        super().__init__()
        self._task = task
        self.stop_class = f"ag-stop-{self.model_id}"
        self._shell = shell
        self._ran: set[str] = set()
        if shell is not None:
            shell.events.register("pre_run_cell", self._note_run)

    @property
    def ran(self) -> frozenset[str]:
        """Ids of the cells that the shell has started since this bridge was made."""
        return frozenset(self._ran)

    @property
    def identity(self) -> str | None:
        """What the cells of this task have in common in the notebook; None before the page has answered."""
        plan = self.state.get("plan")
        return f"{plan}:{self._task}" if plan else None

    @property
    def answered(self) -> bool:
        """Whether `state` is about the last request."""
        return bool(self.request.get("seq", 0) == self.state.get("seq", 0))

    def ask(self, anchor: str, cells: Sequence[Mapping[str, Any]], writes: Sequence[Mapping[str, Any]] = ()) -> int:
        """Send a request; a later one replaces it where the page has not read it yet, so each is complete in itself.

        Parameters
        ----------
        anchor : str
            Id of the magic cell: `current_anchor`, or ``state["anchor"]`` once there is one.
        cells : sequence of mapping
            The cells that should exist, from `generated_cells`; only missing ones are inserted.
        writes : sequence of mapping
            Rewrites from a `Decision`; refused where the source is not the expected one, or the cell is queued.

        Returns
        -------
        int
            The request's number, which its answer carries as ``state["seq"]``.
        """
        seq: int = self.request.get("seq", 0) + 1
        self.request = {"seq": seq, "anchor": anchor, "task": self._task, "cells": [*cells], "writes": [*writes]}
        return seq

    def on_state(self, call: Callable[[State], None]) -> None:
        """Call a function with every new state."""
        self.observe(lambda change: call(change["new"]), names="state")

    def close(self) -> None:
        """Stop listening here and in the page."""
        if self._shell is not None:
            self._shell.events.unregister("pre_run_cell", self._note_run)
            self._shell = None
        self.unobserve_all()
        super().close()

    def _note_run(self, info: ExecutionInfo) -> None:
        if info.cell_id is not None:
            self._ran.add(info.cell_id)


def current_anchor(shell: InteractiveShell) -> str | None:
    """Return the id of the running cell in JupyterLab or Notebook 7.

    None in a terminal, under nbclient, and in frontends whose documents the bridge cannot reach, such as VS Code.
    """
    parent: Mapping[str, Any] = getattr(shell, "get_parent", dict)() or {}
    cell = parent.get("metadata", {}).get("cellId")
    return cell if isinstance(cell, str) and CELL_ID.fullmatch(cell) else None
