import numpy as np
import pytest

from automl_gpt_magic.recording.abstention import threshold_and_curve

NEAR = np.tile([0.9, 0.2, 0.5, 0.7, 0.3], 20)


def test_the_average_is_taken_below_where_it_did_better():
    fitted = threshold_and_curve(NEAR, np.where(NEAR < 0.4, 0.1, 0.9), np.full(100, 0.5))
    assert fitted["threshold"] == 0.5
    assert {threshold: (below, mean) for threshold, below, mean in fitted["curve"]} == {
        0.2: (0.0, pytest.approx(0.58)),
        0.3: (0.2, pytest.approx(0.66)),
        0.5: (0.4, pytest.approx(0.74)),
        0.7: (0.6, pytest.approx(0.66)),
        0.9: (0.8, pytest.approx(0.58)),
    }


def test_a_difference_within_its_noise_is_none():
    prior = 0.5 + 0.1 * np.random.default_rng(1).normal(size=100)
    fitted = threshold_and_curve(NEAR, np.full(100, 0.5), prior)
    assert max(mean for _, _, mean in fitted["curve"]) > 0.5
    assert fitted["threshold"] == 0.2


def test_what_is_further_away_than_anything_judged_is_not_trusted_even_if_transfer_was_always_better():
    fitted = threshold_and_curve(NEAR, np.full(100, 0.9), np.full(100, 0.5))
    assert fitted["threshold"] == 0.2
