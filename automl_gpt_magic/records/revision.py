"""A round with an LLM: what it is told of the plan, and what of its answer stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .answer import CodeReport, Refused
from .plan import Plan
from .request import Understood
from .run import Measured


@dataclass(frozen=True, eq=False)
class RoundState:
    """How a plan stands when a request comes.

    Attributes
    ----------
    plan : Plan
    cells : mapping of stage to source
        The cells whose code the user edited, as they stand.
    measured : Measured or None
        The last training of the plan.
    taken : tuple of str
        The requests that the user took so far. One that was rejected is none of them: asked again, it is the same
        conversation, and costs nothing.
    answer : str
        What the LLM said last that still stands, as it wrote it; empty for nothing.
    """

    plan: Plan
    cells: Mapping[str, str] = field(default_factory=dict)
    measured: Measured | None = None
    taken: tuple[str, ...] = ()
    answer: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """Why each value stays that the user decided, by the hyperparameter's name."""
        fixed = self.plan.model.hyperparameters
        why = {
            planned.name: "it is locked" if planned.locked else "the user set it"
            for planned in self.plan.values
            if planned.locked or planned.edited
        }
        return why | dict.fromkeys(fixed, "the model card fixes it")


@dataclass(frozen=True, eq=False)
class LLMRevision:
    """What an LLM made of a request, after its checks.

    Attributes
    ----------
    understood : Understood
        Wishes that were refused are not among it; their words are in ``left``.
    values : mapping of name to (value, reason)
        Inside the space, and of no hyperparameter whose value the user decided.
    model : str
        The model that it would take instead; empty where the plan's stays.
    data_code, model_code : CodeReport or None
        None where the cell stays.
    said : str
    expected : float or None
        The last validation loss that it expects.
    refused : tuple of Refused
    """

    understood: Understood = field(default_factory=Understood)
    values: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    model: str = ""
    data_code: CodeReport | None = None
    model_code: CodeReport | None = None
    said: str = ""
    expected: float | None = None
    refused: tuple[Refused, ...] = ()

    @property
    def is_something(self) -> bool:
        """Whether anything of it stands."""
        heard = self.understood.wishes or self.understood.left
        return bool(heard or self.values or self.model or self.data_code or self.model_code or self.said)

    @property
    def code(self) -> dict[str, str]:
        """The code without errors, by stage."""
        reports = {"data": self.data_code, "model": self.model_code}
        return {stage: report.source for stage, report in reports.items() if report and not report.errors}

    @property
    def reports(self) -> tuple[str, ...]:
        """What was refused, a sentence for each, such as ``the LLM wanted max_depth 9: it is locked``."""
        return tuple(f"the LLM wanted {one.part} {one.given}: {one.reason}" for one in self.refused)
