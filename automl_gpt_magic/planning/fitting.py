"""A model that keeps the request's limits, where the first one does not."""

from __future__ import annotations

from dataclasses import replace

from ..errors import one_line
from .build import Situation, build_plan
from .families import named_by_user


def within_limits(situation: Situation) -> Situation:
    """Return the situation of the best ranked model that keeps all limits, where the one that is planned does not.

    The model stays where it keeps them or nothing is predicted that says otherwise, where the user's cards name it
    alone, and where no other one is predicted to keep them.
    """
    plan = build_plan(situation, {})
    over = next((check for check in plan.checks if check.met is False), None)
    if over is None or situation.replan is None or len(named_by_user(situation.cards)) == 1:
        return situation
    assignment = plan.assignment
    options = assignment.options if assignment else ()
    kept = (one for one in options if one.installed and one.checks and all(check.met for check in one.checks))
    instead = next(kept, None)
    if instead is None:
        return situation
    name, wanted = one_line(situation.model.name), one_line(instead.card.name)
    because = f"{wanted} is planned and not {name}, which is over a limit: {over.text} ({over.detail})."
    return replace(situation.replan(situation, instead.card), because=because)
