"""The plan: what the panel shows, the cells are written from, and an export carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .answer import Answer, Candidate, CodeReport
from .architecture import Architecture
from .card import Cards, ModelCard
from .cost import Cost
from .curve import Curve
from .evidence import Evidence, Forecast
from .metric import judged_by
from .space import SearchSpace
from .table import TableProfile

if TYPE_CHECKING:
    from .assignment import Assignment

Source = Literal["llm", "measured", "neighbour", "prior", "published", "default", "request", "user"]
STAGES = ("data", "model", "training", "test")


@dataclass(frozen=True)
class PlannedValue:
    """One hyperparameter of a plan; ``proposed`` is what a reset returns to.

    A ``locked`` one is changed by no request; an edited one neither.
    """

    name: str
    value: Any
    source: Source
    reason: str
    proposed: Any
    proposed_source: Source
    proposed_reason: str
    locked: bool = False

    @property
    def edited(self) -> bool:
        return bool(self.value != self.proposed)


@dataclass(frozen=True)
class Step:
    """One technique of a stage, and why it is there."""

    technique: str
    reason: str


@dataclass(frozen=True)
class Check:
    """A limit from the request against its number: met, not met, or not known yet.

    ``measured`` says that the number was measured or is certain; else it is predicted. ``detail`` names it.
    """

    text: str
    met: bool | None
    detail: str
    measured: bool = False


@dataclass(frozen=True)
class LLMCode:
    """Code from an LLM for one stage, and whether it stands in the stage's cell instead of the recipe's."""

    report: CodeReport
    used: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """The result of all stages for one task.

    Attributes
    ----------
    code : mapping of stage to source
        ``data``, ``model``, ``training`` and, where the card names a test table, ``test``: each a cell that runs
        after the ones before it. Empty where the card names no table.
    prompt : str
        What an LLM is sent; composed also when no LLM is called.
    names : str
        Prefix of every name the code defines.
    step, rounds : str
        What one step of a training log is, such as ``boosting round``, and the hyperparameter that counts them; the
        latter is empty where a training is one step.
    revision : str
        Eight hex digits that change when the proposed values or their code do, and not when the user edits a value.
    llm : str
        The LLM whose answer was laid over the plan; empty when none was called.
    unanswered : bool
        Whether an LLM was asked in vain.
    replayed : str
        When the answer was given, as ISO 8601, if it was replayed; empty for one that was just given.
    answer : Answer or None
        The LLM's answer after its checks.
    llm_code : mapping of stage to LLMCode
        For ``data`` and ``model``, where the LLM gave code.
    candidates : tuple of Candidate
        The configurations that were weighed, best first; empty where no LLM was called.
    chosen, chosen_because : str
        The name of the candidate that became the plan, and why.
    next_code : mapping of name to source
        The cells of what can be done next with the trained model, by the names in `NEXT_STEPS`, the suggested one
        first; they are written when they are asked for.
    llm_records : mapping of LLM to str
        One sentence for each on how far its own logs were off here so far.
    architecture : Architecture or None
        The layers of a network with their sizes, for the hyperparameters as they stand; None for other models.
    compare : callable or None
        Finds `assignment`, which takes longer than the plan itself and waits until somebody looks.
    cost : Cost or None
        What was measured of a model with the hyperparameters as they stand; None where none was.
    """

    cards: Cards
    table: TableProfile | None
    model: ModelCard
    space: SearchSpace
    evidence: Evidence
    values: tuple[PlannedValue, ...]
    forecast: Forecast
    default_forecast: Forecast
    data_steps: tuple[Step, ...]
    model_steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    code: Mapping[str, str]
    prompt: str
    names: str
    step: str
    rounds: str
    revision: str
    llm: str = ""
    unanswered: bool = False
    replayed: str = ""
    answer: Answer | None = None
    llm_code: Mapping[str, LLMCode] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    chosen: str = ""
    chosen_because: str = ""
    notes: tuple[str, ...] = ()
    next_code: Mapping[str, str] = field(default_factory=dict)
    llm_records: Mapping[str, str] = field(default_factory=dict)
    architecture: Architecture | None = None
    cost: Cost | None = None
    compare: Callable[[Plan], Assignment] | None = None

    @cached_property
    def assignment(self) -> Assignment | None:
        """The planned model beside all others that the task could be planned with; None where they are not known."""
        return self.compare(self) if self.compare else None

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The configuration as a dict of plain values."""
        return {planned.name: planned.value for planned in self.values}

    @property
    def proposed(self) -> dict[str, Any]:
        """The configuration before any edit."""
        return {planned.name: planned.proposed for planned in self.values}

    @property
    def edits(self) -> dict[str, Any]:
        """The values that the user changed in table or cell."""
        return {planned.name: planned.value for planned in self.values if planned.edited}

    @property
    def own_log(self) -> Curve | None:
        """The log that the LLM predicts for the configuration that was chosen."""
        return next((one.own_log for one in self.candidates if one.name == self.chosen), None)

    @property
    def metric(self) -> str:
        """The metric that the plan is judged by: the first that is asked for, whether it is predicted or not.

        See `judged_by`.
        """
        return judged_by(self.cards.data.metrics) or next(iter(self.forecast.curves))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what only this process can do."""
        return {**self.__dict__, "compare": None}

    @property
    def curve(self) -> Curve:
        """The predicted curve of `metric`, with its bounds; where none is predicted, the first that is."""
        curves = self.forecast.curves
        return curves[self.metric] if self.metric in curves else next(iter(curves.values()))
