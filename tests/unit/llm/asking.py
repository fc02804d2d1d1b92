"""What the tests of calls share: a prompt, an endpoint, and reading an answer to its end."""

from __future__ import annotations

from typing import Any

from automl_gpt_magic.llm import Budget, ChatModel, Endpoint, Piece, Reply
from automl_gpt_magic.records.prompt import Message, Prompt

GOOD = '{"model": {"max_depth": 6, "eta": 0.1}, "notes": "fine"}'


def prompt(words: str = "Plan. " * 100) -> Prompt:
    messages = (Message("system", "Answer in JSON."), Message("user", words))
    schema = {"type": "object", "properties": {"model": {"type": "object"}, "notes": {"type": "string"}}}
    return Prompt(messages, schema, "1", {"request": "a"})


def model(base_url: str, **options: Any) -> ChatModel:
    return ChatModel(Endpoint(base_url, "scripted", **{"retries": 2, "most_tokens": 500, **options}))


def budget(seconds: float = 5, tokens: int = 100_000, dollars: float = 1) -> Budget:
    return Budget(seconds, tokens, dollars)


def ask(asked: ChatModel, limits: Budget | None = None) -> tuple[Reply, list[Piece]]:
    """Return the reply and the pieces before it."""
    came = [*asked.stream(prompt(), limits or budget())]
    reply = came.pop()
    assert isinstance(reply, Reply)
    return reply, [piece for piece in came if isinstance(piece, Piece)]
