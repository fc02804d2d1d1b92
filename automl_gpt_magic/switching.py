"""Another model for the same task, at the user's word."""

from __future__ import annotations

from .errors import UsageError, one_line
from .planning.standing import Standing
from .planning.taking import Replan, model_named, take
from .records.round import Change


def switched(standing: Standing, name: str, replan: Replan) -> Standing:
    """Return how the plan stands with another model, of a card or of a family that no card names.

    Edits and locks stay where the other model has hyperparameters of their names. The change counts as taken, so that
    the cells keep it: it outlives the kernel.

    Raises
    ------
    UsageError
        If the name is empty, of no model for this data, or of the one that is planned.
    """
    if not name.strip():
        raise UsageError("name a model: %automl models lists them, and %automl use NAME plans with one")
    card, now = model_named(standing.situation, name.strip()), standing.situation.model
    if card == now:
        raise UsageError(f"{one_line(now.name)} is planned already")
    return take(standing, [Change("model", "model", now.name, card.name, "user", "chosen by you")], replan)
