"""The encoder against sentence-transformers, and other encoders that it runs."""

import json
import os
import shutil

import numpy as np
import pytest
from tokenizers.pre_tokenizers import ByteLevel

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


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Return the folder of a real model that is not known to be the default one."""
    pytest.importorskip("sentence_transformers")
    folder = tmp_path_factory.mktemp("models") / "own"
    shutil.copytree(encoder.weights_folder(), folder)
    return str(folder)


def test_another_encoder_is_a_sentence_transformers_model_by_folder(other, tmp_path):
    vectors = encoder.embed_all(TEXTS, tmp_path, other)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - encoder.embed_all(TEXTS)).max() < 1e-5


def test_clips_text_tower_reads_cards_longer_than_its_77_tokens(tmp_path):
    """Run a small CLIP without training: the published one is the same code with larger weights."""
    pytest.importorskip("sentence_transformers")
    transformers = pytest.importorskip("transformers")
    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (tmp_path / "vocab.json").write_text(json.dumps({token: at for at, token in enumerate(tokens)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    end = len(tokens) - 1
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {**small, "vocab_size": end + 1, "bos_token_id": end - 1, "eos_token_id": end, "pad_token_id": end}
    picture = {**small, "image_size": 32, "patch_size": 16}
    config = transformers.CLIPConfig(text_config=text, vision_config=picture, projection_dim=24)
    transformers.CLIPModel(config).save_pretrained(tmp_path)
    files = (str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"))
    tokenizer = transformers.CLIPTokenizer(*files, model_max_length=77)
    transformers.CLIPProcessor(transformers.CLIPImageProcessor(), tokenizer).save_pretrained(tmp_path)
    vectors = encoder.embed_all(["Modality: tabular. " + "long " * 500, "bees"], None, str(tmp_path))
    assert vectors.shape == (2, 24)
    assert np.allclose((vectors**2).sum(axis=1), 1, atol=1e-5)


def test_another_encoders_vectors_are_kept_apart_from_the_default_ones_and_of_changed_weights(other, tmp_path):
    encoder.embed("some text", tmp_path)
    first = encoder.embed("some text", tmp_path, other)
    assert len(list(tmp_path.glob("*.npy"))) == 2
    assert np.array_equal(encoder.embed("some text", tmp_path, other), first)
    os.utime(f"{other}/config.json", (1, 1))
    encoder.embed("some text", tmp_path, other)
    assert len(list(tmp_path.glob("*.npy"))) == 3


def test_pickled_weights_are_not_read(other, tmp_path):
    shutil.copytree(other, tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    with pytest.raises(ExperienceError, match="was not loaded"):
        encoder.embed("some text", None, str(tmp_path / "pickled"))
