"""A request's limit on the steps of a training holds in plan, candidates, own runs and search."""

import json
from types import SimpleNamespace

import pytest

import automl_gpt_magic
from automl_gpt_magic import pipeline
from automl_gpt_magic import running as running_module
from automl_gpt_magic.connection import connect
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.planning.constraints import step_limit
from automl_gpt_magic.planning.families import FAMILIES
from automl_gpt_magic.records.card import Request
from automl_gpt_magic.records.request import Constraint
from automl_gpt_magic.records.study import StudyLimits
from automl_gpt_magic.running import Running
from tests.scripted_llm import ScriptedLLM, answer
from tests.unit.experience.test_own_runs import a_run

NO_LIMIT = "As accurate as can be."
DATA = {
    "name": "Survey",
    "task": "binary classification",
    "n_rows": 9000,
    "n_features": 20,
    "n_categorical": 10,
    "class_balance": {"no": 0.7, "yes": 0.3},
}


def cards(request, model="XGBoost", **hyperparameters):
    return {"data": DATA, "model": {"name": model, "hyperparameters": hyperparameters}, "request": request}


def planned(plan, name):
    return next(value for value in plan.values if value.name == name)


@pytest.mark.parametrize("request_", ["at most 100 trees", {"constraints": {"trees": 100}}], ids=["words", "yaml"])
def test_at_most_100_trees(request_):
    free = automl_gpt_magic.plan(cards(NO_LIMIT))
    plan = automl_gpt_magic.plan(cards(request_))
    assert plan.hyperparameters["n_estimators"] <= 100 < free.hyperparameters["n_estimators"]
    assert planned(plan, "n_estimators").reason == "what the request's limit on trees allows"
    (check,) = plan.checks
    assert (check.text, check.met) == ("at most 100 trees", True)
    assert check.detail == f"n_estimators is {plan.hyperparameters['n_estimators']}"
    assert plan.curve.steps[-1] == plan.hyperparameters["n_estimators"]


def test_max_5_epochs_cut_the_default_of_a_family_without_recorded_runs():
    plan = automl_gpt_magic.plan(cards("max 5 epochs", "MLPClassifier"))
    assert plan.space.family == "scikit-learn MLP"
    epochs = planned(plan, "max_iter")
    assert (epochs.value, epochs.source) == (5, "default")
    usual = plan.space["max_iter"].default
    assert (
        epochs.reason == f"what the request's limit on epochs allows, below scikit-learn MLP's own default of {usual}"
    )
    assert plan.evidence.configuration["max_iter"] == plan.curve.steps[-1] == 5
    assert [(check.text, check.met) for check in plan.checks] == [("at most 5 epochs", True)]


def test_a_limit_above_the_default_changes_nothing():
    free, limited = (automl_gpt_magic.plan(cards(text, "MLPClassifier")) for text in (NO_LIMIT, "max 5000 epochs"))
    assert limited.hyperparameters == free.hyperparameters
    assert planned(limited, "max_iter").reason == "scikit-learn MLP's own default"


def test_max_5_epochs_restrict_the_search_of_a_recorded_network():
    plan = automl_gpt_magic.plan(cards("max 5 epochs", "MLP"))
    assert plan.evidence.n_runs
    assert plan.hyperparameters["epochs"] <= 5
    assert [(check.text, check.met) for check in plan.checks] == [("at most 5 epochs", True)]


def test_a_model_card_that_fixes_more_wins_and_the_limit_is_not_met():
    plan = automl_gpt_magic.plan(cards("at most 100 trees", n_estimators=300))
    assert plan.hyperparameters["n_estimators"] == 300
    assert [(check.text, check.met, check.detail) for check in plan.checks] == [
        ("at most 100 trees", False, "n_estimators is 300")
    ]


def test_an_edit_in_the_table_may_be_over_the_limit_and_is_checked():
    situation = survey(cards("at most 1 tree"), None)
    assert build_plan(situation, {}).hyperparameters["n_estimators"] == 1
    (check,) = build_plan(situation, {"n_estimators": 2}).checks
    assert (check.text, check.met) == ("at most 1 tree", False)


