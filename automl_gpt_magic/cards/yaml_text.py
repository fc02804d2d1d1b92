"""YAML text -> nodes with positions. No type is guessed: ``No``, ``02134`` and ``12:30`` stay as written."""

from __future__ import annotations

from typing import Any, ClassVar

import yaml

from ..errors import CardError, one_line
from ..records.card import Position
from .nodes import (
    MAX_DEPTH,
    MAX_NODES,
    Budget,
    Fields,
    Items,
    Node,
    Scalar,
    check_text,
    error_at,
    is_null,
    join,
)
from .yaml_errors import explain

MAX_CHARACTERS = 1_000_000
EXAMPLE = """data:
  name: adult
  frame: adult
  target: income
model: XGBoost
request: keep training under a minute"""


class NotAllowed(yaml.MarkedYAMLError):
    """Valid YAML that a card may not hold."""


class _CardLoader(yaml.SafeLoader):
    """Composes nodes and never constructs objects; too many, too deep or tagged nodes stop it at once."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._check(self.peek_event())  # type: ignore[no-untyped-call]
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _check(self, event: Any) -> None:
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_NODES:
            limit = f"{MAX_DEPTH} levels" if self._depth > MAX_DEPTH else f"{MAX_NODES:,} values"
            raise NotAllowed(problem=f"the card holds more than {limit}. Write less.", problem_mark=event.start_mark)
        tag = getattr(event, "tag", None)
        if tag:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            message = f"the tag {shown} has no meaning in a card. Remove it, or write the value in quotes."
            raise NotAllowed(problem=message, problem_mark=event.start_mark)


def read_documents(text: str, first_line: int = 1) -> list[Node]:
    """Return each YAML document of ``text`` that is not empty.

    Parameters
    ----------
    text : str
        One or several documents.
    first_line : int
        Line number of the text's first line in the cell it comes from.

    Raises
    ------
    CardError
        If the text is empty or too long, is not YAML, or holds tags or duplicate keys.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"the card has {len(text):,} characters. Write at most {MAX_CHARACTERS:,}."
        raise CardError(message, line=first_line, column=1)
    builder = _Builder(first_line)
    documents = [builder.build(root) for root in _compose(text, first_line)]
    documents = [document for document in documents if not is_null(document)]
    if not documents:
        raise CardError(f"the cell holds no card. Write for example:\n\n{EXAMPLE}\n", line=first_line, column=1)
    return documents


def _compose(text: str, first_line: int) -> list[Any]:
    loader = None
    try:
        loader = _CardLoader(text)
        roots = []
        while loader.check_node():
            roots.append(loader.get_node())
        return roots
    except NotAllowed as error:
        raise error_at(_position(error.problem_mark, first_line), "", one_line(str(error.problem))) from None
    # PyYAML lets the errors of chr(), int() and its own assertions through for some broken escapes.
    except (yaml.YAMLError, ValueError, OverflowError, AssertionError, IndexError) as error:
        mark, message = explain(error, text, loader)
        raise error_at(Position(mark[0] + first_line, mark[1] + 1), "", message) from None


def _position(mark: Any, first_line: int) -> Position:
    return Position(mark.line + first_line, mark.column + 1)


class _Builder:
    """Turns YAML nodes into ours; an alias is written out each time, within one budget."""

    def __init__(self, first_line: int) -> None:
        self._first_line = first_line
        self._budget = Budget()

    def build(self, node: Any, path: str = "", depth: int = 0) -> Node:
        position = _position(node.start_mark, self._first_line)
        self._budget.spend(depth, path, position)
        if isinstance(node, yaml.ScalarNode):
            return Scalar(check_text(node.value, path, position), quoted=bool(node.style), position=position)
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return Items(tuple(self.build(item, join(path, i), depth + 1) for i, item in items), position)
        return self._fields(node, path, depth)

    def _fields(self, node: Any, path: str, depth: int) -> Fields:
        position = _position(node.start_mark, self._first_line)
        merged = Fields({}, {})
        entries: dict[str, Node] = {}
        keys: dict[str, Position | None] = {}
        for key_node, value_node in node.value:
            name, where = self._key(key_node, path)
            value = self.build(value_node, join(path, name), depth + 1)
            if name == "<<":
                merged = _merge(merged, value, path)
                continue
            _refuse_twice(name, keys, where, path)
            entries[name], keys[name] = value, where
        return Fields({**merged.entries, **entries}, {**merged.keys, **keys}, position)

    def _key(self, node: Any, path: str) -> tuple[str, Position]:
        position = _position(node.start_mark, self._first_line)
        if not isinstance(node, yaml.ScalarNode):
            raise error_at(position, path, "a list or mapping stands where a field's name belongs. Write name: value.")
        return check_text(node.value, path, position), position


def _refuse_twice(name: str, keys: dict[str, Position | None], where: Position, path: str) -> None:
    earlier = keys.get(name)
    if earlier is not None:
        message = f"the field is given twice, in line {earlier.line} and in line {where.line}. Keep one of them."
        raise error_at(where, join(path, name), message)


def _merge(merged: Fields, value: Node, path: str) -> Fields:
    """Lay the mappings that a merge key (``<<: *defaults``) names under ``merged``; the first one wins."""
    for source in value.items if isinstance(value, Items) else (value,):
        if not isinstance(source, Fields):
            raise error_at(source.position, path, "<< takes an alias of a mapping. Write for example <<: *defaults.")
        merged = Fields({**source.entries, **merged.entries}, {**source.keys, **merged.keys})
    return merged
