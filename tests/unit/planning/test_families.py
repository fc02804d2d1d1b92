import pytest

from automl_gpt_magic.cards import read_cards
from automl_gpt_magic.errors import CardError, ParameterError
from automl_gpt_magic.planning.families import XGBOOST, not_compared, plannable, space_for


def cards_with(model):
    return read_cards({"data": {"name": "x"}, **({"model": model} if model else {})})


def planned_space(model):
    cards = cards_with(model)
    return space_for(plannable(cards)[0], cards)


def test_without_a_model_card_xgboost_is_planned():
    assert plannable(cards_with(None))[0].name == "XGBoost"


def test_the_first_known_candidate_is_planned_and_the_others_are_named():
    cards = cards_with([{"name": "Swin"}, {"name": "XGB Classifier"}])
    (model,) = plannable(cards)
    assert model.name == "XGB Classifier"
    assert "Swin" in not_compared(cards, model, ())[0]


def test_cards_that_an_llm_chose_between_are_compared():
    cards = cards_with([{"name": "XGBoost"}, {"name": "XGBoost deep"}, {"name": "Swin"}])
    (note,) = not_compared(cards, plannable(cards)[0], plannable(cards))
    assert "Swin" in note
    assert "deep" not in note


def test_a_model_that_cannot_be_planned_is_an_error_at_its_name():
    with pytest.raises(CardError, match=r"model\.0\.name.*write XGBoost"):
        plannable(cards_with([{"name": "Swin"}]))


def test_a_misspelt_hyperparameter_gets_a_suggestion():
    with pytest.raises(CardError, match=r"max_dept.*did you mean max_depth\?"):
        planned_space([{"name": "XGBoost", "hyperparameters": {"max_dept": 6}}])


def test_a_value_outside_its_range_names_the_range():
    with pytest.raises(CardError, match=r"hyperparameters\.subsample.*1\.7 is above 1\. Write 0\.5 to 1"):
        planned_space([{"name": "XGBoost", "hyperparameters": {"subsample": 1.7}}])


def test_the_card_adds_a_parameter_that_the_family_does_not_search():
    space = planned_space([{"name": "XGBoost", "hyperparameters": {"grow_policy": "lossguide"}}])
    assert "grow_policy" in space
    assert "grow_policy" not in XGBOOST


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_depth", 6.5, "whole number"),
        ("max_depth", True, "whole number"),
        ("max_depth", "6", "whole number"),
        ("learning_rate", float("nan"), "not a number"),
        ("learning_rate", float("inf"), "not a number"),
        ("learning_rate", 0.6, "above 0.5"),
        ("n_estimators", 0, "below 1"),
    ],
)
def test_bad_values_are_refused(name, value, message):
    with pytest.raises(ParameterError, match=message):
        XGBOOST[name].check(value)


def test_every_default_is_allowed_also_where_the_range_is_logarithmic():
    assert XGBOOST["reg_alpha"].check(0) == 0
    assert {name: XGBOOST[name].check(value) for name, value in XGBOOST.default.items()} == XGBOOST.default


def test_whole_floats_become_whole_numbers():
    assert repr(XGBOOST["max_depth"].check(6.0)) == "6"
