"""The request's limits: how many steps they leave a model, and each against its predicted number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..records.card import Request
from ..records.evidence import Forecast
from ..records.plan import Check
from ..records.space import StepLimit
from .families import Family

# What a request calls a family's steps.
_COUNTED = {"boosting round": "trees", "tree": "trees", "epoch": "epochs"}


def step_limit(request: Request, family: Family, fixed: Mapping[str, Any]) -> StepLimit | None:
    """Return the most steps that may be planned; None where nothing limits them, or the model card fixes them.

    Parameters
    ----------
    request : Request
    family : Family
    fixed : mapping
        The values of the model card.
    """
    return None if family.rounds in fixed else _stated(request, family)


def counted_steps(family: Family, configuration: Mapping[str, Any]) -> dict[str, int]:
    """Return a configuration's steps by what a request calls them; nothing where a family has none."""
    counted = _COUNTED.get(family.step, "")
    return {counted: int(configuration[family.rounds])} if counted and family.rounds else {}


def check_constraints(
    request: Request, family: Family, configuration: Mapping[str, Any], forecast: Forecast
) -> tuple[Check, ...]:
    """Return one check for each limit that was understood and is one for this family."""
    steps, seconds = _stated(request, family), request.most("training_seconds")
    checks = [] if seconds is None else [_check_seconds(seconds, forecast)]
    if steps is not None:
        detail = f"{steps.parameter} is {configuration[steps.parameter]}"
        checks.append(Check(f"at most {steps}", steps.allows(configuration), detail))
    return tuple(checks)


def _stated(request: Request, family: Family) -> StepLimit | None:
    counted = _COUNTED.get(family.step, "")
    most = request.most(counted) if family.rounds else None
    return None if most is None else StepLimit(family.rounds, int(most), counted)


def _check_seconds(limit: float, forecast: Forecast) -> Check:
    if math.isnan(forecast.seconds):
        return Check(f"training at most {limit:g} s", None, "no run tells the time; not measured yet")
    detail = f"predicted {forecast.seconds:.2g} s on one core, like the recorded runs; not measured yet"
    return Check(f"training at most {limit:g} s", forecast.seconds <= limit, detail)