def test_a_limit_on_other_steps_is_no_limit():
    free, other = (automl_gpt_magic.plan(cards(text)) for text in (NO_LIMIT, "max 5 epochs"))
    assert other.hyperparameters == free.hyperparameters
    assert other.checks == ()


def test_every_family_that_trains_in_steps_takes_one_of_the_limits():
    request = Request(constraints=(Constraint("trees", 100), Constraint("epochs", 20)))
    limits = {family.name: step_limit(request, family, {}) for family in FAMILIES}
    assert {name for name, limit in limits.items() if limit is None} == {
        family.name for family in FAMILIES if not family.rounds
    }
    assert str(limits["XGBoost"]) == str(limits["HistGradientBoosting"]) == str(limits["RandomForestClassifier"])
    assert (str(limits["XGBoost"]), str(limits["scikit-learn MLP"])) == ("100 trees", "20 epochs")
    # A limit of one step has to be a value of the space.
    assert all(family.space[family.rounds].low == 1 for family in FAMILIES if family.rounds)


def candidates_of(request):
    found = {"n_estimators": 400, "learning_rate": 0.03}
    hyperparameters = [{"name": name, "value": value, "reason": "slow and steady"} for name, value in found.items()]
    candidate = {"hyperparameters": hyperparameters, "log": [], "expected": 0.4}
    with ScriptedLLM(answer(json.dumps({"candidates": [candidate], "notes": ""}))) as server:
        return automl_gpt_magic.plan(cards(request), model=connect(base_url=server.base_url, model="scripted"))


def test_a_candidate_of_the_llm_with_more_steps_does_not_win():
    plan = candidates_of("at most 90 trees")
    ruled_out = {one.name: one.ruled_out for one in plan.candidates}
    assert ruled_out["LLM 1"] == "n_estimators 400, over the request's 90 trees"
    assert plan.hyperparameters["n_estimators"] <= 90
    assert not next(one.ruled_out for one in candidates_of(NO_LIMIT).candidates if one.name == "LLM 1")


def test_an_own_run_with_more_steps_is_not_taken(monkeypatch):
    transferred = automl_gpt_magic.plan(cards(NO_LIMIT)).hyperparameters
    best = {**transferred, "n_estimators": 300}
    runs = {number: a_run(one, loss) for number, one, loss in ((1, transferred, 0.3), (2, best, 0.01))}
    monkeypatch.setattr(pipeline, "runs_on", lambda *_: (runs, ()))
    free, limited = (automl_gpt_magic.plan(cards(text)) for text in (NO_LIMIT, "at most 90 trees"))
    assert free.hyperparameters == best
    assert limited.hyperparameters["n_estimators"] <= 90


@pytest.mark.parametrize(("fixed", "most"), [({}, 90), ({"n_estimators": 300}, 600)])
def test_a_search_has_no_more_steps_either(monkeypatch, fixed, most, adult):
    jobs = []
    monkeypatch.setattr(running_module, "StudyRun", lambda job, *_, **__: jobs.append(job))
    source = {**cards("at most 90 trees", **fixed), "data": {"name": "A", "frame": "adult", "target": "income"}}
    situation = survey(source, {"adult": adult})
    edited = build_plan(situation, {} if fixed else {"n_estimators": 500})
    panel = SimpleNamespace(searching=lambda _: None)
    running = Running(
        {"adult": adult},
        panel,
        automl_gpt_magic.settings.AutoML().store_place,
        plan=lambda: edited,
        situation=lambda: situation,
        sources=lambda: list(edited.code.items()),
        hear=print,
    )
    running.tune(StudyLimits(1))
    (job,) = jobs
    assert job.space["n_estimators"].high == most
    tried = {label: start["n_estimators"] for label, start in job.starts}
    assert {"plan", "default"} < set(tried)
    assert all(steps <= 90 for steps in tried.values()) is not bool(fixed)
