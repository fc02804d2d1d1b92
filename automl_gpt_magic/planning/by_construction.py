"""Values that serve a goal by how a model works, where no run tells what they cost: the measurement decides."""

from __future__ import annotations

from collections.abc import Collection

from ..records.request import Goal
from ..records.round import Change
from .build import Situation
from .families import family_named
from .standing import Standing

NOT_MEASURED = "known by construction, and no number predicted: train, and what was gained and lost is measured"


def by_construction(situation: Situation, goals: Collection[Goal], after: Standing) -> list[Change]:
    """Return the changes that serve goals by construction, without what the user keeps.

    Parameters
    ----------
    situation : Situation
    goals : collection of str
    after : Standing
        With what the request decided already.
    """
    values, family = after.plan.hyperparameters, family_named(situation.space.family)
    levers = {one.name: (goal, one) for goal in sorted(goals) for one in family.levers(goal, values)}
    return [
        Change("value", name, values[name], one.value, "request", f"for {goal}, known by construction: {one.reason}")
        for name, (goal, one) in levers.items()
        if name not in after.kept
    ]
