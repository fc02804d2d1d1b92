"""An answer that arrives: what each strip says, that the draft may hold anything, and that nobody is called."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import plans
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances
from test_panel import Elements, Shown, walk

from automl_gpt_magic.notebook.draft import PARTS, read_draft
from automl_gpt_magic.records.exchange import Arrival

NOTHING = plans.arrival({}, tokens=0, cost=None, seconds=0.4, finished=())
EVERYTHING = plans.arrival(plans.draft(whole=True), finished=PARTS)


@pytest.fixture
def shown() -> Shown:
    return Shown(plans.adult())


def row(shown: Shown, name: str) -> Any:
    return next(box for box in walk(shown.panel.widget, "ag-table") if _is_row(box, name))


def _is_row(box: Any, name: str) -> bool:
    return "ag-row" in box._dom_classes and box.children[0].description == name


def chip(shown: Shown, name: str) -> str:
    return str(row(shown, name).children[2].value)


def titles(shown: Shown) -> tuple[str, ...]:
    return tuple(shown.panel.widget.children[2].titles)


def test_the_slot_says_what_arrived_and_what_it_may_cost(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    assert shown.words("ag-slot") == (
        "Arriving stage 3 of 4 : 4 of 6 values Elapsed 6.2 s Tokens received 812 of at most 2,000 "
        "Cost so far $0.006 of at most $0.020 Sent about 2,140 tokens to llm.example.org , example-model "
        "interrupt the kernel to stop stage 3 of 4"
    )


def test_before_the_first_byte_the_slot_says_what_is_sent_and_the_ceiling(shown: Shown) -> None:
    shown.panel.show_arrival(NOTHING)
    slot = shown.words("ag-slot")
    assert slot.startswith("Arriving waiting for the first words Elapsed 0.4 s Tokens received 0 of at most 2,000")
    assert "Cost so far at most $0.020 Sent about 2,140 tokens to llm.example.org" in slot
    assert [title.partition("\n")[2] for title in titles(shown)] == ["waiting"] * 4


def test_why_nothing_arrives_and_an_unknown_price(shown: Shown) -> None:
    offer = replace(plans.OFFER, most_cost=None)
    shown.panel.show_arrival(replace(NOTHING, offer=offer, note="the server asked to wait 3 s"))
    slot = shown.words("ag-slot")
    assert "Arriving the server asked to wait 3 s" in slot and "Cost so far price unknown" in slot and "$" not in slot


def test_tabs_say_what_is_done_arriving_and_waiting(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    assert titles(shown) == (
        "1 Data\ndone: 3 steps",
        "2 Model\ndone: XGBoost",
        "3 Hyperparameters and log\narriving: 4 of 6 values",
        "4 Feedback\nwaiting",
    )
    shown.panel.show_arrival(EVERYTHING)
    assert titles(shown)[2:] == ("3 Hyperparameters and log\ndone: 1 candidate", "4 Feedback\ndone")
    two = plans.draft(4)
    two["candidates"].append({})
    shown.panel.show_arrival(plans.arrival(two))
    assert titles(shown)[2].endswith("arriving: candidate 2")


def test_stages_show_what_arrived_unchecked(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    words = shown.words("ag-tabs")
    assert "arriving, not checked yet ordinal codes trees split on them log of capital gain" in words
    assert "4 lines of code, shown when checked" in words and "frame.drop" not in words
    assert "Model XGBoost Why mixed columns Activations none Loss log loss" in words
    assert "watch the tail" not in words
    shown.panel.show_arrival(EVERYTHING)
    assert "watch the tail of capital gain" in shown.words("ag-tabs")


def test_rows_keep_their_place_and_show_only_valid_values(shown: Shown) -> None:
    order = shown.panel._table.widget.children
    shown.panel.show_arrival(plans.arrival(plans.draft(1)))
    assert shown.panel._table.widget.children == order
    rate, trees = (shown.field(name) for name in ("learning_rate", "n_estimators"))
    assert rate.value == 0.05 and "ag-waiting" not in rate._dom_classes and ">LLM<" in chip(shown, "learning_rate")
    assert 'title="why learning_rate"' in chip(shown, "learning_rate")
    assert trees.value == 420 and "ag-waiting" in trees._dom_classes and "none" in chip(shown, "n_estimators")
    assert "Values arrive checked: a value outside its range is replaced and marked." in shown.words("ag-note")
    shown.panel.show_arrival(plans.arrival(plans.draft(4)))
    assert trees.value == 500 and "ag-waiting" not in trees._dom_classes
    share = shown.field("subsample")
    assert share.value == 0.7 and "ag-waiting" in share._dom_classes and ">replaced<" in chip(shown, "subsample")
    assert "subsample 1.7 is above 1: it will be replaced." in shown.words("ag-note")
    listed = [{"name": "subsample", "value": 1.7}, {"name": "learning_rate", "value": -1}]
    shown.panel.show_arrival(plans.arrival({"candidates": [{"hyperparameters": listed}]}))
    assert "it will be replaced. 1 more marked above." in shown.words("ag-note")
    assert shown.panel._table.note.value.count("<p>") == 1, "one line, so that nothing below it moves"


def test_values_of_the_user_stand_whatever_arrives() -> None:
    shown = Shown(plans.adult({"subsample": 0.9}))
    given = {
        "candidates": [{"hyperparameters": [{"name": "max_depth", "value": 3}, {"name": "subsample", "value": 1}]}]
    }
    shown.panel.show_arrival(plans.arrival(given))
    for name, value in (("max_depth", 6), ("subsample", 0.9)):
        assert shown.field(name).value == value and ">you<" in chip(shown, name)
        assert "ag-waiting" not in shown.field(name)._dom_classes
    assert "0 of 5 values" in shown.words("ag-slot")


def test_inputs_are_off_and_on_again(shown: Shown) -> None:
    fields = [shown.field(name) for name in (*plans.PROPOSED, "Metric")]
    shown.panel.show(plans.adult({"subsample": 0.9}))
    shown.panel.show_arrival(plans.arrival())
    assert all(field.disabled for field in fields) and shown.field("Reset all").disabled
    assert row(shown, "subsample").children[-1].layout.visibility == "hidden"
    shown.panel.arrival_ended()
    assert not any(field.disabled for field in fields) and not shown.field("Reset all").disabled
    assert row(shown, "subsample").children[-1].layout.visibility == "visible"


def test_nobody_is_called_while_an_answer_arrives(shown: Shown) -> None:
    for values in (0, 1, 2, 4):
        shown.panel.show_arrival(plans.arrival(plans.draft(values)))
        shown.field("subsample").value = 0.99
        row(shown, "subsample").children[-1].click()
        shown.field("Reset all").click()
    shown.panel.arrival_ended()
    shown.panel.show(plans.with_llm())
    assert shown.asked == [] and shown.field("subsample").value == 0.7


def test_the_curve_waits_and_is_drawn_once(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    shown.panel.show_arrival(plans.arrival(plans.draft(1)))
    curve = shown.html("ag-col")
    assert "this plan: drawn when stage 3 is complete" in curve and ">default</text>" in curve
    assert ">predicted</text>" not in curve and "--ag-band" not in curve
    words = shown.words("ag-effect")
    assert words == "log loss and time: when stage 3 is complete default: log loss 0.292, about 3.4 s"
    monkeypatch.setattr("automl_gpt_magic.notebook.plot._drawn", None)
    shown.panel.show_arrival(plans.arrival(plans.draft(2)))


def test_the_default_is_drawn_although_it_is_the_plan() -> None:
    shown = Shown(plans.adult(plans.SPACE.default))
    shown.panel.show_arrival(plans.arrival())
    assert ">default</text>" in shown.html("ag-col")


def test_the_end_brings_the_plan_back(shown: Shown) -> None:
    before, titled = shown.html(), titles(shown)
    shown.panel.show_arrival(EVERYTHING)
    assert "LLM: example-model" in shown.words() and "offline planner" not in shown.words()
    shown.panel.say("Later.", "Yes.", "error")
    assert "Arriving" in shown.words("ag-slot")
    shown.panel.arrival_ended()
    assert shown.words("ag-slot") == "Later. Yes."
    shown.panel.say("Plan complete; nothing has been run.", "")
    slot = shown.html("ag-slot")
    assert shown.html().replace(slot, "") == before.replace(before.splitlines()[1], slot).replace(slot, "")
    assert titles(shown) == titled
    shown.panel.arrival_ended()


def test_another_plan_ends_the_arrival(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    shown.panel.show(plans.with_llm())
    assert "Arriving" not in shown.words("ag-slot") and shown.field("learning_rate").value == 0.05
    assert "ag-waiting" not in shown.field("grow_policy")._dom_classes


def test_the_offer_to_update_waits_for_the_end(shown: Shown) -> None:
    shown.panel.offer_update("The plan changed.")
    shown.panel.show_arrival(plans.arrival())
    assert "The plan changed" not in shown.words("ag-slot")
    shown.panel.arrival_ended()
    assert len(shown.panel.widget.children[1].children) == 2
    shown.panel.show_arrival(plans.arrival())
    shown.panel.offer_update("Again.")
    assert "Arriving" in shown.words("ag-slot")
    shown.panel.arrival_ended()
    shown.panel.clear_offer()
    assert len(shown.panel.widget.children[1].children) == 1


def test_what_had_arrived_before_a_stop_is_kept(shown: Shown) -> None:
    shown.panel.show_arrival(plans.arrival())
    shown.panel.show_arrived(EVERYTHING)
    words = shown.words()
    assert "Arriving" not in words
    assert "Had arrived before the stop: Techniques ordinal codes; log of capital gain; drop fnlwgt" in words
    assert "Values learning_rate 0.05, n_estimators 500, reg_lambda 2, subsample 1.7 Notes watch the tail" in words
    shown.panel.show(plans.adult({"subsample": 0.9}))
    assert "Had arrived" in shown.words()
    shown.panel.show(plans.with_llm())
    assert "Had arrived" not in shown.words()
    shown.panel.show_arrived(NOTHING)
    assert "Had arrived before the stop: nothing" in shown.words()
    shown.panel.show_arrival(plans.arrival())
    assert "Had arrived" not in shown.words()


def test_stop_is_a_button_only_with_a_bridge(shown: Shown) -> None:
    from automl_gpt_magic.notebook.bridge import Bridge

    shown.panel.show_arrival(plans.arrival())
    assert not any("ag-stop" in getattr(widget, "_dom_classes", ()) for widget in walk(shown.panel.widget))
    shown.panel.arrival_ended()
    bridge = Bridge()
    shown.panel.attach(bridge)
    shown.panel.show_arrival(plans.arrival())
    stop = shown.field("Stop")
    assert {"ag-stop", f"ag-stop-{bridge.model_id}"} <= set(stop._dom_classes)
    assert bridge.stop_class == f"ag-stop-{bridge.model_id}"
    assert len(shown.panel.widget.children[1].children) == 3
    shown.panel.arrival_ended()
    assert stop not in [*walk(shown.panel.widget)]


def test_a_closed_panel_leaves_nothing_of_an_arrival_behind() -> None:
    before = set(_instances)
    shown = Shown(plans.adult())
    shown.panel.show_arrival(plans.arrival())
    shown.panel.close()
    assert set(_instances) == before


BAD: list[Any] = [None, 1, "x", [], [[]], [None, 1, "a", {}], {}, {"technique": 1}, float("nan"), True, "\ud800"]


def bad_drafts() -> Iterator[Any]:
    for bad in BAD:
        yield bad
        for part in PARTS:
            yield {part: bad}
            yield {part: {"techniques": bad, "code": bad, "card": bad, "why": bad, "layers": bad, "loss": bad}}
        yield {"data_processing": {"techniques": [bad]}, "model": {"layers": [bad]}, "candidates": [bad]}
        yield {"candidates": [{"hyperparameters": bad, "log": bad, "expected": bad}]}
        yield {
            "candidates": [{"hyperparameters": [bad, {"name": bad, "value": 1}, {"name": "subsample", "value": bad}]}]
        }


def test_no_draft_raises(shown: Shown) -> None:
    stopped = Shown(plans.adult())
    for bad in bad_drafts():
        for finished in ((), PARTS, None, "notes"):
            shown.panel.show_arrival(Arrival(plans.OFFER, draft=bad, finished=finished))  # type: ignore[arg-type]
        stopped.panel.show_arrived(Arrival(plans.OFFER, draft=bad))
        json.dumps([shown.html("ag-tabs"), stopped.panel._had_arrived], ensure_ascii=False).encode()
    assert shown.asked == []


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_NAMES = st.sampled_from(
    [*PARTS, "techniques", "technique", "card", "layers", "hyperparameters", "name", "value", "subsample"]
)
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner), max_leaves=20)


@given(_JSON)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read(draft: Any) -> None:
    read = read_draft(draft, ("notes",))
    assert 1 <= read.current <= 4


def test_hostile_drafts_stay_text_and_are_cut(shown: Shown) -> None:
    text = plans.HOSTILE + "z" * 100_000
    listed = [{"name": name, "value": text, "reason": text} for name in plans.PROPOSED]
    draft = {
        "data_processing": {"techniques": [{"technique": text, "reason": text}] * 3000, "code": text},
        "model": {"card": text, "why": text, "layers": [text] * 3000, "activations": text, "loss": text},
        "candidates": [{"hyperparameters": listed + [{"name": text, "value": text}] * 3000}] * 3000,
        "notes": text,
    }
    offer = replace(plans.OFFER, model=text, host=text)
    arriving = plans.arrival(draft, offer=offer, note=text)
    shown.panel.show_arrival(arriving)
    said = shown.html()
    assert max(map(len, titles(shown))) < 70 and "\u202e" not in "".join(titles(shown))
    shown.panel.show_arrived(arriving)
    said += shown.html()
    assert not Elements(said).seen & {"script", "onload"} and "<b>bold</b>" not in said
    visible = re.sub(r"title=\"[^\"]*\"", "", said)
    assert "z" * 700 not in visible and "and 180 more" in visible


def test_an_update_is_cheap(shown: Shown) -> None:
    shown.panel.show_arrival(NOTHING)
    times = []
    for values in (0, 1, 2, 3, 4) * 4:
        began = time.process_time()
        shown.panel.show_arrival(plans.arrival(plans.draft(values), seconds=values))
        times.append(time.process_time() - began)
    assert sorted(times)[len(times) // 2] < 0.01
