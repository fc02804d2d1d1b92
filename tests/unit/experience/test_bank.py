import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience.bank import ERROR, FOLDER, TRAIN, VALID, is_recorded, load_bank
from automl_gpt_magic.planning.families import XGBOOST


@pytest.fixture
def copied(tmp_path):
    for name in ("xgboost.npz", "xgboost.json"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_the_shipped_bank_is_broad_enough_and_finite():
    bank = load_bank()
    assert len(bank.datasets) >= 60
    assert len(bank.configurations) >= 192
    assert bank.valid.shape == (len(bank.datasets), len(bank.configurations), len(bank.rounds))
    assert all(np.isfinite(array).all() for array in (bank.valid, bank.train, bank.error, bank.seconds))


def test_its_first_configuration_is_the_librarys_default():
    bank = load_bank()
    assert dict(zip(bank.parameters, bank.configurations[0], strict=True)) == {
        name: value for name, value in XGBOOST.default.items() if name != "n_estimators"
    }


def test_uci_adult_is_in_no_family():
    for path in FOLDER.glob("*.json"):
        assert not any("adult" in json.dumps(dataset).lower() for dataset in load_bank(path.stem).datasets)


def test_a_source_is_there_twice_only_with_more_rows_or_with_few():
    usual, sizes = [], {"large": [], "small": []}
    for dataset in load_bank().datasets:
        version = dataset["key"].rpartition("_")[2]
        sizes[version].append(dataset["n_rows"]) if version in sizes else usual.append(dataset["family"])
    assert len(set(usual)) == len(usual)
    assert min(sizes["large"]) > 12_000
    assert max(sizes["small"]) <= 1_000


def test_losses_fall_from_the_first_round_on_learnable_data():
    bank = load_bank()
    at_100 = bank.valid[:, 0, np.searchsorted(bank.rounds, 20)]
    assert (at_100 < bank.valid[:, 0, 0]).mean() > 0.8


@pytest.mark.parametrize(("coding", "near"), [(VALID, 2e-4), (TRAIN, 3e-3), (ERROR, 6e-4)])
def test_codes_keep_what_matters_of_a_curve_that_rises_and_falls(coding, near):
    values = np.array([[3.9, 1.0, 0.01, 0.2845, 2.0, 0.0], [0.0, 0.1, 0.2, 0.1, 0.0, 3.0]])
    assert np.abs(coding.decode(coding.encode(values)) - values).max() < near


def test_what_is_recorded():
    assert is_recorded("XGBoost", "")
    assert is_recorded("XGBoost", "regression")
    assert not is_recorded("XGBoost", "object detection")
    assert not is_recorded("Other trees", "")


def test_plans_of_one_task_share_the_recorded_runs():
    bank = load_bank()
    assert bank.for_task("regression") is bank.for_task("regression")
    assert replace(bank).for_task("regression") is not bank.for_task("regression")
    assert {card["task"] for card in bank.for_task("regression").datasets} == {"regression"}


def test_a_recommended_training_ends_after_a_round_number_of_rounds_or_after_any_epoch():
    bank = load_bank()
    assert bank.rounds[bank.offered].tolist() == [50, 75, 100, *range(150, 601, 50)]
    assert replace(bank, rounds=np.arange(1, 41)).offered.tolist() == list(range(40))


def test_a_file_cut_short_says_what_to_do(copied):
    content = (copied / "xgboost.npz").read_bytes()
    (copied / "xgboost.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ExperienceError, match="reinstall"):
        load_bank("xgboost", copied)


def test_a_newer_schema_is_refused(copied):
    about = json.loads((copied / "xgboost.json").read_text())
    (copied / "xgboost.json").write_text(json.dumps({**about, "schema_version": 99}))
    with pytest.raises(ExperienceError, match=r"schema 99.*upgrade"):
        load_bank("xgboost", copied)


def test_a_loss_that_is_no_number_is_refused(copied):
    with np.load(copied / "xgboost.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays["seconds"][3, 5] = np.nan
    np.savez(copied / "xgboost.npz", allow_pickle=False, **arrays)
    with pytest.raises(ExperienceError, match=r"not a number.*reinstall"):
        load_bank("xgboost", copied)


def test_a_missing_bank_is_no_traceback(tmp_path):
    with pytest.raises(ExperienceError, match="cannot be read"):
        load_bank("xgboost", tmp_path)


def changed(copied, **arrays):
    with np.load(copied / "xgboost.npz") as file:
        np.savez(copied / "xgboost.npz", allow_pickle=False, **{name: file[name] for name in file.files} | arrays)


def test_two_files_that_do_not_fit_each_other_are_refused(copied):
    about = json.loads((copied / "xgboost.json").read_text())
    (copied / "xgboost.json").write_text(json.dumps({**about, "datasets": about["datasets"][1:]}))
    with pytest.raises(ExperienceError, match=r"do not fit each other.*reinstall"):
        load_bank("xgboost", copied)


@pytest.mark.parametrize("name", ["configurations", "landmarks", "embeddings"])
def test_any_value_that_is_no_number_is_refused(copied, name):
    with np.load(copied / "xgboost.npz") as file:
        array = file[name].copy()
    array.flat[5] = np.nan
    changed(copied, **{name: array})
    with pytest.raises(ExperienceError, match=r"not a number.*reinstall"):
        load_bank("xgboost", copied)


@pytest.mark.parametrize("content", ["[]", "null", '{"schema_version": 6}'])
def test_a_description_that_is_none_is_refused(copied, content):
    (copied / "xgboost.json").write_text(content)
    with pytest.raises(ExperienceError, match="reinstall"):
        load_bank("xgboost", copied)


def test_a_calibration_without_a_part_is_refused(copied):
    about = json.loads((copied / "xgboost.json").read_text())
    del about["calibration"]["bands"]
    (copied / "xgboost.json").write_text(json.dumps(about))
    with pytest.raises(ExperienceError, match=r"lacks bands.*reinstall"):
        load_bank("xgboost", copied)
