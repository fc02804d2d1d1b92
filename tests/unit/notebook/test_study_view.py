"""A search in the panel: its best trials, its plot, its buttons."""

from __future__ import annotations

from dataclasses import replace

import plans
import pytest
from test_panel import Shown

from automl_gpt_magic.notebook.study_view import StudyView
from automl_gpt_magic.records.study import StudyState, Trial


def state(*values: float | None, stands: str = "running", label: str = "search") -> StudyState:
    trials = [
        Trial(number, label, "running" if value is None else "finished", {"max_depth": number}, value, 3, 0.5)
        for number, value in enumerate(values)
    ]
    return StudyState("study", "log_loss", True, stands, f"{len(values)} trials", 40, tuple(trials), 2.0)


@pytest.fixture
def adult() -> Shown:
    return Shown(plans.adult())


def test_nothing_is_shown_before_a_search() -> None:
    assert StudyView(print).widget.layout.display == "none"


def test_the_best_trial_comes_first_and_is_marked() -> None:
    view = StudyView(print)
    view.show(state(0.5, 0.3, 0.4, None))
    html = view._html.value
    assert view.widget.layout.display is None
    assert html.index("0.3000") < html.index("0.4000") < html.index("0.5000")
    assert html.count("ag-best") == 1
    assert html.index("ag-best") < html.index("0.3000") < html.index("</tr>", html.index("ag-best"))
    assert "<polyline" in html
    assert html.count("<circle") == 3


def test_trials_that_are_wider_than_the_panel_are_scrolled_by_keyboard() -> None:
    view = StudyView(print)
    view.show(state(0.5, 0.4))
    assert '<div class="ag-scroll" tabindex="0" role="region" aria-label="Trials"><table' in view._html.value


def test_only_varied_hyperparameters_have_a_column() -> None:
    view = StudyView(print)
    view.show(state(0.5))
    assert "max_depth" not in view._html.value
    view.show(state(0.5, 0.4))
    assert "max_depth" in view._html.value


def test_labels_are_escaped() -> None:
    view = StudyView(print)
    view.show(state(0.5, 0.4, label=plans.HOSTILE))
    assert "<script" not in view._html.value


def test_the_best_can_be_taken_once_there_is_one() -> None:
    asked = []
    view = StudyView(lambda: asked.append(1))
    view.show(state(None))
    assert view._take.disabled
    view.show(state(0.4))
    view._take.click()
    assert asked == [1]


def test_the_slot_says_how_a_search_stands(adult: Shown) -> None:
    adult.panel.searching(True)
    adult.panel.show_study(state(0.5, 0.4))
    assert "2 trials" in adult.words("ag-slot")
    adult.panel.searching(False)
    adult.panel.show_study(state(0.5, stands="failed"))
    assert "progressbar" not in adult.panel._slot._text.value


def test_while_something_runs_only_cancel_can_be_clicked(adult: Shown) -> None:
    adult.panel.show(replace(adult.panel.plan, code={"data": "rows = 1"}))
    actions = adult.panel._actions
    assert (actions._train.disabled, actions._tune.disabled, actions._cancel.disabled) == (False, False, True)
    adult.panel.searching(True)
    assert (actions._train.disabled, actions._tune.disabled, actions._cancel.disabled) == (True, True, False)
    for button in (actions._train, actions._tune, actions._cancel):
        button.click()
    assert adult.asked == ["train", "tune", "cancel"]
