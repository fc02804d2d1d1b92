"""A tuned search with XGBoost itself, on a plan's own cells."""

import optuna
import pytest

import automl_gpt_magic
from automl_gpt_magic.records.study import StudyJob, StudyLimits
from automl_gpt_magic.training.study import StudyRun
from tests.conftest import CARDS, small_adult
from tests.integration.training.test_process import outcome


def test_a_study_of_a_plans_cells_gives_what_its_cells_give(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    frame = small_adult()
    plan = automl_gpt_magic.plan(CARDS.replace("max_depth: 6", "max_depth: 4"), frame=frame)
    start = {**plan.hyperparameters, "n_estimators": 30}
    job = StudyJob(
        plan.names,
        "Small Adult",
        plan.code["data"],
        plan.code["model"],
        {"adult": frame},
        str(tmp_path),
        plan.space,
        {"max_depth": 4},
        [("plan", start), ("default", {**plan.space.default, "n_estimators": 20})],
        "log_loss",
    )
    ended = []
    run = StudyRun(job, StudyLimits(3), tmp_path / "tune.sqlite", lambda state: None, ended.append)
    run.join(60)
    (state,) = ended
    assert (state.stands, [trial.label for trial in state.trials]) == ("finished", ["plan", "default", "search"])
    best = state.chosen()
    sources = [plan.code["data"], plan.code["model"], _training(plan, best.configuration)]
    log = outcome(*sources, tables={"adult": frame}, names=plan.names).defined["small_adult_log"]
    assert log["validation_1"]["logloss"][-1] == pytest.approx(best.value, abs=1e-12)
    assert (
        optuna.load_study(study_name=state.name, storage=f"sqlite:///{tmp_path}/tune.sqlite").best_value == best.value
    )


def _training(plan, configuration):
    return plan.code["training"].replace(
        "small_adult_candidate = small_adult_build(small_adult_hyperparameters)",
        f"small_adult_candidate = small_adult_build({configuration!r})",
    )


def test_a_study_finds_the_values_with_the_highest_metric_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    frame = small_adult()
    plan = automl_gpt_magic.plan(CARDS.replace("[accuracy, log_loss]", "[roc_auc]"), frame=frame)
    assert plan.metric == "roc_auc"
    starts = [("stumps", {"max_depth": 2}), ("plan", {}), ("slow", {"learning_rate": 0.005})]
    job = StudyJob(
        plan.names,
        "Small Adult",
        plan.code["data"],
        plan.code["model"],
        {"adult": frame},
        str(tmp_path),
        plan.space,
        {},
        [(label, {**plan.hyperparameters, "n_estimators": 25, **change}) for label, change in starts],
        plan.metric,
        lower_is_better=False,
        rounds="n_estimators",
    )
    ended = []
    StudyRun(job, StudyLimits(3), tmp_path / "tune.sqlite", lambda state: None, ended.append).join(60)
    (state,) = ended
    values = [trial.value for trial in state.trials]
    assert state.stands == "finished" and state.chosen().value == max(values) > 0.7
    assert all(max(value for _, value in trial.curve) == trial.value for trial in state.trials)
    best = state.chosen()
    sources = [plan.code["data"], plan.code["model"], _training(plan, best.configuration)]
    done = outcome(*sources, tables={"adult": frame}, names=plan.names)
    assert done.defined["small_adult_valid_scores"]["roc_auc"] == pytest.approx(best.value, abs=1e-9)
