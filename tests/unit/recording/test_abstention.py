import numpy as np
import pytest

from automl_gpt_magic.recording.abstention import threshold_and_curve

NEAR = np.array([0.9, 0.2, 0.5, 0.7, 0.3])


def test_the_average_is_taken_below_where_it_did_better():
    transferred = np.where(NEAR < 0.4, 0.1, 0.9)
    fitted = threshold_and_curve(NEAR, transferred, np.full(5, 0.5))
    assert fitted["threshold"] == 0.5
    assert fitted["curve"] == [
        [0.2, 0.0, pytest.approx(0.58)],
        [0.3, 0.2, pytest.approx(0.66)],
        [0.5, 0.4, pytest.approx(0.74)],
        [0.7, 0.6, pytest.approx(0.66)],
        [0.9, 0.8, pytest.approx(0.58)],
    ]


def test_what_is_further_away_than_anything_judged_is_not_trusted_even_if_transfer_was_always_better():
    fitted = threshold_and_curve(NEAR, np.full(5, 0.9), np.full(5, 0.5))
    assert fitted["threshold"] == 0.2
