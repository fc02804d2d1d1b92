"""The conversation: what is asked for by which click, what is said of each round, and that no text becomes markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets
import plans
import pytest
from conversations import AFTER, BEFORE, CHANGES, FAST, Talk, earlier, proposed
from ipywidgets.widgets.widget import _instances
from test_panel import Elements, Shown, walk

from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.ask_box import AskBox
from automl_gpt_magic.notebook.diff import counted, diff_html
from automl_gpt_magic.notebook.panel import Panel
from automl_gpt_magic.notebook.round_wording import change_text, effect
from automl_gpt_magic.records.evidence import Forecast
from automl_gpt_magic.records.exchange import Usage
from automl_gpt_magic.records.request import Constraint, Understood, Wish
from automl_gpt_magic.records.round import Change, Round


class Talking(Shown):
    """A panel with a conversation behind it."""

    def __init__(self, rounds: Sequence[Round] = (), **state: Any) -> None:
        self.asked: list[Any] = []
        self.talk = Talk(rounds, **state)
        others = {name: lambda *given: self.asked.append(given) for name in plans.CALLBACKS}
        self.panel = Panel(plans.adult(), **{**others, **self.talk.callbacks()})
        self.talk.show(self.panel)

    def button(self, label: str) -> ipywidgets.Button:
        return next(one for one in walk(self.panel.widget, "ag-rounds") if getattr(one, "description", "") == label)

    def ticks(self) -> dict[str, ipywidgets.Checkbox]:
        found = [one for one in walk(self.panel.widget, "ag-changes") if isinstance(one, ipywidgets.Checkbox)]
        return {tick.description: tick for tick in found}

    @property
    def box(self) -> AskBox:
        return next(one for one in walk(self.panel.widget) if isinstance(one, AskBox))

    def enter(self, text: Any) -> list[Any]:
        """Press Enter in the box; return what the page hears."""
        heard: list[Any] = []
        self.box.send = heard.append  # type: ignore[method-assign]
        self.box._handle_custom_msg({"ask": text}, [])
        return heard

    def title(self) -> str:
        return str(self.panel.widget.children[2].titles[3])


@pytest.fixture
def waiting() -> Talking:
    return Talking([proposed()])


def test_a_text_is_asked_for_once_and_taken_from_the_box() -> None:
    shown = Talking()
    assert shown.enter("faster") == [{"answered": True}]
    assert shown.talk.asked == [("ask", "faster")]
    assert "Round 1: 7 changes proposed" in shown.words("ag-rounds")


def test_a_request_that_is_refused_stays_in_the_box() -> None:
    shown = Talking()
    assert shown.enter("refuse") == [{"answered": False}]
    assert "ask for something else" in shown.words("ag-slot")


def test_a_box_that_is_off_or_hears_no_text_asks_for_nothing() -> None:
    shown = Talking(busy=True)
    assert shown.box.off and shown.enter("faster") == [{"answered": False}]
    assert shown.enter(None) == [] and shown.talk.asked == []


def test_a_failure_gives_the_box_back() -> None:
    heard: list[Any] = []

    def fail(_: str) -> bool:
        raise KeyboardInterrupt

    box = AskBox(fail, "a", "b", "c")
    box.send = heard.append  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        box._hear(box, {"ask": "faster"}, [])
    assert heard == [{"answered": False}]


def test_a_round_that_waits_says_what_was_understood_and_what_was_not(waiting: Talking) -> None:
    words = waiting.words("ag-answer")
    assert (
        "Understood: faster inference (“ make it faster ”) ; latency p95 at most 20 ms at batch 1 "
        "(“ under 20 ms per row ”) ; model size at most 50 MB (“ under 50 MB ”) ; choose by accuracy "
        "(“ choose by accuracy ”) ; max_depth stays as it is (“ keep max_depth ”) Not understood: “ pretty ”"
    ) in words
    assert "Fewer trees answer faster; the loss rises a little." in words
    assert "Predicted with all of it: log loss 0.286 → 0.286 (0.274 to 0.298), training 14 s → 5.4 s." in words
    assert "example-model: 1,234 tokens, $0.002" in words
    assert waiting.title() == "4 Feedback\n1 proposed; 1 of 1 expected"


def test_every_change_says_from_to_who_and_why(waiting: Talking) -> None:
    assert list(waiting.ticks()) == [
        *("metric", "latency p95 at batch 1", "model size", "n_estimators", "learning_rate", "max_depth"),
        "the model cell",
    ]
    words = waiting.words("ag-changes")
    for said in (
        "from log loss to accuracy you choose by accuracy",
        "from no limit to at most 20 ms you under 20 ms per row",
        "from at most 80 MB to at most 50 MB you",
        "from 420 to 160 request the lowest loss that the recorded runs predict for it",
        "from 0.08 to 0.1543 LLM fewer trees learn faster",
        "from free to locked you keep max_depth",
        "to 3 lines LLM written for this request",
    ):
        assert said in words


def test_changes_in_one_phrase() -> None:
    model = Change("model", "model", "XGBoost", "LightGBM", "user", "")
    lifted = Change("limit", "x", FAST, None, "user", "")
    new = Change("value", "x", None, 0.5, "llm", "")
    assert [change_text(change) for change in (*CHANGES, model, lifted, new)] == [
        "metric log loss → accuracy",
        "latency p95 at batch 1 no limit → at most 20 ms",
        "model size at most 80 MB → at most 50 MB",
        "n_estimators 420 → 160",
        "learning_rate 0.08 → 0.1543",
        "max_depth free → locked",
        "new code in the model cell",
        "model XGBoost → LightGBM",
        "latency p95 at batch 1 at most 20 ms → no limit",
        "x 0.5",
    ]


def test_every_wish_has_words() -> None:
    wishes = (
        Wish("set", name="max_depth", value=4),
        Wish("free", name="max_depth"),
        Wish("model", name="LightGBM"),
        Wish("limit", constraint=Constraint("trees", 100)),
    )
    words = Talking([proposed(understood=Understood(wishes))]).words("ag-answer")
    assert "Understood: max_depth set to 4 ; max_depth may change ; the model LightGBM ; at most 100 trees" in words
    assert "Not understood" not in words


def test_all_changes_are_taken(waiting: Talking) -> None:
    waiting.ticks()["n_estimators"].value = False
    waiting.button("Accept all").click()
    assert waiting.talk.asked == [("take", tuple(change.key for change in CHANGES))]
    assert waiting.ticks() == {} and "Round 1" not in waiting.words("ag-answer")
    assert "1 “ make it faster" in waiting.words("ag-list") and "accepted: metric log loss" in waiting.words("ag-list")
    assert waiting.title() == "4 Feedback\n1 of 1 expected"


def test_some_changes_are_taken(waiting: Talking) -> None:
    for name, tick in waiting.ticks().items():
        tick.value = name in ("n_estimators", "max_depth")
    waiting.button("Accept selected").click()
    assert waiting.talk.asked == [("take", ("value:n_estimators", "lock:max_depth"))]
    assert "partly accepted: n_estimators 420 → 160, max_depth free → locked" in waiting.words("ag-list")


def test_nothing_that_is_ticked_cannot_be_taken(waiting: Talking) -> None:
    for tick in waiting.ticks().values():
        tick.value = False
    assert waiting.button("Accept selected").disabled and not waiting.button("Accept all").disabled
    waiting.ticks()["metric"].value = True
    assert not waiting.button("Accept selected").disabled


def test_a_round_is_rejected_and_the_focus_goes_on_in_the_box(waiting: Talking) -> None:
    heard: list[Any] = []
    waiting.box.send = heard.append  # type: ignore[method-assign]
    waiting.button("Reject").click()
    assert waiting.talk.asked == ["reject"] and heard == [{"focus": True}]
    assert "rejected" in waiting.words("ag-list") and "→" not in waiting.words("ag-list")


def test_ticks_stay_while_the_same_round_is_shown_again_and_go_with_it(waiting: Talking) -> None:
    waiting.ticks()["metric"].value = False
    waiting.talk.rounds = [replace(waiting.talk.rounds[0])]
    waiting.talk.show(waiting.panel)
    assert not waiting.ticks()["metric"].value
    waiting.talk.ask("again")
    assert waiting.ticks()["metric"].value


def test_a_round_that_comes_to_nothing_is_shown_in_full_until_the_next() -> None:
    nothing = replace(earlier()[3], text="sing to me")
    shown = Talking([nothing])
    words = shown.words("ag-answer")
    assert "Round 4: nothing to change “ sing to me ” Not understood: “ sing ”" in words
    assert "Nothing of the request was understood." in words
    assert shown.button("Accept all") and shown.panel.widget.children[2].titles[3] == "4 Feedback\n1 of 1 expected"
    buttons = next(one for one in walk(shown.panel.widget, "ag-answer") if "ag-act" in one._dom_classes)
    assert buttons.layout.display == "none"
    shown.talk.ask("faster")
    assert "nothing to change: Nothing of the request was understood." in shown.words("ag-list")


def test_undo_and_redo_work_where_there_is_something() -> None:
    shown = Talking()
    assert shown.button("Undo").disabled and shown.button("Redo").disabled
    shown.talk.state = {"can_undo": True, "can_redo": True}
    shown.talk.show(shown.panel)
    shown.button("Undo").click()
    shown.button("Redo").click()
    assert shown.talk.asked == ["undo", "redo"]


def test_earlier_rounds_newest_first_with_their_cost() -> None:
    shown = Talking(earlier(), usage=Usage(900, 100, 0.0016), budget_left="$0.498")
    words = shown.words("ag-rounds")
    said = [
        "5 “ under 80 MB ” undone: max_depth 8 → 6",
        "4 “ sing ” nothing to change: Nothing of the request was understood.",
        "3 “ recall at least 0.9 ” rejected",
        "2 “ smaller ” partly accepted: max_depth 8 → 6 1,000 tokens, $0.002",
        "1 “ faster ” accepted: max_depth 8 → 6",
    ]
    places = [words.index(one) for one in said]
    assert places == sorted(places) and words.startswith("Earlier rounds")
    assert words.endswith("This conversation: 1,000 tokens, $0.002; $0.498")


def test_money_is_only_spoken_of_where_an_llm_was_asked() -> None:
    offline = [replace(one, usage=None) for one in earlier()]
    assert "token" not in Talking(offline, usage=Usage(cost=0.0), budget_left="$0.5").words("ag-rounds")
    unpriced = Talking([proposed(usage=Usage(100, 20, None, estimated=True))]).words("ag-rounds")
    assert "about 120 tokens, price unknown" in unpriced


def test_the_way_back_to_a_round_that_was_taken() -> None:
    shown = Talking(earlier(), can_redo=True)
    offered = [
        row.children[1].description
        for row in walk(shown.panel.widget, "ag-list")
        if "ag-past" in row._dom_classes and row.children[1].layout.visibility == "visible"
    ]
    assert offered == ["Redo to round 5", "Back to round 2", "Back to round 1"]
    shown.button("Back to round 2").click()
    assert shown.talk.asked == [("go", 2)]
    shown.talk.state["can_redo"] = False
    shown.talk.show(shown.panel)
    assert shown.button("Redo to round 5").layout.visibility == "hidden"


def test_many_rounds_are_cut() -> None:
    rounds = [proposed(number, standing="rejected") for number in range(1, 31)]
    shown = Talking(rounds)
    assert shown.words("ag-list").count("rejected") == 10 and "and 20 more" in shown.words("ag-rounds")
    shown.talk.rounds = rounds[:2]
    shown.talk.show(shown.panel)
    assert shown.words("ag-list").count("rejected") == 2 and "more" not in shown.words("ag-rounds")


@pytest.mark.parametrize("how", ["busy", "arriving"])
def test_nothing_can_be_clicked_while_an_answer_is_on_its_way(how: str) -> None:
    shown = Talking([*earlier(), proposed(6)], can_redo=True, busy=how == "busy")
    if how == "arriving":
        shown.panel.show_arrival(plans.arrival())
    inputs = [one for one in walk(shown.panel.widget, "ag-rounds") if hasattr(one, "disabled")]
    assert len(inputs) > 10 and all(one.disabled for one in inputs) and shown.box.off
    shown.talk.state["busy"] = False
    shown.talk.show(shown.panel)
    shown.panel.arrival_ended()
    assert not any(one.disabled for one in inputs) and not shown.box.off


def test_showing_rounds_asks_for_nothing() -> None:
    shown = Talking([proposed()])
    shown.talk.rounds = [*earlier(), proposed(6)]
    shown.talk.show(shown.panel)
    assert shown.talk.asked == [] and shown.asked == []


def test_what_a_callback_refuses_is_said_in_the_slot(waiting: Talking) -> None:
    def refuse(*_: Any) -> None:
        raise UsageError("the cells are queued")

    waiting.panel = Panel(plans.adult(), **dict.fromkeys(plans.CALLBACKS, refuse))
    waiting.talk.show(waiting.panel)
    waiting.talk.state = {"can_undo": True, "can_redo": True}
    waiting.talk.show(waiting.panel)
    for label in ("Accept all", "Accept selected", "Reject", "Undo", "Redo"):
        waiting.panel.say("")
        waiting.button(label).click()
        assert "the cells are queued" in waiting.words("ag-slot")
    assert "Round 1: 7 changes proposed" in waiting.words("ag-answer")


def test_a_diff_shows_signs_and_tints(waiting: Talking) -> None:
    html = waiting.html("ag-answer")
    assert "<summary>Code of <bdi>model</bdi>: 2 lines added, 2 removed</summary>" in html
    assert re.findall(r'<span style="background:rgba\((\d+),[^"]*">([+-])', html) == [
        *[("248", "-")] * 2,
        *[("46", "+")] * 2,
    ]
    assert "+    # &lt;b&gt;fewer&lt;/b&gt; trees" in html and "\n def build():" in html


def test_a_diff_of_nothing_of_hostile_code_and_of_much() -> None:
    assert counted("", AFTER) == "3 lines added, 0 removed" and counted(BEFORE, BEFORE) == "0 lines added, 0 removed"
    hostile = diff_html("a\n", f"a\n</code></pre>{plans.HOSTILE}\x1b\r\n")
    assert not Elements(hostile).seen & {"script", "onload", "b"} and "\\u202e" in hostile and "\\x1b\\r" in hostile
    long = diff_html("", "\n".join(map(str, range(3000))))
    assert "… and 2,601 more lines" in long and long.count("<span") == 399


def test_what_is_predicted() -> None:
    before, after = proposed().before, proposed().after
    assert before is not None and after is not None
    assert effect(before, None) == "" and effect(None, Forecast({}, 1.0)) == ""
    alone = effect(None, after)
    assert alone == "Predicted with all of it: log loss 0.286 (0.274 to 0.298), training 5.4 s."
    other = Forecast({"accuracy": after.curves["accuracy"]}, float("nan"))
    assert effect(before, other) == "Predicted with all of it: accuracy 0.866 → 0.866 (0.860 to 0.872)."
    assert effect(replace(before, memory=80e6), replace(after, memory=40e6)).endswith(", memory 80 MB → 40 MB.")
    assert effect(before, replace(after, memory=40e6)).endswith(", memory 40 MB.")


def hostile_rounds() -> list[Round]:
    text = plans.HOSTILE + "\ud800" + "y" * 700
    change = Change("value", text, text, text, "llm", text)
    code = Change("code", text, text, text, "llm", text)
    understood = Understood(tuple(Wish("metric", text, name=text) for _ in range(30)), (text,) * 30)
    one = proposed(1, text, understood=understood, changes=(change, code), said=text, code={text: (text, "")}, llm=text)
    past = replace(one, standing="accepted", taken=(change.key, code.key))
    return [past, replace(past, number=2, standing="nothing to change"), replace(one, number=3)]


def test_hostile_text_stays_text_and_is_cut() -> None:
    shown = Talking(hostile_rounds())
    html = shown.html("ag-rounds")
    assert not Elements(html).seen & {"script", "onload"} and "<b>bold</b>" not in html
    html.encode()
    visible = re.sub(r"title=\"[^\"]*\"|<pre.*?</pre>", "", html, flags=re.DOTALL)
    assert "and 10 more" in visible and "y" * 650 not in visible
    fields = [widget for widget in walk(shown.panel.widget, "ag-rounds") if hasattr(widget, "description_allow_html")]
    assert fields and not any(field.description_allow_html for field in fields)


def test_a_closed_panel_leaves_nothing_of_a_conversation_behind() -> None:
    before = set(_instances)
    shown = Talking([*earlier(), proposed(6)])
    shown.talk.rounds = list(earlier())
    shown.talk.show(shown.panel)
    shown.talk.rounds = []
    shown.talk.show(shown.panel)
    shown.panel.close()
    assert set(_instances) == before


def test_static_output_has_the_rounds_and_the_diff() -> None:
    plan, rounds = plans.adult(), [*earlier(), proposed(6)]
    html = static.html(plan, rounds=rounds)
    words = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "Round 6: 7 changes proposed" in words and "Change From To Who Why" in words
    assert "n_estimators 420 160 request the lowest loss" in words and "+    # &lt;b&gt;fewer" in html
    assert "Earlier rounds 5 “ under 80 MB ” undone: max_depth 8 → 6" in words
    assert "This conversation: 2,234 tokens, $0.004" in words
    assert not {"script", "style", "input", "button"} & Elements(html).seen
    assert static.html(plan) == static.html(plan, rounds=[])
    shown = static.bundle(plan, rounds=rounds)
    assert shown["text/html"] == html and shown["text/plain"] == static.text(plan, rounds=rounds)


def test_static_text_has_a_line_for_each_round() -> None:
    lines = static.text(plans.adult(), rounds=[*earlier(), proposed(6)]).splitlines()
    said = [line.partition("  ") for line in lines if line.startswith("round ")]
    assert [line[0] for line in said] == [f"round {number}" for number in range(1, 7)]
    assert said[1][2].strip() == "“smaller”; partly accepted: max_depth 8 → 6; 1,000 tokens, $0.002"
    assert "; proposed: metric log loss → accuracy, latency p95" in said[5][2]
    assert "not understood: “pretty”; Fewer trees answer faster" in said[5][2]


def test_hostile_text_stays_text_in_static_output() -> None:
    html, text = (made(plans.adult(), rounds=hostile_rounds()) for made in (static.html, static.text))
    assert not Elements(html).seen & {"script", "onload"}
    html.encode()
    text.encode()
    assert "\u202e" not in text and "y" * 300 not in text
