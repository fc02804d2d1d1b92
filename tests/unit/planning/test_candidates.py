"""Which configuration wins, and why."""

from __future__ import annotations

import numpy as np
import pytest

from automl_gpt_magic.planning.candidates import AS_GOOD, choose
from automl_gpt_magic.records.answer import Suggestion
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.evidence import Evidence, Forecast
from automl_gpt_magic.records.space import Parameter, SearchSpace, StepLimit

SPACE = SearchSpace("XGBoost", (Parameter("gamma", "float", 0.0, 0, 5), Parameter("max_depth", "int", 6, 2, 12)))
TRANSFERRED = {"gamma": 1.0, "max_depth": 4}


def evidence(near=True):
    return Evidence((), TRANSFERRED, {"gamma": "measured", "max_depth": "measured"}, near, 0.5, 3, 300)


def forecast(values):
    """The predicted loss is gamma / 10 + 0.1, the time as many seconds as max_depth."""
    return Forecast(
        {"log_loss": Curve("log_loss", np.array([1]), np.array([values["gamma"] / 10 + 0.1]))}, values["max_depth"]
    )


def suggestion(log=None, **values):
    return Suggestion(values, dict.fromkeys(values, "because"), log)


def chosen(*suggestions, near=True, fixed=None, most_seconds=None, predict=forecast, most_steps=None, searched=None):
    return choose(suggestions, evidence(near), SPACE, fixed or {}, predict, most_seconds, most_steps, searched)


def predicting(default=0.9, transferred=0.5, **others):
    """A forecast whose loss stands for a configuration's gamma."""
    losses = {0.0: default, 1.0: transferred, **{float(name[1:]): loss for name, loss in others.items()}}
    return lambda values: Forecast(
        {"log_loss": Curve("log_loss", np.array([1]), np.array([losses[values["gamma"]]]))}, values["max_depth"]
    )


def test_candidates_are_ranked_by_the_forecast_and_the_lowest_wins():
    choice = chosen(suggestion(gamma=3.0), suggestion(gamma=2.0), predict=predicting(0.6, 0.5, g3=0.4, g2=0.7))
    assert [one.name for one in choice.candidates] == ["LLM 1", "transferred", "default", "LLM 2"]
    assert [one.predicted for one in choice.candidates] == [0.4, 0.5, 0.6, 0.7]
    assert choice.chosen is choice.candidates[0]
    assert "LLM 1 has the lowest loss" in choice.because


def test_a_suggestion_leaves_the_rest_to_the_evidence_and_the_card():
    choice = chosen(suggestion(gamma=0.5), fixed={"max_depth": 9})
    values = {one.name: one.values for one in choice.candidates}
    assert values["LLM 1"] == {"gamma": 0.5, "max_depth": 9}
    assert values["transferred"] == {"gamma": 1.0, "max_depth": 9}
    assert values["default"] == SPACE.default


@pytest.mark.parametrize(("near", "source"), [(True, "neighbour"), (False, "prior")])
def test_every_candidate_says_where_it_is_from(near, source):
    sources = {one.name: one.source for one in chosen(suggestion(gamma=0.5), near=near).candidates}
    assert sources == {"LLM 1": "llm", "transferred": source, "default": "default"}


def test_reasons_and_own_log_stay_with_their_candidate():
    log = Curve("log_loss", np.array([1]), np.array([0.4]))
    choice = chosen(suggestion(log, gamma=0.5))
    theirs = next(one for one in choice.candidates if one.source == "llm")
    assert theirs.reasons == {"gamma": "because"}
    assert theirs.own_log is log


@pytest.mark.parametrize(("loss", "wins"), [(0.5 * (1 + AS_GOOD) - 1e-9, True), (0.5 * (1 + AS_GOOD) + 1e-6, False)])
def test_a_configuration_with_reasons_wins_where_the_forecast_sees_no_difference(loss, wins):
    choice = chosen(suggestion(gamma=3.0), predict=predicting(g3=loss))
    assert choice.chosen.name == ("LLM 1" if wins else "transferred")
    assert ("within 1% of the lowest" in choice.because) == wins


