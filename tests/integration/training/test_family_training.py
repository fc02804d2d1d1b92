"""Families beside XGBoost, in the processes that users train them in: one that takes steps, one that takes one."""

import pytest

import automl_gpt_magic
from automl_gpt_magic.planning.recipes.training import hyperparameters_name
from automl_gpt_magic.records.study import StudyJob, StudyLimits
from automl_gpt_magic.training.live import last_value
from automl_gpt_magic.training.study import StudyRun
from tests.conftest import small_adult
from tests.integration.training.test_process import outcome


def planned(frame, **model):
    data = {"name": "Small Adult", "frame": "adult", "target": "income"}
    return automl_gpt_magic.plan({"data": data, "model": model}, frame=frame)


def study(plan, frame, fixed, folder):
    job = StudyJob(
        plan.names,
        "Small Adult",
        plan.code["data"],
        plan.code["model"],
        {"adult": frame},
        str(folder),
        plan.space,
        fixed,
        [("plan", plan.hyperparameters)],
        "log_loss",
        rounds=plan.rounds,
    )
    ended = []
    StudyRun(job, StudyLimits(3), folder / "tune.sqlite", lambda state: None, ended.append).join(60)
    return ended[0]


def trained(plan, frame, configuration):
    """Run the cells with the configuration in the dict literal that the table edits."""
    head, _, rest = plan.code["training"].partition(f"{hyperparameters_name(plan.names)} = {{")
    source = f"{head}{hyperparameters_name(plan.names)} = {configuration!r}\n{rest.partition('}')[2]}"
    return outcome(plan.code["data"], plan.code["model"], source, tables={"adult": frame}, names=plan.names)


@pytest.mark.parametrize(
    ("name", "fixed"),
    [("LightGBM", {"early_stopping_rounds": 4, "min_child_samples": 5}), ("LogisticRegression", {})],
)
def test_a_study_finds_a_configuration_that_trains_to_what_it_says(name, fixed, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    frame = small_adult()
    plan = planned(frame, name=name, hyperparameters=fixed)
    state = study(plan, frame, fixed, tmp_path)
    assert (state.stands, [trial.label for trial in state.trials]) == ("finished", ["plan", "search", "search"])
    assert [trial.state for trial in state.trials].count("failed") == 0
    best = state.chosen()
    if plan.rounds:
        assert state.trials[0].curve[-1][0] < plan.hyperparameters[plan.rounds]  # stopped early
        assert best.configuration[plan.rounds] == best.best_round
    ended = trained(plan, frame, best.configuration)
    assert ended.state == "finished", ended.said
    assert last_value(ended.defined["small_adult_log"], "log_loss") == pytest.approx(best.value, rel=1e-9)
    assert ended.defined["small_adult_model"].predict(frame.head(3)).shape == (3,)
