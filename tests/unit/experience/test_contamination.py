"""A recorded dataset is recognised under another name, and no other is taken for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sklearn import datasets as sklearn_datasets

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.contamination import known_datasets
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import DataCard, Label

BANK = load_bank().datasets
BY_KEY = {dataset["key"]: dataset for dataset in BANK}
TASKS = {"breast_cancer": "binary", "digits": "multiclass", "diabetes": "regression"}


def card_of(dataset, **changes):
    labels = tuple(Label(name) for name in dataset["label_space"])
    card = DataCard(
        dataset["name"],
        task=dataset["task"],
        label_space=labels,
        n_rows=dataset["n_rows_whole"],
        n_features=dataset["n_features"],
        n_categorical=dataset["n_categorical"],
        class_balance=dataset["class_balance"],
        missing_fraction=dataset["missing_fraction"],
    )
    return replace(card, **changes)


def without_words(dataset, **changes):
    """Return a card by its numbers alone."""
    balance = {str(at): share for at, share in enumerate(dataset["class_balance"].values())}
    labels = tuple(Label(name) for name in balance)
    return card_of(dataset, name="my table", label_space=labels, class_balance=balance, **changes)


def families(card, scale=None):
    return [known.family for known in known_datasets(card, BANK, target_scale=scale)]


def keys(card, scale=None):
    return [known.key for known in known_datasets(card, BANK, target_scale=scale)]


@pytest.mark.parametrize("dataset", BANK, ids=lambda dataset: dataset["key"])
def test_every_recorded_dataset_is_known_and_taken_for_no_other(dataset):
    for card in (card_of(dataset), without_words(dataset)):
        for scale in (None, dataset["loss_scale"]):
            assert families(card, scale) == [dataset["family"]]


@pytest.mark.parametrize("dataset", BANK, ids=lambda dataset: dataset["key"])
def test_a_few_rows_or_a_column_less_is_still_known(dataset):
    fewer = round(dataset["n_rows_whole"] * 0.997)
    by_numbers = {"n_rows": fewer, "n_features": dataset["n_features"] - (dataset["n_features"] > 4)}
    assert families(card_of(dataset, **by_numbers)) == [dataset["family"]]
    if dataset["class_balance"]:
        assert families(without_words(dataset, **by_numbers)) == [dataset["family"]]


@pytest.mark.parametrize("key", TASKS)
@pytest.mark.parametrize("n_rows", [None, 400])
def test_scikit_learns_tables_are_known_under_another_name_and_a_part_of_them_under_theirs(key, n_rows):
    frame = getattr(sklearn_datasets, f"load_{key}")(as_frame=True).frame.head(n_rows or 10**6)
    task = f"{TASKS[key]} classification".replace("regression classification", "regression")
    name = {"digits": "numerals"}.get(key, "patients") if n_rows is None else BY_KEY[key]["name"]
    cards = read_cards({"data": {"name": name, "frame": "f", "target": "target", "task": task}})
    cards, profile, _ = describe(cards, load_table(cards, {"f": frame}))
    assert keys(cards.data, profile.target_scale) == [key]


def test_the_reason_says_what_is_the_same():
    (known,) = known_datasets(without_words(BY_KEY["breast_cancer"]), BANK)
    assert known.reason == "569 rows, 30 features and the shares of the classes"
    assert (known.name, known.family) == ("Breast Cancer Wisconsin (diagnostic)", "wisconsin_diagnostic")
    (known,) = known_datasets(DataCard("German credit data", task="binary classification"), BANK)
    assert known.reason == "the name"
    (known,) = known_datasets(DataCard("Breast cancer Wisconsin", task="binary classification", n_features=30), BANK)
    assert known.reason == "part of the name and 30 features"


def test_a_name_that_another_holds_means_its_own_dataset():
    two = [
        {**BY_KEY["turnout"], "key": "other", "name": "Voter turnout in two states", "n_features": 5},
        BY_KEY["turnout"],
    ]
    for name, n_features in (("Voter turnout", None), ("Voter turnout in two states", None), ("Voter turnout", 4)):
        card = DataCard(name, task="binary classification", n_features=n_features)
        assert [known.name for known in known_datasets(card, two)] == [name]


@pytest.mark.parametrize(
    "card",
    [
        DataCard("UCI Adult", task="binary classification", n_rows=32561, n_features=14),
        DataCard("", task="binary classification"),
        DataCard("the data set", task="regression"),
        DataCard("Wages", task="regression", n_rows=500, n_features=40),
        DataCard("Survey", task="binary classification", label_space=(Label("no"), Label("yes")), n_features=8),
        DataCard("Diabetes", task="binary classification", n_rows=520, n_features=16),
        DataCard("大人", task="binary classification", n_rows=601, n_features=8, class_balance={"a": 0.5, "b": 0.5}),
    ],
    ids=lambda card: card.name,
)
def test_another_dataset_is_not_known(card):
    assert keys(card) == []


def test_by_the_classes_names_where_the_card_has_no_numbers():
    labels = tuple(Label(name.upper()) for name in BY_KEY["vehicle"]["label_space"])
    assert keys(DataCard("photographs", task="multiclass classification", label_space=labels)) == ["vehicle"]


def test_ten_thousand_classes_are_no_error():
    labels = tuple(Label(f"label {number}") for number in range(10_000))
    balance = {label.name: 1e-4 for label in labels}
    card = DataCard("many", task="multiclass classification", label_space=labels, class_balance=balance)
    assert keys(card) == []


def test_of_image_sets_those_with_the_same_images_are_left_out_too():
    vit = load_bank("vit")
    recorded = next(one for one in vit.datasets if one["key"] == "digits_8x8_56789")
    card = DataCard(recorded["name"], "image", task=recorded["task"])
    advice = Advice(card, None, family_named("ViT").space, {}, leave_out_known=True)
    left = {one.key for one in advice.evidence.neighbours}
    assert left == {one["key"] for one in vit.datasets if not set(one["drawn_from"]) & set(recorded["drawn_from"])}
    assert "digits_8x8_01234" in left and "digits_8x8_13579" not in left
