"""What belongs in the generated cells, what the user did to them, and what may be written now.

Pure functions over sources and the bridge's reports: nothing here knows a notebook or a widget.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import warnings
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

NEWLINE = re.compile(r"\r\n?|\n")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Decision:
    """What the reported cells mean for the plan.

    Attributes
    ----------
    user_values : dict
        Hyperparameters that the user changed by hand in the literal. Their names are the plan's; whether a
        value is allowed is for the caller to check.
    edited : tuple of str
        Stages whose code, the literal's values aside, is the user's.
    writes : tuple of dict
        Rewrites that may be sent at once, as `Bridge.ask` takes them.
    deferred : tuple of dict
        Rewrites of cells that are queued or have run since the magic did: to be sent at a click.
    conflicts : tuple of dict
        Rewrites that would replace the user's code: to be sent only when the user says so.
    """

    user_values: dict[str, Any]
    edited: tuple[str, ...]
    writes: tuple[dict[str, Any], ...]
    deferred: tuple[dict[str, Any], ...]
    conflicts: tuple[dict[str, Any], ...]

    @property
    def outdated(self) -> tuple[str, ...]:
        """Stages whose cell does not hold what the plan wants."""
        every = (*self.writes, *self.deferred, *self.conflicts)
        return tuple(write["stage"] for write in every if _changes_source(write))


def literal_span(source: str, variable: str) -> tuple[int, int] | None:
    """Return the span of the plain dict literal that `variable` is assigned to.

    Parameters
    ----------
    source : str
        A cell's source.
    variable : str
        Name assigned at the top level.

    Returns
    -------
    tuple of int or None
        Start and end in characters; None when the code does not parse, or the value is anything but a dict
        of constants.
    """
    node = _literal_node(source, variable)
    if node is None or node.end_lineno is None or node.end_col_offset is None:
        return None
    start = _character(source, node.lineno, node.col_offset)
    return start, _character(source, node.end_lineno, node.end_col_offset)


def read_literal(source: str, variable: str) -> dict[str, Any] | None:
    """Return the dict that `literal_span` finds, without running any code."""
    node = _literal_node(source, variable)
    return None if node is None else _evaluated(node)


def replace_literal(source: str, variable: str, new_literal_text: str) -> str:
    """Return the source with only the literal replaced; unchanged where there is none."""
    span = literal_span(source, variable)
    return source if span is None else source[: span[0]] + new_literal_text + source[span[1] :]


def cell_hash(source: str, variable: str) -> str:
    """Return 16 hex digits that stay the same while only the literal or trailing white space changes."""
    lines = NEWLINE.split(replace_literal(source, variable, "{}"))
    code = "\n".join(line.rstrip() for line in lines).rstrip()
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def generated_cells(
    code: Mapping[str, str], variable: str, proposed: Mapping[str, Any], decided: Mapping[str, Any] = _NOTHING
) -> list[dict[str, Any]]:
    """Return the cells of a plan as `Bridge.ask` takes them, in the order of `code`.

    Parameters
    ----------
    code : mapping of stage to source
        The plan's code, with the user's values in its literal.
    variable : str
        Name that the hyperparameter literal is assigned to.
    proposed : mapping
        The values before any edit: what the literal is compared with later.
    decided : mapping
        What else the user decided, as plain data; it is kept with the literal.
    """
    return [
        {"stage": stage, "source": source, "metadata": _metadata(source, variable, proposed, decided)}
        for stage, source in code.items()
    ]


def joined_source(code: Mapping[str, str]) -> str:
    """Return all stages as the text of one cell, for frontends that take only one."""
    return "\n\n\n".join(source.strip("\n") for source in code.values()) + "\n"


def reconcile(
    code: Mapping[str, str],
    variable: str,
    proposed: Mapping[str, Any],
    cells: Sequence[Mapping[str, Any]],
    ran: Container[str] = (),
    decided: Mapping[str, Any] = _NOTHING,
) -> Decision:
    """Compare what the plan wants with what the notebook holds.

    Parameters
    ----------
    code : mapping of stage to source
        What the cells should hold, the user's values included.
    variable : str
        Name that the hyperparameter literal is assigned to.
    proposed : mapping
        The plan's values before any edit; its keys are the known names.
    cells : sequence of mapping
        ``state["cells"]`` of the bridge.
    ran : container of str
        Ids of the cells that ran since the magic did (`Bridge.ran`): their outputs are fresh.
    decided : mapping
        As in `generated_cells`.

    Returns
    -------
    Decision
        After a click, ``writes + deferred`` is what to send.
    """
    known = [_Cell(report) for report in cells if report["stage"] in code]
    pairs = [(cell, cell.rewrite(code[cell.stage], variable, proposed, decided)) for cell in known]
    changes = [(cell, write) for cell, write in pairs if write is not None]
    allowed = [(cell, write) for cell, write in changes if not cell.conflicts(write)]
    return Decision(
        user_values={name: value for cell in known for name, value in cell.user_values(proposed).items()},
        edited=tuple(cell.stage for cell in known if cell.code_edited or cell.keys_edited),
        writes=tuple(write for cell, write in allowed if not cell.defers(write, ran)),
        deferred=tuple(write for cell, write in allowed if cell.defers(write, ran)),
        conflicts=tuple(write for cell, write in changes if cell.conflicts(write)),
    )


class _Cell:
    """One reported cell, and how it relates to what we last wrote into it."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.stage: str = report["stage"]
        self.id: str = report["id"]
        self.source: str = report["source"]
        self.pending: bool = report["pending"]
        metadata = report["metadata"]
        self.hash: str = metadata.get("hash", "")
        # The plan may have been renamed since: the literal is looked for under the name it was written with.
        self.variable: str = metadata.get("variable", "")
        self.proposed: dict[str, Any] = metadata.get("proposed", {})
        self.decided: dict[str, Any] = metadata.get("decided", {})

    @cached_property
    def literal(self) -> dict[str, Any] | None:
        return read_literal(self.source, self.variable)

    @cached_property
    def code_edited(self) -> bool:
        return cell_hash(self.source, self.variable) != self.hash

    @cached_property
    def keys_edited(self) -> bool:
        return self.literal is not None and set(self.literal) != set(self.proposed)

    def user_values(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in (self.literal or {}).items()
            if name in known and (name not in self.proposed or not _same(value, self.proposed[name]))
        }

    def rewrite(
        self, wanted: str, variable: str, proposed: Mapping[str, Any], decided: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return the write that is needed, if any: of the whole source, of its values, or of the metadata only."""
        metadata = _metadata(wanted, variable, proposed, decided)
        if metadata["hash"] != self.hash:
            source = wanted
        elif self._values_differ(read_literal(wanted, variable) or {}):
            start, end = literal_span(wanted, variable) or (0, 0)
            source = replace_literal(self.source, self.variable, wanted[start:end])
        elif not all(_same(metadata.get(name, {}), getattr(self, name)) for name in ("proposed", "decided")):
            source = self.source
        else:
            return None
        return {"stage": self.stage, "expected": self.source, "source": source, "metadata": metadata}

    def conflicts(self, write: Mapping[str, Any]) -> bool:
        replaces_code = self.code_edited and write["metadata"]["hash"] != self.hash
        return _changes_source(write) and (replaces_code or self.keys_edited)

    def defers(self, write: Mapping[str, Any], ran: Container[str]) -> bool:
        return _changes_source(write) and (self.pending or self.id in ran)

    def _values_differ(self, wanted: Mapping[str, Any]) -> bool:
        own = self.literal or {}
        return any(name in own and not _same(own[name], value) for name, value in wanted.items())


def decided_in(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the user had decided when the reported cells were written; empty where nothing was."""
    kept = (cell["metadata"].get("decided") for cell in cells)
    return next((dict(one) for one in kept if isinstance(one, Mapping)), {})


def _metadata(source: str, variable: str, proposed: Mapping[str, Any], decided: Mapping[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {"hash": cell_hash(source, variable)}
    if literal_span(source, variable) is not None:
        own |= {"variable": variable, "proposed": dict(proposed), **({"decided": dict(decided)} if decided else {})}
    return own


def _changes_source(write: Mapping[str, Any]) -> bool:
    return bool(write["source"] != write["expected"])


def _same(left: Any, right: Any) -> bool:
    """Equal after the trip through JSON that notebook metadata makes, where a tuple is a list."""
    return bool(_plain(left) == _plain(right))


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=repr))


def _literal_node(source: str, variable: str) -> ast.Dict | None:
    for statement in _statements(source):
        value = getattr(statement, "value", None)
        if isinstance(value, ast.Dict) and variable in _assigned(statement):
            return None if _evaluated(value) is None else value
    return None


def _statements(source: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        # The user's own strings may hold escapes that the compiler warns about; the cell says so when it runs.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source).body
        except UNREADABLE:
            return []


def _assigned(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _evaluated(node: ast.Dict) -> dict[str, Any] | None:
    try:
        return dict(ast.literal_eval(node))
    except UNREADABLE:
        return None


def _character(source: str, line: int, column: int) -> int:
    """Turn the parser's position, a line and a column in UTF-8 bytes, into an index into the source."""
    start = [0, *(match.end() for match in NEWLINE.finditer(source))][line - 1]
    return start + len(source[start : start + column].encode()[:column].decode())
