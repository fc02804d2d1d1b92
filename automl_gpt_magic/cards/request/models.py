"""Another model."""

from __future__ import annotations

from ...records.request import Wish
from .rules import Found, Rule, rules


def _model(found: Found) -> tuple[Wish, ...]:
    return (Wish("model", name=found.value("MODEL")),)


def _other(found: Found) -> tuple[Wish, ...]:
    """Return the model that is named last: the one before is what it stands instead of."""
    return (Wish("model", name=found.all("MODEL")[-1]),)


def _not_there(_: Found) -> tuple[Wish, ...]:
    """Return no wish: the words are known, but the model cannot be planned here."""
    return ()


_TRY = "USE|TOUCH"

MODELS: list[Rule] = [
    *rules(
        _model,
        f"{_TRY} INSTEAD? MODEL INSTEAD?",
        f"{_TRY} MODEL INSTEAD_OF MODEL|FAMILY?",
        "MODEL INSTEAD|USE INSTEAD|USE?",
        "INSTEAD MODEL USE?",
        "MODEL INSTEAD_OF MODEL|FAMILY?",
    ),
    *rules(_other, f"{_TRY}? INSTEAD_OF MODEL|FAMILY INSTEAD? MODEL USE?"),
    *rules(_not_there, f"{_TRY} INSTEAD? FAMILY INSTEAD?"),
]
