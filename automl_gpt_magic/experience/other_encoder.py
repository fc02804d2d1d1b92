"""Any other text encoder, by name or folder, through sentence-transformers: the only file here that imports it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError, one_line
from ..records.extras import install

_SECONDS_TO_ANSWER = 4
_LONGEST_REASON = 120


def encode(texts: Sequence[str], encoder: str) -> list[NDArray[np.float32]]:
    """Return the unit vectors of texts.

    Parameters
    ----------
    texts : sequence of str
    encoder : str
        A name on the Hugging Face hub, or a folder. Weights are read from safetensors files alone.

    Raises
    ------
    ExperienceError
        If sentence-transformers is not installed, or the model is not there or cannot be read.
    """
    require()
    model = _model(encoder)
    try:
        vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
    except Exception as error:  # whatever a model raises on a text: the plan goes on without it
        raise ExperienceError(f"the text encoder {_shown(encoder)} cannot read the card ({_reason(error)})") from None
    return [np.asarray(vector, dtype="float32") for vector in vectors]


def require() -> None:
    """Raise `ExperienceError` where sentence-transformers is not installed; nothing is imported."""
    if find_spec("sentence_transformers") is None:
        raise ExperienceError(
            "AutoML.encoder names a model for sentence-transformers, which is not installed; run: "
            + install("sentence_transformers")
        )


@lru_cache(maxsize=1)
def _model(encoder: str) -> Any:
    """Load a model from this computer, else from the hub, where that answers."""
    _library()
    try:
        return _loaded(encoder, here_only=True)
    except Exception as error:
        if Path(encoder).exists():
            raise _not_loaded(encoder, f"{_reason(error)}; name a folder that sentence-transformers saved") from None
    _require_hub(encoder)
    try:
        return _loaded(encoder, here_only=False)
    except Exception as error:
        raise _not_loaded(encoder, f"{_reason(error)}; check the name at huggingface.co/models") from None


def _loaded(encoder: str, *, here_only: bool) -> Any:
    # Safetensors, because other weights are pickled.
    options = {"use_safetensors": True}
    return _library().SentenceTransformer(encoder, device="cpu", local_files_only=here_only, model_kwargs=options)


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        import sentence_transformers
    except Exception as error:  # it brings torch and more, and is no stronger than the weakest of them
        raise ExperienceError(f"sentence-transformers cannot be imported ({_reason(error)}); reinstall it") from None
    return sentence_transformers


def _require_hub(encoder: str) -> None:
    """Ask the hub for a sign of life: its own client would try for a minute and more."""
    advice = "it is not on this computer, and {why}; connect, or set AutoML.encoder to a folder or to the default"
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise _not_loaded(encoder, advice.format(why="HF_HUB_OFFLINE is set"))
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    try:
        urlopen(Request(hub, method="HEAD"), timeout=_SECONDS_TO_ANSWER).close()
    except HTTPError:
        return  # it answers
    except (URLError, OSError, ValueError):
        raise _not_loaded(encoder, advice.format(why=f"{one_line(hub)} does not answer")) from None


def _not_loaded(encoder: str, why: str) -> ExperienceError:
    return ExperienceError(f"the text encoder {_shown(encoder)} was not loaded: {why}")


def _shown(encoder: str) -> str:
    return one_line(encoder[:_LONGEST_REASON])


def _reason(error: Exception) -> str:
    """Return the first line of a library's message, cut."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return one_line(said if len(said) <= _LONGEST_REASON else said[: _LONGEST_REASON - 1] + "…")
