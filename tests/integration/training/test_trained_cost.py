"""What a prediction of a trained model costs, measured on real models."""

from __future__ import annotations

import contextlib
import io

import pytest

import automl_gpt_magic
from automl_gpt_magic.costing import measuring_of
from automl_gpt_magic.records.cost import as_data, cost_of, this_machine
from automl_gpt_magic.training import cost as timing
from automl_gpt_magic.training.cells import run_cells
from automl_gpt_magic.training.cost import measured_cost
from tests.conftest import CARDS, small_adult

MODELS = {
    "XGBoost": CARDS.replace("{max_depth: 6}", "{n_estimators: 40}"),
    "MLP": CARDS.replace("{max_depth: 6}", "{epochs: 2, width: 64}").replace("name: XGBoost", "name: MLP"),
    "LightGBM": CARDS.replace("{max_depth: 6}", "{n_estimators: 40}").replace("name: XGBoost", "name: LightGBM"),
}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Half a second is enough to see that it works; how well it repeats is for the benchmark."""
    monkeypatch.setattr(timing, "_SECONDS", 0.3)
    monkeypatch.setattr(timing, "_MOST_SECONDS", 0.5)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.mark.parametrize("name", MODELS)
def test_a_trained_model_is_timed_whole_and_alone_and_sized_as_it_is_saved(name, tmp_path):
    plan = automl_gpt_magic.plan(MODELS[name], frame=small_adult())
    with contextlib.redirect_stdout(io.StringIO()):
        left = run_cells(plan.code.items(), {"adult": small_adult()})
    measuring = measuring_of(plan)
    cost = measured_cost(plan.names, left, measuring)
    assert [one.batch for one in cost.latencies] == [one.batch for one in cost.model_latencies] == [1, 1000]
    assert cost.with_preprocessing and cost.machine == this_machine()
    for whole, alone in zip(cost.latencies, cost.model_latencies, strict=True):
        assert 0 < alone.p50 < whole.p50 <= whole.p95
        assert whole.throughput == whole.batch / whole.p50
    assert cost.latency(1000).throughput > 5 * cost.latency(1).throughput
    assert cost.training_seconds == left[f"{plan.names}_seconds"]
    folder = tmp_path / "model"
    folder.mkdir()
    exec(measuring.save, {f"{plan.names}_model": left[f"{plan.names}_model"], f"{plan.names}_folder": folder})
    assert cost.model_bytes == sum(file.stat().st_size for file in folder.iterdir()) > 1000
    assert cost_of(as_data(cost)) == cost
