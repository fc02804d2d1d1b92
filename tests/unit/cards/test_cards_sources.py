"""Tables and images from npz files, folders of images and datasets by name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.errors import AutoMLError, CardError, DataError

X, Y = np.arange(12.0).reshape(6, 2) % 5, np.array([0, 1, 0, 1, 0, 1])


def loaded(**data: Any):
    cards = read_cards({"data": {"name": "a", **data}})
    table = load_table(cards, {})
    assert table is not None
    return table, *describe(cards, table)


def test_a_npz_file_of_rows_is_a_table(tmp_path):
    np.savez(tmp_path / "t.npz", X=X, labels=Y)
    table, cards, profile, _ = loaded(path=str(tmp_path / "t.npz"))
    assert list(table.columns) == ["x0", "x1", "label"]
    assert (cards.data.input_type, cards.data.target, cards.data.n_features) == ("tabular", "label", 2)
    assert profile.arrays == ("X", "labels")
    assert list(loaded(path=str(tmp_path / "t.npz"), target="digit")[0].columns) == ["x0", "x1", "digit"]


@pytest.mark.parametrize(("shape", "size", "channels"), [((6, 4, 5), (4, 5), 1), ((6, 4, 5, 3), (4, 5), 3)])
def test_a_npz_file_of_images_tells_their_size(shape, size, channels, tmp_path):
    np.savez(tmp_path / "t.npz", images=np.zeros(shape), y=np.array(["b", "a"] * 3))
    table, cards, profile, _ = loaded(path=str(tmp_path / "t.npz"))
    assert table["image"].tolist() == [0, 1, 2, 3, 4, 5]
    data = cards.data
    assert (data.input_type, data.image_size, data.n_channels, data.n_rows) == ("image", size, channels, 6)
    assert (profile.classes, profile.columns, data.class_balance) == (("a", "b"), (), {"a": 0.5, "b": 0.5})


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"features": X, "y": Y}, "holds features, y.*np.savez"),
        ({"x": X, "X": X, "y": Y}, "holds X, x, y"),
        ({"x": X}, "holds x"),
        ({"x": X, "y": Y[:5]}, r"shape \(6, 2\), but y \(5,\)"),
        ({"x": Y, "y": Y}, r"shape \(6,\)"),
        ({"x": X, "y": Y.astype(object)}, "Python objects, which are not read"),
    ],
)
def test_a_npz_file_that_cannot_be_read_says_what_to_save(arrays, message, tmp_path):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(AutoMLError, match=message):
        loaded(path=str(tmp_path / "t.npz"))


def test_what_is_no_npz_file_is_one_line(tmp_path):
    (tmp_path / "t.npz").write_bytes(b"no zip")
    with pytest.raises(DataError, match="cannot be read as a table"):
        loaded(path=str(tmp_path / "t.npz"))


def image_folder(folder: Path) -> Path:
    for kind in ("cat", "dog"):
        (folder / kind).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (5, 4)).save(folder / kind / f"{number}.{'png' if number else 'JPG'}")
    (folder / "cat" / "notes.txt").touch()
    (folder / ".hidden").mkdir()
    Image.new("RGB", (5, 4)).save(folder / ".hidden" / "0.png")
    return folder


def test_a_folder_of_images_has_a_class_for_each_folder(tmp_path):
    table, cards, profile, _ = loaded(path=str(image_folder(tmp_path / "pets")))
    assert table["image"].tolist()[:2] == ["cat/0.JPG", "cat/1.png"]
    assert table["label"].tolist() == ["cat"] * 3 + ["dog"] * 3
    assert (cards.data.image_size, cards.data.n_channels, profile.classes) == ((4, 5), 3, ("cat", "dog"))


def test_a_broken_image_is_named(tmp_path):
    (image_folder(tmp_path / "pets") / "cat" / "0.JPG").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"cat/0.JPG cannot be read as an image"):
        loaded(path=str(tmp_path / "pets"))


def test_a_table_of_columns_is_no_image():
    cards = read_cards({"data": {"name": "a", "frame": "df", "target": "y", "input_type": "image"}})
    with pytest.raises(CardError, match=r"data.input_type.*write path:"):
        describe(cards, pd.DataFrame({"x": [1, 2], "y": [0, 1]}))


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_a_dataset_of_scikit_learn_needs_no_target_and_raises_no_alarm(name):
    table, cards, _, notes = loaded(dataset=f"sklearn/{name}")
    assert (cards.data.target, cards.data.n_rows) == ("target", len(table))
    assert all("names no task" in note for note in notes)


def test_the_digits_are_images_where_the_card_says_so():
    table, cards, profile, _ = loaded(dataset="sklearn/digits", input_type="image")
    assert list(table.columns) == ["image", "target"]
    assert (cards.data.image_size, cards.data.n_channels, len(profile.classes)) == ((8, 8), 1, 10)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sklearn/irsi", "did you mean iris?"),
        ("sklearn/linnerud", "write one of"),
        ("iris", "sklearn/iris"),
        ("huggingface/a/b/c", "huggingface/owner/name"),
    ],
)
def test_an_unknown_dataset_says_what_to_write(name, message):
    with pytest.raises(CardError, match=message) as caught:
        read_cards({"data": {"name": "a", "dataset": name}})
    assert caught.value.field == "data.dataset"


def test_only_one_place_names_the_table():
    with pytest.raises(CardError, match="path and dataset both name the table"):
        read_cards({"data": {"name": "a", "path": "a.csv", "dataset": "sklearn/iris"}})


def test_a_dataset_of_hugging_face_is_loaded_by_its_name(tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    (tmp_path / "owner" / "pets").mkdir(parents=True)
    rows = pd.DataFrame({"weight": np.arange(20) % 7, "kind": ["cat", "dog"] * 10})
    rows.to_csv(tmp_path / "owner" / "pets" / "train.csv", index=False)
    monkeypatch.chdir(tmp_path)
    table, cards, _, _ = loaded(dataset="huggingface/owner/pets", target="kind")
    assert (len(table), cards.data.n_features) == (20, 1)


def test_a_missing_library_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match=r"pip install 'automl_gpt_magic\[huggingface\]'"):
        loaded(dataset="huggingface/owner/pets", target="kind")


def test_a_parquet_file_without_its_library_names_the_extra(tmp_path, monkeypatch):
    rows = pd.DataFrame({"x": [1, 2], "y": [0, 1]})
    rows.to_parquet(tmp_path / "t.parquet")

    def without(*_: Any, **__: Any) -> None:
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd, "read_parquet", without)
    with pytest.raises(DataError, match=r"pip install 'automl_gpt_magic\[parquet\]'"):
        loaded(path=str(tmp_path / "t.parquet"), target="y")
