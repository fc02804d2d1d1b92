"""Which model a task is given: the candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .card import ModelCard
from .curve import Curve
from .plan import Check

# By what a candidate's numbers are known, the surest first.
Known = Literal["measured", "neighbour", "prior", "published", "nothing recorded"]


@dataclass(frozen=True, eq=False)
class ModelOption:
    """One model that the task could be planned with.

    Attributes
    ----------
    card : ModelCard
    family : str
        The family it belongs to; empty where it could not be planned.
    rank : int
        From 1.
    curve : Curve or None
        The predicted curve, which ends at the predicted result; None where nothing measured tells it.
    seconds, memory : float
        Of its training, in seconds and bytes; nan where nobody knows.
    size : float
        Of the trained model's file in bytes, likewise.
    checks : tuple of Check
        The request's limits against its predicted numbers.
    known : str
        ``measured`` on these very rows, from a ``neighbour``, the average (``prior``) of recorded runs, ``published``
        by others on other data, or ``nothing recorded``.
    installed : bool
        Whether its library is.
    reason : str
        Why it stands where it does.
    llm_reason : str
        Why an LLM chose it; empty for all that it did not choose.
    fault : str
        Why it cannot be planned; empty where it can.
    """

    card: ModelCard
    family: str
    rank: int
    curve: Curve | None
    seconds: float
    memory: float
    size: float
    checks: tuple[Check, ...]
    known: Known
    installed: bool
    reason: str
    llm_reason: str = ""
    fault: str = ""

    @property
    def not_kept(self) -> tuple[Check, ...]:
        """The limits that it is predicted not to keep."""
        return tuple(check for check in self.checks if check.met is False)


@dataclass(frozen=True, eq=False)
class Assignment:
    """The candidates for a task, best first, and the one that is planned.

    ``because`` says why it is that one.
    """

    options: tuple[ModelOption, ...]
    chosen: ModelOption
    because: str
