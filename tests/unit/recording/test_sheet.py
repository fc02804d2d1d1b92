"""The shipped bank's data sheet says what is in its files."""

import json
import re

import numpy as np
import pytest

from automl_gpt_magic.experience.bank import FOLDER
from automl_gpt_magic.recording import __main__ as command
from automl_gpt_magic.recording.sheet import FILE, sheet, write_sheet

FAMILIES = {path: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def rows_of(text, *first):
    """Return the cells of the table rows that begin with these."""
    rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if row[: len(first)] == list(first)]


def dataset(name, **fields):
    about = {"key": name, "family": name, "name": name, "task": "multiclass classification", "drawn_from": []}
    about |= {"source": f"maker, 1.0, {name}", "licence": "MIT (package)", "n_rows": 1000, "n_rows_whole": 1000}
    about |= {"n_features": 7, "n_categorical": 0, "image_size": None, "n_channels": None}
    return about | fields


@pytest.fixture
def folder(tmp_path):
    """A bank of two families of three and two runs a dataset."""

    def put(file, family, datasets, n_configurations, **arrays):
        about = {"schema_version": 9, "family": family, "versions": {"numpy": "1.2"}, "machine": "a core"}
        about |= {"most_rows": 1500, "held_out": 0.25, "parameters": ["rate", "depth"], "datasets": datasets}
        scores = {arm: value for arm in ("card", "prior", "default") for value in (0.5,)}
        curve = [[0.1 * i, 0.05 * i, 0.5] for i in range(4)]
        about["calibration"] = {
            "scores": scores | {f"{arm}_error": 0.02 for arm in scores},
            "abstention": {"card": {"with_text": {"threshold": 0.3, "curve": curve}}},
        }
        (tmp_path / f"{file}.json").write_text(json.dumps(about))
        seconds = np.full((len(datasets), n_configurations), 1800, dtype="float32")
        steps = np.array([1, 2, 12], dtype="uint16")
        configurations = np.zeros((n_configurations, 2))
        np.savez(tmp_path / f"{file}.npz", configurations=configurations, rounds=steps, seconds=seconds, **arrays)

    image = {"image_size": [28, 20], "n_channels": 3, "n_features": None, "n_categorical": None}
    parts = [dataset("shirts", drawn_from=["a"], **image), dataset("shoes", drawn_from=["a", "b"], **image)]
    put("cnn", "CNN", parts, 2)
    tables = [
        dataset("a|b", task="regression", n_categorical=2, licence=""),
        dataset("large", n_rows=4000, n_rows_whole=90_000),
    ]
    put("trees", "Trees", tables, 3, landmarks=np.zeros((2, 9)))
    return tmp_path


def test_it_says_how_good_the_fit_is_and_when_it_is_not_trusted(folder):
    text = sheet(folder)
    assert rows_of(text, "Trees", "-", "0.50 ± 0.02", "0.50 ± 0.02")
    assert rows_of(text, "Trees", "its card", "0.30", "0.00: 0%, 0.50; 0.30: 15%, 0.50")


def test_the_shipped_sheet_is_that_of_the_shipped_files():
    renew = "the bank changed: python -m automl_gpt_magic.recording sheet"
    assert (FOLDER / FILE).read_text(encoding="utf-8") == sheet(), renew


def test_it_names_every_dataset_of_every_family():
    text = (FOLDER / FILE).read_text(encoding="utf-8")
    assert FAMILIES
    for about in FAMILIES.values():
        assert f"\n### {about['family']}\n" in text
        for one in about["datasets"]:
            assert one["source"] in [row[5] for row in rows_of(text, one["name"], one["task"])]


def test_it_says_of_each_family_what_was_recorded(folder):
    text = sheet(folder)
    assert rows_of(text, "CNN", "2") == [["CNN", "2", "1", "2 multiclass classification", "2", "4", "12 (3)", "2.0"]]
    tasks = "1 multiclass classification, 1 regression"
    assert rows_of(text, "Trees", "2") == [["Trees", "2", "2", tasks, "3", "6", "12 (3)", "3.0"]]
    assert [row[2:] for row in rows_of(text, "CNN", "rate, depth")] == [["1,500", "25%", "none", "numpy 1.2", "a core"]]
    assert [row[4] for row in rows_of(text, "Trees", "rate, depth")] == ["9"]
    assert "schema 9;" in text
    assert "750 to 3,000 training rows" in text


def test_it_says_of_each_dataset_what_it_is_and_whose(folder):
    text = sheet(folder)
    assert rows_of(text, "shirts")[0][2:5] == ["750", "1,000", "28×20×3"]
    assert rows_of(text, "large")[0][2:5] == ["3,000", "90,000", "7"]
    assert r"| a\|b | regression | 750 | 1,000 | 7, 2 categorical | maker, 1.0, a\|b | not stated |" in text
    assert rows_of(text, "maker") == [["maker", "1.0", "MIT", "3"], ["maker", "1.0", "not stated", "1"]]


def test_it_is_written_beside_the_files(folder):
    path = write_sheet(folder)
    assert path == folder / FILE
    assert path.read_text(encoding="utf-8") == sheet(folder)


def test_the_command_writes_it_and_needs_a_folder_for_all_else(monkeypatch, capsys):
    monkeypatch.setattr(command, "write_sheet", lambda: "the sheet is")
    monkeypatch.setattr("sys.argv", ["recording", "sheet"])
    command.main()
    assert capsys.readouterr().out == "the sheet is written\n"
    monkeypatch.setattr("sys.argv", ["recording", "runs"])
    with pytest.raises(SystemExit):
        command.main()
    assert "runs needs a folder" in capsys.readouterr().err


def test_no_case_study_is_in_any_family():
    for about in FAMILIES.values():
        written = json.dumps(about["datasets"])
        assert not re.search(r"\b(adult|coco|natural questions)\b", written, re.IGNORECASE)
