"""The one method that any language model needs."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class LanguageModel(Protocol):
    """Whatever answers a prompt; ``name`` is shown in the panel beside every value it gave."""

    name: str

    def complete(self, prompt: str) -> str:
        """Return the answer to ``prompt`` as text."""
        ...
