"""Whether quantiles hold is found out, and drawn."""

import xml.etree.ElementTree as ElementTree
from statistics import NormalDist

import numpy as np
import pytest

from automl_gpt_magic.ledger.predictions import predictions
from automl_gpt_magic.ledger.reliability import reliabilities
from automl_gpt_magic.notebook.reliability_plot import draw, spoken, svg
from automl_gpt_magic.records.curve import QUANTILES, Curve
from tests.unit.test_store import own_log, own_run

NORMAL = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])


def simulated(n, spread, seed=0, **changes):
    """Runs whose last value is normal with deviation 0.1, predicted with another ``spread``."""
    chance = np.random.default_rng(seed)
    found = {}
    for number in range(n):
        steps, middle = np.array([1, 2]), np.array([0.7, 0.5])
        levels = middle + spread * NORMAL[:, None]
        came = np.array([0.7, 0.5 + chance.normal(0, 0.1)])
        found[number] = own_run(
            curves={"log_loss": Curve("log_loss", steps, came, source="measured")},
            predicted={"log_loss": Curve("log_loss", steps, middle, quantiles=levels)},
            llm_predicted={"log_loss": own_log(0.7, 0.5)},
            **{"corrected_by": 0, **changes},
        )
    return found


def test_the_band_holds_a_calibrated_sources_points_nine_times_in_ten():
    held = []
    for seed in range(60):
        (one,) = reliabilities(predictions(simulated(30, 0.1, seed)))
        held.append((one.low <= one.observed) & (one.observed <= one.high))
    assert 0.87 < np.mean(held) <= 1
    assert one.levels.tolist() == list(QUANTILES)


@pytest.mark.parametrize(("spread", "side"), [(0.03, "narrow"), (0.4, "wide")])
def test_a_source_that_is_too_narrow_or_too_wide_is_caught(spread, side):
    (one,) = reliabilities(predictions(simulated(30, spread)))
    low, high = QUANTILES.index(0.1), QUANTILES.index(0.9)
    if side == "narrow":
        assert one.observed[low] > one.high[low]
        assert one.observed[high] < one.low[high]
    else:
        quarter, rest = QUANTILES.index(0.25), QUANTILES.index(0.75)
        assert one.observed[quarter] < one.low[quarter]
        assert one.observed[rest] > one.high[rest]


def test_only_sources_with_quantiles_and_five_runs_are_judged_each_run_once():
    few = simulated(4, 0.1)
    assert reliabilities(predictions(few)) == []
    several = {**simulated(6, 0.1), **{100 + n: run for n, run in simulated(5, 0.1, corrected_by=2).items()}}
    both = {"accuracy": several[0].predicted["log_loss"], **several[0].predicted}
    several[0] = own_run(
        predicted=both, curves={**several[0].curves, "accuracy": several[0].curves["log_loss"]}, corrected_by=0
    )
    found = reliabilities(predictions(several))
    assert [(one.source, one.n) for one in found] == [("forecast", 6), ("forecast, corrected", 5)]


def test_levels_that_few_runs_know_are_left_out():
    runs = simulated(8, 0.1)
    for number in range(4):
        runs[number].predicted["log_loss"].quantiles[[0, 1, 3, 5, 7, 8]] = np.nan
    (one,) = reliabilities(predictions(runs))
    assert (one.levels.tolist(), one.n) == ([0.1, 0.5, 0.9], 8)


def test_the_plot_has_a_square_for_each_source_and_is_told():
    runs = {**simulated(6, 0.1), **{100 + n: run for n, run in simulated(5, 0.1, corrected_by=2).items()}}
    found = reliabilities(predictions(runs))
    drawn = svg(found)
    root = ElementTree.fromstring(drawn)
    words = "".join(root.itertext())
    assert "6 runs" in words
    assert "forecast, corrected" in words
    assert "#00fd" not in drawn
    assert "var(--jp-ui-font-color1, #212121)" in drawn
    assert root.get("aria-label") == spoken(found)
    assert "Reliability of forecast, 6 runs: below the 2.5% quantile" in spoken(found)
    assert len(draw(found).axes) == 2
    assert svg(found) == drawn  # no random ids in what a notebook keeps
