"""The request's limits: how many steps they leave a model, and each against its number, measured or predicted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..records.card import Request
from ..records.evidence import Forecast
from ..records.plan import Check
from ..records.quantities import amount, limit_text
from ..records.request import COUNTS, UNITS, Constraint
from ..records.space import StepLimit
from .families import Family
from .trained import PredictedCost, Trained

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
    limits: Iterable[Constraint],
    family: Family,
    configuration: Mapping[str, Any],
    forecast: Forecast,
    cost: PredictedCost | None = None,
    trained: Trained | None = None,
) -> tuple[Check, ...]:
    """Return one check for each limit that is one for this family.

    Parameters
    ----------
    limits : iterable of Constraint
    family : Family
    configuration : mapping
        The hyperparameters as they stand.
    forecast : Forecast
        Of their training.
    cost : PredictedCost or None
        Of their model.
    trained : Trained or None
        A finished training of theirs: what it measured stands for what is predicted.
    """
    steps = counted_steps(family, configuration)
    return tuple(
        _check(limit, _Sources(family, configuration, forecast, cost or PredictedCost(), trained))
        for limit in limits
        if limit.quantity not in COUNTS or limit.quantity in steps
    )


@dataclass(frozen=True, eq=False)
class _Sources:
    """Where the number for a limit may come from; see `check_constraints`."""

    family: Family
    configuration: Mapping[str, Any]
    forecast: Forecast
    cost: PredictedCost
    trained: Trained | None

    def certain(self, limit: Constraint) -> tuple[float | None, str]:
        name = self.family.rounds if limit.quantity in COUNTS else limit.quantity
        value = self.configuration.get(name)
        return (value, f"{name} is {value}") if isinstance(value, (int, float)) else (None, "")

    def measured(self, limit: Constraint) -> tuple[float | None, str]:
        value = self.trained.value(limit) if self.trained else None
        if value is None:
            return None, ""
        where = _WHERE.get(limit.quantity, " on this machine" if limit.quantity in UNITS else " on the validation part")
        return value, f"{_said(limit, value)}, measured{where}"

    def predicted(self, limit: Constraint) -> tuple[float | None, str]:
        curve = self.forecast.curves.get(limit.quantity)
        if curve is not None and math.isnan(self.forecast.seconds):  # no run tells anything, and the curve is a guess
            return None, ""
        if curve is not None:
            ends = [float(end[-1]) for end in (curve.lower, curve.upper) if end is not None]
            band = f" (80%: {' to '.join(amount(limit.quantity, end) for end in ends)})" if ends else ""
            return curve.final, f"predicted {amount(limit.quantity, curve.final)}{band}; {_NOT_YET}"
        of_training = {"training_seconds": self.forecast.seconds, "memory": self.forecast.memory}
        value = of_training.get(limit.quantity, self.cost.value(limit))
        how = self._how(limit)
        return value, f"predicted {_said(limit, value, 2)}{how}; {_NOT_YET}" if value is not None else ""

    def _how(self, limit: Constraint) -> str:
        if limit.quantity == "training_seconds":
            return " on one core, like the recorded runs"
        if limit.quantity == "memory":
            return ""
        known = self.cost.known if limit.quantity == "model_size" else self.cost.here
        if known:
            return f" from {len(known)} trained model{'s' if len(known) > 1 else ''} on these rows"
        return "" if self.cost.is_counted else ", within a factor of 2 in 9 of 10 trainings"


_NOT_YET = "not measured yet"
_WHERE = {"model_size": " as it is saved", "memory": " on this machine, beyond what the libraries take"}


def _check(limit: Constraint, sources: _Sources) -> Check:
    for look in (sources.certain, sources.measured, sources.predicted):
        value, detail = look(limit)
        if value is not None and math.isfinite(value):
            return Check(limit_text(limit), limit.keeps(value), detail, measured=look != sources.predicted)
    unknown = "no run tells the time" if limit.quantity == "training_seconds" else "nothing predicts it"
    return Check(limit_text(limit), None, f"{unknown}; {_NOT_YET}")


def _said(limit: Constraint, value: float, digits: int = 3) -> str:
    """Return a value with what it is, such as ``p95 3.2 ms at batch 1``."""
    percentile = f"p{limit.percentile} " if limit.quantity == "latency" else ""
    batch = f" at batch {limit.batch:,}" if limit.quantity in ("latency", "throughput") else ""
    return f"{percentile}{amount(limit.quantity, value, digits)}{batch}"


def _stated(request: Request, family: Family) -> StepLimit | None:
    counted = _COUNTED.get(family.step, "")
    most = request.most(counted) if family.rounds else None
    return None if most is None else StepLimit(family.rounds, int(most), counted)
