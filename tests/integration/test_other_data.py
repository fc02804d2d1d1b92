"""What the user measured on other data is evidence for a plan, nearest and newest first."""

from dataclasses import replace

import numpy as np
import pytest

import automl_gpt_magic
from automl_gpt_magic.history import keep
from automl_gpt_magic.notebook.evidence import evidence_html
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.run import Measured
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.store import Store
from tests.conftest import CARDS, small_adult


def planned():
    return automl_gpt_magic.plan(CARDS, frame=small_adult())


def train(plan, configurations, best, rows="other rows"):
    """Keep a run of each configuration, as a training on other rows does; ``best`` lost half as much as the rest."""
    for configuration in configurations:
        loss = 0.2 if configuration is best else 0.4
        curve = Curve("log_loss", np.array([1, 600]), np.array([0.6, loss]), source="measured")
        measured = Measured(plan.names, plan.revision, configuration, {"log_loss": curve}, 1.0, 600, True)
        sources = [plan.code["data"], plan.code["model"]]
        assert keep(AutoML().store_place, plan, measured, rows, sources, "train") == ""


@pytest.fixture
def before():
    return planned()


@pytest.fixture
def configurations(before):
    """Return the plan's own and others that are forecast worse, of which the second is nearly as good."""
    forecast = survey(CARDS, None, frame=small_adult()).forecast
    rate = before.hyperparameters["learning_rate"]
    every = [{**before.hyperparameters, "learning_rate": rate * by} for by in np.geomspace(0.7, 1.4, 20)]
    every += [{**before.hyperparameters, "learning_rate": rate * by} for by in np.geomspace(4, 12, 10)]
    lost = [(forecast(one).curves["log_loss"].final, one) for one in every]
    bar = forecast(before.hyperparameters).curves["log_loss"].final
    worse = [one for loss, one in sorted(lost, key=lambda pair: pair[0]) if loss > bar * (1 + 1e-6)]
    return [before.hyperparameters, worse[0], *worse[-12:]]


def test_more_rows_of_the_same_table_decide_between_configurations(before, configurations):
    best = configurations[1]
    train(automl_gpt_magic.plan(CARDS, frame=small_adult(900, seed=3)), configurations, best)
    after = planned()
    assert after.hyperparameters == best != before.hyperparameters
    values = {value.name: (value.source, value.reason) for value in after.values}
    assert values["max_depth"][1] == "fixed by your model card"
    assert values["learning_rate"][0] == "neighbour"
    assert values["learning_rate"][1].startswith("the best for this data of your 14 runs on Small Adult, ")
    (dataset,) = after.evidence.own_datasets
    assert (dataset.same_table, dataset.taken, dataset.value) == (True, True, 0.2)
    assert after.prompt == before.prompt
    shown = evidence_html(after)
    assert "yours" in shown
    assert "other rows of this table; used here" in shown


def other_table(name="Patients"):
    frame = small_adult(400, seed=5).rename(columns={"age": "height", "hours": "weight"})
    return automl_gpt_magic.plan(CARDS.replace("Small Adult", name), frame=frame)


def test_far_data_are_shown_and_change_nothing(before, configurations):
    train(other_table(), configurations, configurations[-1])
    after = planned()
    assert (after.code, after.hyperparameters) == (before.code, before.hyperparameters)
    assert np.array_equal(after.curve.value, before.curve.value)
    (dataset,) = after.evidence.own_datasets
    assert (dataset.name, dataset.same_table, dataset.taken, dataset.n_runs) == ("Patients", False, False, 14)
    assert "Patients" in evidence_html(after)
    assert after.evidence.note == before.evidence.note


def test_runs_that_were_forgotten_do_not_count(before, configurations):
    train(automl_gpt_magic.plan(CARDS, frame=small_adult(900, seed=3)), configurations, configurations[1])
    store = Store(AutoML().store_place)
    store.forget_runs(list(store.runs()))
    after = planned()
    assert (after.hyperparameters, after.evidence.own_datasets) == (before.hyperparameters, ())


def test_imported_runs_count(before, configurations, tmp_path):
    train(automl_gpt_magic.plan(CARDS, frame=small_adult(900, seed=3)), configurations, configurations[1])
    here = Store(AutoML().store_place)
    brought = list(here.runs().values())
    here.forget_runs(list(here.runs()))
    here.import_runs([replace(run, dataset="From a colleague") for run in brought])
    after = planned()
    assert after.hyperparameters == configurations[1]
    assert "imported" in evidence_html(after)


def test_a_family_of_which_nothing_was_recorded_shows_them_and_keeps_its_defaults():
    cards = CARDS.replace("XGBoost", "Random forest").replace("{max_depth: 6}", "{}")
    before = automl_gpt_magic.plan(cards, frame=small_adult())
    assert before.evidence.n_runs == 0
    name = next(one.name for one in before.space.parameters if one.kind in ("int", "float") and not one.choices)
    values = np.linspace(before.space[name].low, before.space[name].high, 8)
    tried = [
        before.hyperparameters,
        *({**before.hyperparameters, name: before.space[name].check(round(v))} for v in values),
    ]
    train(before, tried, tried[-1])
    after = automl_gpt_magic.plan(cards, frame=small_adult())
    assert after.hyperparameters == before.hyperparameters
    assert [dataset.same_table for dataset in after.evidence.own_datasets] == [True]


def test_a_store_that_cannot_be_read_is_said_once_and_breaks_nothing(before, tmp_path):
    (tmp_path / "store.sqlite").write_bytes(b"no database" * 500)
    after = planned()
    assert (after.hyperparameters, after.evidence.own_datasets) == (before.hyperparameters, ())
    assert len([note for note in after.notes if note.startswith("Earlier runs are not considered: ")]) == 1


def test_names_stay_text(before, configurations):
    train(other_table("<script>alert(1)</script>"), configurations, None)
    shown = evidence_html(planned())
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
