"""The card language: every field of a card and the type of its value."""

from __future__ import annotations

from collections.abc import Mapping

from ..records.card import Split
from ..records.request import COUNTS, UNITS, Constraint
from . import vocabulary
from .nodes import Node
from .values import (
    Converter,
    class_balance,
    count,
    dataset,
    hyperparameter,
    identifier,
    inner_share,
    known_word,
    label_space,
    mapping_of,
    one_or_many,
    only_one_of,
    positive,
    positive_count,
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
    "group": text,
    "time": text,
    "test_frame": identifier,
    "test": identifier,
    "test_path": text,
}


def _split(node: Node, path: str) -> Split:
    values = read_fields(node, path, _SPLIT)
    only_one_of(node, path, values, ("test_frame", "test", "test_path"), "name a test table")
    only_one_of(node, path, values, ("group", "time"), "say how to split")
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
    "n_channels": count,
    "n_tokens": count,
    "frame": identifier,
    "path": text,
    "dataset": dataset,
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

_CONSTRAINTS: Mapping[str, Converter] = {name: positive_count if name in COUNTS else positive for name in UNITS}


def _constraints(node: Node, path: str) -> tuple[Constraint, ...]:
    bounds = read_fields(node, path, _CONSTRAINTS)
    return tuple(Constraint(name, bound, at_least=name == "throughput") for name, bound in bounds.items())


REQUEST: Mapping[str, Converter] = {"text": text, "metrics": _METRICS, "constraints": _constraints}
