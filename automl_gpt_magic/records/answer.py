"""An LLM's answer after its checks: what stands, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .curve import Curve


@dataclass(frozen=True)
class Refused:
    """One part of an answer that was not taken.

    ``part`` is a hyperparameter's name or such as ``preprocessing code``; ``given`` the part, shortened;
    ``reason`` says what is wrong, ``instead`` what stands in its place.
    """

    part: str
    given: str
    reason: str
    instead: str


@dataclass(frozen=True)
class CodeReport:
    """What reading a piece of code without running it shows.

    ``errors`` keep it out of the cells; ``risks`` are calls that a person should read first.
    """

    source: str
    errors: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Suggestion:
    """One configuration of an answer: its valid values with their reasons, and the log the LLM predicts."""

    values: Mapping[str, Any]
    reasons: Mapping[str, str]
    log: Curve | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What an LLM said about the four stages, checked.

    ``given`` and ``taken`` count its values: each hyperparameter, log, piece of code, and the choice of the
    model card. ``techniques`` and ``layers`` are pairs of what and why.
    """

    techniques: tuple[tuple[str, str], ...] = ()
    data_code: CodeReport | None = None
    model_card: str = ""
    model_reason: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    model_code: CodeReport | None = None
    suggestions: tuple[Suggestion, ...] = ()
    notes: str = ""
    refused: tuple[Refused, ...] = ()
    given: int = 0
    taken: int = 0


@dataclass(frozen=True, eq=False)
class Candidate:
    """A whole configuration and what the forecast from measured runs says of it.

    ``predicted`` is the final validation loss, ``seconds`` the training time; ``own_log`` is the LLM's curve,
    ``ruled_out`` says why it could not win. Where no loss is forecast, ``predicted`` is the metric that is, and
    ``more_is_better`` says which way that goes.
    """

    name: str
    source: Literal["llm", "measured", "neighbour", "prior", "published", "search", "default"]
    values: Mapping[str, Any]
    predicted: float
    seconds: float
    reasons: Mapping[str, str] = field(default_factory=dict)
    own_log: Curve | None = None
    ruled_out: str = ""
    more_is_better: bool = False

    @property
    def height(self) -> float:
        """What is predicted, as a number that is better the lower it is."""
        return -self.predicted if self.more_is_better else self.predicted
