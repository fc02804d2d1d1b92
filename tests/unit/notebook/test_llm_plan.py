"""A finished plan of an LLM: what it said, what stands of it, what was weighed, and its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import plans
import pytest
from test_panel import Elements, Shown, walk

from automl_gpt_magic.errors import DataError
from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.candidates import candidates_html
from automl_gpt_magic.notebook.llm_wording import dollars, outcome, stands_and_replaced
from automl_gpt_magic.notebook.panel import Panel
from automl_gpt_magic.records.answer import Answer, Candidate, CodeReport, Refused
from automl_gpt_magic.records.plan import LLMCode, Plan


@pytest.fixture
def shown() -> Shown:
    return Shown(plans.with_llm())


PASSED = "12 of 15 values of the LLM passed the checks; 3 hyperparameters of the plan are its own"


RECORD = "This LLM's own logs were off by 0.08 log loss on average in 12 runs here, the forecast by 0.03."


def test_the_record_of_an_llm_stands_beside_its_log() -> None:
    plan = plans.with_llm(llm_records={"example-model": RECORD, "other": "Another's."})
    assert stands_and_replaced(plan).startswith(f"{RECORD} {PASSED}; replaced: ")
    assert words(Shown(plan), 3).count("off by 0.08 log loss on average in 12 runs here") == 1
    assert static.text(plan).count("off by 0.08 log loss on average in 12 runs here") == 1
    assert "Another" not in static.text(plan)
    for without in (replace(plan, chosen="default"), replace(plan, llm="a third"), plans.with_llm()):
        assert "off by" not in stands_and_replaced(without)


def tab(shown: Shown, number: int) -> Any:
    return shown.panel.widget.children[2].children[number - 1]


def words(shown: Shown, number: int) -> str:
    html = "\n".join(
        widget.value for widget in walk(tab(shown, number)) if isinstance(getattr(widget, "value", 0), str)
    )
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def button(shown: Shown, number: int) -> Any:
    return tab(shown, number).children[1].children[1]


def with_code(**codes: LLMCode) -> Plan:
    return replace(plans.with_llm(), llm_code=codes)


def test_the_badge_names_llm_or_replay(shown: Shown) -> None:
    assert "LLM: example-model" in shown.words()
    shown.panel.show(plans.with_llm(replayed="2026-11-22T10:19:31+00:00"))
    assert "replayed from 2026-11-22, example-model" in shown.words()
    assert 'title="answered 2026-11-22T10:19:31+00:00"' in shown.html()
    shown.panel.show(plans.adult())
    assert "offline planner: no LLM called" in shown.words()


def test_candidates_with_outcome_and_reason(shown: Shown) -> None:
    said = words(shown, 3)
    assert "Candidates Configuration Predicted log loss Training LLM expects Outcome" in said
    assert "LLM 1 0.286 about 17 s 0.277 chosen recorded runs 0.288 about 12 s predicted worse" in said
    assert "LLM 2 0.281 about 95 s 0.277 training over 20 s default 0.292 about 4 s predicted worse" in said
    assert said.endswith("LLM 1 is predicted best of 3 within the limits: 0.286.")
    assert shown.html().count('class="ag-chosen"') == 1
    assert "Candidates" not in words(Shown(plans.adult()), 3)


def test_outcomes() -> None:
    def candidate(name: str, predicted: float, ruled_out: str = "") -> Candidate:
        return Candidate(name, "llm", {}, predicted, 1.0, ruled_out=ruled_out)

    chosen = candidate("a", 0.3)
    given = [chosen, candidate("b", 0.4), candidate("c", 0.3), candidate("d", 0.2), candidate("e", 0.2, "too slow")]
    assert [outcome(one, chosen) for one in given] == [
        "chosen",
        "predicted worse",
        "predicted no better",
        "not chosen",
        "too slow",
    ]
    assert outcome(chosen, None) == "not chosen"


def test_the_chosen_candidate_is_among_those_shown() -> None:
    many = tuple(Candidate(f"c{i}", "llm", {}, 0.3, 1.0) for i in range(20))
    html = candidates_html(plans.with_llm(candidates=many, chosen="c19"))
    assert "c19" in html and "c7" not in html and "and 12 more" in html and html.count("<tr") == 9


def test_what_stands_and_what_was_replaced(shown: Shown) -> None:
    note = f"{PASSED}; replaced: subsample 1.7 (above 1): 0.7 from neighbours; model code import os"
    assert note in shown.words("ag-note")
    assert "stands instead of the LLM&#x27;s 1.7: above 1" in shown.html("ag-table")
    fourth = words(shown, 4)
    assert f"Notes of the LLM Watch the tail of capital gain. {PASSED}." in fourth
    assert "subsample 1.7 above 1; stands instead: 0.7 from neighbours" in fourth
    many = Answer(refused=(Refused("a", "1", "odd", "2"),) * 9, given=1, taken=1)
    assert stands_and_replaced(plans.with_llm(answer=many)) == (
        "1 of 1 value of the LLM passed the checks; 3 hyperparameters of the plan are its own; "
        "replaced: a 1 (odd): 2; a 1 (odd): 2; a 1 (odd): 2; and 6 more."
    )
    assert stands_and_replaced(plans.adult()) == ""


def test_a_value_of_the_llm_that_stands_is_not_said_to_be_replaced() -> None:
    plan = plans.with_llm()
    assert plan.answer is not None
    answer = replace(plan.answer, refused=(Refused("learning_rate", "9", "above 0.5", ""),))
    assert "stands instead" not in Shown(replace(plan, answer=answer)).html("ag-table")


@pytest.mark.parametrize(
    ("codes", "recipe", "llm"),
    [
        ({"data": LLMCode(CodeReport("x"), True)}, "not in the cell", "its code is in the cell"),
        ({"data": LLMCode(CodeReport("x"), False)}, "what the cell does", "its code is not in the cell"),
        ({}, "what the cell does", "it gave no code for the cell"),
    ],
)
def test_recipe_and_llm_stand_side_by_side(codes: Mapping[str, LLMCode], recipe: str, llm: str) -> None:
    said = words(Shown(with_code(**codes)), 1)
    assert f"The recipe&#x27;s steps: {recipe} split off a validation part" in said
    assert f"The LLM&#x27;s techniques: {llm} ordinal codes trees split on them" in said


def test_the_model_of_the_llm_with_reason_and_layers(shown: Shown) -> None:
    said = words(shown, 2)
    assert "Chosen XGBoost Why mixed columns and few rows 500 trees slow learning needs many" in said
    assert "The LLM" not in words(Shown(plans.adult()), 2)


def test_code_in_the_cell_and_the_way_back(shown: Shown) -> None:
    assert "The LLM's code is in the cell. The LLM's code (4 lines) def prepare(frame):" in words(shown, 1)
    assert button(shown, 1).description == "Use the recipe's code"
    button(shown, 1).click()
    assert shown.asked == [("data", False)]
    shown.panel.show(with_code(data=LLMCode(CodeReport("x"), False)))
    assert "The LLM's code is not in the cell: the recipe's is." in words(shown, 1)
    button(shown, 1).click()
    assert shown.asked[-1] == ("data", True) and button(shown, 1).description == "Use the LLM's code"


def test_code_with_errors_cannot_be_used(shown: Shown) -> None:
    assert "The LLM&#x27;s code is not used: calls os.system The LLM's code (6 lines) import os" in words(shown, 2)
    assert button(shown, 2).layout.display == "none"
    button(shown, 2).click()
    assert shown.asked == []


def test_risks_are_a_warning(shown: Shown) -> None:
    shown.panel.show(with_code(model=LLMCode(CodeReport("open('x')", (), ("reads a file, line 1",)), True)))
    said = words(shown, 2)
    assert "The LLM's code is in the cell. Read it before you run it: reads a file, line 1" in said
    assert 'class="ag-notice warn"' in shown.html("ag-code")
    assert tab(shown, 1).children[1].layout.display == "none"


def test_what_the_choice_of_code_refuses_is_said_in_the_slot(shown: Shown) -> None:
    def refuse(*_: Any) -> None:
        raise DataError("the cell is queued")

    shown.panel = Panel(plans.with_llm(), **dict.fromkeys(plans.CALLBACKS, refuse))
    button(shown, 1).click()
    assert "the cell is queued" in shown.words("ag-slot")


def test_code_is_off_while_an_answer_arrives(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    button(shown, 1).click()
    assert shown.asked == [] and "Candidates" not in words(shown, 3)
    shown.panel.arrival_ended()
    assert "Candidates" in words(shown, 3) and "The LLM's code is in the cell." in words(shown, 1)


def test_a_hostile_answer_stays_text() -> None:
    said = Shown(plans.hostile_llm()).html()
    assert not Elements(said).seen & {"script", "onload"} and "<b>bold</b>" not in said
    said.encode()
    code = re.findall(r"<pre><code>(.*?)</code></pre>", said, re.DOTALL)
    assert len(code) == 2 and all("\\u202e" in one and "\u202e" not in one for one in code)
    visible = re.sub(r"title=\"[^\"]*\"", "", said)
    assert "and 10 more" in visible and "and 20 more" in visible and "and 37 more" in visible


def test_prices() -> None:
    assert [dollars(cost) for cost in (0, 1e-5, 0.006, 0.02, 1.25, 1234)] == [
        "$0",
        "under $0.001",
        "$0.006",
        "$0.020",
        "$1.25",
        "$1,234.00",
    ]
