"""What the UCI Adult notebook says of its results holds for them."""

from __future__ import annotations

import re

import demo
import pandas as pd
import pytest

from .pages import cell, printed

PATH = "cases/uci_adult.ipynb"
pytestmark = pytest.mark.xdist_group(PATH)


@pytest.fixture
def adult(executed):
    return executed(PATH)


@pytest.fixture
def summary(adult):
    pairs = (pair.partition("=") for pair in demo.text_of(cell(adult, "adult-summary")).split())
    return {name: float(value) for name, _, value in pairs}


def test_adult_beats_the_default_and_lies_inside_its_band(adult, summary):
    assert list(summary) == ["accuracy", "log_loss", "default_log_loss", "predicted_low", "predicted_high", "seconds"]
    assert summary["log_loss"] < summary["default_log_loss"]
    told = re.search(r"predicted (\S+), measured (\S+), inside the 80% band (\S+) to", printed(adult, "adult-band"))
    predicted, measured, low = map(float, told.groups())
    assert low < measured < predicted


def test_the_gain_over_the_default_is_more_than_chance(adult, summary):
    gain, low, high = map(float, re.findall(r"0\.\d{4}", printed(adult, "adult-band")))
    assert gain == pytest.approx(summary["default_log_loss"] - summary["log_loss"], abs=2e-4)
    assert 0 < low < gain < high < 0.01, "a little that is more than chance"


def test_the_papers_figures_stand_beside_ours(adult, summary):
    lines = printed(adult, "adult-compare").splitlines()
    table = pd.DataFrame([line.rsplit(maxsplit=2) for line in lines[1:]], columns=["row", *lines[0].split()])
    table = table.set_index(table["row"].str.strip()).drop(columns="row").astype(float)
    assert table.loc["AutoML-GPT paper"].to_dict() == {"log_loss": 0.277, "accuracy": 0.8592}
    assert 0.277 - 0.002 < summary["log_loss"] < 0.277 - 0.0005, "a thousandth lower"
    assert 0.01 < summary["accuracy"] - 0.8592 < 0.02, "a point and a half higher"


def test_the_saved_output_shows_plan_measured_curve_and_picture_without_widgets(adult):
    (output,) = cell(adult, "adult-magic").outputs
    assert "Measured: validation log loss" in output.data["text/html"]
    assert "data:image/png" in output.data["text/html"]
    assert {"text/plain", "image/png"} <= set(output.data)


def test_the_html_file_is_self_contained(adult):
    html = re.sub("<a [^>]*>", "", demo.as_html(adult))  # nothing is loaded by a link
    assert "measured, test" in html
    assert "data:image/png" in html
    assert not re.findall(r"""(?:src|href|from|import)\s*[=(]?\s*["'](?:https?:)?//[^"']+""", html)