def test_of_two_that_are_as_good_the_better_one_wins():
    choice = chosen(suggestion(gamma=3.0), suggestion(gamma=2.0), predict=predicting(g3=0.504, g2=0.502))
    assert choice.chosen.name == "LLM 2"


def test_the_transferred_configuration_wins_where_the_llms_are_worse():
    choice = chosen(suggestion(gamma=3.0), predict=predicting(g3=0.6))
    assert choice.chosen.name == "transferred"
    assert choice.because == "The transferred configuration stands at 0.5: measured runs predict 0.6 for LLM 1."


def test_the_default_wins_where_it_is_best():
    assert chosen(predict=predicting(default=0.3)).chosen.name == "default"


def test_without_a_usable_suggestion_transferred_and_default_are_weighed():
    choice = chosen(predict=predicting())
    assert {one.name for one in choice.candidates} == {"transferred", "default"}
    assert choice.because == "The LLM gave no configuration that could be used."


def test_a_limit_on_training_seconds_rules_out_whatever_is_slower():
    choice = chosen(suggestion(gamma=3.0, max_depth=8), predict=predicting(g3=0.1), most_seconds=5)
    ruled_out = {one.name: one.ruled_out for one in choice.candidates}
    assert ruled_out["LLM 1"] == "predicted to train 8 s, over the request's 5 s"
    assert ruled_out["transferred"] == ""
    assert choice.chosen.name == "transferred"
    assert "over the request's 5 s" in choice.because
    assert choice.candidates[0].name == "transferred"


def test_a_limit_on_steps_rules_out_whatever_has_more():
    limit = StepLimit("max_depth", 5, "trees")
    choice = chosen(suggestion(gamma=3.0, max_depth=8), predict=predicting(g3=0.1), most_steps=limit)
    ruled_out = {one.name: one.ruled_out for one in choice.candidates}
    assert ruled_out["LLM 1"] == "max_depth 8, over the request's 5 trees"
    assert ruled_out["default"] == "max_depth 6, over the request's 5 trees"
    assert (ruled_out["transferred"], choice.chosen.name) == ("", "transferred")


def test_where_everything_is_too_slow_the_transferred_configuration_stands():
    choice = chosen(suggestion(gamma=3.0), predict=predicting(g3=0.1), most_seconds=1)
    assert all(one.ruled_out for one in choice.candidates)
    assert choice.chosen.name == "transferred"


@pytest.mark.parametrize(("fixed", "out"), [({"max_depth": 9}, True), ({"max_depth": 6}, False), ({}, False)])
def test_the_default_is_ruled_out_where_the_card_fixes_other_values(fixed, out):
    choice = chosen(fixed=fixed, predict=predicting(default=0.1))
    default = next(one for one in choice.candidates if one.name == "default")
    assert default.ruled_out == ("the model card fixes other values" if out else "")
    assert choice.chosen.name == ("transferred" if out else "default")


def test_what_was_searched_on_the_forecast_is_shown_and_does_not_win():
    searched = {"gamma": 4.0, "max_depth": 3}
    choice = chosen(suggestion(gamma=3.0), predict=predicting(g3=0.4, g4=0.1), searched=searched)
    assert choice.chosen.name == "LLM 1"
    assert [one.name for one in choice.candidates] == ["LLM 1", "transferred", "default"]
    assert [one.name for one in choice.shown] == ["LLM 1", "transferred", "default", "search on the forecast"]
    found = choice.shown[-1]
    assert (found.source, found.values, found.predicted) == ("search", searched, 0.1)
    assert found.ruled_out == "not taken: the lowest of 4,096 predictions is mostly luck"
    assert "lowest loss predicted" in choice.because


def test_a_search_that_found_nothing_better_says_no_more_than_its_prediction():
    choice = chosen(predict=predicting(g4=0.55), searched={"gamma": 4.0, "max_depth": 3})
    assert (choice.shown[-1].predicted, choice.shown[-1].ruled_out) == (0.55, "")


def test_without_a_search_the_candidates_are_all_that_is_shown():
    choice = chosen(predict=predicting())
    assert choice.shown == choice.candidates
