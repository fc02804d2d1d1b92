"""The plan where no widget lives: a terminal, nbconvert, a page that shows a saved notebook."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import ipywidgets
import numpy as np
import plans
import pytest

from automl_gpt_magic.ledger import scores
from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.plan_wording import effect
from automl_gpt_magic.notebook.training_wording import verdict
from automl_gpt_magic.notebook.wording import bounds, ending, interval, number, places, score, seconds, unit
from automl_gpt_magic.records.curve import Curve, quantiles_within
from automl_gpt_magic.records.plan import Plan
from automl_gpt_magic.records.run import until

GOLDEN = """\
task       UCI Adult: binary classification of income, XGBoost (offline planner: no LLM called)
evidence   60% like HI, 40% like Benefits. Near enough: nearest 0.81, needed 0.60. From 128 measured runs on 62 datasets.
predicted  vs default: log loss 0.292 → 0.284 (80%: 0.272 to 0.296), training 3.4 s → 14 s
measured   Measured: validation log loss 0.280; predicted 0.284 (0.272 to 0.296); default predicted 0.292; 14 s. Inside the band.
limit      predicted to be met: training at most 20 s (predicted 14 s on one core, like the recorded runs)

learning_rate   0.08       neighbour
n_estimators    420        neighbour
max_depth       6          you
subsample       0.85       you
reg_lambda      1.235      neighbour
max_delta_step  0          default
grow_policy     depthwise  default"""  # noqa: E501


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_text_is_a_few_aligned_lines() -> None:
    plan = plans.adult({"subsample": 0.85})
    assert static.text(plan, plans.measured(plan, 420, finished=True)) == GOLDEN


def test_durations_are_compared_where_both_are_known_and_differ() -> None:
    def lasting(seconds: float, default: float, plan: Plan) -> str:
        mine, other = replace(plan.forecast, seconds=seconds), replace(plan.default_forecast, seconds=default)
        return static.effect(replace(plan, forecast=mine, default_forecast=other))

    plan, default = plans.adult(), plans.adult(plans.SPACE.default)
    assert lasting(0.02, 4.0, plan).endswith(", training 4 s → under 0.1 s")
    assert lasting(4.0, 4.01, plan).endswith(", training 4 s")
    assert lasting(4.0, math.nan, plan).endswith(", training 4 s")
    assert lasting(math.nan, 4.0, plan).endswith(", training time not known")
    assert lasting(4.0, 4.0, default) == "log loss 0.292 (80%: 0.280 to 0.304); this plan is the default; about 4 s"
    assert lasting(0.02, 0.02, default).endswith("; under 0.1 s")


def test_text_leaves_out_what_is_not_known_and_says_what_is_far() -> None:
    text = static.text(plans.card_only())
    assert "Churn: binary classification, XGBoost" in text and "None" not in text and "measured  " not in text
    assert "Nearest is Vehicle with similarity 0.34; 0.60 is needed." in static.text(plans.abstaining())


def test_text_holds_no_character_that_steers_a_terminal() -> None:
    plan = plans.adult()
    card = replace(plan.cards.data, name="a\x1b[31mb\n\u202ec")
    text = static.text(replace(plan, cards=replace(plan.cards, data=card)))
    assert text.splitlines()[0].startswith("task       a [31mb c: ")


def test_html_stands_alone_without_scripts() -> None:
    plan = plans.adult({"subsample": 0.85})
    html = static.html(plan, plans.measured(plan, 420, finished=True))
    page = Tags(html)
    assert {"table", "img"} <= page.tags and not {"script", "link", "style", "svg"} & page.tags
    assert 'src="data:image/png;base64,' in html and 'alt="Measured validation log loss' in html
    assert "Inside the band." in html and "0.284 (80%: 0.272 to 0.296)" in html


def test_hostile_text_stays_text_in_html() -> None:
    page = Tags(static.html(plans.hostile()))
    assert "script" not in page.tags and "onload" not in page.attributes
    assert any("<script>alert(1)" in word for word in page.words)


def test_a_bundle_has_a_view_only_with_a_widget() -> None:
    plan = plans.adult()
    assert set(static.bundle(plan)) == {"text/plain", "text/html", "image/png"}
    widget = ipywidgets.Box()
    shown = static.bundle(plan, widget)
    assert shown[static.VIEW]["model_id"] == widget.model_id
    assert shown["text/plain"] == static.text(plan)
    assert shown["image/png"] in shown["text/html"]


def test_numbers_as_people_write_them() -> None:
    shown = [number(value) for value in (0.05, 0.012345, 420, 1.0, 0.1 + 0.2, "gbtree", True, 1e-5)]
    assert shown == ["0.05", "0.01235", "420", "1", "0.3", "gbtree", "True", "1e-05"]
    durations = [seconds(value) for value in (0.01, 0.4, 3.0, 3.24, 14.2, 99.4, 180, 7200)]
    assert durations == ["under 0.1 s", "0.4 s", "3 s", "3.2 s", "14 s", "99 s", "3 min", "2 h"]
    assert [score(0.2838, 3), score(52612.3, -2), score(float("nan"), 3)] == ["0.284", "52,600", "nan"]


def test_a_forecast_has_as_many_places_as_its_interval_needs() -> None:
    assert ending(plans.adult().curve) == "0.286 (0.274 to 0.298)"
    assert ending(plans.regression().curve) == "52,600 (50,400 to 54,800)"
    curve = plans.adult().curve
    narrow = replace(curve, quantiles=quantiles_within(curve.value - 0.0004, curve.value, curve.value + 0.0004))
    assert ending(narrow) == f"{curve.final:.4f} (0.2855 to 0.2863)" and places(curve) == 3
    assert ending(replace(curve, quantiles=None)) == "0.286"


def test_the_interval_is_the_one_that_the_verdict_judges_by() -> None:
    plan = plans.lopsided()
    low, high = bounds(plan.curve) or (0.0, 0.0)
    assert interval(plan.curve) == f"{low:.3f} to {high:.3f}" == "0.186 to 0.686"
    for off, inside in ((0.39, True), (0.41, False), (-0.09, True), (-0.11, False)):
        first, second = verdict(plan, plans.measured(plan, 420, finished=True, off=off))
        assert "predicted 0.286 (0.186 to 0.686)" in first and second.startswith("Inside") is inside


def test_a_value_that_is_shown_at_the_bound_is_inside() -> None:
    plan = plans.lopsided()
    _, high = bounds(plan.curve) or (0.0, 0.0)
    off = high - plan.curve.final + 0.0001
    first, second = verdict(plan, plans.measured(plan, 420, finished=True, off=off))
    assert "log loss 0.686; predicted 0.286 (0.186 to 0.686)" in first and second == "Inside the band."


def test_without_a_table_regression_is_in_standard_deviations() -> None:
    plan = plans.regression_card_only()
    label = "RMSE, in standard deviations of the target"
    assert f"predicted  vs default: {label}: 53,800 → 52,600 (80%: 50,400 to 54,800)" in static.text(plan)
    html = static.html(plan)
    assert (
        f"<p>vs default: {label}: 53,800 → 52,600" in html
        and f'alt="Predicted validation {label}, by boosting round, not run' in html
    )
    assert "standard deviations" not in static.text(plans.regression()) + static.html(plans.regression())
    assert unit(plans.card_only(), "log_loss") == ""


def test_no_output_says_plus_or_minus() -> None:
    plan = plans.lopsided()
    run = plans.measured(plan, 420, finished=True)
    shown = static.text(plan, run) + static.html(plan, run)
    assert "±" not in shown and "plus or minus" not in shown
    assert "ends at 0.286 (80% interval 0.186 to 0.686; 95% interval 0.133 to 0.898)" in static.html(plan)


def test_what_an_llm_did_is_said_in_short() -> None:
    plan = plans.with_llm()
    text, html = static.text(plan), static.html(plan)
    assert "XGBoost (LLM: example-model)" in text
    weighed = "LLM 1 0.286 (chosen), recorded runs 0.288 (predicted worse), LLM 2 0.281 (training over 20 s)"
    said = (
        "12 of 15 values of the LLM passed the checks; 3 hyperparameters of the plan are its own; "
        "replaced: subsample 1.7 (above 1): 0.7 from neighbours"
    )
    assert f"candidates  {weighed}" in text and f"LLM         {said}" in text
    assert weighed in html and said in html and "LLM 1 is predicted best of 3" in html
    replayed = static.text(replace(plan, replayed="2026-11-22T10:19:31+00:00"))
    assert "(replayed from 2026-11-22, example-model)" in replayed
    assert "candidates" not in static.text(plans.adult())


def test_a_hostile_answer_stays_text_in_every_output() -> None:
    plan = plans.hostile_llm()
    page = Tags(static.html(plan))
    assert "script" not in page.tags and "onload" not in page.attributes
    text = static.text(plan)
    text.encode()
    assert "\u202e" not in text and max(map(len, text.splitlines())) < 450


def test_the_verdict_compares_the_llms_own_log() -> None:
    plan = plans.with_llm()
    _, second = verdict(plan, plans.measured(plan, 500, finished=True))
    assert second == "Inside the band. The forecast was off by 0.004, the LLM's own log by 0.0053."
    edited = plans.with_llm({"subsample": 0.9})
    assert "own log" not in verdict(edited, plans.measured(edited, 500, finished=True))[1]


def test_a_training_that_stopped_early_is_judged_by_what_was_predicted_of_the_step_it_kept() -> None:
    plan = plans.adult()
    ended = plans.measured(plan, 60, finished=True, off=0.0)
    run = {metric: replace(curve, kept=39) for metric, curve in ended.curves.items()}
    measured = replace(ended, curves=run)
    there = until(plan.curve, 40)
    assert there is not None and there.final > plan.curve.final + 0.02  # outside the band at the forecast's end
    first, second = verdict(plan, measured)
    assert f"; predicted {ending(there)} for round 40; default" in first and second == "Inside the band."
    ledger = scores.score(plan.curve, run["log_loss"])
    assert (ledger.predicted, ledger.inside(80)) == (there.final, True)


def test_a_step_of_which_nothing_was_predicted_is_not_judged() -> None:
    plan = plans.adult()
    late = {metric: until_from(curve, 10) for metric, curve in plan.forecast.curves.items()}
    plan = replace(plan, forecast=replace(plan.forecast, curves=late))
    run = Curve("log_loss", np.array([1, 2]), np.array([0.6, 0.5]), source="measured")
    first, second = verdict(plan, replace(plans.measured(plan, 1, finished=True), curves={"log_loss": run}))
    assert "; nothing was predicted of round 2; default" in first and second == ""


def until_from(curve: Curve, step: int) -> Curve:
    """Return a forecast without its steps before this one."""
    kept = curve.steps >= step
    assert curve.quantiles is not None
    return Curve(curve.metric, curve.steps[kept], curve.value[kept], quantiles=curve.quantiles[:, kept])


def test_importing_the_panel_does_not_import_matplotlib() -> None:
    modules = "automl_gpt_magic.notebook.panel, automl_gpt_magic.notebook.static"
    code = f"import sys, {modules}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("n_bytes", "band", "said"),
    [
        (217e6, (math.nan, math.nan), ", memory about 220 MB"),
        (1.34e9, (8.9e8, 1.62e9), ", memory about 1.3 GB (80%: 890 MB to 1.6 GB)"),
        (math.nan, (math.nan, math.nan), ""),
    ],
)
def test_predicted_memory_stands_beside_the_time_where_it_is_known(
    n_bytes: float, band: tuple[float, float], said: str
) -> None:
    plan = plans.adult()
    plan = replace(plan, forecast=replace(plan.forecast, memory=n_bytes, memory_band=band))
    line = "".join(words + shown for words, shown in effect(plan, "log_loss"))
    assert line.endswith(f"{seconds(plan.forecast.seconds)}{said}")
