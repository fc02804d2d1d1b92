"""Whether a trial of a search is worth its remaining steps."""

from __future__ import annotations

from ..records.curve import LOWER_IS_BETTER, QUANTILES, Curve

# One in twenty does better.
_LUCKY = QUANTILES.index(0.05)
# Of its planned steps. Of the trials given up before, more would have been the best: see tests/benchmarks/pruning.md.
_LEAST_SHARE = 0.2


def is_hopeless(so_far: Curve, rest: Curve, best: float, *, last_counts: bool) -> bool:
    """Tell whether a trial will not come to the best value of the others, one in twenty excepted.

    Parameters
    ----------
    so_far : Curve
        What was measured of the trial.
    rest : Curve
        What it is forecast still to do, up to its last planned step, with quantiles.
    best : float
        The best value of a finished trial.
    last_counts : bool
        Whether a trial's value is that of its last step, and not that of its best.
    """
    assert rest.quantiles is not None
    if so_far.steps[-1] < _LEAST_SHARE * rest.steps[-1]:
        return False
    sign = 1 if LOWER_IS_BETTER.get(rest.metric, True) else -1
    hopes = sign * rest.quantiles[_LUCKY if sign > 0 else -1 - _LUCKY]
    reached = hopes[-1] if last_counts else min(hopes.min(), (sign * so_far.value).min())
    return bool(reached > sign * best)
