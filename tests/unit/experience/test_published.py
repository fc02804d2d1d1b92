"""Recipes that others published: complete, sourced, and never taken for measured runs."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest

from automl_gpt_magic.cards import vocabulary
from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience.bank import FOLDER
from automl_gpt_magic.experience.published import describe, load_recipes, recipes_for
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard

TEXT = (FOLDER / "published.yaml").read_text(encoding="utf-8")
TASKS = {
    BINARY,
    MULTICLASS,
    REGRESSION,
    "object detection",
    "instance segmentation",
    "semantic segmentation",
    "question answering",
    "passage retrieval",
    "summarization",
    "speech recognition",
    "forecasting",
    "zero-shot image classification",
}


def written(tmp_path, text):
    path = tmp_path / "published.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_enough_and_all_are_marked_published():
    recipes = load_recipes()
    assert len(recipes) >= 30
    assert {recipe.kind for recipe in recipes} == {"published"}


def test_every_recipe_is_complete_and_in_the_cards_words():
    for recipe in load_recipes():
        assert vocabulary.input_type(recipe.input_type) == recipe.input_type, recipe
        assert recipe.task in TASKS, recipe
        assert re.fullmatch(r"(arXiv:\d{4}\.\d{5}|https://\S+)", recipe.source.url), recipe
        assert 2012 <= recipe.source.year <= 2026 and recipe.source.authors and recipe.source.where, recipe
        assert len(recipe.configuration) >= 4, recipe
        assert recipe.unit in ("%", "") and 0 < recipe.value < (100 if recipe.unit else 10), recipe


def test_numbers_are_numbers_in_their_usual_range():
    shares = ("weight_decay", "dropout", "drop_path", "label_smoothing", "warmup_share", "layer_decay")
    counts = ("batch_size", "epochs", "steps", "warmup_steps", "n_estimators")
    for recipe in load_recipes():
        values = recipe.configuration
        # YAML reads 1e-4 as a text.
        texts = [value for value in values.values() if isinstance(value, str)]
        assert not [text for text in texts if re.fullmatch(r"[\d.]+(e-?\d+)?", text)], recipe
        assert 1e-6 <= values["learning_rate"] <= 0.5, recipe
        assert all(0 <= values.get(name, 0) < 1 for name in shares), recipe
        assert all(type(values.get(name, 0)) is int for name in counts), recipe


def test_most_were_read_at_their_source():
    read = [recipe for recipe in load_recipes() if all(recipe.checked.values())]
    assert len(read) >= 30
    assert len(read) / len(load_recipes()) > 0.7


def test_no_recipe_twice_and_none_on_the_held_out_table():
    recipes = load_recipes()
    assert max(Counter(map(describe, recipes)).values()) == 1
    assert not [recipe for recipe in recipes if re.search(r"\b(adult|census)\b", recipe.dataset.lower())]


@pytest.mark.parametrize(
    ("model", "dataset", "expected"),
    [
        ("DETR R50", "COCO 2017", {"learning_rate": 1e-4, "weight_decay": 1e-4}),
        ("DPR", "Natural Questions Open", {"learning_rate": 1e-5, "epochs": 40}),
        ("Swin-B + UperNet", "ADE20K", {"learning_rate": 6e-5, "steps": 160_000}),
        ("BERT-base", "SQuAD 1.1", {"learning_rate": 3e-5, "epochs": 2}),
    ],
)
def test_known_recipes(model, dataset, expected):
    found = next(recipe for recipe in load_recipes() if (recipe.model, recipe.dataset) == (model, dataset))
    assert expected.items() <= dict(found.configuration).items()


def test_the_named_model_comes_first_however_it_is_spelt():
    card = DataCard("flowers", "image", task=MULTICLASS)
    for name, start in (("ViT-base", "ViT-B/16"), ("swin_tiny", "Swin-T"), ("ResNet50", "ResNet-50")):
        assert recipes_for(card, name)[0].model.startswith(start), name
    reviews = DataCard("reviews", "text", task=BINARY)
    assert recipes_for(reviews, "BERT base uncased")[0].model == "BERT-base"


def test_the_plain_model_comes_before_its_variants():
    questions = DataCard("NQ open", "text", description="open question answering with passages")
    assert [recipe.model for recipe in recipes_for(questions, "DPR")] == ["DPR", "DPR", "DPR reader"]
    assert recipes_for(DataCard("COCO", "image"), "DETR")[0].model == "DETR R50"


def test_nothing_crosses_modality_or_task():
    for card in (DataCard("a", "image", task=MULTICLASS), DataCard("b", "tabular", task=REGRESSION)):
        found = recipes_for(card, "DETR", limit=99)
        assert found
        assert {(recipe.input_type, recipe.task) for recipe in found} == {(card.input_type, card.task)}
    assert recipes_for(DataCard("c", "video", task=MULTICLASS), "ViT") == ()


def test_two_classifications_are_one_kind_and_the_same_task_comes_first():
    assert recipes_for(DataCard("cats and dogs", "image", task=BINARY))
    assert recipes_for(DataCard("reviews", "text", task=BINARY))[0].task == BINARY


def test_a_card_without_a_task_is_told_apart_by_its_words():
    card = DataCard("street scenes", "image", output_type="boxes", description="object detection in the manner of COCO")
    assert recipes_for(card)[0].task == "object detection"
    scenes = DataCard("rooms", "image", description="semantic segmentation of scenes like ADE20K")
    assert {recipe.dataset for recipe in recipes_for(scenes)} == {"ADE20K"}


def test_a_number_or_a_size_alone_names_no_model():
    card = DataCard("flowers", "image", task=MULTICLASS)
    assert recipes_for(card, "Gizmo-50 small") == recipes_for(card)


def test_a_hostile_name_is_only_words():
    card = DataCard("](*+?{<script>", "image", task=MULTICLASS, description="\\d+(" * 50)
    assert len(recipes_for(card, "((((", limit=2)) == 2
    assert recipes_for(card, limit=0) == ()


def test_a_line_names_result_and_source():
    card = DataCard("shelves", "image", description="object detection")
    line = describe(recipes_for(card, "DETR R50")[0])
    assert line.startswith("published: DETR R50 on COCO 2017, box AP 42 % (Carion et al. 2020, arXiv:2005.12872")
    assert "\n" not in line and "not read again" not in line


def test_a_line_says_what_was_not_read_at_the_source():
    clip = next(recipe for recipe in load_recipes() if recipe.model.startswith("CLIP"))
    assert "configuration and result not read again at the source" in describe(clip)


def test_a_recipe_cannot_be_changed():
    with pytest.raises(TypeError):
        load_recipes()[0].configuration["learning_rate"] = 1


def test_a_file_cut_short_anywhere_says_what_to_do(tmp_path):
    between_two_recipes = TEXT.index("\n  - model:", len(TEXT) // 2)
    for end in (0, 400, len(TEXT) // 3, len(TEXT) // 2, between_two_recipes, len(TEXT) - 40):
        load_recipes.cache_clear()
        with pytest.raises(ExperienceError, match=r"published\.yaml.*(reinstall|upgrade)"):
            load_recipes(written(tmp_path, TEXT[:end]))


def test_a_newer_schema_is_refused(tmp_path):
    newer = TEXT.replace("schema_version: 1", "schema_version: 7")
    with pytest.raises(ExperienceError, match=r"schema 7.*reads 1; upgrade"):
        load_recipes(written(tmp_path, newer))


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(ExperienceError, match="reinstall"):
        load_recipes(tmp_path / "gone.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExperienceError, match="reinstall"):
        load_recipes(tmp_path / "bytes.yaml")


def test_a_tag_that_would_build_an_object_is_refused(tmp_path):
    hostile = "schema_version: 1\nrecipes: !!python/object/apply:os.getcwd []\n"
    with pytest.raises(ExperienceError, match="ConstructorError"):
        load_recipes(written(tmp_path, hostile))


def test_nothing_is_read_before_it_is_asked_for():
    code = "import json, sys, automl_gpt_magic.experience; print(json.dumps(sorted(sys.modules)))"
    modules = json.loads(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    )
    assert "automl_gpt_magic.experience.published" not in modules
