"""Predictions against what came."""

from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.ledger import listed, predictions
from automl_gpt_magic.records.curve import Curve
from tests.unit.test_store import own_run

BARE = replace(own_run(), llm="", llm_predicted={}, corrected_by=0)


def measuring(value, run=BARE, **changes):
    curve = Curve("log_loss", np.array([1, 2]), np.array([0.6, value]), source="measured")
    return replace(run, curves={"log_loss": curve}, **changes)


def test_nothing_predicted_is_said():
    assert listed({}) == listed({1: replace(BARE, predicted={})})
    assert "Nothing that was trained here" in listed({})[0]


def test_each_prediction_has_its_interval_and_whether_it_held():
    inside, outside = predictions({2: measuring(0.4), 1: measuring(0.5)})
    assert (inside.number, inside.inside, outside.inside) == (2, True, False)
    lines = listed({2: measuring(0.4), 1: measuring(0.5)})
    assert lines[1].split() == [
        *("2", "2026-11-22", "10:00", "Adult", "XGBoost", "log", "loss", "forecast"),
        *("0.42", "(0.3", "to", "0.45)", "0.4", "inside"),
    ]
    assert lines[2].endswith("outside")


def test_the_summary_counts_by_source():
    runs = {
        1: measuring(0.40),
        2: measuring(0.50),
        3: measuring(0.40, llm="gpt", llm_predicted={"log_loss": 0.37}),
        4: measuring(0.40, corrected_by=2, configuration={"gamma": 9.0}),
        5: measuring(0.40, corrected_by=3, predicted={"log_loss": (0.40, 0.3, 0.45)}),
    }
    lines = listed(runs)
    summary = [line.split("  ") for line in lines[lines.index("") + 2 :]]
    told = {cells[0]: [cell.strip() for cell in cells[1:] if cell.strip()] for cells in summary}
    assert told == {
        "forecast": ["log loss", "3", "0.04", "2 of 3 (67%)"],
        "forecast, corrected": ["log loss", "1", "0.02", "1 of 1 (100%)"],
        "measured before": ["log loss", "1", "0", "1 of 1 (100%)"],
        "gpt": ["log loss", "1", "0.03", "none was given"],
    }


def test_only_what_was_measured_is_judged():
    run = measuring(0.4, predicted={"accuracy": (0.8, 0.7, 0.9)}, llm_predicted={"accuracy": 0.9})
    assert predictions({1: run}) == []


def test_the_newest_are_listed_and_all_are_counted():
    lines = listed({number: measuring(0.4) for number in range(50, 0, -1)})
    assert lines.index("and 20 earlier ones") == 31
    assert "50" in lines[-1]


@pytest.mark.parametrize("field", ["dataset", "family", "llm"])
def test_names_stay_on_one_line(field):
    run = measuring(0.4, llm_predicted={"log_loss": 0.3}, **{field: "a\nb\x1b[2J" * 9})
    assert all(line.isprintable() for line in listed({1: run}))
