"""Limits and costs as a user reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_gpt_magic.notebook.checks_view import answered, checks_html, checks_text, cost_html, cost_text, state
from automl_gpt_magic.records.cost import Cost, Latency
from automl_gpt_magic.records.plan import Check
from tests.unit.notebook import plans

MET, FAILED = Check("small", True, "81 kB", True), Check("fast", False, "p95 30 ms", True)
EXPECTED, DOUBTED, OPEN = Check("cheap", True, "1 s"), Check("good", False, "0.8"), Check("light", None, "")
COST = Cost(
    "a processor, 2 processors, Linux",
    (Latency(1, 0.0056, 0.0064, 128), Latency(1000, 0.0065, 0.008, 90)),
    (Latency(1, 0.00027, 0.0003, 900), Latency(1000, 0.0008, 0.001, 400)),
    81_392,
    42_000_000,
    1.25,
)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (MET, "met"),
        (FAILED, "not met"),
        (EXPECTED, "predicted to be met"),
        (DOUBTED, "predicted not to be met"),
        (OPEN, "not yet measured"),
    ],
)
def test_how_a_limit_stands(check, said):
    assert state(check) == said
    assert f">{said}</b>" in checks_html([check])
    assert checks_text([check]) == [f"{said}: {check.text} ({check.detail})"]


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ((), "no limits"),
        ((MET, FAILED, OPEN), "1 of 3 met"),
        ((FAILED, OPEN), "0 of 2 met"),
        ((EXPECTED, DOUBTED), "1 of 2 expected"),
        ((MET, MET, EXPECTED, OPEN), "2 met, 1 expected, of 4"),
    ],
)
def test_a_prediction_is_not_counted_as_met(checks, said):
    assert answered(checks) == said


def test_a_cost_is_said_whole():
    assert cost_text(COST) == [
        "measured on a processor, 2 processors, Linux",
        "Prediction of one row: p50 5.6 ms, p95 6.4 ms, 179 rows/s; the model alone 0.27 ms",
        "Prediction of 1,000 rows: p50 6.5 ms, p95 8 ms, 154,000 rows/s; the model alone 0.8 ms",
        "Model as saved: 81.4 kB",
        "Peak memory of the training: 42 MB",
        "Training: 1.25 s",
    ]
    for line in cost_text(COST)[1:]:
        assert line.partition(": ")[2] in cost_html(COST)
    assert cost_html(None) == ""


def test_what_was_not_measured_is_left_out():
    bare = replace(COST, model_bytes=None, memory_bytes=None, training_seconds=None, with_preprocessing=False)
    assert cost_text(bare)[1:] == [
        "Prediction of one row: p50 5.6 ms, p95 6.4 ms, 179 rows/s",
        "Prediction of 1,000 rows: p50 6.5 ms, p95 8 ms, 154,000 rows/s",
    ]


def test_text_from_outside_is_escaped():
    shown = checks_html([Check(plans.HOSTILE, True, plans.HOSTILE)]) + cost_html(replace(COST, machine=plans.HOSTILE))
    assert "<script" not in shown and "<b>bold" not in shown
    assert shown.count("&lt;script&gt;") == 3 and shown.count("<bdi>&lt;script") == 3
