"""The formulas by which predictions are scored."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_gpt_magic.ledger.scores import INTERVALS, crps, curve_error, ends, inside, score, why_not_scored, width
from automl_gpt_magic.records.curve import QUANTILES, Curve

NORMAL = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
UNKNOWN = np.array([level not in (0.1, 0.5, 0.9) for level in QUANTILES])
finite = st.floats(-1e6, 1e6)
quantiles = st.lists(finite, min_size=9, max_size=9).map(sorted).map(np.array)


def exact_crps(measured, deviation=1.0):
    """Of the normal distribution (Gneiting and Raftery 2007, equation 21)."""
    z, normal = measured / deviation, NormalDist()
    return deviation * (z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / np.sqrt(np.pi))


def predicted(*values, steps=None, levels=None):
    steps = np.arange(1, len(values) + 1) if steps is None else np.array(steps)
    return Curve("log_loss", steps, np.array(values, dtype=float), quantiles=levels)


def measured(*values, steps=None, kept=None):
    return replace(predicted(*values, steps=steps), source="measured", kept=kept)


@given(finite, finite)
def test_crps_of_a_forecast_without_spread_is_the_absolute_error(value, came):
    assert crps(np.full(9, value), came) == pytest.approx(abs(value - came))
    assert crps(np.where(UNKNOWN, np.nan, value), came) == pytest.approx(abs(value - came))


@given(quantiles, finite, st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_crps_is_never_negative_and_in_the_unit_of_the_value(several, came, shift, factor):
    plain = crps(several, came)
    assert plain >= 0
    moved = crps(factor * several + shift, factor * came + shift)
    assert moved == pytest.approx(factor * plain, rel=1e-6, abs=1e-6 * factor * (1 + np.abs(several).max()))


@pytest.mark.parametrize(("known", "off"), [(~np.zeros(9, bool), 0.03), (~UNKNOWN, 0.065)])
def test_crps_of_a_normal_distribution_is_as_near_to_the_exact_one_as_is_said(known, off):
    values = np.random.default_rng(0).normal(0, 1, 20_000)
    ours = np.mean([crps(np.where(known, NORMAL, np.nan), value) for value in values])
    exact = np.mean([exact_crps(value) for value in values])
    assert (1 - off) * exact < ours < exact


@pytest.mark.parametrize("wrong", [1.5 * NORMAL, 0.6 * NORMAL, NORMAL + 0.4, NORMAL - 0.4])
def test_crps_is_best_for_the_true_distribution(wrong):
    values = np.random.default_rng(1).normal(0, 1, 5000)
    assert np.mean([crps(NORMAL, value) for value in values]) < np.mean([crps(wrong, value) for value in values])


@given(quantiles, finite)
def test_a_value_in_a_narrow_interval_is_in_every_wider_one(several, came):
    held = [inside(several, came, share) for share in sorted(INTERVALS)]
    assert held == sorted(held)


def test_intervals_of_a_calibrated_source_hold_as_often_as_they_say():
    values = np.random.default_rng(2).normal(0, 1, 4000)
    for share in INTERVALS:
        held = np.mean([inside(NORMAL, value, share) for value in values])
        assert held == pytest.approx(share / 100, abs=0.02)
        assert np.mean([inside(0.5 * NORMAL, value, share) for value in values]) < share / 100 - 0.1


def test_levels_that_are_not_known_are_not_judged():
    some = np.where(UNKNOWN, np.nan, NORMAL)
    assert {share: inside(some, 0.0, share) for share in INTERVALS} == {50: None, 80: True, 90: None, 95: None}
    assert (ends(some, 95), width(some)) == (None, pytest.approx(2 * 1.2816, abs=1e-3))


def test_a_curve_is_scored_at_the_steps_that_both_have():
    ours = predicted(0.6, 0.5, 0.4, 0.3, steps=[1, 5, 10, 50])
    assert curve_error(ours, measured(*np.full(20, 0.5))) == pytest.approx((0.1 + 0.0 + 0.1) / 3)
    assert curve_error(ours, measured(0.6, 0.1, steps=[1, 50])) == pytest.approx(0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_do_not_count_for_the_curve(bad):
    assert curve_error(predicted(0.6, 0.5, 0.4), measured(0.7, bad, 0.4)) == pytest.approx(0.05)
    assert curve_error(predicted(0.6, bad, 0.4), measured(0.7, 0.5, 0.4)) == pytest.approx(0.05)


def test_one_step_or_none_is_no_curve():
    assert curve_error(predicted(0.4, steps=[3]), measured(0.5, 0.5, 0.5)) is None
    assert curve_error(predicted(0.4, 0.3, steps=[3, 30]), measured(0.5, 0.5, 0.5)) is None
    assert curve_error(predicted(0.4, 0.3), measured(0.5, 0.5, steps=[10, 20])) is None


def test_the_last_value_is_that_of_the_step_that_is_kept():
    levels = np.full((9, 3), 0.1) * NORMAL[:, None] + np.array([0.6, 0.5, 0.4])
    ours = predicted(0.6, 0.5, 0.4, levels=levels)
    whole = score(ours, measured(0.6, 0.5, 0.45))
    assert (whole.predicted, whole.measured, whole.error) == (0.4, 0.45, pytest.approx(0.05))
    assert (whole.inside(50), whole.width) == (True, pytest.approx(0.1 * 2 * 1.2816, abs=1e-4))
    early = score(ours, measured(0.6, 0.45, 0.9, kept=1))
    assert (early.predicted, early.measured) == (0.5, 0.45)
    short = score(ours, measured(0.6, 0.45))
    assert (short.predicted, short.quantiles.tolist()) == (0.5, levels[:, 1].tolist())


def test_a_line_alone_has_no_interval_and_its_error_as_crps():
    line = score(predicted(0.6, 0.4), measured(0.6, 0.5))
    assert (line.crps, line.width, line.inside(80)) == (line.error, None, None)


@pytest.mark.parametrize(
    ("ours", "came", "reason"),
    [
        (predicted(0.5, 0.4), None, "not measured"),
        (predicted(0.5, 0.4), measured(), "not measured"),
        (predicted(0.5, 0.4), measured(0.5, np.nan), "measured no finite value"),
        (predicted(0.5, 0.4), measured(0.5, -np.inf), "measured no finite value"),
        (predicted(0.5, np.nan), measured(0.5, 0.4), "predicted no finite value"),
        (predicted(), measured(0.5, 0.4), "predicted no finite value"),
        (predicted(0.5, 0.4, levels=np.full((9, 2), np.inf)), measured(0.5, 0.4), "predicted no finite value"),
        (predicted(0.5, 0.4, steps=[10, 20]), measured(0.5, 0.4), "ended before step 10"),
        (predicted(0.5, 0.4, levels=np.full((9, 2), np.nan)), measured(0.5, 0.4), ""),
        (predicted(0.5, 0.4), measured(np.nan, 0.4), ""),
    ],
)
def test_what_cannot_be_scored_is_left_out_with_the_reason(ours, came, reason):
    assert why_not_scored(ours, came) == reason
    if not reason:
        assert score(ours, came).crps == score(ours, came).error
