"""Nodes -> typed values. Each converter takes a node and its path, and says what to write instead."""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import CardError, did_you_mean
from ..records.card import Label
from .nodes import Fields, Foreign, Items, Node, Scalar, error_at, found, is_null, join

Converter = Callable[[Node, str], Any]

SKLEARN_DATASETS = ("iris", "wine", "breast_cancer", "digits", "diabetes")
_HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?", re.ASCII)
_MAX_DIGITS = 100
_HUNDRED = 100
_MAX_SEED = 2**32 - 1  # numpy's limit
_INT = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)*")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def read_fields(node: Node, path: str, language: Mapping[str, Converter]) -> dict[str, Any]:
    """Return the typed values of the fields that are written; an empty value counts as not written.

    Raises
    ------
    CardError
        If ``node`` is not a mapping, or a field is unknown or holds a value of the wrong type.
    """
    values = {}
    for name, entry in fields_of(node, path).entries.items():
        if name not in language:
            raise unknown_field(node, path, name, language)
        if not is_null(entry):
            values[name] = language[name](entry, join(path, name))
    return values


def only_one_of(node: Node, path: str, values: Mapping[str, Any], names: Sequence[str], what: str) -> None:
    """Refuse fields that exclude each other."""
    written = [name for name in names if name in values]
    if len(written) > 1:
        second = fields_of(node, path).keys[written[1]]
        message = f"{' and '.join(written)} both {what}. Keep one of them."
        raise error_at(second, join(path, written[1]), message)


def unknown_field(node: Node, path: str, name: str, known: Mapping[str, Any]) -> CardError:
    """Return the error for a field that the card language does not have."""
    position = node.keys.get(name) if isinstance(node, Fields) else None
    return error_at(position, join(path, name), f"unknown field {name[:40]!r}; {did_you_mean(name, known)}")


def fields_of(node: Node, path: str) -> Fields:
    """Return ``node`` as a mapping, or say why it is none."""
    if isinstance(node, Fields):
        return node
    if isinstance(node, Scalar) and not node.quoted and re.match(r"\w+:\S", node.text):
        raise wrong(node, path, "a space after the colon: name: value")
    raise wrong(node, path, "a mapping: one name: value in each line, indented under this field")


def wrong(node: Node, path: str, wanted: str) -> CardError:
    """Return the error for a value of the wrong type."""
    return error_at(node.position, path, f"found {found(node)}. Write {wanted}.")


def text(node: Node, path: str) -> str:
    """Return a scalar as it was written, without the blanks around it."""
    if isinstance(node, Scalar) and not is_null(node) and node.text.strip():
        return node.text.strip()
    raise wrong(node, path, "text")


def number(node: Node, path: str) -> float:
    """Return a finite number."""
    value = _parse_number(node.text.strip()) if isinstance(node, Scalar) else None
    if value is None:
        raise wrong(node, path, _number_hint(node))
    return value


def _number_hint(node: Node) -> str:
    written = node.text.strip() if isinstance(node, Scalar) else ""
    if _THOUSANDS.fullmatch(written):
        return f"{written.replace(',', '')}, without commas"
    percent = _PERCENT.fullmatch(written)
    return f"{float(percent[1]) / _HUNDRED:g}, a share of 1" if percent else "a number"


def _parse_number(written: str) -> int | float | None:
    if len(written) > _MAX_DIGITS:
        return None
    if _INT.fullmatch(written):
        return int(written)
    value = float(written) if _FLOAT.fullmatch(written) else math.inf
    return value if math.isfinite(value) else None


def whole(node: Node, path: str) -> int:
    """Return a whole number."""
    value = number(node, path)
    if value != int(value):
        raise wrong(node, path, f"a whole number, such as {round(value)}")
    return int(value)


def count(node: Node, path: str) -> int:
    """Return a whole number that is not negative."""
    value = whole(node, path)
    if value < 0:
        raise wrong(node, path, "a whole number of 0 or more")
    return value


def positive_count(node: Node, path: str) -> int:
    """Return a whole number above 0."""
    value = whole(node, path)
    if value < 1:
        raise wrong(node, path, "a whole number of 1 or more")
    return value


def seed(node: Node, path: str) -> int:
    """Return a whole number that numpy takes as a seed."""
    value = count(node, path)
    if value > _MAX_SEED:
        raise wrong(node, path, f"a whole number from 0 to {_MAX_SEED}")
    return value


def share(node: Node, path: str) -> float:
    """Return a number from 0 to 1."""
    value = float(number(node, path))
    if not 0 <= value <= 1:
        percentage = f", such as {value / 100:g}" if 1 < value <= _HUNDRED else ""
        raise wrong(node, path, f"a share from 0 to 1{percentage}")
    return value


def inner_share(node: Node, path: str) -> float:
    """Return a number between 0 and 1, without both ends."""
    value = share(node, path)
    if value in (0, 1):
        raise wrong(node, path, "a share between 0 and 1, such as 0.2")
    return value


def positive(node: Node, path: str) -> float:
    """Return a number above 0."""
    value = float(number(node, path))
    if value <= 0:
        raise wrong(node, path, "a number above 0")
    return value


