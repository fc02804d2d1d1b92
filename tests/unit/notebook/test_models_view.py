"""The models side by side: when they are compared, what is shown, and that nothing from outside becomes markup."""

from __future__ import annotations

import math
from dataclasses import replace

import ipywidgets
import plans
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.notebook.models_table import models_html, models_text
from automl_gpt_magic.notebook.models_view import ModelsView
from automl_gpt_magic.notebook.panel import Panel
from automl_gpt_magic.records.assignment import Assignment, ModelOption
from automl_gpt_magic.records.card import ModelCard
from automl_gpt_magic.records.plan import Check


def option(name, **changes):
    curve = plans.adult().curve
    fields = {
        "card": ModelCard(name),
        "family": name,
        "rank": 1,
        "curve": curve,
        "seconds": 14.0,
        "memory": 2.2e8,
        "size": 51_000.0,
        "checks": (),
        "known": "neighbour",
        "installed": True,
        "reason": "128 recorded runs, most like HI",
    }
    return ModelOption(**{**fields, **changes})


def nothing(name, **changes):
    lost = {"curve": None, "seconds": math.nan, "memory": math.nan, "size": math.nan, "known": "nothing recorded"}
    return option(name, **{**lost, "reason": "no run of it was recorded", **changes})


def compared(*options, chosen=0):
    return Assignment(options, options[chosen], "XGBoost is the first of your cards.")


@pytest.fixture
def view():
    switched = []
    view = ModelsView(switched.append)
    view.switched = switched
    return view


def plan_with(assignment):
    asked = []

    def compare(plan):
        asked.append(plan)
        if isinstance(assignment, Exception):
            raise assignment
        return assignment

    return replace(plans.adult(), compare=compare), asked


def table(view):
    return view.widget.children[0].value


def buttons(view):
    return {one.description: one for one in view.widget.children[1].children}


def test_nothing_is_compared_before_somebody_looks(view):
    plan, asked = plan_with(compared(option("XGBoost"), nothing("Ridge")))
    view.show(plan)
    assert asked == [] and "when this stage is opened" in table(view) and buttons(view) == {}
    view.look(True)
    assert len(asked) == 1 and "<table" in table(view) and list(buttons(view)) == ["Use Ridge"]


def test_a_plan_that_changes_out_of_sight_leaves_no_old_table(view):
    plan, _ = plan_with(compared(option("XGBoost"), nothing("Ridge")))
    view.look(True)
    view.show(plan)
    view.look(False)
    assert "<table" in table(view)
    other, asked = plan_with(compared(option("LightGBM")))
    view.show(other)
    assert "<table" not in table(view) and asked == []


def test_a_row_has_result_time_memory_size_limits_and_reasons(view):
    kept, over = Check("a", True, "x"), Check("b", False, "y")
    checked = option("XGBoost", checks=(kept, over), llm_reason="Few rows")
    plan, _ = plan_with(compared(checked, nothing("Ridge", checks=(replace(kept, met=None),))))
    view.look(True)
    view.show(plan)
    for said in (
        "0.286 (0.274 to 0.298)",
        "14 s",
        "220 MB",
        "51 kB",
        "1 of 2 kept",
        "The LLM: Few rows.",
        "planned",
    ):
        assert said in table(view)
    assert "nothing recorded" in table(view) and "0 of 1 kept, 1 not known" in table(view)
    assert "first of your cards" in table(view)


def test_a_click_asks_for_the_cards_whole_name(view):
    name = "Model " + "x" * 80
    plan, _ = plan_with(compared(option("XGBoost"), option(name)))
    view.look(True)
    view.show(plan)
    (button,) = buttons(view).values()
    assert len(button.description) < 50
    button.click()
    assert view.switched == [name]


def test_what_cannot_be_planned_has_a_row_and_no_button(view):
    plan, _ = plan_with(compared(option("XGBoost"), nothing("Broken", fault="no hyperparameter 'a'", reason="no a")))
    view.look(True)
    view.show(plan)
    assert "Broken" in table(view) and buttons(view) == {}


def test_while_an_answer_arrives_nothing_can_be_clicked(view):
    plan, _ = plan_with(compared(option("XGBoost"), option("Ridge")))
    view.look(True)
    view.wait(True)
    view.show(plan)
    assert buttons(view)["Use Ridge"].disabled
    view.wait(False)
    assert not buttons(view)["Use Ridge"].disabled


def test_a_fault_of_the_comparison_is_said_and_the_panel_stays(view):
    plan, _ = plan_with(ExperienceError("the recorded runs of <b>lightgbm</b> cannot be read"))
    view.look(True)
    view.show(plan)
    assert "cannot be read" in table(view) and "<b>" not in table(view)


def test_nothing_from_outside_becomes_markup_or_steers_a_terminal(view):
    hostile = "<script>alert(1)</script>\x1b[2J\u202e"
    found = compared(option(hostile, reason=hostile, llm_reason=hostile, checks=(Check(hostile, False, hostile),)))
    plan, _ = plan_with(replace(found, because=hostile))
    view.look(True)
    view.show(plan)
    assert "<script" not in table(view)
    text = models_text(replace(found, because=hostile))
    assert "\x1b" not in text and "\u202e" not in text


def test_the_panel_compares_when_its_model_stage_is_opened_and_a_click_reaches_the_session():
    asked = []
    plan, compares = plan_with(compared(option("XGBoost"), option("Ridge")))
    panel = Panel(plan, **{**dict.fromkeys(plans.CALLBACKS, lambda *_: None), "on_model": asked.append})
    assert compares == []
    tabs = next(child for child in panel.widget.children if isinstance(child, ipywidgets.Tab))
    tabs.selected_index = 1
    assert len(compares) == 1
    shown = [one for one in ipywidgets.Widget.widgets.values() if getattr(one, "description", "") == "Use Ridge"]
    shown[-1].click()
    assert asked == ["Ridge"]
    panel.close()


def test_the_reason_has_a_row_of_its_own_below_its_model() -> None:
    html = models_html(compared(option("A"), nothing("B", rank=2)))
    assert html.count('<th scope="col"') == 5
    assert html.count('<tr class="ag-why"><td colspan="5">') == 2
    assert html.index("2. <bdi>B") < html.index("No run of it was recorded.")
