"""What a search of the space on the forecast finds, and what it keeps to."""

import json

import numpy as np
import pytest

import automl_gpt_magic
from automl_gpt_magic.connection import connect
from automl_gpt_magic.notebook.candidates import candidates_html
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.search import N_SEARCHED, Limits, search
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.evidence import Forecast
from automl_gpt_magic.records.space import Parameter, SearchSpace, StepLimit
from tests.scripted_llm import ScriptedLLM, answer

SPACE = SearchSpace(
    "XGBoost",
    (
        Parameter("learning_rate", "float", 0.3, 0.001, 1.0, log=True),
        Parameter("n_estimators", "int", 100, 1, 600, log=True),
        Parameter("max_depth", "int", 6, 2, 12),
        Parameter("booster", "choice", "tree", choices=("tree", "line")),
    ),
)
RECOMMENDED = {"learning_rate": 0.1, "n_estimators": 200, "max_depth": 5, "booster": "tree"}
CARD = {
    "name": "Survey",
    "task": "binary classification",
    "n_rows": 9000,
    "n_features": 20,
    "n_categorical": 10,
    "class_balance": {"no": 0.7, "yes": 0.3},
}


def bowl(configurations):
    """Predict losses that are lowest at a learning rate of 0.03 and a depth of 7."""
    rates = np.array([np.log10(one["learning_rate"] / 0.03) for one in configurations])
    depths = np.array([(one["max_depth"] - 7) / 10 for one in configurations])
    return rates**2 + depths**2


def forecast(configuration):
    """The time is a hundredth of a second for each step, and as much again for each step of depth."""
    seconds = 0.01 * configuration["n_estimators"] * configuration["max_depth"]
    return Forecast({"log_loss": Curve("log_loss", np.array([1]), np.array([0.5]))}, seconds)


def found(losses=bowl, *, fixed=None, steps=None, seconds=None, known=(RECOMMENDED,), seed=0, count=3, space=SPACE):
    limits = Limits(fixed or {}, steps, seconds, "n_estimators")
    return search(space, losses, forecast, limits, known, seed=seed, count=count)


def test_the_lowest_predicted_loss_comes_first():
    best = found()[0]
    assert bowl([best])[0] < 0.001
    assert best["learning_rate"] == pytest.approx(0.03, rel=0.1)
    assert best["max_depth"] == 7


def test_every_value_is_one_of_the_space_and_short_enough_to_read():
    for one in found(count=50):
        assert list(one) == [parameter.name for parameter in SPACE.parameters]
        assert {name: SPACE[name].check(value) for name, value in one.items()} == one
        assert (type(one["max_depth"]), type(one["learning_rate"])) == (int, float)
        assert float(f"{one['learning_rate']:.4g}") == one["learning_rate"]


def test_the_ranges_are_filled_evenly_on_their_own_scales():
    asked = []

    def losses(configurations):
        asked.extend(configurations)
        return np.zeros(len(configurations))

    found(losses)
    assert len(asked) == N_SEARCHED
    assert np.median([one["learning_rate"] for one in asked]) == pytest.approx(10**-1.5, rel=0.01)
    assert np.median([one["n_estimators"] for one in asked]) == pytest.approx(600**0.5, abs=1)
    assert {one["max_depth"] for one in asked} == set(range(2, 13))
    assert sum(one["booster"] == "tree" for one in asked) == N_SEARCHED / 2


def test_those_returned_differ_from_each_other():
    best = found(count=3)
    assert len(best) == 3
    places = np.array(
        [
            [
                np.log(one["learning_rate"] / 0.001) / np.log(1000),
                np.log(one["n_estimators"]) / np.log(600),
                (one["max_depth"] - 2) / 10,
            ]
            for one in best
        ]
    )
    for first, second in ((0, 1), (0, 2), (1, 2)):
        other_choice = best[first]["booster"] != best[second]["booster"]
        assert other_choice or np.abs(places[first] - places[second]).max() > 0.2


def test_the_same_seed_finds_the_same_and_another_one_something_else():
    assert found(lambda one: bowl(one), seed=4) == found(lambda one: bowl(one), seed=4)
    assert found(seed=4) != found(seed=5)


