"""Work and size before training: what grows with what, and what measured models tell of planned ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_gpt_magic.planning.costs import work_of
from automl_gpt_magic.planning.families import FAMILIES, family_named
from automl_gpt_magic.planning.trained import PredictedCost
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard, Label
from automl_gpt_magic.records.cost import Cost, Latency, this_machine
from automl_gpt_magic.records.request import Constraint
from automl_gpt_magic.records.table import Column, TableProfile

CARD = DataCard("a", task=BINARY, n_rows=5_000, class_balance={"no": 0.5, "yes": 0.5})
THREE = replace(CARD, task=MULTICLASS, class_balance={"a": 0.4, "b": 0.3, "c": 0.3})
NUMBERS = replace(CARD, task=REGRESSION, class_balance={})
TABLE = TableProfile(tuple(Column(f"n{i}", "numeric", 0) for i in range(20)), 5_000, 0, ("no", "yes"), (2500, 2500))
TREES = ("XGBoost", "LightGBM", "HistGradientBoosting", "RandomForestClassifier")
LATENCY, THROUGHPUT, SIZE = (
    Constraint("latency", 1),
    Constraint("throughput", 1, True, 1000),
    Constraint("model_size", 1),
)


def work(family, card=CARD, n_steps=None, **values):
    family = family_named(family)
    return work_of(family, card, TABLE, {**family.space.default, **values}, n_steps)


@pytest.mark.parametrize("family", TREES)
def test_work_and_size_follow_the_trees(family):
    rounds = family_named(family).rounds
    few, many = work(family, **{rounds: 50}), work(family, **{rounds: 500})
    assert many.amount == pytest.approx(10 * few.amount)
    assert many.n_bytes > 5 * few.n_bytes
    assert few.seconds(1) < few.seconds(1000) and few.seconds(1) < many.seconds(1)


@pytest.mark.parametrize(
    ("family", "name", "small", "large"),
    [
        ("XGBoost", "max_depth", 2, 8),
        ("XGBoost", "min_child_weight", 200, 1),
        ("XGBoost", "gamma", 5, 0),
        ("LightGBM", "num_leaves", 4, 100),
        ("LightGBM", "min_child_samples", 2000, 10),
        ("HistGradientBoosting", "max_leaf_nodes", 4, 100),
        ("RandomForestClassifier", "min_samples_leaf", 50, 1),
    ],
)
def test_smaller_trees_take_less(family, name, small, large):
    one, other = work(family, **{name: small}), work(family, **{name: large})
    assert one.amount < other.amount and one.n_bytes < other.n_bytes


def test_boosting_grows_trees_for_each_of_several_classes_and_a_forest_does_not():
    assert work("XGBoost", THREE).parts == 300 and work("XGBoost").parts == work("XGBoost", NUMBERS).parts == 100
    assert work("RandomForestClassifier", THREE).parts == 100


def test_a_training_that_stops_early_keeps_fewer_trees():
    assert work("XGBoost", n_steps=40).amount == work("XGBoost", n_estimators=40).amount


def test_lightgbm_without_an_allowed_split_has_one_tree():
    assert work("LightGBM", min_child_samples=4000).parts == 1


def test_a_networks_size_is_counted():
    small, large = work("PyTorch MLP", width=32), work("PyTorch MLP", width=256)
    parameters = family_named("PyTorch MLP").architecture(CARD, TABLE, {"width": 256, "depth": 2, "dropout": 0})
    assert large.is_counted is parameters.exact
    assert 4 * parameters.n_parameters < work("PyTorch MLP", width=256, depth=2).n_bytes < 5 * parameters.n_parameters
    assert large.amount > 3 * small.amount


def test_of_other_families_and_unknown_data_nothing_is_known():
    unknown = {family.name for family in FAMILIES if family.inputs == ("tabular",)} - {*TREES, "PyTorch MLP"}
    assert {name for name in unknown if work(name) is None} == unknown - {"RandomForestRegressor"}
    assert work("XGBoost", replace(CARD, n_rows=None)) is None
    assert work("XGBoost", replace(CARD, class_balance={})) is None
    assert work("XGBoost", replace(CARD, class_balance={}, label_space=(Label("a"), Label("b")))) is not None


def measured(alone, around=0.004, n_bytes=80_000, machine="", batch=1):
    whole = Latency(batch, around + alone, 1.5 * (around + alone), 50)
    return Cost(machine or this_machine(), (whole,), (Latency(batch, alone, 2 * alone, 50),), n_bytes)


def test_before_anything_is_measured_only_the_size_is_known():
    planned = work("XGBoost")
    predicted = PredictedCost(planned)
    assert predicted.value(LATENCY) is None and predicted.value(THROUGHPUT) is None
    assert predicted.value(SIZE) == planned.n_bytes
    assert PredictedCost().value(SIZE) is None
    assert predicted.value(Constraint("training_seconds", 1)) is None


def test_one_measured_model_scales_and_the_preprocessing_stays():
    known = work("HistGradientBoosting", max_iter=100)
    planned = work("HistGradientBoosting", max_iter=300)
    alone = 0.001 * planned.seconds(1) / known.seconds(1)
    predicted = PredictedCost(planned, [(known, measured(0.001))])
    assert predicted.value(replace(LATENCY, percentile=50)) == pytest.approx(0.004 + alone)
    assert predicted.value(LATENCY) == pytest.approx(1.5 * (0.004 + alone))
    assert predicted.value(SIZE) == pytest.approx(80_000 * planned.n_bytes / known.n_bytes)
    batch = PredictedCost(planned, [(known, measured(0.001, batch=1000))])
    assert batch.value(LATENCY) is None
    share = planned.seconds(1000) / known.seconds(1000)
    assert batch.value(THROUGHPUT) == pytest.approx(1000 / (0.004 + 0.001 * share))


def test_two_measured_models_tell_what_does_not_depend_on_the_work():
    few, more, planned = (work("HistGradientBoosting", max_iter=count) for count in (100, 200, 400))

    def took(one):
        return 0.01 + 2 * one.seconds(1)

    known = [(one, measured(took(one))) for one in (few, more)]
    value = PredictedCost(planned, known).value(replace(LATENCY, percentile=50))
    assert value == pytest.approx(0.004 + took(planned))


def test_more_work_is_never_predicted_to_take_less_time_and_never_none():
    few, more, planned = (work("HistGradientBoosting", max_iter=count) for count in (100, 200, 1))
    faster = PredictedCost(planned, [(few, measured(0.002)), (more, measured(0.001))])
    assert faster.value(replace(LATENCY, percentile=50)) == pytest.approx(0.004 + 0.0015)
    steep = PredictedCost(planned, [(few, measured(0.0001)), (more, measured(0.1))])
    assert steep.value(replace(LATENCY, percentile=50)) > 0.004


def test_another_machine_tells_the_size_alone():
    known = work("XGBoost")
    elsewhere = PredictedCost(known, [(known, measured(0.001, machine="another"))])
    assert elsewhere.value(LATENCY) is None and elsewhere.value(SIZE) == 80_000
