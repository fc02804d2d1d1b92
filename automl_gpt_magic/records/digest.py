"""Short digests that tell whether two things are the same."""

from __future__ import annotations

import hashlib
import json
from types import CodeType
from typing import Any


def digest_of(*parts: Any) -> str:
    """Return eight hex digits of the parts' canonical JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:8]


def digest_of_function(function: Any) -> str:
    """Return eight hex digits of what a function does; those that it calls do not count."""
    return digest_of(_parts(getattr(function, "__code__", None)))


def _parts(code: CodeType | None) -> list[Any]:
    if code is None:
        return []
    constants = [_parts(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return [code.co_code.hex(), code.co_names, constants]
