"""The measuring script makes what is shipped, and what it measures is what is predicted."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from automl_gpt_magic.experience.memory import FILE, parts, read_sizes
from automl_gpt_magic.recording.memory import design, fitted

SHIPPED = json.loads(FILE.read_text())["families"]


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
