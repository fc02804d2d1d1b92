"""What configurations that were never run would have given."""

from itertools import combinations

import numpy as np
import pytest

from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.surrogate import Surrogate, covariance, unit_points
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.surrogate import fitted_shares, missed

SHARES = np.array([3.0, 1.0, 0.3, 0.1])
POINTS = np.random.default_rng(0).random((48, 4))


def test_the_covariance_is_a_mean_over_parameters_their_pairs_and_triples():
    one, other = POINTS[:2]
    each = SHARES * np.exp(-0.5 * ((one - other) / 0.4) ** 2)

    def by_order(alike):
        means = [np.mean([np.prod(some) for some in combinations(alike, order)]) for order in (1, 2, 3)]
        return np.dot((0.3, 0.4, 0.3), means)

    between = covariance(POINTS[:1], POINTS[1:2], SHARES)[0, 0]
    assert between == pytest.approx(by_order(each) / by_order(SHARES))
    assert np.diag(covariance(POINTS, POINTS, SHARES)) == pytest.approx(1)


def test_what_two_parameters_do_is_learned_from_few_configurations_of_many_parameters():
    points = np.random.default_rng(1).random((48, 8))
    values = np.sin(3 * points[:, 0]) + points[:, 1] * points[:, 2]
    values = (values - values.mean())[:, None]
    matters = np.array([3.0, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1])
    assert missed(points, values, matters) < 0.1
    assert missed(points, values, matters[::-1]) > 2 * missed(points, values, matters)
    apart = np.exp(-0.5 * ((points[:, None] - points[None]) ** 2).sum(-1))  # without single parameters: worse
    inverse = np.linalg.inv(apart + 0.005 * np.eye(48))
    alone = np.mean((inverse @ values / np.diag(inverse)[:, None]) ** 2) / np.mean(values**2)
    assert missed(points, values, matters) < alone / 2


def test_missed_is_what_leaving_each_configuration_out_by_hand_gives():
    values = POINTS[:, :1] ** 2 - np.mean(POINTS[:, :1] ** 2)
    wrong = []
    for place in range(len(POINTS)):
        rest = np.arange(len(POINTS)) != place
        known = covariance(POINTS[rest], POINTS[rest], SHARES) + 0.005 * np.eye(rest.sum())
        wrong.append(covariance(POINTS[[place]], POINTS[rest], SHARES) @ np.linalg.solve(known, values[rest]))
    by_hand = np.mean((np.array(wrong)[:, 0] - values) ** 2) / np.mean(values**2)
    assert missed(POINTS, values, SHARES) == pytest.approx(by_hand)


@pytest.mark.parametrize("family", ["xgboost", "lightgbm"])
def test_the_learning_rate_matters_more_than_the_share_of_columns_and_the_shipped_shares_are_the_scripts(family):
    bank, space = load_bank(family), family_named({"xgboost": "XGBoost", "lightgbm": "LightGBM"}[family]).space
    shares = dict(zip(bank.parameters, fitted_shares(bank, space), strict=True))
    assert shares["learning_rate"] > shares["colsample_bytree"]
    assert bank.calibration["transfer"]["card"]["shares"] == list(shares.values())


def test_a_recorded_configuration_keeps_nearly_what_was_recorded():
    bank, space = load_bank(), family_named("XGBoost").space
    shares = bank.calibration["transfer"]["card"]["shares"]
    rows = [dict(zip(bank.parameters, row, strict=True)) for row in bank.configurations[:5]]
    weights = Surrogate(bank, space, shares, 0.005).weights(rows)
    points = unit_points(bank.configurations, bank.parameters, space)
    assert weights.shape == (5, len(points))
    assert (weights.argmax(axis=1) == np.arange(5)).all()
