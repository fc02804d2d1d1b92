"""What is predicted of a configuration beside its loss, by the name of the quantity that a request may limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..records.evidence import Forecast
from .build import Situation
from .constraints import counted_steps
from .families import family_named
from .goals import Predict


def predicted_by(situation: Situation) -> Predict:
    """Return the function from a whole configuration to what is predicted of it, by the name of a quantity."""
    return lambda configuration: _Predicted(situation, configuration).get


class _Predicted:
    """One configuration; what takes time is found out where it is asked for."""

    def __init__(self, situation: Situation, configuration: Mapping[str, Any]) -> None:
        self._situation, self._configuration = situation, configuration

    def get(self, quantity: str) -> float:
        """Return what is predicted; NaN where nothing tells."""
        steps = counted_steps(family_named(self._situation.space.family), self._configuration)
        if quantity in steps:
            return steps[quantity]
        if quantity in self._configuration:
            return float(self._configuration[quantity])
        if quantity == "training_seconds":
            return self._resources.seconds
        if quantity == "memory":
            return self._resources.memory
        curve = self._forecast.curves.get(quantity)
        return math.nan if curve is None else curve.final

    @cached_property
    def _resources(self) -> Forecast:
        return (self._situation.resources or self._situation.forecast)(self._configuration)

    @cached_property
    def _forecast(self) -> Forecast:
        return self._situation.forecast(self._configuration)
