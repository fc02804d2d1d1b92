"""How a request is put, and which form comes next where an endpoint refuses one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..records.prompt import Mode, Prompt
from .chunk import CallError

_LOWER: dict[Mode, Mode] = {"json_schema": "json_object", "json_object": "text"}
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|too (long|many tokens|large)|maximum (number of )?tokens", re.I
)
_FORMAT = re.compile(r"response_format|json_schema|json_object|json mode|schema|grammar|structured|guided", re.I)
_SYSTEM = re.compile(r"\bsystem (role|message|prompt)|\brole\b.*\bsystem\b", re.I)


@dataclass(frozen=True)
class Form:
    """The optional parts of a request; each is left out or changed once an endpoint has refused it."""

    mode: Mode = "json_schema"
    limit: str = "max_tokens"
    temperature: bool = True
    usage: bool = True
    stream: bool = True
    system: bool = True

    def request(self, model: str, prompt: Prompt, most_tokens: int, temperature: float = 0.0) -> dict[str, Any]:
        """Return the arguments of a chat completion."""
        request: dict[str, Any] = {
            "model": model,
            "messages": [{"role": role, "content": content} for role, content in self._messages(prompt)],
        }
        if self.mode != "text":
            request["response_format"] = _response_format(self.mode, prompt.schema)
        if self.limit:
            request[self.limit] = most_tokens
        if self.temperature:
            request["temperature"] = temperature
        if self.stream:
            request["stream"] = True
        if self.stream and self.usage:
            request["stream_options"] = {"include_usage": True}
        return request

    def _messages(self, prompt: Prompt) -> list[tuple[str, str]]:
        """Return role and content of each message; the system's is put before the user's where it is not taken."""
        messages = [(message.role, message.content) for message in prompt.messages]
        if self.system or messages[0][0] != "system":
            return [*messages]
        (_, rules), (role, asked), *others = messages
        return [(role, f"{rules}\n\n{asked}"), *others]

    def lower(self) -> Form | None:
        """Return the form with the next weaker structured output; None after the last."""
        return replace(self, mode=_LOWER[self.mode]) if self.mode in _LOWER else None

    def after(self, failure: CallError) -> Form | None:
        """Return the form to try after a refusal; None where another form would not help."""
        if failure.kind == "unreadable" and self.stream:
            return replace(self, stream=False)
        words = failure.detail.lower()
        refused = failure.kind == "status" and (failure.status in (200, 400, 422) or failure.status >= 500)
        if not refused or is_too_long(failure):
            return None
        if failure.status >= 500 or failure.status == 200:
            return self.lower() if _FORMAT.search(words) else None
        if self.system and _SYSTEM.search(words):
            return replace(self, system=False)
        if self.temperature and "temperature" in words:
            return replace(self, temperature=False)
        if self.limit and "max_tokens" in words.replace("max_completion_tokens", "") and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if self.limit and "max_completion_tokens" in words:
            return replace(self, limit="")
        if self.usage and ("stream_options" in words or "include_usage" in words):
            return replace(self, usage=False)
        if self.stream and re.search(r"\bstream(ing)?\b", words):
            return replace(self, stream=False)
        return self.lower()


def is_too_long(failure: CallError) -> bool:
    """Return whether the prompt did not fit the model."""
    if failure.code == "context_length_exceeded" or failure.status == 413:
        return True
    return failure.status == 400 and bool(_TOO_LONG.search(failure.detail)) and not _FORMAT.search(failure.detail)


def _response_format(mode: Mode, schema: Mapping[str, Any]) -> dict[str, Any]:
    if mode == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": dict(schema)}}
