"""What the pages say is what the code and the measured tables say."""

from __future__ import annotations

import json
import re

import pytest

from automl_gpt_magic.cards import fields
from automl_gpt_magic.experience.bank import FOLDER
from automl_gpt_magic.records.request import UNITS
from tests.docs.pages import BOOK, PAGES, ROOT

BENCHMARKS = ROOT / "tests" / "benchmarks"
XGBOOST = json.loads((FOLDER / "xgboost.json").read_text())
LAST_LINES = {
    "transfer": r"^ours_card=(?P<card>[\d.]+) ours_data=(?P<data>[\d.]+) .* datasets=(?P<datasets>\d+)$",
    "forecast": r"^final_card=(?P<card>[\d.]+) final_data=(?P<data>[\d.]+) prefix10=(?P<prefix10>[\d.]+) ",
}


def last_line(benchmark):
    text = (BENCHMARKS / benchmark / "README.md").read_text()
    return re.search(LAST_LINES[benchmark], text, re.MULTILINE).groupdict()


@pytest.mark.parametrize("name", [*fields.DATA, *fields.MODEL, *fields.REQUEST, *fields._SPLIT, *UNITS])
def test_every_field_of_the_card_language_is_described(name):
    assert f"`{name}`" in PAGES["card_language.md"]


def test_the_banks_figures():
    page, scores = PAGES["recommendation.md"], XGBOOST["calibration"]["scores"]
    assert f"{len(XGBOOST['datasets'])} public datasets" in page
    for name in ("data", "card", "prior", "default"):
        assert re.search(rf"(?<![\d.]){scores[name]:.2f}(?!\d)", page), name
    settings = XGBOOST["calibration"]["transfer"]
    shown = {arm: (settings[arm]["text_share"], settings[arm]["prior_share"]) for arm in ("card", "data")}
    assert shown == {"card": (0.25, 0.6), "data": (0.0, 0.3)}
    assert {settings[arm]["n_neighbours"] for arm in shown} == {30}
    told = (
        "with the data at hand: $s = 0$, $p = 0.3$ and $k = 30$; by the card alone $s = 0.25$, $p = 0.6$ and $k = 30$"
    )
    assert told in " ".join(page.split())
    thresholds = XGBOOST["calibration"]["abstention"]["data"]
    assert f"{thresholds['with_text']['threshold']} ({thresholds['without_text']['threshold']} without" in page


@pytest.mark.parametrize("page", ["README.md", "recommendation.md"])
def test_scores_of_recommendations_are_the_benchmarks(page):
    measured = last_line("transfer")
    assert f"{measured['datasets']} " in PAGES[page]
    for arm in ("card", "data"):
        assert f"**{float(measured[arm]):.2f}**" in PAGES[page], arm


@pytest.mark.parametrize("page", ["README.md", "forecasts.md"])
def test_errors_of_forecasts_are_the_benchmarks(page):
    measured = last_line("forecast")
    for arm in ("card", "data"):
        assert f"**{measured[arm]}**" in PAGES[page], arm


@pytest.mark.parametrize("arm", ["ours, card only", "ours, data at hand"])
def test_shares_inside_the_bands_are_the_benchmarks(arm):
    text = (BENCHMARKS / "forecast" / "README.md").read_text()
    line = re.search(rf"^{arm} +all, before the training.*$", text, re.MULTILINE)[0]
    for share in re.findall(r"([\d.]+) \[", line):
        assert f"{float(share):.0%}" in PAGES["forecasts.md"], share


def test_the_images_figures_are_the_benchmarks():
    text = (BENCHMARKS / "unseen" / "README.md").read_text()
    row = next(line for line in PAGES["README.md"].splitlines() if "Unseen image classes" in line)
    for figure in re.findall(r"(?:vit|cnn)_(?:ours|grid)=([\d.]+)", text):
        assert figure in row, figure


def test_adults_figures_are_the_notebooks():
    notebook = json.loads((BOOK / "cases" / "uci_adult.ipynb").read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    (compared,) = cells["adult-compare"]["outputs"]
    shown = "".join(compared.get("text") or compared["data"]["text/plain"])
    for row in ("measured, test", "XGBoost's defaults, test"):
        loss, accuracy = map(float, re.search(rf"{row} +(\S+) +(\S+)", shown).groups())
        assert f"{loss:.4f}" in PAGES["README.md"] and f"{accuracy:.2%}" in PAGES["README.md"], row
    (printed,) = cells["adult-band"]["outputs"]
    pattern = r"predicted (\S+), measured (\S+), (inside|outside) the 80% band (\S+) to (\S+)"
    value, measured, side, low, high = re.search(pattern, "".join(printed["text"])).groups()
    told = (
        f"{value} (80% band {low} to {high}), measured {measured}"
        + {"inside": " |", "outside": ", just outside it |"}[side]
    )
    assert told in PAGES["README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_no_place_is_left_to_be_filled(page):
    assert not re.findall(r"\b(?:ADULT|SPEED|BINDER)_[A-Z]+\b", PAGES[page])


def test_links_lead_to_files():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *BOOK.rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith(("http:", "https:")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
