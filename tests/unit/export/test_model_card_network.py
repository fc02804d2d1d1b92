"""The line of an exported model card that tells a network's size."""

from __future__ import annotations

import pytest

import automl_gpt_magic
from automl_gpt_magic.export.model_card import Facts, model_card
from automl_gpt_magic.notebook.architecture_view import network_size
from tests.conftest import small_adult


@pytest.fixture(scope="module")
def plan():
    frame = small_adult(200).assign(town=[f"town {n}" for n in range(45)] + ["capital"] * 155)
    cards = {
        "data": {"name": "Task", "frame": "frame", "target": "income"},
        "model": {"name": "PyTorch MLP", "hyperparameters": {"width": 16, "depth": 1}},
    }
    return automl_gpt_magic.plan(cards, frame=frame)


def written(plan, **changes):
    fields = {"values": plan.hyperparameters, "split": {}, "run": None, "measured_other": False, "saving": None}
    fields |= {"has_model": False, "saved_whole": False, "path": None, "has_rows": False, **changes}
    return model_card(plan, Facts(**fields))


def test_the_size_is_that_of_the_model_that_is_trained_on_every_row(plan):
    refitted = plan.architecture.refitted
    assert refitted.n_parameters > plan.architecture.n_parameters
    assert f"Network: {network_size(refitted)}; loss cross\\_entropy, optimiser AdamW." in written(plan)


@pytest.mark.parametrize("stage", ["data", "model"])
def test_of_edited_cells_no_size_is_told(plan, stage):
    assert "Network:" not in written(plan, edited=(stage,))
    assert "Network:" in written(plan, edited=("training",))


def test_of_other_values_no_size_is_told(plan):
    assert "Network:" not in written(plan, values={**plan.hyperparameters, "width": 17})


def test_of_trees_no_size_is_told():
    trees = automl_gpt_magic.plan({"data": {"name": "Task", "target": "income"}}, frame=small_adult(200))
    assert "Network:" not in written(trees)
