"""The known words of the card language and the ways people spell them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..errors import did_you_mean
from ..records.card import BINARY, DETECTION, MULTICLASS, REGRESSION, RETRIEVAL
from ..records.metric import metric_named

CLASSIFICATION = "classification"
"""A classification whose number of classes is not stated; the frame decides."""

_TASKS: Mapping[str, tuple[str, ...]] = {
    BINARY: ("binary", "binaryclassification"),
    MULTICLASS: ("multiclass", "multiclassclassification"),
    CLASSIFICATION: ("classification",),
    REGRESSION: ("regression",),
    DETECTION: ("objectdetection", "detection"),
    RETRIEVAL: (
        *("passageretrieval", "densepassageretrieval", "documentretrieval", "retrieval"),
        *("questionanswering", "openquestionanswering", "opendomainquestionanswering"),
    ),
}
_INPUT_TYPES: Mapping[str, tuple[str, ...]] = {
    "tabular": ("tabular", "table"),
    "image": ("image", "images"),
    "text": ("text",),
    "time series": ("timeseries",),
    "audio": ("audio",),
    "video": ("video",),
    "graph": ("graph",),
    "multimodal": ("multimodal",),
}


def metric(word: str) -> str:
    """Return the canonical name of a metric; a ValueError says which word was meant, or why it is not for models."""
    return metric_named(word).name


def task(word: str) -> str:
    """Return the canonical name of a task; a ValueError says which word was meant."""
    return _canonical(word, _TASKS, "task")


def input_type(word: str) -> str:
    """Return the canonical name of a kind of data; a ValueError says which word was meant."""
    return _canonical(word, _INPUT_TYPES, "input type")


def _canonical(word: str, known: Mapping[str, tuple[str, ...]], what: str) -> str:
    squeezed = re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", word).lower())
    for name, spellings in known.items():
        if squeezed in spellings:
            return name
    raise ValueError(f"the {what} {word[:40]!r} is unknown; {did_you_mean(word, known)}")