def test_all_are_predicted_in_one_call_and_only_once_for_the_same_question():
    calls = []

    def losses(configurations):
        calls.append(len(configurations))
        return bowl(configurations)

    assert found(losses) == found(losses)
    found(losses, count=1)
    assert calls == [N_SEARCHED]


def test_fixed_values_stay_and_the_rest_is_searched_beside_them():
    best = found(fixed={"max_depth": 3, "booster": "line"}, count=5)
    assert {(one["max_depth"], one["booster"]) for one in best} == {(3, "line")}
    assert len({one["learning_rate"] for one in best}) == 5


def test_no_configuration_has_more_steps_than_allowed():
    assert all(one["n_estimators"] <= 30 for one in found(steps=StepLimit("n_estimators", 30, "trees"), count=50))


def test_no_configuration_takes_longer_than_allowed():
    best = found(seconds=0.5, count=20)
    assert len(best) == 20
    assert all(forecast(one).seconds <= 0.5 for one in best)
    assert not all(forecast(one).seconds <= 0.5 for one in found(count=20))


def test_what_is_known_is_not_found_again():
    choices = SearchSpace("XGBoost", (Parameter("n_estimators", "choice", 1, choices=(1, 2)),))
    losses = lambda configurations: np.array([one["n_estimators"] for one in configurations])  # noqa: E731
    assert found(losses, space=choices, known=({"n_estimators": 3},), count=1) == ({"n_estimators": 1},)
    assert found(losses, space=choices, known=({"n_estimators": 1},), count=1) == ({"n_estimators": 2},)


def test_what_has_no_finite_prediction_is_left_out():
    def losses(configurations):
        return np.where([one["max_depth"] == 7 for one in configurations], np.nan, bowl(configurations))

    assert all(one["max_depth"] != 7 for one in found(losses))
    assert found(lambda configurations: np.full(len(configurations), np.inf)) == ()


@pytest.mark.parametrize("limits", [{"seconds": 0.0}, {"seconds": 1e-6}, {"fixed": RECOMMENDED}])
def test_where_nothing_is_allowed_or_free_nothing_is_found(limits):
    assert found(**limits) == ()


def test_with_fixed_steps_that_take_too_long_nothing_is_found():
    assert found(fixed={"n_estimators": 600}, seconds=1.0) == ()


def surveyed(model="XGBoost", request="As accurate as can be.", **hyperparameters):
    card = {"name": model, "hyperparameters": hyperparameters}
    return survey({"data": CARD, "model": card, "request": request}, None)


def test_a_plans_search_keeps_card_and_request_and_is_predicted_better_than_other_rates_and_rounds():
    situation = surveyed(request="at most 90 trees", max_depth=3)
    best = situation.searched
    assert 1 <= len(best) <= 3
    assert all(one["max_depth"] == 3 and one["n_estimators"] <= 90 for one in best)
    usual = situation.space.default | {"max_depth": 3}
    others = [usual | {"learning_rate": rate, "n_estimators": n} for rate in (0.01, 0.05, 0.5) for n in (10, 40, 90)]
    assert situation.losses(best[:1])[0] < situation.losses(others).min()
    assert situation.evidence.configuration not in best


def test_a_family_without_runs_is_not_searched():
    situation = surveyed("Random forest")
    assert (situation.losses, situation.searched) == (None, ())


def test_beside_an_llms_candidates_the_search_is_one_more_row_that_was_not_chosen():
    values = [{"name": "max_depth", "value": 4, "reason": "shallow"}]
    said = {"candidates": [{"hyperparameters": values, "log": [], "expected": 0.4}], "notes": ""}
    cards = {"data": CARD, "model": {"name": "XGBoost"}, "request": "As accurate as can be."}
    with ScriptedLLM(answer(json.dumps(said))) as server:
        plan = automl_gpt_magic.plan(cards, model=connect(base_url=server.base_url, model="scripted"))
    *weighed, found = plan.candidates
    assert {one.name for one in weighed} == {"LLM 1", "transferred", "default"}
    assert (found.name, found.source) == ("search on the forecast", "search")
    assert found.values == surveyed().searched[0]
    assert plan.chosen in {one.name for one in weighed}
    assert "search on the forecast" in candidates_html(plan)
    assert automl_gpt_magic.plan(cards).candidates == ()