def identifier(node: Node, path: str) -> str:
    """Return the name of a variable of the notebook."""
    name = text(node, path) if isinstance(node, Scalar) else ""
    if name.isidentifier() and not keyword.iskeyword(name):
        return name
    if "." in name and all(part.isidentifier() for part in name.split(".")):
        raise wrong(node, path, f"a plain name, and above this cell {name.rsplit('.', maxsplit=1)[-1]} = {name}")
    raise wrong(node, path, "the name of a DataFrame of this notebook, such as adult")


def dataset(node: Node, path: str) -> str:
    """Return the name of a dataset of scikit-learn or Hugging Face."""
    name = text(node, path)
    source, _, rest = name.partition("/")
    if source == "sklearn" and rest in SKLEARN_DATASETS:
        return name
    if source == "sklearn":
        message = f"scikit-learn has no table {rest[:40]!r}; {did_you_mean(rest, SKLEARN_DATASETS)}"
        raise error_at(node.position, path, message)
    if source == "huggingface" and _HUB_NAME.fullmatch(rest):
        return name
    raise wrong(node, path, "sklearn/ and a name, such as sklearn/iris, or huggingface/owner/name")


def known_word(canonical: Callable[[str], str]) -> Converter:
    """Return a converter to the canonical spelling of one word."""

    def convert(node: Node, path: str) -> str:
        word = text(node, path)
        try:
            return canonical(word)
        except ValueError as error:
            raise error_at(node.position, path, f"{error}") from None

    return convert


def one_or_many(convert: Converter) -> Converter:
    """Return a converter of one value, or a list of values, to a tuple without repetition."""

    def convert_all(node: Node, path: str) -> tuple[Any, ...]:
        if not isinstance(node, Items):
            return (convert(node, path),)
        return tuple(dict.fromkeys(convert(item, join(path, index)) for index, item in enumerate(node.items)))

    return convert_all


def mapping_of(convert: Converter) -> Converter:
    """Return a converter of a mapping whose values are all of one type."""

    def convert_all(node: Node, path: str) -> dict[str, Any]:
        entries = fields_of(node, path).entries
        return {name: convert(entry, join(path, name)) for name, entry in entries.items()}

    return convert_all


def hyperparameter(node: Node, path: str) -> Any:
    """Return a value as its notation says: quoted is text, the rest a number, a truth value, None or text."""
    if isinstance(node, Foreign):
        raise wrong(node, path, "a number, text, true, false, a list or a mapping")
    if isinstance(node, Items):
        return [hyperparameter(item, join(path, index)) for index, item in enumerate(node.items)]
    if isinstance(node, Fields):
        return mapping_of(hyperparameter)(node, path)
    if node.quoted or is_null(node):
        return node.text if node.quoted else None
    if node.text in _TRUTH:
        return _TRUTH[node.text]
    value = _parse_number(node.text)
    return node.text if value is None else value


def size(node: Node, path: str) -> tuple[int, int]:
    """Return height and width in pixels from ``[h, w]`` or ``32x32``."""
    parts = node.items if isinstance(node, Items) else ()
    if isinstance(node, Scalar):
        parts = tuple(Scalar(part, position=node.position) for part in re.split(r"[x×X]", node.text))
    if len(parts) != 2:
        raise wrong(node, path, "height and width in pixels, such as [32, 32] or 32x32")
    height, width = (count(part, path) for part in parts)
    if not height or not width:
        raise wrong(node, path, "a height and a width above 0, such as 32x32")
    return height, width


def label_space(node: Node, path: str) -> tuple[Label, ...]:
    """Return classes from a list of names, a mapping name -> description, or a list of such mappings."""
    if isinstance(node, Fields):
        labels = [Label(name, _description(entry, join(path, name))) for name, entry in node.entries.items()]
    elif isinstance(node, Items):
        labels = [_label(item, join(path, index)) for index, item in enumerate(node.items)]
    else:
        raise wrong(node, path, "a list of class names, such as [cat, dog]")
    return _all_different(labels, node, path)


def _label(node: Node, path: str) -> Label:
    if isinstance(node, Fields):
        values = read_fields(node, path, {"name": text, "description": text})
        if "name" not in values:
            raise error_at(node.position, path, "the class has no name. Write {name: cat, description: a pet}.")
        return Label(**values)
    if isinstance(node, Scalar) and is_null(node):
        raise wrong(node, path, f"a class name, in quotes if it is '{node.text}'")
    return Label(text(node, path))


def _description(node: Node, path: str) -> str:
    is_empty = isinstance(node, Scalar) and not node.text.strip()
    return "" if is_empty or is_null(node) else text(node, path)


def _all_different(labels: list[Label], node: Node, path: str) -> tuple[Label, ...]:
    names = [label.name.strip() for label in labels]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise error_at(node.position, path, f"the class {twice!r} is given twice. Keep one of them.")
    if not labels or "" in names:
        raise error_at(node.position, path, "a class without a name. Write a list such as [cat, dog].")
    return tuple(labels)


def class_balance(node: Node, path: str) -> dict[str, float]:
    """Return the share of each class."""
    shares: dict[str, float] = mapping_of(share)(node, path)
    total = sum(shares.values())
    if total > 1.01:
        raise error_at(node.position, path, f"the shares add up to {total:g}. Write shares of 1.")
    return shares
