"""The plan where no widget lives: a terminal, nbconvert, a page that shows a saved notebook."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import ipywidgets
import plans

from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.wording import number, places, plus_minus, score, seconds

GOLDEN = """\
task       UCI Adult: binary classification of income, XGBoost (offline planner: no LLM called)
evidence   60% like HI, 40% like Benefits. Near enough: nearest 0.81, needed 0.60. From 128 measured runs on 62 datasets.
predicted  log loss 0.284 ± 0.012 vs default 0.292; about 14 s
measured   Measured: validation log loss 0.280; predicted 0.284 ± 0.012; default predicted 0.292; 14 s. Inside the band.

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


def test_a_very_short_training_is_not_about_under_something() -> None:
    plan = plans.adult()
    fast = replace(plan, forecast=replace(plan.forecast, seconds=0.02))
    assert "vs default 0.292; under 0.1 s" in static.text(fast)


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
    assert "Inside the band." in html and "0.284 ± 0.012" in html


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
    assert plus_minus(plans.adult().curve) == "0.286 ± 0.012"
    assert plus_minus(plans.regression().curve) == "52,600 ± 2,200"
    curve = plans.adult().curve
    narrow = replace(curve, lower=curve.value - 0.0004, upper=curve.value + 0.0004)
    assert plus_minus(narrow) == f"{curve.final:.4f} ± 0.0004" and places(curve) == 3


def test_importing_the_panel_does_not_import_matplotlib() -> None:
    modules = "automl_gpt_magic.notebook.panel, automl_gpt_magic.notebook.static"
    code = f"import sys, {modules}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
