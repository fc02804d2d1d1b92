"""What is predicted of a configuration beside its loss, by the name of the quantity that a request may limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..records.evidence import Forecast
from ..records.request import Constraint
from ..records.space import EARLY_STOPPING
from .build import Situation
from .checked import kept_steps, predicted_cost
from .constraints import counted_steps
from .families import family_named
from .goals import WORK, Predict
from .trained import PredictedCost, Trained


def predicted_by(situation: Situation, trained: Sequence[Trained] = ()) -> Predict:
    """Return the function from a whole configuration to what is predicted of it, by the name of a quantity.

    ``trained`` are trainings that finished since the situation was made.
    """
    limits = {limit.subject: limit for limit in situation.cards.request.constraints}
    return lambda configuration: _Predicted(situation, configuration, limits, trained).get


class _Predicted:
    """One configuration; what takes time is found out where it is asked for."""

    def __init__(
        self,
        situation: Situation,
        configuration: Mapping[str, Any],
        limits: Mapping[str, Constraint],
        trained: Sequence[Trained],
    ) -> None:
        self._situation, self._configuration = situation, configuration
        self._limits, self._trained = limits, trained

    def get(self, quantity: str) -> float:
        """Return what is predicted; NaN where nothing tells.

        ``quantity`` is the name of one, or the subject of a limit of the request.
        """
        steps = counted_steps(family_named(self._situation.space.family), self._configuration)
        if quantity in steps:
            return steps[quantity]
        if quantity in self._configuration:
            return float(self._configuration[quantity])
        if quantity == "training_seconds":
            return self._resources.seconds
        if quantity == "memory":
            return self._resources.memory
        if quantity == WORK:
            return self._cost.work.amount if self._cost.work else math.nan
        if quantity == "model_size" or quantity.startswith(("latency", "throughput")):
            value = self._cost.value(self._limits.get(quantity, Constraint(quantity, math.nan)))
            return math.nan if value is None else value
        curve = self._forecast.curves.get(quantity)
        return math.nan if curve is None else curve.final

    @cached_property
    def _cost(self) -> PredictedCost:
        stops_early = bool(self._configuration.get(EARLY_STOPPING))
        n_steps = kept_steps(self._configuration, self._forecast) if stops_early else None
        return predicted_cost(self._situation, self._configuration, n_steps, self._trained)

    @cached_property
    def _resources(self) -> Forecast:
        return (self._situation.resources or self._situation.forecast)(self._configuration)

    @cached_property
    def _forecast(self) -> Forecast:
        return self._situation.forecast(self._configuration)
