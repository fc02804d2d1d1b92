"""Limits in words: what the user reads back is what was understood, with nothing rounded away."""

from __future__ import annotations

import math

import pytest

from automl_gpt_magic.records.quantities import amount, bound_text, limit_text, limited_text
from automl_gpt_magic.records.request import UNITS, Constraint

SAID = {
    "training at most 60 s": Constraint("training_seconds", 60),
    "training at most 30 min": Constraint("training_seconds", 1800),
    "latency p95 at most 20 ms at batch 1": Constraint("latency", 0.02),
    "latency p50 at most 1.5 s at batch 1,000": Constraint("latency", 1.5, batch=1000, percentile=50),
    "throughput at least 10 rows/s at batch 32": Constraint("throughput", 10, True, 32),
    "model size at most 50 MB": Constraint("model_size", 50e6),
    "model size at most 52.4288 MB": Constraint("model_size", 50 * 2**20),
    "peak memory at most 1.5 GB": Constraint("memory", 1.5e9),
    "at most 1,000 trees": Constraint("trees", 1000),
    "at most 1 epoch": Constraint("epochs", 1),
    "recall at least 0.98765": Constraint("recall", 0.98765, True),
    "balanced accuracy at least 0.9": Constraint("balanced_accuracy", 0.9, True),
    "RMSE at most 12,500": Constraint("rmse", 12500),
}


@pytest.mark.parametrize(("said", "limit"), SAID.items(), ids=SAID)
def test_a_limit_is_said_in_a_unit_that_suits_it(said: str, limit: Constraint) -> None:
    assert limit_text(limit) == said


def test_a_limit_in_two_columns() -> None:
    limit = Constraint("latency", 0.02, batch=8)
    assert (limited_text(limit), bound_text(limit)) == ("latency p95 at batch 8", "at most 20 ms")
    assert (limited_text(Constraint("trees", 9)), bound_text(Constraint("trees", 9))) == ("trees", "at most 9 trees")


def test_a_measured_amount_has_three_digits() -> None:
    assert [amount("latency", value) for value in (0.0123456, 0.00012345, 1.23456)] == ["12.3 ms", "0.123 ms", "1.23 s"]
    assert amount("model_size", 512) == "512 bytes" and amount("model_size", 1234567) == "1.23 MB"
    assert amount("recall", 0.123456) == "0.123" and amount("throughput", 1e5 / 3) == "33,300 rows/s"
    assert amount("latency", math.nan) == "nan s"


@pytest.mark.parametrize("quantity", UNITS)
@pytest.mark.parametrize("bound", [1e-3, 0.5, 1.0, 7.25, 119.0, 3601.0, 123456.0, 2.5e9])
def test_no_bound_is_rounded(quantity: str, bound: float) -> None:
    number, _, unit = amount(quantity, bound, 10).partition(" ")
    sizes = {"ms": 1e-3, "min": 60, "h": 3600, "kB": 1e3, "MB": 1e6, "GB": 1e9}
    assert float(number.replace(",", "")) * sizes.get(unit, 1) == pytest.approx(bound, rel=1e-9)
