"""One exchange with an LLM: how far it is, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .prompt import Message, Mode


@dataclass(frozen=True)
class Usage:
    """Tokens and cost of one or more calls; ``cost`` in US dollars, None where no price is known.

    ``estimated`` says that no server counted the tokens.
    """

    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = None
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Sent and received."""
        return self.prompt_tokens + self.answer_tokens

    def __add__(self, other: Usage) -> Usage:
        known = self.cost is not None and other.cost is not None
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            (self.cost or 0.0) + (other.cost or 0.0) if known else None,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True)
class Offer:
    """What a call would send, and what it may cost at most; said before it is sent.

    ``prompt_tokens`` is an estimate, ``most_tokens`` the limit of the answer, ``most_cost`` in US dollars;
    ``answer_price`` is what each token of the answer costs.
    """

    model: str
    host: str
    prompt_tokens: int
    most_tokens: int
    most_cost: float | None
    answer_price: float = 0.0


@dataclass(frozen=True)
class Arrival:
    """How far an answer is.

    ``draft`` is what of the answer's JSON is complete, ``finished`` the names of its finished top-level parts;
    ``tokens`` counts what arrived, ``seconds`` the time since the first try, ``cost`` in US dollars. ``note``
    says why nothing arrives, such as a wait that the server asked for.
    """

    offer: Offer
    seconds: float = 0.0
    tokens: int = 0
    cost: float | None = None
    draft: Mapping[str, Any] = field(default_factory=dict)
    finished: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Exchange:
    """One finished call: what was sent, what came back, from whom and when.

    ``date`` is ISO 8601 in UTC; ``parts`` and ``version`` are the prompt's; ``status`` is "answered" or says
    how the call ended before its answer was whole.
    """

    model: str
    host: str
    date: str
    mode: Mode
    messages: tuple[Message, ...]
    answer: str
    usage: Usage
    seconds: float
    version: str
    parts: Mapping[str, str]
    digest: str
    status: Literal["answered", "cut", "interrupted"] = "answered"
