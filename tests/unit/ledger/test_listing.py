"""Predictions against what came, listed and summed up."""

import re
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.ledger.listing import Ledger, ledger_of, listed
from automl_gpt_magic.ledger.predictions import predictions
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.store import Store
from tests.unit.test_store import forecast_of, own_log, own_run

BARE = replace(own_run(), llm="", llm_predicted={}, corrected_by=0)


def measuring(value, run=BARE, metric="log_loss", **changes):
    curve = Curve(metric, np.array([1, 2]), np.array([0.6, value]), source="measured")
    return replace(run, metric=metric, curves={metric: curve}, **changes)


def cells(line):
    return [cell for cell in re.split(r" {2,}", line) if cell]


def told(runs, repeated=()):
    lines = listed(predictions(runs, repeated))
    begin, end = lines.index("") + 1, len(lines) - 1 - lines[::-1].index("")
    heading, *totals = (cells(line) for line in lines[begin:end])
    return {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in totals}


def test_nothing_predicted_is_one_line():
    assert listed([]) == listed(predictions({1: replace(BARE, predicted={})}))
    assert listed([]) == ["Nothing that was trained here had been predicted yet."]


def test_each_prediction_has_its_interval_whether_it_held_and_how_far_the_curve_was_off():
    runs = {2: measuring(0.4), 1: measuring(0.5)}
    lines = listed(predictions(runs))
    assert cells(lines[0])[-4:] == ["predicted", "measured", "interval", "curve off by"]
    assert lines[1].split() == [
        *("2", "2026-11-22", "10:00", "Adult", "XGBoost", "log", "loss", "forecast"),
        *("0.42", "(0.3", "to", "0.45)", "0.4", "inside", "0.01"),
    ]
    assert cells(lines[2])[-2:] == ["outside", "0.04"]


def test_the_totals_are_by_source():
    runs = {
        1: measuring(0.40),
        2: measuring(0.50),
        3: measuring(0.40, llm="gpt", llm_predicted={"log_loss": own_log(0.5, 0.37)}),
        4: measuring(0.40, corrected_by=2),
        5: measuring(0.40, corrected_by=3, predicted={"log_loss": forecast_of(0.40, 0.3, 0.45)}),
    }
    totals = told(runs, repeated=[5])
    assert [(name, row["n"], row["last value off by"]) for name, row in totals.items()] == [
        ("forecast", "3", "0.04"),
        ("forecast, corrected", "1", "0.02"),
        ("measured before", "1", "0"),
        ("LLM: gpt", "1", "0.03"),
    ]
    ours, llm = totals["forecast"], totals["LLM: gpt"]
    assert (ours["inside the 80% interval"], ours["inside the 95% interval"]) == ("2 of 3 (67%)", "2 of 3 (67%)")
    assert (ours["curve off by"], ours["80% interval's width"]) == ("0.02", "0.15")
    assert (llm["curve off by"], llm["inside the 80% interval"], llm["CRPS"]) == ("0.065", "none given", "0.03")
    assert 0 < float(ours["CRPS"]) < float(ours["last value off by"])


def test_a_repeat_that_knew_of_no_run_is_a_forecast():
    assert [one.source for one in predictions({1: measuring(0.4)}, [1])] == ["forecast"]


def test_an_llm_of_any_name_is_no_forecast():
    run = measuring(0.4, llm="forecast", llm_predicted={"log_loss": own_log(0.5, 0.3)})
    assert told({1: run}).keys() == {"forecast", "LLM: forecast"}


def test_errors_in_the_targets_unit_are_shares_of_what_was_measured():
    def in_unit(unit):
        predicted = {"rmse": forecast_of(0.9 * unit, 0.8 * unit, 1.1 * unit, "rmse")}
        return measuring(1.0 * unit, metric="rmse", predicted=predicted)

    runs = {1: in_unit(1.0), 2: in_unit(1e6)}
    row = told(runs)["forecast"]
    assert (row["last value off by"], row["80% interval's width"]) == ("10.0%", "30.0%")
    assert listed(predictions(runs))[-1].startswith("Of RMSE and MAE all is a share")
    nothing_left = told({**runs, 3: measuring(0.0, metric="rmse", predicted=runs[1].predicted)})["forecast"]
    assert (nothing_left["n"], nothing_left["last value off by"]) == ("3", "10.0%")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_cannot_be_scored_is_listed_with_the_reason_and_not_counted(value):
    lines = listed(predictions({2: measuring(value), 1: measuring(0.4)}))
    assert lines[1].endswith("not scored: measured no finite value")
    assert told({2: measuring(value), 1: measuring(0.4)})["forecast"]["n"] == "1"


def test_where_nothing_can_be_scored_one_line_says_why():
    other = {"accuracy": forecast_of(0.8, 0.7, 0.9, "accuracy")}
    runs = {1: measuring(0.4, predicted=other), 2: measuring(0.4, predicted=other), 3: measuring(np.nan)}
    assert listed(predictions(runs)) == ["No prediction can be scored: not measured (2), measured no finite value (1)."]


def test_the_newest_are_listed_and_all_are_counted():
    runs = {number: measuring(0.4) for number in range(50, 0, -1)}
    lines = listed(predictions(runs))
    assert lines.index("and 20 earlier ones") == 31
    assert told(runs)["forecast"]["n"] == "50"


@pytest.mark.parametrize("field", ["dataset", "family", "llm"])
def test_names_stay_on_one_line_and_are_no_markup(field):
    bad = '<script>alert("&")</script>\n\x1b[2J'
    log = {"log_loss": own_log(0.5, 0.3)}
    found = predictions({number: measuring(0.4, llm_predicted=log, **{field: bad * 3}) for number in range(5)})
    assert all(line.isprintable() for line in listed(found))
    shown = Ledger(found)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script" in shown


def test_a_notebook_gets_text_and_plot_where_a_source_was_scored_five_times():
    runs = {number: measuring(0.4) for number in range(5)}
    shown = Ledger(predictions(runs))._repr_html_()
    assert shown.startswith("<pre")
    assert shown.count("<svg") == shown.count("</svg>") == 1
    assert repr(Ledger(predictions(runs))).splitlines() == listed(predictions(runs))
    del runs[0]
    assert Ledger(predictions(runs))._repr_html_() is None


def test_the_ledger_of_a_store_is_of_what_was_trained_here(tmp_path):
    kept = Store(tmp_path / "store.sqlite")
    assert repr(ledger_of(kept.place)).startswith("Nothing that was trained here")
    kept.import_runs([own_run(dataset="elsewhere")])
    for run in (own_run(corrected_by=0), own_run(predicted={}, llm_predicted={}), own_run()):
        kept.add_run(run)
    said = repr(ledger_of(kept.place))
    assert re.findall(r"^\d+", said, re.MULTILINE) == ["4", "4", "2", "2"]
    assert "measured before" in said
    with pytest.raises(UsageError, match="store is empty"):
        ledger_of(None)
