"""Code from an LLM: what its checks say, the code itself, and the choice between it and the recipe's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from ..records.plan import LLMCode
from .llm_wording import USE_LLM, USE_RECIPE
from .markup import code, user

IN_THE_CELL = "The LLM's code is in the cell."
NOT_IN_THE_CELL = "The LLM's code is not in the cell: the recipe's is."
NOT_USED = "The LLM's code is not used:"
READ_FIRST = "Read it before you run it:"

_SHOWN = 10


class CodeView:
    """The LLM's code for one stage.

    Parameters
    ----------
    on_use : callable
        Called with whether the LLM's code should stand in the cell instead of the recipe's.
    """

    def __init__(self, on_use: Callable[[bool], object]) -> None:
        self._given: LLMCode | None = None
        self._on_use = on_use
        self._text = ipywidgets.HTML()
        self._button = ipywidgets.Button(tooltip="Changes what the generated cell holds")
        self._button.on_click(lambda _: self._choose())
        self.widget = ipywidgets.VBox([self._text, self._button]).add_class("ag-code")

    def show(self, given: LLMCode | None) -> None:
        """Show code and what is said of it; nothing where there is none."""
        self._given = given
        self.widget.layout.display = "none" if given is None else ""
        self._text.value = code_html(given) if given else ""
        self._button.layout.display = "none" if given is None or given.report.errors else ""
        self._button.description = USE_RECIPE if given and given.used else USE_LLM

    def _choose(self) -> None:
        if self._given is not None and not self._given.report.errors:
            self._on_use(not self._given.used)


def code_html(given: LLMCode) -> str:
    """Return what was found by reading the code, and the code folded away."""
    report = given.report
    if report.errors:
        said = _notice(NOT_USED, report.errors, "error")
    else:
        stands = f"<p><b>{IN_THE_CELL if given.used else NOT_IN_THE_CELL}</b></p>"
        said = stands + (_notice(READ_FIRST, report.risks, "warn") if report.risks else "")
    lines = report.source.count("\n") + 1
    return (
        f"{said}<details><summary>The LLM's code ({lines:,} {'line' if lines == 1 else 'lines'})</summary>"
        f"{code(report.source)}</details>"
    )


def _notice(title: str, items: Sequence[str], kind: str) -> str:
    listed = "".join(f"<li>{user(item, 300)}</li>" for item in items[:_SHOWN])
    more = f"<li>and {len(items) - _SHOWN} more</li>" if len(items) > _SHOWN else ""
    return f'<div class="ag-notice {kind}"><p><b>{escape(title)}</b></p><ul>{listed}{more}</ul></div>'
