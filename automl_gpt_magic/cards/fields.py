"""The card language: every field of a card and the type of its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.card import Split
from . import vocabulary
from .nodes import Fields, Node, error_at, join
from .values import (
    Converter,
    class_balance,
    count,
    hyperparameter,
    identifier,
    inner_share,
    known_word,
    label_space,
    mapping_of,
    one_or_many,
    positive,
    read_fields,
    seed,
    share,
    size,
    text,
)

_METRICS = one_or_many(known_word(vocabulary.metric))

_SPLIT: Mapping[str, Converter] = {
    "validation": inner_share,
    "seed": seed,
    "test_frame": identifier,
    "test": identifier,
    "test_path": text,
}


def _split(node: Node, path: str) -> Split:
    values = read_fields(node, path, _SPLIT)
    tests = [name for name in ("test_frame", "test", "test_path") if name in values]
    if len(tests) > 1 and isinstance(node, Fields):
        message = f"{' and '.join(tests)} both name a test table. Keep one of them."
        raise error_at(node.keys[tests[1]], join(path, tests[1]), message)
    if "test" in values:
        values["test_frame"] = values.pop("test")
    return Split(**values)


DATA: Mapping[str, Converter] = {
    "name": text,
    "input_type": known_word(vocabulary.input_type),
    "output_type": text,
    "task": known_word(vocabulary.task),
    "description": text,
    "label_space": label_space,
    "metrics": _METRICS,
    "n_rows": count,
    "n_features": count,
    "n_numeric": count,
    "n_categorical": count,
    "class_balance": class_balance,
    "missing_fraction": share,
    "image_size": size,
    "n_tokens": count,
    "frame": identifier,
    "path": text,
    "target": text,
    "split": _split,
    "licence": text,
    "source": text,
}

MODEL: Mapping[str, Converter] = {
    "name": text,
    "structure": text,
    "description": text,
    "hyperparameters": mapping_of(hyperparameter),
    "source": text,
}

_CONSTRAINTS: Mapping[str, Converter] = {"training_seconds": positive}


def _constraints(node: Node, path: str) -> dict[str, Any]:
    return read_fields(node, path, _CONSTRAINTS)


REQUEST: Mapping[str, Converter] = {"text": text, "metrics": _METRICS, "constraints": _constraints}
