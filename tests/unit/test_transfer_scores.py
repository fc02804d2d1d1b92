"""The benchmark of transfer: its scores, its searched space, and that no simple way looks at its own dataset."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from automl_gpt_magic.experience.bank import Bank
from tests.benchmarks.transfer.arms import best_average, nearest_by_numbers, nearest_by_text, others
from tests.benchmarks.transfer.measured import CARD_ONLY, Ours
from tests.benchmarks.transfer.reference_file import keep, read_references
from tests.benchmarks.transfer.scores import excess, expected_of_best, interval, mean_ranks, score, worth
from tests.benchmarks.transfer.spaces import space_of
from tests.benchmarks.transfer.table import BEST_AVERAGE, BEST_RANDOM, DEFAULT, NUMBERS, TPE, Board, Outcome
from tests.benchmarks.transfer.trained import halves, whole_loss


def test_a_score_is_0_at_the_mean_of_random_1_at_tpe_and_clipped():
    assert score(np.array([10, 8, 9, 5, 20]), 10, 8).tolist() == [0, 1, 0.5, 1.2, -1]


def test_without_a_gain_by_tuning_there_is_no_score():
    assert np.isnan(score(1.0, 10, 10)) and np.isnan(score(1.0, 10, 11))


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_the_expected_best_is_the_average_over_all_draws(k):
    rng = np.random.default_rng(0)
    valid, test = rng.normal(size=7), rng.normal(size=7)
    drawn = [test[min(draw, key=lambda i: valid[i])] for draw in combinations(range(7), k)]
    assert expected_of_best(valid, test)[k - 1] == pytest.approx(np.mean(drawn))


def test_worth_is_interpolated_between_numbers_of_trials():
    of_best = np.array([0.0, 0.4, 0.6])
    assert [worth(mean, of_best) for mean in (-0.1, 0.5, 0.6, 0.7)] == ["<1", "2.5", "3.0", ">3"]


def test_near_copies_are_drawn_together():
    values = np.array([0.0, 1.0] * 20)
    low, high = interval(values, [str(i) for i in range(40)])
    wide_low, wide_high = interval(values, ["a", "b"] * 20)
    assert 0.3 < low < 0.5 < high < 0.7
    assert (wide_low, wide_high) == (0, 1)


def test_a_dataset_without_a_score_is_left_out_of_the_interval():
    assert interval([0.5, np.nan, 0.5], ["a", "b", "c"]) == (0.5, 0.5)


def test_equal_losses_share_the_middle_rank():
    assert mean_ranks(np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 9.0]])).tolist() == [1.25, 1.75, 3]


def test_the_excess_is_the_difference_of_the_losses():
    rng = np.random.default_rng(0)
    ours, default = rng.random(50) ** 2, rng.random(50) ** 2
    assert excess(ours, default, squared=False)[0] == pytest.approx(ours.mean() - default.mean())
    rmse = whole_loss(ours, "regression") - whole_loss(default, "regression")
    assert excess(ours, default, squared=True)[0] == pytest.approx(rmse)


def test_what_is_hard_for_both_is_no_noise():
    default = np.random.default_rng(0).random(50)
    above, noise = excess(default + 0.1, default, squared=False)
    assert above == pytest.approx(0.1) and noise == pytest.approx(0, abs=1e-12)


def test_halves_share_no_row_and_have_the_same_classes():
    y = np.array([0] * 30 + [1] * 10)
    first, second = halves(y, classes=True)
    assert sorted([*first, *second]) == list(range(40))
    assert y[first].sum() == y[second].sum() == 5


def test_a_class_of_one_row_and_a_number_are_halved_all_the_same():
    for y, classes in ((np.array([0] * 9 + [1]), True), (np.arange(10.0), False)):
        first, second = halves(y, classes=classes)
        assert sorted([*first, *second]) == list(range(10))


def test_the_space_of_xgboost_is_the_published_one():
    space = space_of("XGBoost")
    assert {one.name: (one.low, one.high, one.log) for one in space.parameters} == {
        "learning_rate": (0.005, 0.5, True),
        "n_estimators": (50, 600, False),
        "max_depth": (2, 12, False),
        "min_child_weight": (0.5, 32, True),
        "subsample": (0.5, 1, False),
        "colsample_bytree": (0.4, 1, False),
        "reg_lambda": (0.001, 30, True),
        "reg_alpha": (0.0001, 10, True),
        "gamma": (0, 5, False),
    }
    assert space.default["n_estimators"] == 100
    assert space.constant == {
        **space.default,
        "learning_rate": 0.05,
        "max_depth": 5,
        "n_estimators": 300,
        "subsample": 0.8,
    }


def test_an_mlp_is_trained_for_1_to_40_epochs():
    epochs = next(one for one in space_of("PyTorch MLP").parameters if one.name == "epochs")
    assert (epochs.low, epochs.high) == (1, 40)


def test_a_changed_entry_leaves_the_others(tmp_path):
    space = space_of("XGBoost")
    names = [one.name for one in space.parameters]
    keep("XGBoost", names, "b", {"default": [1, 2, 3]}, tmp_path)
    keep("XGBoost", names, "a", {"default": [4, 5, 6]}, tmp_path)
    row = [*space.row(space.constant), 0.1, 0.2, 0.3]
    entries = keep("XGBoost", names, "b", {"trained": [row]}, tmp_path)
    assert entries == read_references("XGBoost", tmp_path)
    assert entries == {"a": {"default": [4, 5, 6]}, "b": {"default": [1, 2, 3], "trained": [row]}}
    assert space.configuration(row) == space.constant


@pytest.fixture
def bank() -> Bank:
    """Return five datasets of four families; the configuration number i is the best of the dataset number i."""
    space = space_of("XGBoost")
    names = [one.name for one in space.parameters if one.name != space.steps]
    rounds = np.array([50, 100, 600])
    configurations = np.array([[{**space.default, "max_depth": 3 + i}[name] for name in names] for i in range(5)])
    valid = np.ones((5, 5, 3), dtype="float32")
    for i in range(5):
        valid[i, i] = [0.8, 0.2, 0.5]
    valid[:, 4] = np.minimum(valid[:, 4], 0.6)  # good everywhere
    datasets = [_dataset(i, family) for i, family in enumerate(["a", "a", "b", "c", "d"])]
    embeddings = np.eye(5, 384, dtype="float32")
    embeddings[:, 300] = [0.9, 0.9, 0.1, 0.8, 0.0]
    return Bank(
        datasets,
        names,
        configurations,
        "n_estimators",
        rounds,
        valid,
        valid,
        valid,
        np.ones((5, 5), "float32"),
        embeddings,
        embeddings[:1],
        {},
        np.ones((5, 9), "float32"),
    )


def _dataset(number: int, family: str) -> dict[str, object]:
    return {
        "key": f"d{number}",
        "family": family,
        "task": "binary classification",
        "n_rows": 100 * 10**number,
        "n_features": 10,
        "n_categorical": 0,
        "class_balance": {"x": 0.5, "y": 0.5},
        "missing_fraction": 0.0,
    }


def test_near_copies_are_left_out(bank):
    assert [one["key"] for one in others(bank, 0).datasets] == ["d2", "d3", "d4"]


def test_no_simple_way_knows_what_was_best_for_its_own_dataset(bank):
    space, rest = space_of("XGBoost"), others(bank, 0)
    ways = (
        best_average(rest, space),
        nearest_by_numbers(rest, space, bank.datasets[0]),
        nearest_by_text(rest, space, bank.datasets[0], bank.embeddings[0]),
    )
    assert all(way["max_depth"] not in (3, 4) for way in ways)


def test_the_best_on_average_is_good_everywhere(bank):
    assert best_average(others(bank, 0), space_of("XGBoost"))["max_depth"] == 7


def test_a_simple_way_also_chooses_the_rounds(bank):
    assert nearest_by_numbers(others(bank, 0), space_of("XGBoost"), bank.datasets[0])["n_estimators"] == 100


def test_three_neighbours_are_asked(bank):
    space = space_of("XGBoost")
    bank.valid[2, 2] = bank.valid[3, 2] = 0.1  # the two nearest of the first agree
    bank.valid[4, 2] = 0.9
    assert nearest_by_numbers(others(bank, 0), space, bank.datasets[0])["max_depth"] == 5


def test_the_board_has_every_arm_that_all_datasets_have_and_a_summary():
    outcomes = [_outcome("one", 8.0), _outcome("two", 9.5)]
    lines = list(Board(outcomes).lines())
    assert lines[-1] == (
        "ours_card=0.625 ours_data=none knn3=0.500 best_average=0.250 default=0.000 flaml=none best24=1.000 "
        "beats_default=1.000 datasets=2"
    )
    assert any(line.startswith(f"{CARD_ONLY} - {BEST_AVERAGE}: +0.375") for line in lines)


def test_a_dataset_that_is_worse_by_more_than_the_noise_is_named():
    outcomes = [_outcome("fine", 11.0, noise=0.6), _outcome("bad", 11.0, noise=0.4)]
    lines = list(Board(outcomes).lines())
    assert f"{CARD_ONLY}: worse than the default by over 2 standard errors on 1 of 2" in lines
    assert any(line.startswith("  bad: 11") for line in lines) and not any("fine" in line for line in lines)


def test_a_dataset_on_which_tuning_gains_nothing_is_named_and_not_scored():
    outcomes = [_outcome("fine", 8.0), _outcome("flat", 8.0, tpe=10.5)]
    lines = list(Board(outcomes).lines())
    assert "without a score, as 40 trials were no better than the mean random one: flat" in lines
    assert lines[-1].startswith("ours_card=1.000") and lines[-1].endswith("datasets=1")


def _outcome(key: str, ours: float, noise: float = 0.1, tpe: float = 8.0) -> Outcome:
    losses = {DEFAULT: 10.0, BEST_AVERAGE: 9.5, NUMBERS: 9.0, CARD_ONLY: ours, BEST_RANDOM: 8.0, TPE: tpe}
    random = [(0.1, 8.0), (0.2, 12.0), (0.3, 10.0)]
    return Outcome(key, key, losses, random, {CARD_ONLY: Ours({}, ours, ours - 10.0, noise, 0.1)})
