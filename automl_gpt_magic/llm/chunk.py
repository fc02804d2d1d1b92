"""What a server sends, taken apart: an event of a stream, a whole answer, the words of an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_USAGE = ("prompt_tokens", "completion_tokens")


@dataclass(frozen=True)
class Chunk:
    """One event of a stream; ``usage`` holds tokens sent and received where the server counted them."""

    text: str = ""
    finish: str = ""
    refusal: str = ""
    usage: tuple[int, int] | None = None


class CallError(Exception):
    """A call ended without a whole answer.

    ``kind`` is "unreachable", "status", "broken" (the connection ended early), "unreadable" or "setup"; ``status``
    the HTTP status, ``detail`` the server's words, ``retry_after`` what it asks to wait, as it wrote it.
    """

    def __init__(
        self, kind: str, detail: str = "", status: int = 0, retry_after: str | None = None, code: str = ""
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.status, self.retry_after, self.code = kind, detail, status, retry_after, code


def whole(body: bytes) -> Chunk:
    """Read an answer that came in one piece.

    Raises
    ------
    CallError
        If it is none, or an error.
    """
    try:
        found = json.loads(body.decode("utf-8", "replace"))
        if isinstance(found, dict) and found.get("error"):
            raise CallError("status", words(found), 200)
        choice = found["choices"][0]
        message, usage = choice.get("message") or {}, found.get("usage")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CallError("unreadable", "the answer is no chat completion") from None
    return Chunk(
        _content(message.get("content")),
        _text(choice.get("finish_reason")) or "unknown",
        _text(message.get("refusal")),
        _tokens(usage) if isinstance(usage, dict) else None,
    )


def chunk_of(event: Any) -> Chunk:
    """Take from an event what is there; servers leave out, null or mistype nearly everything."""
    usage = getattr(event, "usage", None)
    counted = _tokens({name: getattr(usage, name, None) for name in _USAGE}) if usage is not None else None
    choices = getattr(event, "choices", None) or []
    choice = next((one for one in choices if not getattr(one, "index", 0)), None)
    delta = getattr(choice, "delta", None)
    return Chunk(
        _content(getattr(delta, "content", None)),
        _text(getattr(choice, "finish_reason", None)),
        _text(getattr(delta, "refusal", None)),
        counted,
    )


def _tokens(usage: Mapping[str, Any]) -> tuple[int, int] | None:
    counts = [usage.get(name) for name in _USAGE]
    sane = [count for count in counts if isinstance(count, int) and 0 <= count < 100_000_000]
    return (sane[0], sane[1]) if len(sane) == 2 else None


def _content(value: Any) -> str:
    """Return a message's text, which some servers give in parts."""
    if not isinstance(value, list):
        return _text(value)
    return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def words(body: Any) -> str:
    """Return what an error's body says."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            inner = inner.get("message") or inner.get("detail") or inner
        return str(inner)
    text = str(body or "")
    return re.sub(r"<[^>]*>", " ", text) if text.lstrip().startswith("<") else text
