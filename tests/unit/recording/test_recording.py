"""The recording scripts make what the bank ships."""

import json

import numpy as np
import pytest

from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.transfer import TransferSettings
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.recording import record as recording
from automl_gpt_magic.recording.calibrate import score
from automl_gpt_magic.recording.configurations import RECORDED, shared_configurations
from automl_gpt_magic.recording.datasets import recorded_datasets


def test_the_banks_configurations_are_those_of_the_script():
    names = [parameter.name for parameter in RECORDED]
    made = [[configuration[name] for name in names] for configuration in shared_configurations()]
    assert np.allclose(load_bank().configurations, made)


def test_they_are_distinct_and_inside_the_space():
    configurations = shared_configurations()
    assert len({tuple(configuration.values()) for configuration in configurations}) == 64
    for configuration in configurations:
        assert {name: XGBOOST[name].check(value) for name, value in configuration.items()} == configuration


def test_every_recorded_dataset_is_in_the_registry():
    registered = {dataset.key: dataset.family for dataset in recorded_datasets()}
    assert {dataset["key"]: dataset["family"] for dataset in load_bank().datasets} == registered


def test_a_run_is_recorded_with_the_generated_code_and_not_again(tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.setattr(recording, "ROUNDS", 5)
    monkeypatch.setattr(recording, "shared_configurations", lambda: shared_configurations()[:2])
    path = recording.record("breast_cancer", tmp_path)
    with np.load(path) as logs:
        assert logs["valid"].shape == (2, 5)
        assert (logs["train"][:, -1] < logs["train"][:, 0]).all()
    about = json.loads((tmp_path / "breast_cancer.json").read_text())
    assert (about["task"], about["n_rows"], about["n_features"]) == ("binary classification", 569, 30)
    monkeypatch.setattr(recording, "shared_configurations", lambda: pytest.fail("recorded again"))
    assert recording.record("breast_cancer", tmp_path) == path


def test_a_recorded_log_agrees_with_the_bank(tmp_path, monkeypatch):
    """The shipped numbers come from this script: one dataset's default run is made again and compared."""
    monkeypatch.setattr(recording, "ROUNDS", 20)
    monkeypatch.setattr(recording, "shared_configurations", lambda: shared_configurations()[:1])
    with np.load(recording.record("breast_cancer", tmp_path)) as logs:
        again = logs["valid"][0]
    bank = load_bank()
    index = next(i for i, dataset in enumerate(bank.datasets) if dataset["key"] == "breast_cancer")
    kept = bank.valid[index, 0, :20] * bank.datasets[index]["loss_scale"]
    assert np.allclose(again, kept, rtol=1e-3)


def test_the_transfer_beats_the_default_on_datasets_left_out():
    bank = load_bank()
    assert score(bank, TransferSettings(**bank.calibration["transfer"])).mean() == pytest.approx(
        bank.calibration["scores"]["transfer"], abs=0.02
    )
