"""Values that keep limits and serve goals, over a loss and quantities that are known by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from automl_gpt_magic.planning.goals import WORK, Wanted, find
from automl_gpt_magic.records.request import Constraint
from automl_gpt_magic.records.space import Parameter, SearchSpace

SPACE = SearchSpace(
    "Trees",
    (
        Parameter("learning_rate", "float", 0.3, 0.005, 0.5, log=True),
        Parameter("n_estimators", "int", 100, 50, 600),
        Parameter("max_depth", "int", 6, 2, 12),
        Parameter("booster", "choice", "a", choices=("a", "b")),
    ),
)
NOW = {"learning_rate": 0.03, "n_estimators": 500, "max_depth": 6, "booster": "a"}


def loss(one):
    """Lowest where rate times rounds is 15, at a depth of 4."""
    return 0.3 + 0.1 * math.log(one["learning_rate"] * one["n_estimators"] / 15) ** 2 + 0.01 * abs(one["max_depth"] - 4)


def losses(every):
    return np.array([loss(one) for one in every])


def predict(one):
    work = one["n_estimators"] * one["max_depth"]
    known = {WORK: work, "trees": one["n_estimators"], "training_seconds": work / 100, "max_depth": one["max_depth"]}
    return lambda quantity: known.get(quantity, math.nan)


def found(limits=(), goals=(), kept=None, others=(), by=losses, seed=0):
    return find(NOW, others, SPACE, Wanted(limits, goals, kept or {}), losses=by, predict=predict, seed=seed)


def test_a_limit_is_kept_and_what_else_it_takes_follows():
    values = found([Constraint("trees", 100)])
    assert values["n_estimators"] <= 100 and values["learning_rate"] > 0.08
    assert loss(values) < loss({**NOW, "n_estimators": 100}) - 0.1


def test_what_keeps_the_limits_already_stays_as_it_is():
    assert found([Constraint("trees", 500)]) == NOW


@pytest.mark.parametrize(
    ("goal", "quantity", "share"), [("faster inference", WORK, 0.5), ("faster training", "training_seconds", 0.5)]
)
def test_a_goal_is_reached_against_what_stands(goal, quantity, share):
    values = found(goals=[goal])
    assert predict(values)(quantity) <= share * predict(NOW)(quantity)


def test_what_is_kept_does_not_change():
    kept = {"learning_rate": 0.03, "booster": "a"}
    values = found([Constraint("trees", 100)], kept=kept)
    assert values["n_estimators"] <= 100 and kept.items() <= values.items()


def test_nothing_is_found_where_what_is_kept_forbids_it():
    assert found([Constraint("trees", 100)], kept={"n_estimators": 500}) is None
    assert found([Constraint("trees", 100)], kept=NOW) is None


def test_a_goal_that_nothing_tells_of_is_not_reached_by_chance():
    assert found(goals=["smaller"]) is None


def test_a_limit_that_nothing_tells_of_rules_nothing_out():
    assert found([Constraint("latency", 0.001)]) == NOW


def test_more_accurate_takes_only_what_is_expected_to_be():
    better = found(goals=["more accurate"], others=[{**NOW, "max_depth": 4}])
    best = {"learning_rate": 0.03, "n_estimators": 500, "max_depth": 4, "booster": "a"}
    assert loss(better) < loss(NOW) * 0.98
    assert find(best, (), SPACE, Wanted([], ["more accurate"], {}), losses=losses, predict=predict, seed=0) is None


def test_of_what_is_as_good_the_least_change_is_taken():
    values = found([Constraint("max_depth", 4)])
    assert [name for name in NOW if values[name] != NOW[name]] == ["max_depth"]


def test_without_a_loss_the_least_change_is_taken():
    values = found([Constraint("trees", 300)], by=None)
    assert [name for name in NOW if values[name] != NOW[name]] == ["n_estimators"] and values["n_estimators"] > 200


def test_the_same_seed_gives_the_same_values():
    assert found([Constraint("trees", 100)], seed=3) == found([Constraint("trees", 100)], seed=3)


def test_every_value_is_one_of_the_space():
    for goal in ("faster inference", "faster training", "more accurate"):
        values = found(goals=[goal], others=[{**NOW, "max_depth": 4}])
        assert all(SPACE[name].check(value) == value for name, value in values.items())


def test_losses_that_are_no_number_are_not_taken():
    def some(every):
        return np.array([math.nan if one["n_estimators"] < 90 else loss(one) for one in every])

    assert found([Constraint("trees", 100)], by=some)["n_estimators"] >= 90
