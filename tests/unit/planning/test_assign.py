"""Which model a task is given: what is compared, in which order, and when the plan leaves the first one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import automl_gpt_magic
from automl_gpt_magic.cards import read_cards
from automl_gpt_magic.planning.assign import STAYS, Rival, assign, why_planned
from automl_gpt_magic.planning.families import FAMILIES, catalogue, family_of, library_card, options
from automl_gpt_magic.records.answer import Answer
from automl_gpt_magic.records.card import BINARY, DataCard, ModelCard
from automl_gpt_magic.records.evidence import Forecast, OwnRuns
from automl_gpt_magic.records.plan import Check
from tests.conftest import small_adult
from tests.unit.notebook import plans

DATA = {"name": "Small Adult", "task": BINARY, "target": "income"}
TABULAR = ["XGBoost", "LightGBM", "HistGradientBoosting", "RandomForestClassifier"]
TABULAR += ["LogisticRegression", "scikit-learn MLP", "PyTorch MLP"]


def names(*models):
    cards = read_cards({"data": DATA, **({"model": list(models)} if models else {})})
    return [card.name for card in options(cards)]


def test_without_a_card_every_family_for_the_task_is_compared():
    assert names() == TABULAR


def test_one_card_is_compared_with_the_library_and_several_with_each_other():
    assert names("lgbm") == ["lgbm", *(name for name in TABULAR if name != "LightGBM")]
    assert names("lgbm", "XGB deep") == ["lgbm", "XGB deep"]


def test_a_family_that_was_chosen_without_a_card_does_not_hide_the_others():
    cards = read_cards({"data": DATA})
    added = replace(cards, models=(library_card(FAMILIES[1]),))
    assert sorted(card.name for card in options(added)) == sorted(TABULAR)
    added = replace(read_cards({"data": DATA, "model": ["XGBoost", "MLP"]}), models=(ModelCard("a"),))
    assert added.models[0].name == "a"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_librarys_own_card_means_its_family(family):
    data = DataCard("x", family.inputs[0], task=family.tasks[0])
    assert family_of(library_card(family), data) is family


def of_model(name, final, *, half=0.02, **changes):
    """A plan with another model, whose log loss is forecast to end there."""
    plan = plans.card_only()
    curve = plan.forecast.curves["log_loss"]
    assert curve.quantiles is not None
    quantiles = final + (curve.quantiles - curve.value) * half / curve.half_width
    moved = replace(curve, value=np.full(len(curve.steps), final), quantiles=quantiles)
    forecast = Forecast({"log_loss": moved}, plan.forecast.seconds)
    space = replace(plan.space, family=name)
    return replace(plan, **{"model": ModelCard(name), "space": space, "forecast": forecast, "checks": (), **changes})


def unknown(name):
    plan = of_model(name, 0.1)
    return replace(plan, evidence=replace(plan.evidence, n_datasets=0, n_runs=0, neighbours=(), near=False))


def ranked(planned, *others):
    rivals = [Rival(plan.model, plan) for plan in others]
    return assign(planned, rivals, "It was so.")


def order(assignment):
    return [option.card.name for option in assignment.options]


def reasons(assignment):
    return {option.card.name: option.reason for option in assignment.options}


def test_the_lowest_forecast_comes_first_and_the_planned_one_is_marked():
    found = ranked(of_model("XGBoost", 0.4), of_model("LightGBM", 0.3), of_model("PyTorch MLP", 0.39))
    assert order(found) == ["LightGBM", "PyTorch MLP", "XGBoost"]
    assert [option.rank for option in found.options] == [1, 2, 3]
    assert (found.chosen.card.name, found.chosen.rank) == ("XGBoost", 3)


def test_ranges_that_meet_are_told_from_those_that_do_not():
    found = ranked(of_model("XGBoost", 0.3), of_model("LightGBM", 0.33), of_model("PyTorch MLP", 0.35))
    said = reasons(found)
    assert "as good as XGBoost" in said["LightGBM"] and "worse than XGBoost" in said["PyTorch MLP"]
    assert "best predicted result" in said["XGBoost"]


def test_the_plan_says_why_it_stays_where_another_one_is_ranked_first():
    assert STAYS in ranked(of_model("XGBoost", 0.4), of_model("LightGBM", 0.3)).because
    assert ranked(of_model("XGBoost", 0.3), of_model("LightGBM", 0.4)).because == "It was so."


def test_what_is_over_a_limit_comes_after_what_keeps_it_and_says_so():
    over = Check("training at most 20 s", False, "predicted 60 s")
    kept = replace(over, met=True)
    found = ranked(of_model("XGBoost", 0.2, checks=(over,)), of_model("LightGBM", 0.4, checks=(kept,)))
    assert order(found) == ["LightGBM", "XGBoost"]
    assert found.options[1].not_kept == (over,)
    assert "better than LightGBM" in reasons(found)["XGBoost"] and "predicted 60 s" in reasons(found)["XGBoost"]


def test_what_nobody_recorded_follows_in_the_catalogues_order_without_a_number():
    found = ranked(unknown("LogisticRegression"), of_model("PyTorch MLP", 0.5), unknown("HistGradientBoosting"))
    assert order(found) == ["PyTorch MLP", "HistGradientBoosting", "LogisticRegression"]
    assert found.chosen.curve is None and found.chosen.known == "nothing recorded"
    assert "no run of it was recorded" in reasons(found)["LogisticRegression"]


def test_a_library_that_is_not_installed_comes_last_and_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(catalogue, "find_spec", lambda module: None if module == "lightgbm" else True)
    found = ranked(unknown("HistGradientBoosting"), of_model("LightGBM", 0.1))
    assert order(found) == ["HistGradientBoosting", "LightGBM"]
    assert "pip install" in reasons(found)["LightGBM"] and not found.options[1].installed


def test_own_runs_and_published_recipes_are_named_as_what_they_are():
    plan = unknown("HistGradientBoosting")
    mine = replace(plan, evidence=replace(plan.evidence, own=OwnRuns(3, 1, {})))
    theirs = unknown("LogisticRegression")
    theirs = replace(theirs, evidence=replace(theirs.evidence, published="Not measured here, published: it did well"))
    found = ranked(mine, theirs)
    assert [option.known for option in found.options] == ["measured", "published"]
    assert "3 runs of yours on these rows" in found.chosen.reason and found.chosen.curve is not None
    assert "it did well" in found.options[1].reason and found.options[1].curve is None


def test_the_llms_reason_stands_with_the_model_it_chose():
    answered = {"llm": "some-model", "answer": Answer(model_card="LightGBM", model_reason="few rows")}
    planned = of_model("LightGBM", 0.3, **answered)
    assert why_planned(planned) == "LightGBM was chosen by some-model."
    found = ranked(planned, of_model("XGBoost", 0.3))
    assert {option.card.name: option.llm_reason for option in found.options} == {"LightGBM": "few rows", "XGBoost": ""}


def plan(*models, **more):
    cards = {"data": DATA, **({"model": list(models)} if models else {}), **more}
    return automl_gpt_magic.plan(cards, frame=small_adult())


def test_the_default_without_a_card_is_compared_with_real_forecasts():
    found = plan().assignment
    assert found.because.startswith("XGBoost is planned where no card names a model.")
    told = {option.card.name for option in found.options if option.curve is not None}
    assert told == {"XGBoost", "LightGBM", "PyTorch MLP"}
    assert sorted(order(found)[:3]) == sorted(told) and sorted(order(found)) == sorted(TABULAR)
    finals = [option.curve.final for option in found.options if option.curve is not None]
    assert finals == sorted(finals)


def test_the_first_card_is_planned_and_the_plan_names_what_it_is_compared_with():
    planned = plan("LightGBM", "XGBoost")
    assert planned.assignment.because.startswith("LightGBM is the first of your cards.")
    assert any("compare it with: XGBoost" in note for note in planned.notes)
    assert plan("LightGBM").assignment.because.startswith("LightGBM is the model of your card.")


def test_a_card_that_cannot_be_planned_is_a_row_with_its_fault():
    found = plan("XGBoost", {"name": "LightGBM", "hyperparameters": {"num_leves": 5}}).assignment
    last = found.options[-1]
    assert last.card.name == "LightGBM" and "did you mean num_leaves" in last.fault


SLOW = {"name": "XGBoost", "hyperparameters": {"n_estimators": 600}}
QUICKLY = {"request": {"constraints": {"training_seconds": 0.02}}}


def test_a_limit_that_only_another_card_keeps_takes_the_plan_there_and_says_why():
    planned = plan(SLOW, "LightGBM", **QUICKLY)
    assert planned.model.name == "LightGBM" and all(check.met for check in planned.checks)
    (why,) = [note for note in planned.notes if "is over a limit" in note]
    assert why.startswith("LightGBM is planned and not XGBoost")
    assert planned.assignment.because.startswith("LightGBM is planned and not XGBoost")
    assert planned.assignment.chosen.rank == 1


def test_a_single_card_is_never_left_for_a_limit():
    planned = plan(SLOW, **QUICKLY)
    assert planned.model.name == "XGBoost" and [check.met for check in planned.checks] == [False]
