"""What any language model offers, and what goes back and forth."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from ..records.exchange import Offer, Usage
from ..records.prompt import Mode, Prompt
from .budget import Budget


@dataclass(frozen=True)
class Piece:
    """Some text of an answer as it arrives; empty while nothing does.

    ``restart`` says that what came before is void, because a new try begins; ``note`` why nothing arrives.
    """

    text: str = ""
    restart: bool = False
    note: str = ""


@dataclass(frozen=True)
class Reply:
    """How an answer ended: the mode it was asked in, what it used, and whether it was cut at its length limit."""

    text: str
    mode: Mode
    usage: Usage
    cut: bool = False


class LanguageModel(Protocol):
    """Whatever answers a prompt; ``name`` is shown in the panel beside every value it gave."""

    name: str
    host: str

    def offer(self, prompt: Prompt) -> Offer:
        """Say what a call would send and cost at most."""
        ...

    def stream(self, prompt: Prompt, budget: Budget) -> Generator[Piece | Reply, None, None]:
        """Yield the answer piece by piece, at least ten times a second, and at its end one `Reply`.

        Closing the iterator stops the call.

        Raises
        ------
        LLMError
            If no answer can be had.
        """
        ...
