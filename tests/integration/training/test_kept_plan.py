"""A training of what was planned, kept in the store, changes no code of the next plan."""

import pytest

import automl_gpt_magic
from automl_gpt_magic.history import keep
from automl_gpt_magic.measured import rows_as_trained
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.training import fingerprint
from tests.conftest import CARDS
from tests.trained_plans import measured, planned


@pytest.mark.parametrize("level", [0.001, 1.5])
@pytest.mark.parametrize("change", [{}, {"gamma": 1.02}, {"learning_rate": 2.0, "reg_alpha": 1.5}])
def test_training_the_plan_changes_no_code_whatever_the_measured_level(adult, level, change):
    before = planned(adult, change) if change else automl_gpt_magic.plan(CARDS, frame=adult)
    rows = fingerprint(rows_as_trained(adult, before.table))
    sources = [before.code["data"], before.code["model"]]
    run = measured(before, level * before.curve.final)
    assert keep(AutoML().store_place, before, run, rows, sources, "train") == ""
    after = planned(adult, change) if change else automl_gpt_magic.plan(CARDS, frame=adult)
    assert after.evidence.own.n_runs == 1
    assert (after.code, after.revision, after.chosen) == (
        before.code,
        before.revision,
        before.chosen.replace("transferred", "measured"),
    )
    assert after.prompt == before.prompt
