"""Which of the user's values a plan takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ParameterError
from ..records.plan import Plan
from .build import Situation


def still_meant(before: Situation, now: Situation, edits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the edits that were made to the same data, on values that the card leaves as they were."""
    if not same_data(before, now):
        return {}
    fixed_before, fixed_now = before.model.hyperparameters, now.model.hyperparameters
    allowed = allowed_edits(now, edits)
    return {name: value for name, value in allowed.items() if fixed_before.get(name) == fixed_now.get(name)}


def same_data(before: Situation, now: Situation) -> bool:
    """Return whether two situations are of the same data and target."""
    return about_data(before) == about_data(now)


def about_data(situation: Situation) -> tuple[str | None, ...]:
    """Return what tells which data and target a situation is of."""
    card = situation.cards.data
    return card.frame, card.path, card.dataset, card.target, card.task


def allowed_edits(situation: Situation, edits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the edits that the space of the planned model card takes."""
    return {
        name: value
        for name, value in edits.items()
        if name in situation.space and not wrong_value(situation, name, value)
    }


def wrong_value(situation: Situation, name: str, value: Any) -> str:
    """Say why the space does not take a value; empty where it does."""
    try:
        situation.space[name].check(value)
    except ParameterError as error:
        return str(error)
    return ""


def known_values(plan: Plan, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the training reports for the plan's hyperparameters; the library gives None for what was not set."""
    reported = ((name, hyperparameters.get(name)) for name in plan.proposed)
    return {name: value for name, value in reported if value is not None}
