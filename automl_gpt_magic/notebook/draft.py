"""What of an LLM's answer has arrived, read from JSON that may break off or be wrong anywhere.

Nothing here raises, whatever the draft holds; texts are cut, and lists are read to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

PARTS = ("data_processing", "model", "candidates", "notes")
State = Literal["done", "arriving", "waiting"]

_LONGEST = 1000
_MOST = 200


@dataclass(frozen=True)
class Given:
    """A value as it arrived, unchecked, and its reason."""

    value: int | float | str | bool | None
    reason: str


@dataclass(frozen=True)
class Draft:
    """An answer so far.

    Attributes
    ----------
    techniques : tuple of (technique, reason)
    card, why : str
        The model card that was chosen.
    details : tuple of (name, text)
        The model's layers, activations and loss.
    values : mapping of name to Given
        Of the first candidate.
    n_candidates : int
        How many have begun.
    data_lines, model_lines : int
        Lines of code that arrived.
    states : mapping of part to State
        For each of `PARTS`, in their order.
    """

    techniques: tuple[tuple[str, str], ...] = ()
    card: str = ""
    why: str = ""
    details: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Given] = field(default_factory=dict)
    n_candidates: int = 0
    notes: str = ""
    data_lines: int = 0
    model_lines: int = 0
    states: Mapping[str, State] = field(default_factory=dict)

    @property
    def current(self) -> int:
        """The number, from 1, of the stage that arrives; the last one when all are done."""
        arriving = [at for at, part in enumerate(PARTS, 1) if self.states.get(part) == "arriving"]
        open_ = [at for at, part in enumerate(PARTS, 1) if self.states.get(part) != "done"]
        return (arriving or open_ or [len(PARTS)])[0]

    @property
    def anything(self) -> bool:
        """Whether there is something to show."""
        return bool(self.techniques or self.card or self.details or self.values or self.notes)


def read_draft(draft: object, finished: object = ()) -> Draft:
    """Return what a draft holds in the form that was asked for; anything else is passed over."""
    data, model = _mapping(draft, "data_processing"), _mapping(draft, "model")
    candidates = [one for one in _list(draft, "candidates") if isinstance(one, Mapping)]
    return Draft(
        techniques=_techniques(data),
        card=_text(model, "card"),
        why=_text(model, "why"),
        details=_details(model),
        values=_values(candidates[0] if candidates else {}),
        n_candidates=len(candidates),
        notes=_text(draft, "notes"),
        data_lines=_lines(data),
        model_lines=_lines(model),
        states={part: _state(part, draft, finished) for part in PARTS},
    )


def _state(part: str, draft: object, finished: object) -> State:
    if isinstance(finished, (tuple, list, set, frozenset)) and part in finished:
        return "done"
    return "arriving" if isinstance(draft, Mapping) and part in draft else "waiting"


def _techniques(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    named = [(_text(one, "technique"), _text(one, "reason")) for one in _list(data, "techniques")]
    return tuple(pair for pair in named if pair[0])


def _details(model: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    layers = [_cut(one) for one in _list(model, "layers") if isinstance(one, str)]
    pairs = [("layers", "; ".join(layers)), *((name, _text(model, name)) for name in ("activations", "loss"))]
    return tuple(pair for pair in pairs if pair[1])


def _values(candidate: Mapping[str, Any]) -> dict[str, Given]:
    """Return the first value under each name, where it is one that a table can show."""
    values: dict[str, Given] = {}
    for one in _list(candidate, "hyperparameters"):
        name = _text(one, "name")
        if name and "value" in one and name not in values:
            values[name] = Given(_plain(one["value"]), _text(one, "reason"))
    return values


def _plain(value: Any) -> int | float | str | bool | None:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, int) and abs(value) > 10**300:
        return f"{'-' * (value < 0)}1e300 or more"
    return value if value is None or isinstance(value, (bool, int, float)) else f"a {type(value).__name__}"


def _lines(part: Mapping[str, Any]) -> int:
    source = part.get("code")
    return source.count("\n") + 1 if isinstance(source, str) and source else 0


def _mapping(parent: object, name: str) -> Mapping[str, Any]:
    found = parent.get(name) if isinstance(parent, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _list(parent: object, name: str) -> list[Any]:
    found = parent.get(name) if isinstance(parent, Mapping) else None
    return [*islice(found, _MOST)] if isinstance(found, (list, tuple)) else []


def _text(parent: object, name: str) -> str:
    found = parent.get(name) if isinstance(parent, Mapping) else None
    return _cut(found) if isinstance(found, str) else ""


def _cut(text: str) -> str:
    """Return the start of a text, without the halves of characters that JSON can hold and no message can."""
    return text[:_LONGEST].encode("utf-8", "replace").decode()
