"""COCO annotation files: what is read of them, and what is wrong with them."""

import json

import pytest

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.errors import CardError, DataError
from automl_gpt_magic.records.card import DETECTION
from tests.coco_shapes import CLASSES, write_shapes


@pytest.fixture
def path(tmp_path):
    return write_shapes(tmp_path, 10, size=32)


def cards_of(path, **more):
    return read_cards({"data": {"name": "Shapes", "task": "object detection", "path": str(path), **more}})


def described(path, **more):
    cards = cards_of(path, **more)
    return describe(cards, load_table(cards, {}))


def test_the_card_gets_its_numbers_from_the_file(path):
    content = json.loads(path.read_text())
    cards, profile, notes = described(path)
    counts = [sum(one["category_id"] == number for one in content["annotations"]) for number in (1, 2, 3)]
    assert (cards.data.task, cards.data.input_type) == (DETECTION, "image")
    assert (cards.data.n_rows, cards.data.image_size, cards.data.n_channels) == (10, (32, 32), 3)
    assert [label.name for label in cards.data.label_space] == list(CLASSES)
    assert cards.data.metrics == ("map", "map_50")
    assert profile.class_counts == tuple(counts)
    assert sum(cards.data.class_balance.values()) == pytest.approx(1)
    assert notes == (f"10 images with {sum(counts)} boxes of 3 classes",)


def test_rows_hold_the_boxes_in_pixels(path):
    first = json.loads(path.read_text())["annotations"][0]
    table = load_table(cards_of(path), {})
    assert table["image"][0] == "images/0000.png"
    assert table["objects"][0][0] == [CLASSES[first["category_id"] - 1], *map(float, first["bbox"])]
    assert list(table[["width", "height"]].iloc[0]) == [32, 32]


def test_images_may_lie_beside_the_file(path):
    for image in (path.parent / "images").iterdir():
        image.rename(path.parent / image.name)
    assert load_table(cards_of(path), {})["image"][0] == "0000.png"


def test_crowds_and_empty_boxes_are_left_out_and_counted(path):
    content = json.loads(path.read_text())
    content["annotations"][0]["iscrowd"] = 1
    content["annotations"][1]["bbox"][2] = 0
    path.write_text(json.dumps(content))
    _, profile, notes = described(path)
    assert sum(profile.class_counts) == len(content["annotations"]) - 2
    assert any("1 boxes around crowds are left out" in note for note in notes)
    assert any("1 boxes without an area are left out" in note for note in notes)


def test_a_class_of_the_card_keeps_its_description(path):
    cards, *_ = described(path, label_space={"disc": "round"})
    assert [label.description for label in cards.data.label_space] == ["round", "", ""]


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("annotations", {"bbox": [20, 20, 30, 5]}, r"annotation 1 is outside of 0000\.png \(32 × 32\)"),
        ("annotations", {"bbox": [1, 2, 3]}, "annotation 1 has no bbox of left, top, width and height"),
        ("annotations", {"bbox": [1, 2, 3, float("nan")]}, "annotation 1 has no bbox"),
        ("annotations", {"bbox": [1, 2, 3, "4"]}, "annotation 1 has no bbox"),
        ("annotations", {"image_id": 99}, "names the image 99, which is not listed"),
        ("annotations", {"image_id": [1]}, "annotation 0 has the image_id \\[1\\], no number"),
        ("annotations", {"category_id": 7}, "names the category 7, which is not listed"),
        ("annotations", {"id": 2}, "annotation 1 has the id 2 of an earlier one"),
        ("images", {"id": 1}, "image 1 has the id 1 of an earlier one"),
        ("images", {"width": 0}, "image 0 has no width and height"),
        ("images", {"file_name": "../../secret.png"}, "leads out of its folder"),
        ("images", {"file_name": "/etc/passwd"}, "leads out of its folder"),
        ("images", {"file_name": "none.png"}, "of 10 images of instances.json are neither beside it nor in images/"),
        ("categories", {"name": "square"}, "category 'square' is there twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(path, part, change, message):
    content = json.loads(path.read_text())
    content[part][0].update(change)
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        load_table(cards_of(path), {})


@pytest.mark.parametrize("field", ["id", "image_id", "category_id", "bbox"])
def test_a_missing_key_is_named(path, field):
    content = json.loads(path.read_text())
    del content["annotations"][3][field]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=f"annotation 3 has no {field}"):
        load_table(cards_of(path), {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[1, 2]", "has no list of images and of annotations and of categories"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1, "name": "a"}]}', "lists no images"),
        ('{"images": [3], "annotations": [], "categories": [{"id": 1, "name": "a"}]}', "image 0 is no mapping"),
    ],
)
def test_json_of_another_form_is_refused(tmp_path, text, message):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        load_table(cards_of(path), {})


def test_a_file_that_is_too_large_is_not_read(path, monkeypatch):
    monkeypatch.setattr("automl_gpt_magic.cards.annotated.MOST_BYTES", 10)
    with pytest.raises(DataError, match="Write a part of it to a file first"):
        load_table(cards_of(path), {})


def test_a_file_without_boxes_cannot_be_planned_for(path):
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "annotations": []}))
    with pytest.raises(DataError, match="holds no boxes"):
        described(path)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"path": "none.json"}, "there is no file none.json"),
        ({"path": __file__}, "of no known kind"),
        ({"input_type": "text"}, "object detection is planned for data of type image"),
        ({"label_space": ["dog"]}, "the file has no class 'dog'; it has disc, square, triangle"),
        ({"metrics": ["accuracy"]}, "accuracy does not measure an object detection"),
        ({"split": {"group": "camera"}}, "is split at random"),
    ],
)
def test_cards_that_do_not_fit_say_what_to_write(path, more, message):
    with pytest.raises(CardError, match=message):
        described(**{"path": path, **more})


def test_a_table_cannot_be_detected_in():
    cards = read_cards({"data": {"name": "x", "task": "object detection", "frame": "adult"}})
    with pytest.raises(CardError, match="object detection reads a COCO annotation file"):
        load_table(cards, {})
