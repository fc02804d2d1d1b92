"""Every family's log has the metrics that are asked for, and ends at what the model scores."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.planning.families import FAMILIES, family_named
from automl_gpt_magic.planning.metric_code import functions
from automl_gpt_magic.planning.recipes.data import data_cell
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.training import training_cell
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION
from automl_gpt_magic.records.metric import LOSSES, METRICS
from automl_gpt_magic.training.cells import run_cells
from automl_gpt_magic.training.live import announcements, last_value, measured_curves

TABULAR = [family for family in FAMILIES if "tabular" in family.inputs]


ASKED = {
    BINARY: ("roc_auc", "f1", "brier_score"),
    MULTICLASS: ("balanced_accuracy", "roc_auc", "average_precision"),
    REGRESSION: ("r2", "median_absolute_error"),
}


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def table(task, n_rows=260):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(n_rows, 4)), columns=list("abcd"))
    score = frame["a"] + 0.5 * frame["b"] + random.normal(0, 0.7, n_rows)
    targets = {BINARY: np.where(score > 0.5, "yes", "no"), REGRESSION: 100 + 10 * score}
    targets[MULTICLASS] = pd.cut(score, [-99, -0.5, 0.5, 99], labels=["x", "y", "z"]).astype(str)
    return frame.assign(target=targets[task])


def cells(family, task, frame, asked, **values):
    about = {"name": "Asked", "frame": "frame", "target": "target", "task": task, "metrics": list(asked)}
    cards, profile, _ = describe(read_cards({"data": about}), frame)
    space = family.space
    configuration = {one.name: one.default for one in space.parameters} | values
    return [
        ("data", data_cell(family, "task", cards.data, profile)),
        ("model", model_cell(family, "task", cards.data)),
        ("training", training_cell(family, "task", cards.data, configuration, "")),
    ], cards.data


def ran(family, task, asked, **values):
    frame = table(task)
    sources, _ = cells(family, task, frame, asked, **values)
    heard = []
    announcements.listen("task", heard.append)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return run_cells(sources, {"frame": frame}), heard[-1]
    finally:
        announcements.forget("task", heard.append)


@pytest.mark.parametrize(
    ("family", "task"),
    [(family, task) for family in TABULAR for task in family.tasks],
    ids=lambda one: getattr(one, "name", one),
)
def test_the_log_has_what_is_asked_for_and_ends_at_what_the_model_scores(family, task):
    few = {family.rounds: 12} if family.rounds else {}
    done, measured = ran(family, task, ASKED[task], **few)
    scores = done["task_valid_scores"]
    assert set(scores) == set(ASKED[task])
    for metric in ASKED[task]:
        assert measured.curves[metric].final == pytest.approx(scores[metric], abs=2e-6 * max(1, abs(scores[metric])))
        assert last_value(done["task_log"], metric) == measured.curves[metric].final
        assert len(measured.curves[metric].value) == len(measured.curves[next(reversed(measured.curves))].value)
    assert list(measured_curves(done["task_log"]))[-1] in LOSSES


@pytest.mark.parametrize("name", ["XGBoost", "LightGBM", "HistGradientBoosting", "PyTorch MLP"])
def test_a_training_that_stops_early_goes_by_the_loss_and_keeps_what_is_asked_for_there(name):
    family = family_named(name)
    quick = {"learning_rate": 0.3} if name != "PyTorch MLP" else {"learning_rate": 0.03}
    values = {family.rounds: 80, "early_stopping_rounds": 3, **quick}
    done, measured = ran(family, BINARY, ("roc_auc",), **values)
    curve, loss = measured.curves["roc_auc"], measured.curves["log_loss"]
    assert len(curve.value) < 80
    assert curve.kept == loss.kept == int(np.argmin(loss.value))
    assert curve.final == pytest.approx(done["task_valid_scores"]["roc_auc"], abs=2e-6)


def test_without_further_metrics_the_code_is_as_it_was():
    frame = table(BINARY)
    for family in TABULAR:
        if BINARY in family.tasks:
            plain = cells(family, BINARY, frame, ["log_loss", "accuracy"])[0][1]
            assert cells(family, BINARY, frame, ["accuracy"])[0][1] == plain
            assert "task_asked" not in plain[1]


def test_the_import_lines_name_every_function_that_is_called():
    frame = table(MULTICLASS)
    family = family_named("XGBoost")
    asked = [name for name, metric in METRICS.items() if MULTICLASS in metric.tasks]
    sources, card = cells(family, MULTICLASS, frame, asked, n_estimators=3)
    called = set(functions(source for _, source in sources if "sklearn.metrics" in source))
    for stage, source in sources[1:]:
        imported = re.search(r"from sklearn.metrics import (.*)", source)[1].split(", ")
        assert called & set(re.findall(r"\w+", source)) >= set(imported), stage
    done = run_cells(sources, {"frame": frame})
    assert set(done["task_valid_scores"]) == set(asked)
    assert all(math.isfinite(score) for score in done["task_valid_scores"].values())
    assert card.metrics == tuple(asked)


def test_a_metric_of_numpy_alone_needs_no_import():
    frame = table(MULTICLASS)
    sources, _ = cells(family_named("XGBoost"), MULTICLASS, frame, ["brier_score"], n_estimators=3)
    assert "sklearn.metrics" not in sources[1][1] + sources[2][1]
    assert 0 < run_cells(sources, {"frame": frame})["task_valid_scores"]["brier_score"] < 1
