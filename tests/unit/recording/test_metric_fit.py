"""The script measures metrics of real trainings, and fits what predicts them to datasets that it left out."""

import json
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.experience.band import Band
from automl_gpt_magic.experience.metric_models import FILE, FITTED, load_models, predicted, unscaled
from automl_gpt_magic.recording import metrics as recording
from automl_gpt_magic.recording.datasets import recorded_dataset, recorded_datasets
from automl_gpt_magic.recording.metric_fit import ROUNDS, fitted, sample_of, wanted
from automl_gpt_magic.records.card import BINARY, REGRESSION
from automl_gpt_magic.records.curve import QUANTILES


def made_up(key, seed, r2_of):
    """Return a dataset whose R² is a function of the relative loss, but for a little that is its own."""
    random = np.random.default_rng(seed)
    points = []
    for _ in range(3):
        end = random.uniform(0.2, 0.9)
        losses = end + (1 - end) * np.exp(-np.array(ROUNDS) / 20)
        own = random.normal(0, 0.01)
        values = dict.fromkeys(wanted(REGRESSION), 0.3)
        points += [
            {"rounds": rounds, "loss": 10 * loss, "error": 8 * loss, **values, "r2": r2_of(loss) + own}
            for rounds, loss in zip(ROUNDS, losses, strict=True)
        ]
    about = {"key": key, "family": key, "drawn_from": (), "task": REGRESSION, "shares": [], "units": [10.0, 10.0]}
    return {**about, "points": points}


@pytest.fixture(scope="module")
def fit():
    return fitted(REGRESSION, [made_up(f"table {seed}", seed, lambda loss: 1 - loss**2) for seed in range(20)])


def test_what_was_left_out_is_predicted_as_well_as_it_can_be(fit):
    assert fit["r2"]["error"] < 0.02 < 0.1 < fit["r2"]["without"]


def test_the_band_is_of_what_was_missed(fit):
    doubts, last = np.array([[0.5], [0.4], [1.0]]), np.array([0.0])
    offsets = Band(fit["r2"]["band"]).offsets(doubts, last)[:, 0]
    assert offsets[QUANTILES.index(0.5)] == 0
    assert 0.005 < offsets[QUANTILES.index(0.9)] - offsets[QUANTILES.index(0.1)] < 0.3


def test_near_copies_are_one_dataset():
    table = made_up("odd", 99, lambda loss: 0.5 - loss**2)
    sample = sample_of([table, {**table, "key": "copy"}, {**table, "key": "other", "family": "other"}])
    assert len(set(sample.groups.tolist())) == 2
    assert np.bincount(sample.groups).tolist() in ([108, 54], [54, 108])


def test_errors_count_in_the_targets_spread():
    sample = sample_of([made_up("a", 0, lambda loss: 1 - loss)])
    assert sample.courses[-1].loss[0] == pytest.approx(1.0, abs=0.1)
    assert sample.measured["median_absolute_error"][0] == pytest.approx([0.03] * 3)
    assert sample.last.sum() == len(sample.courses) == 12


def test_a_recorded_table_is_measured_and_lies_in_the_shipped_bands(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(recording, "shared_configurations", lambda recorded: [recorded.model.space.default])
    monkeypatch.setattr(recording, "recorded_datasets", lambda: [recorded_dataset("breast_cancer")])
    monkeypatch.setattr(recording, "ROUNDS", (1, 3, 10, 20, 30, 40))
    (measured,) = recording.measure_all(tmp_path)
    assert measured == json.loads((tmp_path / "breast_cancer.json").read_text())
    assert [point["rounds"] for point in measured["points"]] == [1, 3, 10, 20, 30, 40]
    assert set(measured["points"][0]) == {"rounds", "loss", "error", *wanted(BINARY)}
    course = replace(sample_of([measured]).courses[-1])
    models = load_models()[BINARY]
    for name in ("roc_auc", "f1", "balanced_accuracy", "average_precision"):
        middle = predicted(name, course, models)
        offsets = models[name].band.offsets(course.doubts, np.zeros(len(middle)))
        low, high = (unscaled(name, middle + offsets[place])[-1] for place in (0, -1))
        assert low <= measured["points"][-1][name] <= high
    capsys.readouterr()
    assert recording.measure_all(tmp_path) == [measured] and capsys.readouterr().out == ""


def test_the_shipped_fit_is_of_every_recorded_table():
    about = json.loads(FILE.read_text())
    tasks = [dataset.card["task"] for dataset in recorded_datasets()]
    assert about["tables"] == {task: tasks.count(task) for task in FITTED}
