"""What a request in the user's words comes to: read by rules, or by an LLM where one is connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .cards import read_request
from .planning.families import FAMILIES
from .rounds import Heard
from .settings import AutoML

if TYPE_CHECKING:
    from .task import Task


def hearing(settings: AutoML) -> Callable[[str, Task], Heard]:
    """Return the function from a request and the task that it is about to what was understood."""

    def hear(text: str, task: Task) -> Heard:
        return _by_rules(text, task)

    return hear


def _by_rules(text: str, task: Task) -> Heard:
    plan = task.plan
    hyperparameters = [parameter.name for parameter in plan.space.parameters]
    models = list(dict.fromkeys([*(card.name for card in plan.cards.models), *(family.name for family in FAMILIES)]))
    return Heard(read_request(text, hyperparameters=hyperparameters, models=models))
