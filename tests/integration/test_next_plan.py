"""What was trained in a notebook is evidence for its next plan."""

import re

import pytest

from automl_gpt_magic.history import runs_in
from automl_gpt_magic.notebook import static
from tests.conftest import CARDS, small_adult

FIXED = CARDS.replace("max_depth: 6", "n_estimators: 20")


@pytest.fixture
def shell(one_shell):
    shell = one_shell
    shell.user_ns["adult"] = small_adult()
    shell.run_line_magic("load_ext", "automl_gpt_magic")
    yield shell
    shell.run_line_magic("unload_ext", "automl_gpt_magic")


def planned(shell):
    shell.run_cell_magic("automl", "", FIXED)
    return shell.magics_manager.registry["AutoMLMagics"].session.last.plan


def test_training_the_plan_changes_no_cell_and_its_values_are_now_measured(shell, tmp_path, capsys):
    first = planned(shell)
    shell.run_line_magic("automl", "train")
    second = planned(shell)
    assert (second.code, second.revision, second.prompt) == (first.code, first.revision, first.prompt)
    (run,) = runs_in(tmp_path / "store.sqlite").values()
    sources = {value.name: (value.source, value.reason) for value in second.values}
    assert sources["n_estimators"] == ("user", "fixed by your model card")
    assert sources["max_depth"] == ("measured", f"measured here: log loss {run.final:.4g} in run 1, {run.date[:10]}")
    assert second.curve.final == pytest.approx(run.final, abs=1e-6)
    assert "1 run on these rows was measured here" in static.text(second)
    shell.run_line_magic("automl", "train")
    third = planned(shell)
    assert third.code == second.code
    assert [value.reason for value in third.values] == [value.reason for value in second.values]
    newest = next(iter(runs_in(tmp_path / "store.sqlite").values()))
    assert (newest.corrected_by, run.corrected_by) == (1, 0)
    capsys.readouterr()
    shell.run_line_magic("automl", "ledger")
    said = capsys.readouterr().out
    assert "measured before" in said
    assert "1 of 1 (100%)" in said


def test_the_best_trial_of_a_search_is_the_next_plan(shell, tmp_path):
    planned(shell)
    shell.run_line_magic("automl", "tune --trials 6 --workers 1")
    runs = runs_in(tmp_path / "store.sqlite")
    assert len({run.fingerprint for run in runs.values()}) == 1
    best = min(runs.values(), key=lambda run: run.final)
    plan = planned(shell)
    assert plan.hyperparameters == best.configuration
    assert re.search(rf"\b{len(runs)} runs? on these rows w(as|ere) measured here", plan.evidence.note)
    assert planned(shell).code == plan.code


def test_runs_on_other_rows_are_not_used(shell):
    first = planned(shell)
    shell.run_line_magic("automl", "train")
    shell.user_ns["adult"] = shell.user_ns["adult"][:-1]
    other = planned(shell)
    assert other.evidence.own is None
    assert {value.source for value in other.values} <= {value.source for value in first.values}


def test_what_a_run_records(shell, tmp_path):
    plan = planned(shell)
    shell.run_line_magic("automl", "train")
    (run,) = runs_in(tmp_path / "store.sqlite").values()
    assert (run.dataset, run.task, run.family) == ("Small Adult", "binary classification", "XGBoost")
    assert run.configuration == plan.hyperparameters
    assert run.split == {"validation": 0.2, "seed": 0}
    assert (run.step, run.status, run.origin, run.llm, run.llm_predicted) == (
        *("boosting round", "finished", "train", ""),
        {},
    )
    assert set(run.curves) == set(run.predicted) == {"log_loss", "accuracy"}
    assert run.curves["log_loss"].steps.tolist() == list(range(1, 21))
    assert all(len(digest) == 8 for digest in (run.fingerprint, run.code, run.preprocessing))
    assert run.code != run.preprocessing
    assert {"python", "numpy", "pandas", "scikit-learn", "automl_gpt_magic", "optuna"} <= set(run.versions)
    assert set(run.environment) == {"system", "machine", "processors"}
    assert run.seconds > 0
