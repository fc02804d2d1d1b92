"""What a request comes to, on a real plan with recorded runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.decided import as_data, decided_before
from automl_gpt_magic.planning.quantities import predicted_by
from automl_gpt_magic.planning.revise import Suggested, revise
from automl_gpt_magic.planning.standing import Standing
from automl_gpt_magic.planning.taking import rebased, take
from automl_gpt_magic.records.request import Constraint, Understood, Wish
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from tests.conftest import CARDS, small_adult

FREE = CARDS.replace("{max_depth: 6}", "{}")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = AutoML()
    settings.store = ""
    settings.cache = str(tmp_path_factory.mktemp("cache"))
    return settings


@pytest.fixture(scope="module")
def standing(settings):
    return Standing(survey(FREE, None, frame=small_adult(), settings=settings))


@pytest.fixture(scope="module")
def replan(settings):
    return replanner(settings)


@pytest.fixture
def asked(replan):
    def asked(standing, *wishes, suggested=None):
        return revise(standing, Understood(wishes), replan=replan, predicting=predicted_by, suggested=suggested)

    return asked


def changed(revision):
    return {change.key: (change.after, change.who) for change in revision.changes}


def limit(quantity, bound, **more):
    return Wish("limit", f"{quantity} {bound}", constraint=Constraint(quantity, bound, **more))


def test_a_limit_on_trees_is_kept_by_the_values(standing, asked):
    revision = asked(standing, limit("trees", 60))
    values = revision.after.plan.hyperparameters
    assert values["n_estimators"] <= 60 and revision.after.plan.forecast.seconds < standing.plan.forecast.seconds
    assert changed(revision)["limit:trees-most"] == (Constraint("trees", 60), "user")
    assert [check.met for check in revision.after.plan.checks if "trees" in check.text] == [True]


def test_what_is_asked_changes_nothing_by_itself(standing, asked):
    before = standing.plan.hyperparameters
    asked(standing, limit("trees", 60))
    assert standing.plan.hyperparameters == before and not standing.situation.revised


def test_faster_training_halves_the_predicted_time(standing, asked):
    revision = asked(standing, Wish("prefer", goal="faster training"))
    assert revision.after.plan.forecast.seconds <= 0.5 * standing.plan.forecast.seconds
    assert all(change.who == "request" for change in revision.changes)


def test_edited_and_locked_values_stay(standing, asked):
    edited = standing.with_edits({"learning_rate": 0.02}).with_lock("n_estimators", True)
    before = edited.plan.hyperparameters
    revision = asked(edited, Wish("prefer", goal="faster training"))
    after = revision.after.plan.hyperparameters
    assert {name: after[name] for name in ("learning_rate", "n_estimators")} == {
        "learning_rate": 0.02,
        "n_estimators": before["n_estimators"],
    }


def test_all_values_kept_leaves_nothing_to_change_and_says_so(standing, asked):
    locked = standing
    for name in standing.plan.hyperparameters:
        locked = locked.with_lock(name, True)
    revision = asked(locked, Wish("prefer", goal="faster training"))
    assert not revision.changes and "no values were found that do it with" in revision.said[0]


def test_a_value_in_the_users_words_is_an_edit(standing, asked):
    revision = asked(standing, Wish("set", name="max_depth", value=7))
    assert changed(revision) == {"value:max_depth": (7, "user")}
    assert revision.after.plan.edits == {"max_depth": 7}


def test_a_value_outside_the_space_is_said_and_not_taken(standing, asked):
    revision = asked(standing, Wish("set", name="max_depth", value=99))
    assert not revision.changes and "max_depth 99 is above 12" in revision.said[0]


def test_a_locked_value_is_not_set(standing, asked):
    revision = asked(standing.with_lock("max_depth", True), Wish("set", name="max_depth", value=7))
    assert not revision.changes and "max_depth is locked" in revision.said[0]


def test_a_value_of_another_model_is_set_also_where_this_one_has_it(standing, asked):
    now = standing.plan.hyperparameters["learning_rate"]
    model, value = Wish("model", name="LightGBM"), Wish("set", name="learning_rate", value=now)
    revision = asked(standing, model, value)
    assert revision.after.plan.model.name == "LightGBM"
    assert revision.after.plan.hyperparameters["learning_rate"] == now and revision.said == ()


def test_a_value_that_the_request_lets_go_can_be_set(standing, asked):
    depth = standing.plan.hyperparameters["max_depth"] + 1
    free, value = Wish("free", name="max_depth"), Wish("set", name="max_depth", value=depth)
    revision = asked(standing.with_lock("max_depth", True), free, value)
    assert changed(revision) == {"lock:max_depth": (False, "user"), "value:max_depth": (depth, "user")}


@pytest.mark.parametrize(
    ("quantity", "said"),
    [("rmse", "rmse does not measure a binary classification"), ("epochs", "XGBoost counts no epochs")],
)
def test_a_limit_that_means_nothing_here_is_said_and_not_taken(standing, asked, quantity, said):
    revision = asked(standing, limit(quantity, 3))
    assert revision.changes == () and said in revision.said[0]


def test_lock_and_free(standing, asked):
    locked = asked(standing, Wish("lock", name="subsample")).after
    assert locked.locked == {"subsample"}
    edited = locked.with_edits({"subsample": 0.9})
    freed = asked(edited, Wish("free", name="subsample"))
    assert freed.after.locked == set() and freed.after.edits == {}
    assert "already" in asked(standing, Wish("free", name="subsample")).said[0]


def test_another_model_is_planned_with_values_of_its_own(standing, asked):
    revision = asked(standing, Wish("model", name="lightgbm"))
    assert revision.after.plan.model.name == "LightGBM" and "num_leaves" in revision.after.plan.hyperparameters
    assert "LGBMClassifier" in revision.after.plan.code["model"]


def test_a_model_that_cannot_be_is_said(standing, asked):
    revision = asked(standing, Wish("model", name="ResNet-50"))
    assert not revision.changes and "ResNet-50" in revision.said[0]


def test_explainable_makes_small_trees(standing, asked):
    values = asked(standing, Wish("prefer", goal="explainable")).after.plan.hyperparameters
    assert values["max_depth"] <= 3 and values["n_estimators"] <= 100


def test_more_accurate_says_so_where_nothing_is_expected_to_be(standing, asked):
    best = asked(standing, Wish("prefer", goal="more accurate")).after
    revision = asked(best, Wish("prefer", goal="more accurate"))
    assert not revision.changes and "%automl tune" in revision.said[0]


def test_a_goal_that_nothing_measures_is_said(standing, asked):
    blind = replace(standing, situation=replace(standing.situation, resources=None, losses=None))
    forecast = blind.situation.forecast
    blind = replace(
        blind, situation=replace(blind.situation, forecast=lambda c: replace(forecast(c), seconds=float("nan")))
    )
    revision = asked(blind, Wish("prefer", goal="faster training"))
    assert not revision.changes and "nothing tells" in revision.said[0]


def test_an_llms_values_are_taken_where_nothing_else_is_asked(standing, asked):
    depth = standing.plan.hyperparameters["max_depth"] + 1
    suggested = Suggested({"max_depth": (depth, "deeper trees"), "gamma": (0.5, "less pruning")}, {})
    revision = asked(standing.with_lock("gamma", True), suggested=suggested)
    assert changed(revision) == {"value:max_depth": (depth, "llm")}
    assert revision.changes[0].reason == "deeper trees"


def test_an_llms_values_that_break_a_limit_do_not_win(standing, asked):
    suggested = Suggested({"n_estimators": (590, "more trees")}, {})
    revision = asked(standing, limit("trees", 60), suggested=suggested)
    assert revision.after.plan.hyperparameters["n_estimators"] <= 60
    assert {change.who for change in revision.changes} == {"user", "request"}


def test_some_changes_can_be_taken_without_the_others(standing, asked, replan):
    revision = asked(standing, limit("trees", 60), Wish("lock", name="gamma"))
    only = take(standing, [change for change in revision.changes if change.part == "lock"], replan)
    assert only.locked == {"gamma"} and only.plan.hyperparameters == standing.plan.hyperparameters
    assert only.situation.cards.request == standing.situation.cards.request


def test_what_was_decided_outlives_the_kernel_as_plain_data(standing, asked, replan):
    import json

    decided = asked(
        standing, limit("trees", 60), Wish("lock", name="gamma"), Wish("prefer", goal="faster training")
    ).after
    data = json.loads(json.dumps(as_data(decided)))
    again = decided_before(Standing(standing.situation), data, replan)
    assert again.plan.hyperparameters == decided.plan.hyperparameters and again.locked == {"gamma"}
    assert again.plan.revision == decided.plan.revision and again.plan.code == decided.plan.code
    assert again.situation.cards.request == decided.situation.cards.request
    assert as_data(standing) == {}


@pytest.mark.parametrize(
    "data",
    [
        {"taken": "all", "locked": "all"},
        {"taken": [None, 3, {"part": "code", "name": "model", "after": "import os", "who": "llm", "reason": ""}]},
        {"taken": [{"part": "value", "name": "max_depth", "after": 99, "who": "llm", "reason": ""}]},
        {"taken": [{"part": "value", "name": "nonsense", "after": 1, "who": "llm", "reason": ""}]},
        {"taken": [{"part": "limit", "name": "x", "after": {"quantity": 3}, "who": "user", "reason": ""}]},
        {"taken": [{"part": "limit", "name": "x", "after": {"evil": 3}, "who": "user", "reason": ""}]},
        {"taken": [{"part": "model", "name": "model", "after": "ResNet-50", "who": "user", "reason": ""}]},
        {"taken": [{"part": "model", "name": "model", "after": 3, "who": "user", "reason": ""}]},
        {"taken": [{"part": "metric", "name": "metric", "after": None, "who": "user", "reason": ""}]},
        *(
            {"taken": [{"part": "limit", "name": "x", "after": after, "who": "user", "reason": ""}]}
            for after in (
                {"quantity": "nonsense", "bound": 1},
                {"quantity": "trees", "bound": float("nan")},
                {"quantity": "trees", "bound": 10**400},
                {"quantity": "latency", "bound": 1, "percentile": 42},
                {"quantity": "latency", "bound": 1, "batch": 0},
                {"quantity": "latency", "bound": 1, "batch": 10**12},
            )
        ),
        {"locked": ["nonsense", 3, None]},
    ],
)
def test_data_of_another_form_is_left_out(standing, replan, data):
    about = as_data(standing.with_lock("gamma", True))["about"]
    again = decided_before(standing, {**data, "about": about}, replan)
    assert again.plan.hyperparameters == standing.plan.hyperparameters and not again.locked
    assert again.situation.cards == standing.situation.cards


def test_what_was_decided_of_other_data_is_left_out(standing, replan):
    data = as_data(standing.with_lock("gamma", True))
    assert decided_before(standing, data, replan).locked == {"gamma"}
    assert decided_before(standing, {**data, "about": "0"}, replan) is standing


def test_decisions_are_laid_over_the_same_cards_planned_again(standing, asked, replan, settings):
    decided = asked(standing, limit("trees", 60)).after.with_edits({"gamma": 1.0}).with_lock("subsample", True)
    again = rebased(decided, survey(FREE, None, frame=small_adult(), settings=settings), replan)
    assert again.plan.hyperparameters == decided.plan.hyperparameters and again.locked == {"subsample"}


def test_what_was_decided_is_kept_in_the_order_in_which_it_counts(standing, asked, replan):
    slower = Suggested({"learning_rate": (0.02, "slower")}, {})
    first = asked(standing, suggested=slower).after
    decided = asked(asked(first, Wish("model", name="LightGBM")).after, suggested=slower).after
    again = decided_before(Standing(standing.situation), json.loads(json.dumps(as_data(decided))), replan)
    assert again.plan.model.name == "LightGBM" and again.plan.hyperparameters == decided.plan.hyperparameters


def test_a_value_of_a_request_that_was_reset_since_does_not_come_back(standing, asked, replan):
    decided = asked(standing, Wish("set", name="learning_rate", value=0.3)).after
    assert decided.plan.hyperparameters["learning_rate"] == 0.3
    assert as_data(decided)["taken"]
    data = as_data(decided.with_edits({}))
    again = decided_before(Standing(standing.situation), data, replan)
    assert again.plan.hyperparameters == standing.plan.hyperparameters


def test_a_lock_that_was_opened_in_the_table_holds_nothing_back(standing, asked, replan, settings):
    unlocked = asked(standing, Wish("lock", name="gamma")).after.with_lock("gamma", False)
    decided = asked(asked(unlocked, suggested=Suggested({"gamma": (0.5, "")}, {})).after, limit("trees", 60)).after
    again = rebased(decided, survey(FREE, None, frame=small_adult(), settings=settings), replan)
    kept = decided_before(Standing(standing.situation), as_data(decided), replan)
    for one in (again, kept):
        assert one.plan.hyperparameters == decided.plan.hyperparameters and not one.locked
        assert one.plan.cards.request.most("trees") == 60
