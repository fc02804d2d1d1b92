"""What a training under way will still do."""

from __future__ import annotations

import math

from ..errors import one_line
from ..records.evidence import Continuation, Forecast
from ..records.plan import Plan
from ..records.run import Measured
from .build import Situation
from .edits import known_values

_NOT_CONTINUED = "The forecast could not take in what was measured"


def rest_of_training(situation: Situation, plan: Plan, measured: Measured) -> Continuation | None:
    """Return what a training is expected still to do; None where nothing like it was recorded.

    Where the forecast fails, nothing is expected and the note says why: the training and its curve go on.
    """
    if situation.continued is None:
        return None
    configuration = {**plan.hyperparameters, **known_values(plan, measured.hyperparameters)}
    try:
        return situation.continued(configuration, measured.curves)
    except Exception as error:  # whatever it is: what others measure is no reason to stop showing it
        return Continuation(Forecast({}, math.nan, f"{_NOT_CONTINUED}: {one_line(str(error))}"), {})
