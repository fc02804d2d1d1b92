from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import Advice, texts
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.similarity import card_numbers, similarities
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.card import BINARY, REGRESSION, DataCard
from automl_gpt_magic.records.space import StepLimit

CARD = DataCard(
    name="People",
    task=BINARY,
    description="A row is a person; predicted is whether the income is high.",
    n_rows=5000,
    n_features=14,
    n_numeric=6,
    n_categorical=8,
    class_balance={"low": 0.76, "high": 0.24},
    missing_fraction=0.01,
    metrics=("log_loss", "accuracy"),
)


@pytest.fixture(scope="module")
def advice():
    return Advice(CARD, None, XGBOOST, {})


def test_the_recommendation_is_inside_the_space_and_has_a_reason_for_each_value(advice):
    for name, value in advice.evidence.configuration.items():
        assert XGBOOST[name].check(value) == value
        assert advice.evidence.reasons[name]


def test_weights_are_shares_and_the_nearest_comes_first(advice):
    neighbours = advice.evidence.neighbours
    assert sum(near.weight for near in neighbours) == pytest.approx(1)
    assert [near.weight for near in neighbours] == sorted((near.weight for near in neighbours), reverse=True)


def test_the_plot_never_says_that_a_recorded_configuration_is_better(advice):
    ours = advice.forecast(advice.evidence.configuration).curves["log_loss"].final
    bank = load_bank()
    for row in bank.configurations:
        other = {**XGBOOST.default, **dict(zip(bank.parameters, row, strict=True))}
        for rounds in (100, 300, 600):
            assert advice.forecast({**other, "n_estimators": rounds}).curves["log_loss"].final >= ours - 1e-9


def test_curves_end_at_n_estimators_and_lie_inside_their_band(advice):
    for rounds in (1, 7, 100, 333, 600):
        for curve in advice.forecast({**XGBOOST.default, "n_estimators": rounds}).curves.values():
            assert curve.steps[-1] == rounds
            assert (curve.lower <= curve.upper).all()
            assert np.isfinite(curve.value).all()


def test_fixed_values_are_kept():
    fixed = Advice(CARD, None, XGBOOST, {"max_depth": 9, "n_estimators": 120}).evidence
    assert (fixed.configuration["max_depth"], fixed.configuration["n_estimators"]) == (9, 120)
    assert "max_depth" not in fixed.reasons


def test_a_time_limit_restricts_the_rounds():
    free = Advice(CARD, None, XGBOOST, {})
    seconds = free.forecast(free.evidence.configuration).seconds
    limited = Advice(CARD, None, XGBOOST, {}, seconds=seconds / 3)
    assert limited.evidence.configuration["n_estimators"] < free.evidence.configuration["n_estimators"]
    assert "limit on training time" in limited.evidence.reasons["n_estimators"]
    assert "limit" not in free.evidence.reasons["n_estimators"]


@pytest.mark.parametrize("most", [1, 21, 90, 599])
def test_a_limit_on_steps_holds_and_is_the_reason_where_it_cut(most):
    free, limited = (Advice(CARD, None, XGBOOST, {}, most_steps=one) for one in (None, limit_of(most)))
    steps = limited.evidence.configuration["n_estimators"]
    assert steps <= most
    cut = free.evidence.configuration["n_estimators"] > most
    assert ("limit on trees" in limited.evidence.reasons["n_estimators"]) is cut
    assert limited.forecast(limited.evidence.configuration).curves["log_loss"].steps[-1] == steps


@pytest.mark.parametrize("share", [1.5, 20])
def test_of_both_limits_the_tighter_one_is_the_reason(share):
    free = Advice(CARD, None, XGBOOST, {}, most_steps=limit_of(40))
    seconds = free.forecast(free.evidence.configuration).seconds
    both = Advice(CARD, None, XGBOOST, {}, seconds=seconds * 2, most_steps=limit_of(40)).evidence
    late = Advice(CARD, None, XGBOOST, {}, seconds=seconds / share, most_steps=limit_of(40)).evidence
    assert "limit on trees" in both.reasons["n_estimators"]
    assert "limit on training time" in late.reasons["n_estimators"]
    assert late.configuration["n_estimators"] < both.configuration["n_estimators"] == 40


def limit_of(most):
    return StepLimit("n_estimators", most, "trees")


def test_a_dataset_unlike_all_others_gets_the_prior_and_a_reason():
    strange = replace(CARD, n_rows=20, n_features=30_000, n_categorical=0, class_balance={"a": 0.999, "b": 0.001})
    evidence = Advice(strange, None, XGBOOST, {}).evidence
    assert not evidence.near
    assert len({round(near.weight, 9) for near in evidence.neighbours}) == 1
    assert "recorded datasets" in evidence.reasons["max_depth"]


def test_a_task_without_records_is_refused():
    with pytest.raises(ExperienceError, match="name the task"):
        Advice(replace(CARD, task=""), None, XGBOOST, {})


def test_regression_is_in_the_targets_unit():
    card = replace(CARD, task=REGRESSION, class_balance={}, metrics=("rmse",))
    small = Advice(card, None, XGBOOST, {})
    assert 0 < small.forecast(XGBOOST.default).curves["rmse"].final < 3  # of a target with deviation 1


def test_without_the_encoder_numbers_alone_are_compared_and_it_is_said(monkeypatch):
    def missing(text, cache, encoder):
        raise ExperienceError("the text encoder's weights are not installed")

    monkeypatch.setattr(texts, "embed", missing)
    evidence = Advice(CARD, None, XGBOOST, {}).evidence
    assert not evidence.text_compared
    assert "numbers only" in evidence.note


def test_only_datasets_of_the_same_task_are_neighbours(advice):
    tasks = {dataset["name"]: dataset["task"] for dataset in load_bank().datasets}
    assert {tasks[near.name] for near in advice.evidence.neighbours} == {BINARY}


def test_a_recorded_dataset_is_most_similar_to_its_own_card():
    bank = load_bank().for_task(BINARY)
    for index, dataset in enumerate(bank.datasets):
        card = DataCard(
            dataset["name"],
            n_rows=dataset["n_rows"],
            n_features=dataset["n_features"],
            n_categorical=dataset["n_categorical"],
            class_balance=dataset["class_balance"],
            missing_fraction=dataset["missing_fraction"],
        )
        alike = similarities(card_numbers(card), bank.embeddings[index], bank, 0.25)
        assert alike.argmax() == index
        assert alike[index] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("n_features", "shares"), [(2, {1.0}), (3, {0.6667, 1.0}), (1, {1.0})])
def test_a_recommended_share_of_columns_is_one_of_whole_columns(n_features, shares):
    chosen = Advice(replace(CARD, n_features=n_features), None, XGBOOST, {}).evidence.configuration["colsample_bytree"]
    assert chosen in shares
    assert int(np.float32(chosen) * n_features) == round(chosen * n_features)  # as XGBoost counts them
