"""The request's limits, each against its predicted number."""

from __future__ import annotations

import math

from ..records.card import Request
from ..records.evidence import Forecast
from ..records.plan import Check


def check_constraints(request: Request, forecast: Forecast) -> tuple[Check, ...]:
    """Return one check for each limit that was understood."""
    limit = request.constraints.get("training_seconds")
    if limit is None:
        return ()
    if math.isnan(forecast.seconds):
        return (Check(f"training at most {limit:g} s", None, "no run tells the time; not measured yet"),)
    detail = f"predicted {forecast.seconds:.2g} s on one core, like the recorded runs; not measured yet"
    return (Check(f"training at most {limit:g} s", forecast.seconds <= limit, detail),)
