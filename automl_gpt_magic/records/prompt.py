"""What an LLM is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .digest import digest_of
from .mask import Mask

Mode = Literal["json_schema", "json_object", "text"]


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Prompt:
    """The messages of one request, and the form of the answer.

    Attributes
    ----------
    messages : tuple of Message
        The stable system part first, so that a provider may cache it.
    schema : mapping
        JSON schema of the answer.
    version : str
        Of wording and schema's form.
    parts : mapping of str to str
        What the prompt was made from, each as a hash: ``data card``, ``model cards``, ``request``; of a later round
        also ``round``, its request and the values that stood.
    cut : tuple of str
        What was left out to keep within the budget.
    mask : Mask or None
        The words that stand for the user's names in it.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    version: str
    parts: Mapping[str, str]
    cut: tuple[str, ...] = field(default=())
    mask: Mask | None = None

    @property
    def text(self) -> str:
        """Every message, and the schema that is sent beside them where the endpoint takes one."""
        parts: list[tuple[str, str]] = [(message.role, message.content) for message in self.messages]
        parts.append(("response_format: json_schema, strict", json.dumps(self.schema)))
        return "\n\n".join(f"[{name}]\n{content}" for name, content in parts)

    @property
    def tokens(self) -> int:
        """An estimate of its size in tokens."""
        return sum(estimated_tokens(message.content) for message in self.messages)

    @property
    def digest(self) -> str:
        """Eight hex digits of the messages."""
        return digest_of([[message.role, message.content] for message in self.messages])


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, where no server has counted them: four for eleven bytes."""
    return -(-4 * len(text.encode("utf-8", "replace")) // 11)
