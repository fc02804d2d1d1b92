"""A few promising configurations are tried on a sample of the rows, and the best of them is recommended."""

from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.experience import Advice, measure_sample, tried_models, tryout
from automl_gpt_magic.experience.tryout import Tryout
from automl_gpt_magic.planning.families import XGBOOST, family_named
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from automl_gpt_magic.records.space import StepLimit

CARD = DataCard("Tosses", task=BINARY, n_rows=900, n_features=6, class_balance={"a": 0.5, "b": 0.5})
STUMPS = {**XGBOOST.default, "max_depth": 1, "learning_rate": 0.1, "n_estimators": 60}
DEEP = {**STUMPS, "max_depth": 7}


def a_table(classes=2, n_rows=900, interacting=True):
    chance = np.random.default_rng(0)
    x = chance.normal(size=(n_rows, 6))
    signal = (x[:, 0] * x[:, 1] if interacting else x[:, 0]) + 0.3 * chance.normal(size=n_rows)
    y = signal if not classes else np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    return x, y, classes


def advice(table, card=CARD, fixed=None, **limits):
    sample = measure_sample(*table, np.arange(len(table[1])) % 5 == 0)
    return Advice(card, None, XGBOOST, fixed or {}, landmarks=sample.landmarks, tryout=sample.tryout, **limits)


@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize("n_rows", [900, 2_000])
def test_what_the_rows_need_loses_least(classes, n_rows):
    stumps, deep = Tryout(*a_table(classes, n_rows)).losses("XGBoost", [STUMPS, DEEP])
    assert deep < 0.97 * stumps
    stumps, deep = Tryout(*a_table(classes, n_rows, interacting=False)).losses("XGBoost", [STUMPS, DEEP])
    assert stumps < deep


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_a_loss_is_that_of_rows_that_were_not_trained_on(classes):
    x, y, _ = a_table(classes)
    tossed = np.random.default_rng(1).permutation(y)
    known = np.std(y) if not classes else np.log(classes)
    assert (Tryout(x, tossed, classes).losses("XGBoost", [STUMPS, DEEP]) > 0.98 * known).all()


@pytest.mark.parametrize(("task", "classes"), [(BINARY, 2), (MULTICLASS, 4), (REGRESSION, 0)])
def test_the_best_that_was_tried_is_recommended(task, classes):
    balance = {str(one): 1 / classes for one in range(classes)}
    table = a_table(classes)
    known = advice(table, replace(CARD, task=task, class_balance=balance))
    tried = known.evidence.tried
    assert len(tried) > 1
    assert known.evidence.configuration == min(tried, key=lambda one: one.loss * one.predicted**0.25).configuration
    configurations = [one.configuration for one in tried]
    losses = Tryout(*table).losses("XGBoost", configurations)
    assert [one.loss for one in tried] == pytest.approx(losses / losses[0])
    predicted = known.losses(configurations)
    assert [one.predicted for one in tried] == pytest.approx(predicted / predicted[0])


def test_what_suits_the_sample_alone_does_not_win(monkeypatch):
    """Few rows want small steps; of many rows, the forecast knows better."""
    table = a_table()
    worst = max(advice(table).evidence.tried, key=lambda one: one.predicted)

    def seem(self, family, configurations):
        return np.array([0.5 - 0.01 * (one == worst.configuration) for one in configurations])

    monkeypatch.setattr(Tryout, "losses", seem)
    assert worst.predicted > 1.05
    assert advice(table).evidence.configuration != worst.configuration


def test_the_first_that_is_tried_is_what_would_be_recommended_without():
    table = a_table()
    sample = measure_sample(*table, np.arange(900) % 5 == 0)
    untried = Advice(CARD, None, XGBOOST, {}, landmarks=sample.landmarks).evidence
    assert untried.tried == ()
    assert advice(table).evidence.tried[0].configuration == untried.configuration


def test_fixed_values_and_limits_hold_for_all_that_is_tried():
    evidence = advice(a_table(), fixed={"max_depth": 4}, most_steps=StepLimit("n_estimators", 70, "trees")).evidence
    assert len(evidence.tried) > 1
    for one in evidence.tried:
        assert one.configuration["max_depth"] == 4
        assert one.configuration["n_estimators"] <= 70


def test_what_is_tried_is_expected_within_the_time_limit():
    free = advice(a_table())
    most = free.forecast(free.evidence.configuration).seconds / 2
    limited = advice(a_table(), seconds=most)
    for one in limited.evidence.tried[1:]:
        assert limited.forecast(one.configuration).seconds <= most


def test_where_everything_is_fixed_nothing_is_tried():
    evidence = advice(a_table(), fixed=dict(XGBOOST.default)).evidence
    assert evidence.tried == ()
    assert evidence.configuration == XGBOOST.default


