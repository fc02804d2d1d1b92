"""What a source's earlier predictions came to stands beside its next one."""

import json
from dataclasses import replace

import numpy as np
import pytest

import automl_gpt_magic
from automl_gpt_magic.connection import connect
from automl_gpt_magic.ledger.predictions import predictions
from automl_gpt_magic.ledger.record import read_predictions, record_of_forecasts, records_of_llms
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.store import Store
from tests.conftest import CARDS
from tests.scripted_llm import ScriptedLLM, answer
from tests.unit.test_store import forecast_of, own_log, own_run


def a_run(value, llm="gpt", off=0.08, metric="log_loss", unit=1.0, **changes):
    """A run that the forecast missed by 0.03, and the LLM by ``off``."""
    came = Curve(metric, np.array([1, 2]), unit * np.array([0.9, value]), source="measured")
    ours = forecast_of(unit * (value + 0.03), unit * (value - 0.05), unit * (value + 0.1), metric)
    log = own_log(0.9 * unit, (value + off) * unit, metric=metric)
    run = own_run(metric=metric, curves={metric: came}, predicted={metric: ours}, corrected_by=0)
    return replace(run, llm=llm, llm_predicted={metric: log} if llm else {}, **changes)


def test_an_llms_record_has_ours_of_the_same_trainings_beside_it():
    runs = {number: a_run(0.3 + number / 100) for number in range(12)}
    runs[50] = a_run(0.4, llm="other", off=0.2)
    records = records_of_llms(predictions(runs), "log_loss")
    assert records == {
        "gpt": "This LLM's own logs were off by 0.08 log loss on average in 12 runs here, the forecast by 0.03.",
        "other": "This LLM's own logs were off by 0.2 log loss on average in 1 run here, the forecast by 0.03.",
    }
    assert records_of_llms(predictions(runs), "rmse") == {}


def test_a_record_never_says_the_llms_name():
    name = "<b>gpt\n\x1b"
    (said,) = records_of_llms(predictions({1: a_run(0.3, llm=name)}), "log_loss").values()
    assert said.startswith("This LLM's own logs were off by 0.08")


def test_without_a_forecast_of_the_same_trainings_none_is_said():
    alone = replace(a_run(0.3), predicted={})
    assert records_of_llms(predictions({1: alone, 2: a_run(0.3)}), "log_loss")["gpt"].endswith("in 2 runs here.")


def test_our_record_needs_three_runs_of_the_family():
    runs = {1: a_run(0.3), 2: a_run(0.3, corrected_by=1), 3: a_run(0.3, family="LightGBM")}
    assert record_of_forecasts(predictions(runs), "XGBoost", "log_loss") == ()
    runs[4] = a_run(0.3, predicted={"log_loss": forecast_of(0.33, 0.31, 0.5)})
    assert record_of_forecasts(predictions(runs), "XGBoost", "log_loss") == (
        "Forecasts for XGBoost were off by 0.03 log loss on average in 3 runs here; "
        "2 of 3 ended inside their 80% interval.",
    )


def test_in_the_targets_unit_it_is_a_share():
    runs = {number: a_run(0.5, metric="rmse", unit=10.0**number) for number in range(3)}
    assert records_of_llms(predictions(runs), "rmse")["gpt"] == (
        "This LLM's own logs were off by 16.0% of the RMSE on average in 3 runs here, the forecast by 6.0%."
    )


def test_values_that_were_measured_before_are_no_record(tmp_path):
    kept = Store(tmp_path / "store.sqlite")
    assert read_predictions(kept.place) == read_predictions(None) == []
    assert not (tmp_path / "store.sqlite").exists()
    for run in (a_run(0.3), a_run(0.3, corrected_by=1), a_run(0.4, configuration={"max_depth": 3}, corrected_by=1)):
        kept.add_run(run)
    assert {one.number for one in read_predictions(kept.place)} == {1, 3}


def test_a_plan_carries_both_records(adult, tmp_path):
    kept = Store(tmp_path / "store.sqlite")  # as tests/conftest.py sets it
    for value in (0.3, 0.35):
        kept.add_run(a_run(value, llm="scripted"))
    first = automl_gpt_magic.plan(CARDS, frame=adult)
    assert not [note for note in first.notes if "Forecasts for" in note]
    kept.add_run(a_run(0.4, llm="another <b>"))
    text = json.dumps({"candidates": [], "notes": "none", "model": {"reason": "r"}})
    with ScriptedLLM(answer(text), answer(text)) as server:
        plan = automl_gpt_magic.plan(CARDS, frame=adult, model=connect(base_url=server.base_url, model="scripted"))
    (said,) = [note for note in plan.notes if "Forecasts for" in note]
    assert said.startswith("Forecasts for XGBoost were off by 0.03 log loss on average in 3 runs here")
    assert plan.llm_records.keys() == {"scripted", "another <b>"}
    assert "off by 0.08 log loss on average in 2 runs" in plan.llm_records[plan.llm]
    assert (plan.prompt, plan.code) == (first.prompt, first.code)


@pytest.mark.parametrize("content", ["my notes\n" * 300, "SQLite format 3\0" + "x" * 5000])
def test_a_store_that_cannot_be_read_has_no_record(tmp_path, content):
    (tmp_path / "notes").write_text(content)
    assert read_predictions(tmp_path / "notes") == []
