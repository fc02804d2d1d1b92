"""The four stages as tabs: texts, code and widgets, and what their titles say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets

from ..records.plan import Plan
from . import arrival
from .draft import Draft
from .llm_code import CodeView
from .stages import data_html, feedback_html, model_html

_MODEL, _SHOWN_FIRST = 1, 2


class Tabs:
    """Stages 1, 2 and 4 as text, 3 as the widgets that are given.

    Parameters
    ----------
    log : Widget
        Hyperparameters and log.
    rounds : Widget
        The conversation; it stands under the feedback.
    on_code : callable
        Called with ``"data"`` or ``"model"`` and whether the LLM's code should stand in that stage's cell.
    models : Widget
        The models side by side; they stand under the text on the model.
    on_models : callable
        Called with whether ``models`` has come in sight, or gone out of it.
    """

    def __init__(
        self,
        log: ipywidgets.Widget,
        rounds: ipywidgets.Widget,
        on_code: Callable[[str, bool], object],
        models: ipywidgets.Widget,
        on_models: Callable[[bool], object],
    ) -> None:
        self._texts = data, model, feedback = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self._code = {stage: CodeView(_choice_of(stage, on_code)) for stage in ("data", "model")}
        columns = ([data, self._code["data"].widget], [model, self._code["model"].widget, models], [feedback, rounds])
        first, second, last = (ipywidgets.VBox(column).add_class("ag-col") for column in columns)
        self.widget = ipywidgets.Tab([first, second, log, last], selected_index=_SHOWN_FIRST).add_class("ag-tabs")
        self.widget.observe(lambda change: on_models(change["new"] == _MODEL), names="selected_index")

    def show(self, plan: Plan) -> None:
        """Show a plan's texts and code."""
        self._show_texts(data_html(plan), model_html(plan), feedback_html(plan))
        for stage, view in self._code.items():
            view.show(plan.llm_code.get(stage))

    def show_feedback(self, plan: Plan) -> None:
        """Show the text of stage 4 of a plan whose limits were measured."""
        self._texts[-1].value = _text(feedback_html(plan))

    def arrive(self, draft: Draft, plan: Plan) -> None:
        """Show what has arrived of an answer, until `show`."""
        self.title(arrival.titles(draft, plan))
        self._show_texts(arrival.data_html(draft), arrival.model_html(draft), arrival.notes_html(draft))
        for view in self._code.values():
            view.show(None)

    def title(self, titles: Sequence[str]) -> None:
        """Set the titles of all four."""
        self.widget.titles = tuple(titles)

    def _show_texts(self, *contents: str) -> None:
        for text, content in zip(self._texts, contents, strict=True):
            text.value = _text(content)


def _text(content: str) -> str:
    return f'<div class="ag-text">{content}</div>'


def _choice_of(stage: str, on_code: Callable[[str, bool], object]) -> Callable[[bool], object]:
    return lambda use: on_code(stage, use)