def test_lightgbm_is_tried_by_its_own_trees():
    sample, space = measure_sample(*a_table(), np.arange(900) % 5 == 0), family_named("LightGBM").space
    evidence = Advice(CARD, None, space, {}, landmarks=sample.landmarks, tryout=sample.tryout).evidence
    assert len(evidence.tried) > 1
    assert evidence.configuration in [one.configuration for one in evidence.tried]


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_lightgbm_loses_less_where_it_has_the_leaves_that_are_needed(classes):
    few = {"num_leaves": 2, "n_estimators": 60}
    stumps, trees = Tryout(*a_table(classes)).losses("LightGBM", [few, {**few, "num_leaves": 31}])
    assert trees < 0.97 * stumps


@pytest.mark.parametrize("family", ["XGBoost", "LightGBM"])
def test_where_a_card_asks_for_early_stopping_all_rounds_are_tried(family):
    few = [{"n_estimators": steps, "learning_rate": 0.1} for steps in (5, 60)]
    table = Tryout(*a_table(interacting=False))
    stopped = table.losses(family, [{**one, "early_stopping_rounds": 1} for one in few])
    assert np.array_equal(stopped, table.losses(family, few))


@pytest.mark.parametrize("family", ["XGBoost", "LightGBM"])
@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_columns_that_say_nothing_can_be_tried(family, classes, fill):
    x, y, _ = a_table(classes, n_rows=60)
    losses = Tryout(np.full_like(x, fill), y, classes).losses(family, [{"n_estimators": steps} for steps in (1, 5)])
    assert losses == pytest.approx(np.std(y) if not classes else np.log(classes), rel=0.2)


@pytest.mark.parametrize("family", ["PyTorch MLP", "ViT"])
def test_networks_are_not_tried(family):
    assert len(Tryout(*a_table()).losses(family, [family_named(family).space.default])) == 0


@pytest.mark.parametrize(("n_columns", "tried"), [(100, True), (101, False)])
def test_a_table_of_which_columns_would_be_left_out_is_not_tried(n_columns, tried):
    x, y, _ = a_table(n_rows=300)
    wide = np.column_stack([x, *(np.random.default_rng(1).normal(size=(n_columns - 6, 300)))])
    evidence = advice((wide, y, 2), replace(CARD, n_features=n_columns)).evidence
    assert bool(evidence.tried) == tried
    assert evidence.measured or not evidence.near


def test_what_is_not_installed_is_not_tried(monkeypatch):
    monkeypatch.setattr(tried_models, "find_spec", lambda name: None)
    assert len(Tryout(*a_table()).losses("LightGBM", [STUMPS, DEEP])) == 0


def test_what_would_take_seconds_is_not_tried():
    slow = {**DEEP, "n_estimators": 600, "max_depth": 12}
    table = Tryout(*a_table(classes=40, n_rows=3_000))
    assert len(table.losses("XGBoost", [slow, slow | {"max_depth": 11}])) == 0
    assert len(table.losses("XGBoost", [quick(STUMPS), quick(DEEP), slow, slow])) == 2


def quick(configuration):
    return {**configuration, "n_estimators": 10}


def test_where_time_is_short_fewer_folds_are_held_out(monkeypatch):
    held_out = []
    monkeypatch.setattr(tryout, "_measured", {})
    monkeypatch.setattr(Tryout, "_of_rows", lambda *given: held_out.append(given[-1].sum()) or np.ones(1))
    table = Tryout(*a_table(classes=4))
    table.losses("XGBoost", [STUMPS, DEEP])
    assert held_out == 8 * [225]
    table.losses("XGBoost", 4 * [{**STUMPS, "n_estimators": 400}])
    assert held_out[8:] == [225]


def test_the_same_rows_and_values_are_tried_once(monkeypatch):
    first = Tryout(*a_table()).losses("XGBoost", [STUMPS, DEEP])
    monkeypatch.setattr(Tryout, "_of_rows", lambda *_: pytest.fail("tried again"))
    assert np.array_equal(Tryout(*a_table()).losses("XGBoost", [STUMPS, DEEP]), first)


def test_a_class_that_no_training_part_has_is_no_error():
    x, y, _ = a_table(n_rows=40)
    y = np.arange(40) == 0
    assert np.isfinite(Tryout(x, y.astype(int), 2).losses("XGBoost", [STUMPS, DEEP])).all()


def test_a_training_that_diverged_is_not_recommended(monkeypatch):
    whole = advice(a_table()).evidence.tried
    monkeypatch.setattr(tryout, "_measured", {})
    of_rows, best = Tryout._of_rows, min(whole, key=lambda one: one.loss).configuration
    diverged = lambda *given: np.full(9, np.nan) if given[2] == best else of_rows(*given)  # noqa: E731
    monkeypatch.setattr(Tryout, "_of_rows", diverged)
    evidence = advice(a_table()).evidence
    assert [one.configuration for one in evidence.tried] == [one.configuration for one in whole]
    assert evidence.configuration != best


@pytest.mark.parametrize("move", [lambda y: 1e19 * y, lambda y: 1e12 + y])
def test_a_target_beyond_32_bits_can_be_tried(move):
    x, y, _ = a_table(0)
    plain, moved = (Tryout(x, one, 0).losses("XGBoost", [STUMPS, DEEP]) for one in ((y - y.mean()) / y.std(), move(y)))
    assert moved == pytest.approx(plain, rel=0.02)
