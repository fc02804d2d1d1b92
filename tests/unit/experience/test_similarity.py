"""What is compared of two cards, and that any text, any encoder and any size of bank can be."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.experience import encoder, other_encoder, texts
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.similarity import card_text, recorded_numbers, recorded_text, similarities
from automl_gpt_magic.experience.texts import comparable
from automl_gpt_magic.records.card import DataCard, Label

CARD = DataCard("Beehives", task="binary classification", description="A row is a beehive.", n_rows=900)


def literal(numbers, text, bank, share):
    """Return the similarity as its docstring says it, card by card."""
    units = (1.0, 0.5, 0.5, 0.7, 0.4, 0.3)
    found = []
    for card, embedding in zip(bank.datasets, bank.embeddings, strict=True):
        steps = (recorded_numbers(card) - numbers) / units
        alike = np.exp(-np.nanmean(steps**2))
        found.append(alike if text is None else (1 - share) * alike + share * np.clip(embedding @ text, 0, 1))
    return np.array(found)


@pytest.mark.parametrize("unknown", [(), (0, 4)])
def test_the_similarity_is_what_it_says(unknown):
    bank = load_bank()
    datasets = [{**card, "missing_fraction": None} if at % 3 else card for at, card in enumerate(bank.datasets)]
    bank = replace(bank, datasets=datasets)
    numbers = recorded_numbers(bank.datasets[0])
    numbers[list(unknown)] = np.nan
    for text in (None, bank.embeddings[1]):
        assert np.abs(similarities(numbers, text, bank, 0.3) - literal(numbers, text, bank, 0.3)).max() < 1e-6


def test_of_a_card_without_numbers_the_text_alone_decides():
    bank = load_bank()
    nothing = np.full(6, np.nan)
    assert np.all(similarities(nothing, None, bank, 0.3) == 1)
    assert similarities(nothing, bank.embeddings[4], bank, 0.3).argmax() == 4


def test_the_shipped_embeddings_are_of_the_recorded_texts():
    bank = load_bank()
    for place in (0, len(bank.datasets) // 2, len(bank.datasets) - 1):
        again = encoder.embed(recorded_text(bank.datasets[place]))
        assert np.abs(again - bank.embeddings[place]).max() < 1e-3


def test_a_text_is_cut_so_that_the_labels_are_still_read():
    labels = tuple(Label(f"{number} " + "long " * 5000) for number in range(10_000))
    text = card_text(replace(CARD, name="n" * 10**6, description="d" * 10**6, label_space=labels))
    assert len(text) < 5000
    assert "Labels: 0 long" in text


def test_a_card_without_a_word_is_no_error():
    bank = load_bank().subset(np.arange(9))
    vector, _, note = comparable(DataCard("", input_type=""), bank)
    assert note == ""
    assert np.isfinite(similarities(np.full(6, np.nan), vector, bank, 0.3)).all()


def test_half_a_surrogate_pair_is_no_error():
    assert encoder.embed(card_text(replace(CARD, description="bees \ud83d"))).shape == (384,)


@pytest.fixture
def turned(monkeypatch):
    """Stand in for an encoder of another width, whose cosines lie all between 0.8 and 1 as some models' do."""

    def encode(said, name):
        vectors = [np.append(encoder.embed(text) * 0.4, [0.9165, 0]).astype("float32") for text in said]
        return [vector / np.linalg.norm(vector) for vector in vectors]

    monkeypatch.setattr(other_encoder, "encode", encode)


def test_another_encoders_cosines_are_brought_to_the_fitted_scale(turned):
    bank = load_bank().subset(np.arange(9))
    plain, _, _ = comparable(CARD, bank)
    vector, other, note = comparable(CARD, bank, None, "some/model")
    assert note == ""
    assert np.abs(other.embeddings @ vector - bank.embeddings @ plain).max() < 0.01


def test_the_banks_cards_are_embedded_once(turned, tmp_path, monkeypatch):
    bank = load_bank().subset(np.arange(9))
    _, first, _ = comparable(CARD, bank, tmp_path, "some/model")
    monkeypatch.setattr(other_encoder, "encode", lambda *_: pytest.fail("the encoder ran"))
    _, again, _ = comparable(CARD, bank, tmp_path, "some/model")
    assert np.array_equal(first.embeddings, again.embeddings)
    texts = {recorded_text(dataset) for dataset in bank.datasets}
    assert len(list(tmp_path.glob("*.npy"))) == len(texts) + 1


def test_a_bank_of_one_dataset_has_no_scale_and_is_no_error(turned):
    bank = load_bank().subset(np.array([3]))
    vector, other, _ = comparable(CARD, bank, None, "some/model")
    assert np.isfinite(other.embeddings @ vector).all()


def test_a_real_other_model_gives_the_same_neighbours(tmp_path):
    pytest.importorskip("sentence_transformers")
    folder = tmp_path / "own"
    shutil.copytree(encoder.weights_folder(), folder)
    bank = load_bank().subset(np.arange(9))
    plain, _, _ = comparable(CARD, bank)
    vector, other, _ = comparable(CARD, bank, None, str(folder))
    assert np.abs(other.embeddings @ vector - bank.embeddings @ plain).max() < 1e-3


@pytest.mark.parametrize("name", ["", "no-such/model"])
def test_without_an_encoder_there_is_a_note_and_the_bank_as_it_was(monkeypatch, name):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    bank = load_bank()
    vector, other, note = comparable(CARD, bank, None, name)
    assert vector is None
    assert other is bank
    assert note.startswith("Compared by the cards' numbers only: ")
    assert note.count("\n") == 0


def test_the_numbers_of_a_bank_are_read_once():
    bank = load_bank()
    many = replace(
        bank,
        datasets=[bank.datasets[at % len(bank.datasets)] for at in range(20_000)],
        embeddings=np.resize(bank.embeddings, (20_000, bank.embeddings.shape[1])),
    )
    numbers, text = recorded_numbers(bank.datasets[0]), bank.embeddings[0]
    similarities(numbers, text, many, 0.3)  # the cards' numbers are read once
    times = []
    for _ in range(9):
        began = time.process_time()
        found = similarities(numbers, text, many, 0.3)
        times.append(time.process_time() - began)
    assert np.allclose(found[: len(bank.datasets)], similarities(numbers, text, bank, 0.3))
    assert min(times) < 0.02


def test_encoders_whose_cosines_are_all_alike_are_taken_as_they_are():
    vectors = np.eye(3, dtype="float32")
    assert texts._to_scale_of(vectors, vectors) == (1.0, 0.0)
