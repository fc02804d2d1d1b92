"""The limits of the calls of one plan and of the conversation about it, across retries and rounds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..errors import LLMError
from ..records.exchange import Offer, Usage


@dataclass
class Budget:
    """Time, tokens and money for one plan, or for one request about it.

    Parameters
    ----------
    seconds : float
        For everything together, waiting included.
    tokens : int
        Sent and received.
    dollars : float
        Holds only where prices are known.
    earlier : Usage
        What was spent of tokens and dollars before: for the plan itself, and for earlier requests.
    spent : Usage
        What was spent since.
    """

    seconds: float
    tokens: int
    dollars: float
    earlier: Usage = field(default_factory=lambda: Usage(cost=0.0))
    spent: Usage = field(default_factory=lambda: Usage(cost=0.0))

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    @property
    def seconds_left(self) -> float:
        return self.seconds - self.elapsed

    def spend(self, usage: Usage) -> None:
        """Count a try, also one that failed."""
        self.spent += usage

    def require(self, offer: Offer) -> None:
        """Check that one more call fits.

        Raises
        ------
        LLMError
            If it could go beyond a limit.
        """
        used = self.earlier.tokens + self.spent.tokens
        wanted = offer.prompt_tokens + offer.most_tokens
        if used + wanted > self.tokens:
            raise LLMError(
                f"One more call may need {wanted:,} tokens, {used:,} are used, and the limit is {self.tokens:,}; "
                "raise it with %config AutoML.token_budget"
            )
        spent, most = (self.earlier.cost or 0.0) + (self.spent.cost or 0.0), offer.most_cost or 0.0
        if spent + most > self.dollars:
            raise LLMError(
                f"One more call may cost ${most:.3f}, ${spent:.3f} is spent, and the limit is ${self.dollars:.2f}; "
                "raise it with %config AutoML.cost_budget"
            )
        if self.seconds_left <= 0:
            raise LLMError(self.late(offer.host))

    def late(self, host: str) -> str:
        """Say that the time is up."""
        return (
            f"{host} had not finished after {self.elapsed:.0f} s; wait longer with %config AutoML.deadline = "
            f"{max(60, 3 * self.seconds):.0f}, or run %automl doctor"
        )
