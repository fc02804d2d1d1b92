"""YAML text or a mapping -> `Cards`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import CardError
from ..records.card import Cards, DataCard, ModelCard, Position, Request
from ..records.request import merged
from .fields import DATA, MODEL, REQUEST
from .nodes import Fields, Items, Node, Scalar, error_at, from_python, is_null, join, walk
from .request import read_request
from .values import fields_of, only_one_of, read_fields, text, unknown_field
from .yaml_text import EXAMPLE, read_documents

_PARTS: Mapping[str, Any] = {"data": DATA, "model": MODEL, "request": REQUEST}


def read_cards(source: str | Mapping[str, Any], *, first_line: int = 1) -> Cards:
    """Read data card, model cards and request.

    Parameters
    ----------
    source : str or mapping
        YAML text of one or several documents with the fields ``data``, ``model`` and ``request``, or
        the same as Python data.
    first_line : int
        Line number of the text's first line in its cell; the body of a ``%%automl`` cell begins at 2.

    Returns
    -------
    Cards
        With ``positions`` by dotted path, such as ``data.target`` or ``model.0.name``; empty for a
        mapping.

    Raises
    ------
    CardError
        If the text is not YAML, or a field is missing, unknown or of the wrong type.
    """
    return _cards(_join_documents(_documents(source, first_line)))


def read_tasks(source: str, *, first_line: int = 1) -> tuple[Cards, ...]:
    """Read the cards of each task of a text: a document with another data card begins another task.

    Parameters
    ----------
    source : str
        YAML text as in `read_cards`. What stands before the first data card belongs to the first task.
    first_line : int
        As in `read_cards`.

    Raises
    ------
    CardError
        As `read_cards`.
    """
    tasks: list[list[Node]] = [[]]
    for document in _documents(source, first_line):
        if _has_data(document) and any(map(_has_data, tasks[-1])):
            tasks.append([])
        tasks[-1].append(document)
    return tuple(_cards(_join_documents(documents)) for documents in tasks)


def _has_data(document: Node) -> bool:
    entry = document.entries.get("data") if isinstance(document, Fields) else None
    return entry is not None and not is_null(entry)


def _cards(card: Fields) -> Cards:
    entries = card.entries
    return Cards(
        data=_data(entries.get("data"), card),
        models=_models(entries.get("model")),
        request=_request(entries.get("request")),
        positions=dict(walk(card)),
    )


def _documents(source: object, first_line: int) -> list[Node]:
    if isinstance(source, str):
        return read_documents(source, first_line)
    if isinstance(source, Mapping):
        return [from_python(source)]
    raise CardError(f"found a {type(source).__name__}. Write YAML text, or a mapping such as {{'data': {{...}}}}.")


def _join_documents(documents: Sequence[Node]) -> Fields:
    card = Fields({}, {}, documents[0].position)
    for document in documents:
        fields = fields_of(document, "")
        unknown = next((name for name in fields.entries if name not in _PARTS), None)
        if unknown is not None:
            raise _unknown_part(fields, unknown)
        card = _join(card, fields)
    return card


def _join(card: Fields, more: Fields) -> Fields:
    entries, keys = dict(card.entries), dict(card.keys)
    for name, entry in more.entries.items():
        if is_null(entry):
            continue
        if name == "model":
            entry = _model_list(entries.get(name), entry)
        elif name in entries:
            raise _twice(name, keys[name], more.keys[name])
        entries[name], keys[name] = entry, more.keys[name]
    return Fields(entries, keys, card.position)


def _unknown_part(fields: Fields, name: str) -> CardError:
    if name in DATA:
        message = f"{name} belongs to the data card. Write it indented under data:."
        return error_at(fields.keys.get(name), name, message)
    return unknown_field(fields, "", name, _PARTS)


def _twice(name: str, first: Position | None, second: Position | None) -> CardError:
    lines = f", in line {first.line} and in line {second.line}" if first and second else ""
    return error_at(second, name, f"{name} is given twice{lines}. Write one for each task.")


def _model_list(earlier: Node | None, entry: Node) -> Items:
    before = earlier.items if isinstance(earlier, Items) else ()
    more = entry.items if isinstance(entry, Items) else (entry,)
    return Items((*before, *more), earlier.position if earlier else entry.position)


def _data(node: Node | None, card: Fields) -> DataCard:
    if node is None:
        raise error_at(card.position, "data", f"there is no data card. Write for example:\n\n{EXAMPLE}\n")
    values = read_fields(node, "data", DATA)
    if "name" not in values:
        raise error_at(node.position, "data.name", "the data card has no name. Write name: adult, for example.")
    only_one_of(node, "data", values, ("frame", "path", "dataset"), "name the table")
    return DataCard(**values)


def _models(node: Node | None) -> tuple[ModelCard, ...]:
    items = node.items if isinstance(node, Items) else ()
    return tuple(_model(item, join("model", index)) for index, item in enumerate(items))


def _model(node: Node, path: str) -> ModelCard:
    if isinstance(node, Scalar):
        return ModelCard(text(node, path))
    values = read_fields(node, path, MODEL)
    if "name" not in values:
        raise error_at(node.position, join(path, "name"), "the model has no name. Write name: XGBoost.")
    return ModelCard(**values)


def _request(node: Node | None) -> Request:
    if node is None:
        return Request()
    values = _written_request(node)
    wishes = read_request(values.get("text", "")).wishes
    read = [wish.constraint for wish in wishes if wish.constraint is not None]
    return Request(**values | {"constraints": merged(read, values.get("constraints", ()))})


def _written_request(node: Node) -> dict[str, Any]:
    if isinstance(node, Scalar):
        return {"text": text(node, "request")}
    return read_fields(node, "request", REQUEST)
