"""The README's code blocks run, and its figures are the shipped bank's."""

import json
import re
from pathlib import Path

import automl_gpt_magic
from automl_gpt_magic.experience.bank import FOLDER
from automl_gpt_magic.planning.families import catalogue
from tests.conftest import small_adult

README = (Path(__file__).parents[2] / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_python_blocks_run_and_so_does_what_they_plan(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})
    namespace = {}
    for block in blocks("python"):
        exec(block, namespace)
        assert namespace["plan"].hyperparameters
        for source in namespace["plan"].code.values():
            exec(source, namespace)
    assert namespace["mine_valid_scores"]["log_loss"] < 0.7


def test_the_cell_can_be_planned():
    (cell,) = [block for block in blocks("") if block.startswith("%%automl")]
    plan = automl_gpt_magic.plan(cell.partition("\n")[2], frame=small_adult())
    assert plan.hyperparameters["max_depth"] == 6


def test_the_banks_figures():
    about = json.loads((FOLDER / "xgboost.json").read_text())
    scores = about["calibration"]["scores"]
    assert f"{len(about['datasets'])} public datasets" in README
    for name in ("data", "card", "prior", "default"):
        assert re.search(rf"(?<![\d.]){scores[name]:.2f}(?!\d)", README), name
