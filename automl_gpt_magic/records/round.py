"""One round of the conversation: what was asked, what would change, and what the user took of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .evidence import Forecast
from .exchange import Usage
from .request import Constraint, Understood

Who = Literal["request", "llm", "user"]
Standing = Literal["proposed", "accepted", "partly accepted", "rejected", "nothing to change", "undone"]


@dataclass(frozen=True)
class Revised:
    """A hyperparameter's value that a round proposed and the user took."""

    value: Any
    source: Literal["request", "llm"]
    reason: str


@dataclass(frozen=True)
class Change:
    """One difference between a plan and its revision.

    Attributes
    ----------
    part : {"value", "limit", "metric", "model", "lock", "code"}
    name : str
        The hyperparameter, the quantity that is limited, or the stage whose code changes. It is unique within a part
        and stands for the change where the user takes some and not others.
    before, after : object
        None where there was, or will be, nothing. Of code: what an LLM wrote for the stage.
    who : {"request", "llm", "user"}
        Who brings it up: the rules that read the request, an LLM, or the user's own words.
    reason : str
    """

    part: Literal["value", "limit", "metric", "model", "lock", "code"]
    name: str
    before: Any
    after: Any
    who: Who
    reason: str

    @property
    def key(self) -> str:
        """What the change is called where some are taken and others are not."""
        return f"{self.part}:{self.name}"


@dataclass(frozen=True, eq=False)
class Round:
    """One request and what came of it.

    Attributes
    ----------
    number : int
        From 1, within a plan.
    date : str
        ISO 8601, UTC.
    text : str
        The request as the user wrote it.
    understood : Understood
    changes : tuple of Change
        What would change, all of it taken.
    standing : str
        What became of it.
    taken : tuple of str
        Keys of the changes that the user took.
    said : str
        The answer in a sentence or two: what is expected of the change, or why there is none.
    before, after : Forecast or None
        Of the plan as it was, and of the revision with every change.
    code : mapping of stage to (before, after)
        The cells whose code would change beyond the values of the hyperparameters.
    limits : tuple of Constraint
        All that the revision has to keep.
    llm : str
        The LLM that was asked; empty for none.
    usage : Usage or None
        Tokens and money of this round's calls.
    """

    number: int
    date: str
    text: str
    understood: Understood
    changes: tuple[Change, ...] = ()
    standing: Standing = "proposed"
    taken: tuple[str, ...] = ()
    said: str = ""
    before: Forecast | None = None
    after: Forecast | None = None
    code: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    limits: tuple[Constraint, ...] = ()
    llm: str = ""
    usage: Usage | None = None
