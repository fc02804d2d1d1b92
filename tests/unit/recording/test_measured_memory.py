"""The measuring script makes what is shipped, and what it measures is what is predicted."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from automl_gpt_magic.experience.memory import FILE, Sizes, load_memory, parts, read_sizes
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.memory import Training, design, fitted, peak_memory

SHIPPED = json.loads(FILE.read_text())["families"]
measures = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux resets a process's peak")


@pytest.mark.parametrize("family", SHIPPED)
def test_the_shipped_measurements_are_of_this_design(family):
    designed = [{"sizes": asdict(one.sizes), "configuration": one.configuration} for one in design(family)]
    measured = [{name: one[name] for name in ("sizes", "configuration")} for one in SHIPPED[family]["measured"]]
    assert measured == json.loads(json.dumps(designed))


@pytest.mark.parametrize("family", SHIPPED)
def test_the_shipped_fit_is_that_of_the_measurements(family):
    again = fitted(family, SHIPPED[family]["measured"])
    for name, part in again.items():
        assert SHIPPED[family][name] == pytest.approx(part, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("family", SHIPPED)
def test_the_error_is_that_of_predictions_without_the_training_itself(family):
    measured = SHIPPED[family]["measured"]
    table = np.array([[*parts(family, read_sizes(one["sizes"]), one["configuration"]).values()] for one in measured])
    relative = table / np.array([[one["bytes"]] for one in measured])  # times the costs it should be 1
    scale = relative.max(axis=0)
    errors = []
    for index, row in enumerate(relative):
        others = np.delete(relative, index, axis=0) / scale
        costs = lsq_linear(others, np.ones(len(others)), (0, np.inf), tol=1e-12).x / scale
        errors.append(abs(row @ costs - 1))
    assert np.mean(errors) == pytest.approx(SHIPPED[family]["error"], abs=0.003)
    assert np.mean(errors) < 0.15


@measures
def test_a_training_takes_about_the_memory_that_is_predicted():
    configuration = {**family_named("XGBoost").space.default, "n_estimators": 10}
    trainings = [Training("XGBoost", Sizes(rows, 12, 2, 2), configuration) for rows in (500, 40_000)]
    small, large = [peak_memory(one) for one in trainings]
    assert large > 1.5 * small
    for training, peak in zip(trainings, (small, large), strict=True):
        held = parts("XGBoost", training.sizes, configuration)
        assert 0.5 < peak / load_memory()["XGBoost"].memory(held).bytes < 2


@measures
def test_what_the_parent_process_holds_is_not_counted():
    held = np.ones(60_000_000)  # 480 MB
    configuration = {**family_named("XGBoost").space.default, "n_estimators": 1}
    assert peak_memory(Training("XGBoost", Sizes(300, 4, 0, 2), configuration)) < 0.2 * held.nbytes
