"""Recorded answers in a file beside the notebook, so that it runs again without key or network."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..errors import LLMError
from ..records.digest import digest_of
from ..records.exchange import Exchange, Offer, Usage
from ..records.prompt import Message, Prompt
from .budget import Budget
from .client import Piece, Reply

_FORMAT = 1
_MOST_KEPT = 40

Conversation = tuple[Exchange, ...]


class Recordings:
    """The conversations in one file, oldest first; one for each state of cards, prompt and model.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Conversation]:
        """Return what is recorded; nothing where there is no file.

        Raises
        ------
        LLMError
            If the file is not one of recorded answers.
        """
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, RecursionError) as error:
            raise LLMError(f"{self.path.name} cannot be read ({_reason(error)}); delete it or restore it") from None
        try:
            if found["format"] != _FORMAT:
                raise LLMError(
                    f"{self.path.name} has format {str(found['format'])[:20]}; update automl_gpt_magic or delete it"
                )
            return [tuple(map(_exchange, one["exchanges"])) for one in found["conversations"] if one["exchanges"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise LLMError(f"{self.path.name} holds no recorded answers; delete it or restore it") from None

    def add(self, conversation: Sequence[Exchange]) -> None:
        """Keep a conversation in place of an earlier one of the same cards, prompt and model.

        Raises
        ------
        LLMError
            If the file cannot be read or written.
        """
        kept = [one for one in self.read() if _key(one[0]) != _key(conversation[0])]
        whole = [*kept, tuple(conversation)][-_MOST_KEPT:]
        content = {"format": _FORMAT, "conversations": [{"exchanges": [asdict(one) for one in each]} for each in whole]}
        try:
            _replace(self.path, json.dumps(content, indent=1, ensure_ascii=True) + "\n")
        except OSError as error:
            raise LLMError(f"{self.path.name} cannot be written ({_reason(error)}); the plan stands") from None

    def find(self, prompt: Prompt, model: str = "") -> Conversation | None:
        """Return the newest conversation for the same cards and prompt version, of ``model`` where one is named."""
        for one in reversed(self.read()):
            first = one[0]
            if not changes(first, prompt) and model in ("", first.model):
                return one
        return None

    def changes(self, prompt: Prompt, model: str = "") -> tuple[str, ...]:
        """Return what differs from the recorded conversation that differs least; nothing where none is recorded."""
        firsts = [one[0] for one in reversed(self.read())]
        other = {first.model: ("model",) if model not in ("", first.model) else () for first in firsts}
        return min(((*changes(first, prompt), *other[first.model]) for first in firsts), key=len, default=())


def changes(recorded: Exchange, prompt: Prompt) -> tuple[str, ...]:
    """Return the parts in which a prompt differs from a recorded one."""
    names = [name for name in {**prompt.parts, **recorded.parts} if prompt.parts.get(name) != recorded.parts.get(name)]
    return (*names, *(["prompt version"] if recorded.version != prompt.version else []))


class RecordingEndedError(LLMError):
    """Nothing more was recorded of a conversation, or it went on otherwise than now."""


class Replayed:
    """A language model that says again what was recorded; see `LanguageModel`."""

    def __init__(self, conversation: Conversation) -> None:
        self.name, self.host, self.date = conversation[0].model, conversation[0].host, conversation[0].date
        self._left = list(conversation)
        self._begun = False

    def offer(self, prompt: Prompt) -> Offer:
        """Say that nothing is sent."""
        return Offer(self.name, self.host, 0, 0, 0.0)

    def stream(self, prompt: Prompt, budget: Budget) -> Generator[Piece | Reply, None, None]:
        """Yield the next recorded answer.

        Raises
        ------
        RecordingEndedError
            If no further answer to this prompt was recorded.
        """
        if not self._left or (self._begun and self._left[0].digest != prompt.digest):
            raise RecordingEndedError("no further answer was recorded; %%automl --live asks again")
        self._begun = True
        recorded = self._left.pop(0)
        yield Piece(recorded.answer)
        yield Reply(recorded.answer, recorded.mode, recorded.usage, recorded.status == "cut")


def _key(exchange: Exchange) -> tuple[Any, ...]:
    return exchange.model, exchange.version, sorted(exchange.parts.items())


def _exchange(found: Mapping[str, Any]) -> Exchange:
    fields = dict(found)
    fields["messages"] = tuple(Message(**message) for message in fields["messages"])
    fields["usage"] = Usage(**fields["usage"])
    exchange = Exchange(**fields)
    texts = [exchange.model, exchange.host, exchange.date, exchange.answer, exchange.version, exchange.digest]
    counts = [exchange.usage.prompt_tokens, exchange.usage.answer_tokens]
    if (
        not all(isinstance(text, str) for text in texts)
        or not all(isinstance(count, int) for count in counts)
        or not isinstance(exchange.parts, dict)
    ):
        raise TypeError("not an exchange")
    datetime.fromisoformat(exchange.date)
    said = [[message.role, message.content] for message in exchange.messages]
    if not said or digest_of(said) != exchange.digest:
        raise ValueError("the messages are not those of the digest")
    return exchange


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
