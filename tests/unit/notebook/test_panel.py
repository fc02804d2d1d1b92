"""The panel: what each state says, what is asked for, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import ipywidgets
import numpy as np
import plans
import pytest
from ipywidgets.widgets.widget import _instances

from automl_gpt_magic.errors import DataError
from automl_gpt_magic.notebook.panel import Panel
from automl_gpt_magic.records.curve import Curve, quantiles_within
from automl_gpt_magic.records.evidence import Forecast, OwnDataset, Tried
from automl_gpt_magic.records.plan import Check, Plan


class Shown:
    """A panel with a session behind it that answers edits."""

    def __init__(self, plan: Plan) -> None:
        self.edits: dict[str, Any] = {}
        self.asked: list[Any] = []
        self.panel = Panel(
            plan,
            on_edit=self.edit,
            on_reset=self.reset,
            on_update_cells=lambda: self.asked.append("cells"),
            on_code=lambda stage, use: self.asked.append((stage, use)),
            on_train=lambda: self.asked.append("train"),
            on_tune=lambda: self.asked.append("tune"),
            on_take_best=lambda: self.asked.append("best"),
            on_cancel=lambda: self.asked.append("cancel"),
            on_next=lambda name: self.asked.append(("next", name)),
            on_lock=self.lock,
            on_ask=lambda text: self.asked.append(("ask", text)),
            on_take=lambda keys: self.asked.append(("take", keys)),
            on_reject=lambda: self.asked.append("reject"),
            on_undo=lambda: self.asked.append("undo"),
            on_redo=lambda: self.asked.append("redo"),
            on_go=lambda number: self.asked.append(("go", number)),
            on_model=lambda name: self.asked.append(("model", name)),
        )

    def edit(self, name: str, value: Any) -> None:
        self.edits[name] = value
        self.asked.append((name, value))
        self.panel.show(plans.adult(self.edits))

    def reset(self, name: str | None) -> None:
        self.asked.append(name)
        self.edits = {} if name is None else {key: kept for key, kept in self.edits.items() if key != name}
        self.panel.show(plans.adult(self.edits))

    def lock(self, name: str, locked: bool) -> None:
        self.asked.append(("lock", name, locked))
        self.panel.show(plans.locked(*[name] * locked))

    def html(self, part: str = "") -> str:
        """The HTML of all widgets, or of those in a strip of this class."""
        return "\n".join(
            widget.value for widget in walk(self.panel.widget, part) if isinstance(widget, ipywidgets.HTML)
        ).replace(self.sheet, "")

    @property
    def sheet(self) -> str:
        return str(self.panel.widget.children[-1].value)

    def words(self, part: str = "") -> str:
        return " ".join(re.sub(r"<[^>]*>", " ", self.html(part)).split())

    def field(self, name: str) -> Any:
        return next(widget for widget in walk(self.panel.widget) if getattr(widget, "description", "") == name)


def walk(widget: Any, part: str = "") -> Iterator[Any]:
    inside = not part or part in getattr(widget, "_dom_classes", ())
    if inside:
        yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child, "" if inside else part)


@pytest.fixture
def adult() -> Shown:
    return Shown(plans.adult())


def test_the_header_says_what_is_known(adult: Shown) -> None:
    words = adult.words()
    assert "UCI Adult binary classification of income , XGBoost" in words
    assert "offline planner: no LLM called" in words
    assert "Rows 32,561 Features 14 (6 numeric, 8 categorical)" in words
    assert "( &lt;=50K 75.9%, &gt;50K 24.1%) Missing 0.9% (3 columns) Metrics log loss , accuracy" in words


def with_metrics(*metrics: str, curves: Sequence[str] = ("log_loss", "accuracy")) -> Plan:
    plan = plans.adult()
    card = replace(plan.cards.data, metrics=metrics)
    forecast = Forecast({name: plan.forecast.curves[name] for name in curves}, 14.0)
    return replace(plan, cards=replace(plan.cards, data=card), forecast=forecast)


def test_the_header_lists_the_cards_metrics_and_which_are_only_measured() -> None:
    assert "Metrics accuracy , F1 (measured only)" in Shown(with_metrics("accuracy", "f1")).words()
    assert "Metrics log loss , accuracy" in Shown(with_metrics()).words()
    hostile = Shown(with_metrics(plans.HOSTILE)).html()
    assert "<script>" not in hostile and "(measured only)" in hostile


def test_a_curve_is_offered_although_the_card_did_not_ask_for_it() -> None:
    shown = Shown(with_metrics("accuracy"))
    assert dict(shown.field("Metric").options) == {"log loss": "log_loss", "accuracy": "accuracy"}
    shown.field("Metric").value = "log_loss"
    assert "Validation log loss" in shown.html("ag-col")


def test_what_is_not_known_is_left_out() -> None:
    shown = Shown(plans.card_only())
    words = shown.words()
    assert "Rows" not in words and "Missing" not in words and "unknown" not in words and "None" not in words
    assert "Classes 2 ( stays , leaves )" in words


def test_the_llm_is_named() -> None:
    assert "LLM: some-model" in Shown(plans.adult(llm="some-model")).words()


def test_strips_stand_in_their_order_and_the_header_is_first(adult: Shown) -> None:
    strips = adult.panel.widget.children
    assert "ag-panel" in adult.panel.widget._dom_classes
    assert "UCI Adult" in strips[0].value and "ag-slot" in strips[1]._dom_classes
    assert isinstance(strips[2], ipywidgets.Tab) and "Evidence" in strips[3].value
    assert strips[-1].value.startswith("<style>") and strips[-1].layout.display == "none"


def test_every_rule_of_the_style_sheet_is_under_the_panel(adult: Shown) -> None:
    rules = re.sub(r"/\*.*?\*/", "", adult.sheet.removeprefix("<style>").removesuffix("</style>"), flags=re.S)
    selectors = [part.split("}")[-1].strip() for part in rules.split("{")[:-1]]
    loose = [s for s in selectors if ".ag-panel" not in s and not s.startswith("@container")]
    assert loose == []


def test_stage_titles_and_texts(adult: Shown) -> None:
    tab = adult.panel.widget.children[2]
    assert tab.titles == (
        "1 Data\n3 steps",
        "2 Model\nXGBoost",
        "3 Hyperparameters and log\n7 values, predicted 0.286",
        "4 Feedback\n1 of 1 expected",
    )
    assert tab.selected_index == 2
    words = adult.words()
    assert "ordinal codes for categories learned on the training part; unseen become NaN" in words
    assert "8 categorical c0 , c1" in words and "gradient-boosted decision trees" in words
    assert "predicted to be met training at most 20 s predicted 14 s on one core" in words


def test_checks_are_met_or_not_predicted_to_be_or_not_yet_measured() -> None:
    checks = (Check("fast", True, "", True), Check("small", False, "", True), Check("light", None, ""))
    shown = Shown(plans.adult(checks=checks))
    assert "met fast not met small not yet measured light" in shown.words()
    assert shown.panel.widget.children[2].titles[3] == "4 Feedback\n1 of 3 met"
    shown.panel.show_checks(plans.adult(checks=(Check("fast", True, "a"), Check("small", False, "b"))))
    assert "predicted to be met fast a predicted not to be met small b" in shown.words()
    assert shown.panel.widget.children[2].titles[3] == "4 Feedback\n1 of 2 expected"


def test_evidence_near_and_far(adult: Shown) -> None:
    words = adult.words()
    assert "60% like HI similarity 0.81 same task; 22,272 rows" in words
    assert "Near enough: nearest 0.81, needed 0.60. From 128 measured runs on 62 datasets." in words
    far = Shown(plans.abstaining()).words()
    assert "Nothing known is near: using what is best on average over 62 datasets." in far
    assert "Nearest is Vehicle with similarity 0.34; 0.60 is needed." in far and "Near enough" not in far


def test_candidates_that_were_tried_are_told() -> None:
    first, other = Tried(plans.PROPOSED, 1.0, 1.0), Tried({**plans.PROPOSED, "max_depth": 3}, 1.03, 1.01)
    said = "2 promising configurations tried on part of the rows, this one did best, as was predicted."
    assert said in tried(first, other)
    better = Tried(plans.PROPOSED, 0.96, 1.01)
    assert "this one did best; the one predicted to be best lost 4.2% more." in tried(replace(other, loss=1.0), better)
    assert "tried" not in tried(other, replace(other, loss=0.9))  # the plan's is another, from own runs
    assert "needed 0.60. From" in tried()


def tried(*candidates: Tried) -> str:
    plan = plans.adult()
    return Shown(replace(plan, evidence=replace(plan.evidence, tried=candidates))).words()


def test_own_datasets_stand_beside_the_evidence_and_the_one_that_is_used_says_so() -> None:
    plan = plans.abstaining()
    own = OwnDataset("Census", False, 12, "2026-11-22T10:00:00+00:00", {"max_depth": 3}, "log_loss", 0.31)
    used = replace(own, name=plans.HOSTILE, same_table=True, imported=True, taken=True)
    shown = Shown(replace(plan, evidence=replace(plan.evidence, own_datasets=(used, own, own, own))))
    words = shown.words()
    assert "12 runs other rows of this table; used here; 2026-11-22, imported; best log loss 0.31" in words
    assert "yours Census 12 runs other data; 2026-11-22; best log loss 0.31 with max_depth=3" in words
    assert "and 1 more dataset of yours" in words
    assert "Nothing known is near: using your own runs on" in words and "best on average" not in words
    assert "<script>" not in shown.html()


def test_names_of_datasets_are_whole_up_to_eighty_characters() -> None:
    plan = plans.adult()
    name = "Doctor visits in an insurance experiment, one row for each person and year"
    one, other = plan.evidence.neighbours
    neighbours = (replace(one, name=name), replace(other, name="x" * 81))
    words = Shown(replace(plan, evidence=replace(plan.evidence, neighbours=neighbours))).words()
    assert f"like {name} similarity" in words and f"like {'x' * 79}… similarity" in words


def test_an_edit_redraws_and_says_what_it_changed(adult: Shown) -> None:
    before = adult.html("ag-col")
    adult.field("subsample").value = 0.85
    assert adult.asked == [("subsample", 0.85)]
    assert adult.html("ag-col") != before
    assert "last edit: subsample 0.7 → 0.85: log loss 0.286 → 0.284 (0.272 to 0.296)" in adult.words("ag-col")
    assert "vs default: log loss 0.292 → 0.284 (80%: 0.272 to 0.296), training 3.4 s → 14 s" in adult.words("ag-col")


def test_reset_all_works_only_where_something_was_edited(adult: Shown) -> None:
    button = adult.field("Reset all")
    assert button.disabled
    adult.field("subsample").value = 0.85
    adult.field("n_estimators").value = 100_000
    assert not button.disabled
    button.click()
    assert adult.asked[-1] is None and button.disabled
    assert adult.field("subsample").value == 0.7 and adult.field("n_estimators").value == 420
    assert "above" not in adult.words("ag-note")


def test_showing_another_plan_asks_for_nothing(adult: Shown) -> None:
    adult.panel.show(plans.adult({"subsample": 0.85}))
    adult.panel.show(plans.regression())
    adult.panel.show(plans.hostile())
    assert adult.asked == []


def test_the_metric_is_chosen_and_kept_over_edits(adult: Shown) -> None:
    adult.field("Metric").value = "accuracy"
    assert "Validation accuracy" in adult.html("ag-col")
    adult.field("subsample").value = 0.85
    assert adult.field("Metric").value == "accuracy" and "→ 0.866 (80%: 0.860 to 0.872)" in adult.words("ag-col")
    adult.panel.show(plans.regression())
    assert adult.field("Metric").value == "rmse"


def ends_at(plan: Plan, shift: float) -> Plan:
    curve = plan.curve
    value = curve.value + shift
    moved = Curve("log_loss", curve.steps, value, None, quantiles_within(value - 0.01, value, value + 0.01))
    return replace(plan, forecast=Forecast({"log_loss": moved}, 1.0))


def test_an_edit_never_rescales_the_axis_and_a_new_proposal_does(adult: Shown) -> None:
    def ticks() -> list[str]:
        return re.findall(r">(0\.\d\d?)</text>", adult.html("ag-col"))

    plan = plans.adult()
    first = ticks()
    adult.panel.show(ends_at(plan, 0.001))
    assert ticks() == first
    adult.panel.show(ends_at(plan, 0.2))
    wide = ticks()
    assert np.ptp(np.array(wide, float)) > np.ptp(np.array(first, float))
    adult.panel.show(plan)
    assert ticks() == wide
    adult.panel.show(replace(plan, revision="other"))
    assert ticks() == first


def test_a_training_under_way(adult: Shown) -> None:
    adult.panel.show_measured(plans.measured(adult.panel.plan, 180))
    assert "Training: round 180 of 420, 7.9 s left" in adult.words("ag-slot")
    assert 'aria-valuenow="43"' in adult.html("ag-slot")
    assert "training: round 180 of 420" in adult.panel.widget.children[2].titles[2]
    assert "Measured over predicted" in adult.words("ag-col")


def test_a_training_that_stopped(adult: Shown) -> None:
    adult.panel.training_stopped()
    assert "stopped" not in adult.words("ag-slot")
    adult.panel.show_measured(plans.measured(adult.panel.plan, 180))
    adult.panel.training_stopped()
    slot = adult.words("ag-slot")
    assert slot == ("Training stopped: round 180 of 420. It was interrupted or failed; its curve so far is shown.")
    assert 'class="ag-notice warn"' in adult.html("ag-slot") and "progressbar" not in adult.html("ag-slot")
    assert ">stopped: round 180 of 420<" in adult.html("ag-col")
    assert "stopped: round 180 of 420" in adult.panel.widget.children[2].titles[2]
    adult.panel.show(adult.panel.plan)
    assert ">stopped: round 180 of 420<" in adult.html("ag-col")
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True))
    adult.panel.training_stopped()
    assert "Inside the band." in adult.words("ag-slot")


def test_a_training_that_cannot_reach_the_default_says_so_until_it_ends(adult: Shown) -> None:
    plan = adult.panel.plan
    advice = "This will not reach the default&#x27;s result: 99% sure."
    adult.panel.show_measured(plans.under_way(plan, 180, default=0.2))
    assert advice in adult.words("ag-effect") and f'role="status"><bdi>{advice}' in adult.html("ag-effect")
    adult.panel.training_stopped()
    assert "sure" not in adult.words("ag-effect") and ">expected<" not in adult.html("ag-col")
    adult.panel.show_measured(plans.under_way(plan, 180, default=0.2))
    adult.panel.show_measured(plans.measured(plan, 420, finished=True))
    assert "sure" not in adult.words("ag-effect") and ">expected<" not in adult.html("ag-col")


def test_the_advice_is_for_the_metric_that_is_shown(adult: Shown) -> None:
    run = plans.under_way(adult.panel.plan, 180)
    assert run.rest is not None
    adult.panel.show_measured(replace(run, rest=replace(run.rest, default={"log_loss": 0.2, "accuracy": 0.5})))
    assert "sure" in adult.words("ag-effect")
    adult.field("Metric").value = "accuracy"
    assert "sure" not in adult.words("ag-effect")


def test_what_stands_against_the_forecast_of_a_training_is_said_as_text(adult: Shown) -> None:
    adult.panel.show_measured(plans.under_way(adult.panel.plan, 180, note=f"Too wide: {plans.HOSTILE}"))
    assert "Too wide: &lt;script&gt;" in adult.words("ag-effect") and "<script>" not in adult.html()
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True))
    assert "Too wide" not in adult.words()


def test_the_verdict_inside_and_outside_the_band(adult: Shown) -> None:
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True))
    slot = adult.words("ag-slot")
    assert slot == (
        "Measured: validation log loss 0.282; predicted 0.286 (0.274 to 0.298); default predicted 0.292; 14 s "
        "Inside the band."
    )
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True, off=-0.03))
    assert "Outside the band: off by 0.03." in adult.words("ag-slot")


def test_a_training_of_other_values_gets_no_verdict(adult: Shown) -> None:
    other = {**adult.panel.plan.hyperparameters, "subsample": 0.5}
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True, hyperparameters=other))
    slot = adult.words("ag-slot")
    assert "The cell trained other values than the prediction is for: subsample 0.5 (plan: 0.7)." in slot
    assert "band" not in slot


def test_an_edit_takes_a_measurement_of_other_values_away(adult: Shown) -> None:
    adult.panel.show_measured(plans.measured(adult.panel.plan, 420, finished=True))
    adult.panel.show(plans.adult())
    assert "Measured over predicted" in adult.words("ag-col")
    adult.panel.show(plans.adult({"subsample": 0.85}))
    assert "Predicted curve" in adult.words("ag-col")


def test_the_offer_stands_until_it_is_cleared(adult: Shown) -> None:
    slot = adult.panel.widget.children[1]
    adult.panel.say("One.", "Two.", "calm")
    adult.panel.offer_update("The plan changed.")
    assert adult.words("ag-slot") == "The plan changed."
    slot.children[-1].click()
    assert adult.asked == ["cells"]
    adult.panel.clear_offer()
    assert adult.words("ag-slot") == "One. Two." and len(slot.children) == 1


def test_later_words_keep_the_offers_button(adult: Shown) -> None:
    adult.panel.offer_update()
    adult.panel.say("Later.")
    assert adult.words("ag-slot") == "Later." and len(adult.panel.widget.children[1].children) == 2
    adult.panel.clear_offer()
    assert adult.words("ag-slot") == "Later."


def test_what_a_callback_refuses_is_said_in_the_slot(adult: Shown) -> None:
    def refuse(*_: Any) -> None:
        raise DataError("the frame adult is gone; run its cell again")

    panel = Panel(plans.adult(), **dict.fromkeys(plans.CALLBACKS, refuse))
    adult.panel = panel
    adult.field("subsample").value = 0.9
    assert "the frame adult is gone" in adult.words("ag-slot") and 'role="alert"' in adult.html("ag-slot")
    assert adult.field("subsample").value == 0.7


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs if name.startswith("on"))}


def test_hostile_text_stays_text() -> None:
    shown = Shown(plans.hostile())
    shown.panel.say(plans.HOSTILE, plans.HOSTILE)
    said = shown.html()
    shown.panel.offer_update(plans.HOSTILE)
    elements = Elements(said + shown.html()).seen
    assert not elements & {"script", "onload"}
    assert "<b>bold</b>" not in said and "&lt;script&gt;" in said
    fields = [widget for widget in walk(shown.panel.widget) if hasattr(widget, "description_allow_html")]
    assert fields and not any(field.description_allow_html for field in fields)


def test_long_lists_and_names_are_cut() -> None:
    shown = Shown(plans.hostile())
    visible = re.sub(r"title=\"[^\"]*\"", "", shown.html())
    assert "and 388 more" in visible and "and 10 more" in visible and "and 19 more" in visible
    assert "x" * 100 not in visible


def test_a_child_without_a_view_is_attached(adult: Shown) -> None:
    bridge = ipywidgets.HTML()
    adult.panel.attach(bridge)
    assert adult.panel.widget.children[-1] is bridge


def test_a_closed_panel_leaves_no_widget_behind() -> None:
    before = set(_instances)
    shown = Shown(plans.adult())
    shown.panel.attach(ipywidgets.HTML())
    shown.field("subsample").value = 0.85
    shown.field("n_estimators").value = 100_000
    shown.panel.offer_update()
    shown.panel.clear_offer()
    shown.panel.show_measured(plans.measured(shown.panel.plan, 180))
    shown.panel.show(plans.hostile())
    assert len(_instances) > len(before) + 100
    shown.panel.close()
    assert set(_instances) == before
    shown.panel.close()
    shown.panel.say("Nobody hears this.")


def row(shown: Shown) -> dict[str, ipywidgets.Button]:
    return {one.description: one for one in walk(shown.panel.widget, "ag-next") if isinstance(one, ipywidgets.Button)}


def test_the_next_row_offers_what_suits_the_plan_once_it_is_trained(adult: Shown) -> None:
    assert list(row(adult)) == ["Predict", "Importance", "Threshold"]
    assert all(button.disabled and button.tooltip.startswith("Train first") for button in row(adult).values())
    adult.panel.trained(True)
    row(adult)["Importance"].click()
    assert adult.asked == [("next", "importance")]
    adult.panel.trained(False)
    assert all(button.disabled for button in row(adult).values())
    adult.panel.show(replace(adult.panel.plan, next_code={}))
    assert adult.panel.widget.children[5].layout.display == "none"


def test_nothing_next_can_be_clicked_while_an_answer_arrives(adult: Shown) -> None:
    adult.panel.trained(True)
    adult.panel.show_arrival(plans.arrival())
    assert all(button.disabled for button in row(adult).values())
    adult.panel.arrival_ended()
    assert not any(button.disabled for button in row(adult).values())


def test_few_rows_are_a_reason_for_cross_validation() -> None:
    plan = plans.adult(next_code={"cross-validation": "0", "predict": "1"})
    assert plan.table is not None
    small = replace(plan, table=replace(plan.table, n_rows=600))
    assert "With 600 rows one split says little" in Shown(small).words("ag-next")
    assert "one split" not in Shown(plan).words("ag-next")


def test_a_cross_validation_stands_in_the_verdict(adult: Shown) -> None:
    run = plans.measured(adult.panel.plan, 420, finished=True)
    adult.panel.show_measured(replace(run, spread=plans.spread(adult.panel.plan)))
    slot = adult.words("ag-slot")
    assert "log loss 0.282; cross-validated 0.284 ± 0.006 (15 folds); predicted 0.286 (0.274 to 0.298)" in slot
