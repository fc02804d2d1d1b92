"""An LLM's answer, taken apart and checked value by value."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..errors import ParameterError
from ..records.space import SearchSpace


@dataclass(frozen=True)
class Proposal:
    """One hyperparameter from an answer; ``error`` says why it was not taken, None if it was."""

    name: str
    value: Any
    reason: str
    error: str | None = None


def read_answer(text: str, space: SearchSpace) -> tuple[Proposal, ...]:
    """Return the proposals in an answer of the form the prompt asks for; anything else gives none.

    The answer holds one JSON object, bare or in a fenced block, with ``hyperparameters``: a list of
    ``{"name", "value", "reason"}``.
    """
    listed = _json(text).get("hyperparameters")
    entries = listed if isinstance(listed, list) else []
    return tuple(_checked(entry, space) for entry in entries if isinstance(entry, dict))


def _json(text: str) -> dict[str, Any]:
    fenced = re.search(r"```(?:json)?\s*(\{.*\})\s*```", text, re.DOTALL)
    body = fenced.group(1) if fenced else text[text.find("{") : text.rfind("}") + 1]
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _checked(entry: dict[str, Any], space: SearchSpace) -> Proposal:
    name, reason = str(entry.get("name")), str(entry.get("reason", ""))
    try:
        return Proposal(name, space[name].check(entry.get("value")), reason)
    except ParameterError as error:
        return Proposal(name, entry.get("value"), reason, str(error))
