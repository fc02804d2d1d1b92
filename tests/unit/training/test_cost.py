"""What predictions of real models take, and how large they are."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import automl_gpt_magic
from automl_gpt_magic.costing import measuring_of
from automl_gpt_magic.errors import TrainingError, UsageError
from automl_gpt_magic.records.cost import Cost
from automl_gpt_magic.records.request import Constraint
from automl_gpt_magic.training import cost as timing
from automl_gpt_magic.training import stopwatch
from automl_gpt_magic.training.cost import Measuring, measured_cost
from automl_gpt_magic.training.memory import imports
from tests.conftest import CARDS, small_adult

ROWS = pd.DataFrame({"a": np.arange(30.0)})


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """A tenth of a second is enough to see that it works; how well it repeats is for the benchmark."""
    monkeypatch.setattr(timing, "_SECONDS", 0.03)
    monkeypatch.setattr(timing, "_MOST_SECONDS", 0.06)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


class Clock:
    """Time that passes only where a model says so; no other program can disturb it."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now

    def perf_counter_ns(self):
        return round(self.now * 1e9)

    thread_time_ns = perf_counter_ns

    def model(self, *seconds):
        """A model whose calls take these seconds in turns."""
        turns = itertools.cycle(seconds)

        def predict(rows):
            self.now += next(turns)

        return SimpleNamespace(predict=predict)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "_SECONDS", 0.6)
    monkeypatch.setattr(timing, "_MOST_SECONDS", 1.0)
    monkeypatch.setattr(timing, "time", clock)
    monkeypatch.setattr(stopwatch, "time", clock)
    return clock


ANY = SimpleNamespace(predict=lambda rows: None)


def measured(model, batches=(1, 100), save="", **more):
    return measured_cost("a", {"a_model": model, "a_rows": ROWS, **more}, Measuring(batches, save))


def test_the_batches_of_limits_are_timed_too():
    request = "latency p50 under 5 ms at batch 32"
    plan = automl_gpt_magic.plan(CARDS.replace("Keep training under a minute.", request), frame=small_adult())
    assert measuring_of(plan).batches == (1, 1000, 32)


def test_a_call_takes_as_long_as_it_takes(clock):
    cost = measured(clock.model(0.002))
    assert [one.p50 for one in cost.latencies] == [one.p95 for one in cost.latencies] == pytest.approx([0.002, 0.002])
    assert cost.latencies == cost.model_latencies and not cost.with_preprocessing


def test_a_real_call_takes_about_as_long_as_it_takes():
    cost = measured(SimpleNamespace(predict=lambda rows: time.sleep(0.01)), (1,))
    assert 0.01 <= cost.latency(1).p50 < 0.05


def test_what_comes_before_the_model_is_told_apart(clock):
    def prepare(rows):
        clock.now += 0.003
        return rows

    class Model(BaseEstimator):
        def fit(self, x, y=None):
            self.fitted_ = True
            return self

        def predict(self, rows):
            clock.now += 0.001

    cost = measured(make_pipeline(FunctionTransformer(prepare), Model()).fit(ROWS))
    assert (cost.latency(1).p50, cost.model_latency(1).p50) == pytest.approx((0.004, 0.001))


def test_the_slow_calls_of_a_model_are_told_and_those_of_a_busy_machine_are_not(clock):
    own = measured(clock.model(*[0.001] * 9, 0.005), (1,)).latency(1)
    assert (own.p50, own.p95) == pytest.approx((0.001, 0.005))
    busy = measured(clock.model(*[0.001] * 40, *[0.01] * 40), (1,)).latency(1)
    assert (busy.p50, busy.p95) == pytest.approx((0.001, 0.001))


def test_measuring_goes_on_until_the_calmest_blocks_agree(clock):
    steady = measured(clock.model(0.001), (1,)).latency(1)
    restless = measured(clock.model(*np.geomspace(0.001, 0.01, 97)), (1,)).latency(1)
    assert 3 * 0.55 < steady.n_calls * 0.001 < 3 * 0.7
    assert restless.n_calls * np.geomspace(0.001, 0.01, 97).mean() > 3 * 0.95


def test_a_run_that_is_disturbed_as_a_whole_tells_nothing(clock):
    disturbed = [*[0.001] * 2, *[0.004] * 270, *[0.001] * 10_000]
    assert measured(clock.model(*disturbed), (1,)).latency(1).p50 == pytest.approx(0.001)


def test_a_call_of_more_than_half_a_second_is_timed_once_after_the_first(clock):
    cost = measured(clock.model(5.0, 0.6), (1,))
    assert (cost.latency(1).n_calls, cost.latency(1).p50) == (1, pytest.approx(0.6))


def test_every_call_gets_a_table_of_its_batch():
    seen = set()
    measured(SimpleNamespace(predict=lambda rows: seen.add((len(rows), rows.index[0]))), (1, 7, 1000))
    assert {n_rows for n_rows, _ in seen} == {1, 7, 1000}
    assert len([first for n_rows, first in seen if n_rows == 1]) > 10


def test_the_collector_is_as_before():
    assert gc.isenabled()
    measured(ANY, (1,))
    assert gc.isenabled()


@pytest.mark.parametrize("left", [{}, {"a_model": ANY, "a_rows": None}, {"a_model": object(), "a_rows": ROWS}])
def test_without_a_model_that_predicts_rows_there_is_nothing_to_measure(left):
    with pytest.raises(UsageError, match="run the training cell"):
        measured_cost("a", left, Measuring())


def test_a_prediction_that_fails_says_so_in_one_line():
    def predict(rows):
        raise ValueError("no\nway")

    with pytest.raises(TrainingError, match=r"prediction failed \(ValueError: no way\)"):
        measured(SimpleNamespace(predict=predict))


@pytest.mark.parametrize("save", ["", "import no_such_library", "a_model.no_such_method()"])
def test_a_model_that_cannot_be_saved_has_no_size(save):
    assert measured(ANY, (1,), save).model_bytes is None


@pytest.mark.parametrize("seconds", [None, "1", float("nan")])
def test_seconds_that_are_no_number_are_not_taken(seconds):
    assert measured(ANY, (1,), a_seconds=seconds).training_seconds is None


def test_a_limit_asks_for_one_number_of_a_cost():
    cost = Cost("a", measured(ANY, (1,)).latencies, (), 10, 20, 30.0)
    assert cost.value(Constraint("latency", 1)) == cost.latency(1).p95
    assert cost.value(Constraint("latency", 1, percentile=50)) == cost.latency(1).p50
    assert cost.value(Constraint("latency", 1, batch=2)) is None
    assert [cost.value(Constraint(name, 1)) for name in ("model_size", "memory", "training_seconds", "recall")] == [
        10,
        20,
        30.0,
        None,
    ]


# In a process of its own: one that has let go of much memory takes no more for a new array.
PEAK = """
import numpy as np
from automl_gpt_magic.training.memory import PeakMemory
peak = PeakMemory(["import numpy as np\\nimport no_such_library\\nraise SystemExit"])
np.ones(10_000_000).sum()
print(peak.bytes())
"""


def test_the_peak_counts_what_is_held_at_once_and_no_library():
    said = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True).stdout.strip()
    assert said == "None" or 75e6 < int(said) < 120e6


def test_only_imports_are_run_ahead():
    assert imports("import a\nfrom b import c\nx = 1\n\ndef f():\n    import d") == ["import a", "from b import c"]
    assert imports("def f(:") == []
