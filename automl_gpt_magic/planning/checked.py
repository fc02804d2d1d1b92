"""A plan's limits against what is measured and predicted of it, from all that was trained on its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..records.cost import Cost
from ..records.evidence import Forecast
from ..records.plan import Check
from ..records.run import split_of
from ..records.space import EARLY_STOPPING
from .constraints import check_constraints
from .costs import Work, work_of
from .families import family_named
from .trained import PredictedCost, Trained, trained_in

if TYPE_CHECKING:
    from .build import Situation


def checks_of(
    situation: Situation, configuration: Mapping[str, Any], forecast: Forecast, more: Sequence[Trained] = ()
) -> tuple[Check, ...]:
    """Return a check for each limit of the request; ``more`` was trained since the plan was made."""
    return check_constraints(
        situation.cards.request.constraints,
        family_named(situation.space.family),
        configuration,
        forecast,
        predicted_cost(situation, configuration, kept_steps(configuration, forecast), more),
        trained_as(situation, configuration, more),
    )


def trained_as(situation: Situation, configuration: Mapping[str, Any], more: Sequence[Trained] = ()) -> Trained | None:
    """Return the last training with exactly these values; None where there is none."""
    every = [one for one in _trained(situation, more) if one.is_of(situation.space.family, configuration)]
    return every[-1] if every else None


def cost_as(situation: Situation, configuration: Mapping[str, Any], more: Sequence[Trained] = ()) -> Cost | None:
    """Return what was measured on this machine of a model with exactly these values."""
    trained = trained_as(situation, configuration, more)
    return trained.cost if trained and trained.here else None


def predicted_cost(
    situation: Situation, configuration: Mapping[str, Any], n_steps: int | None = None, more: Sequence[Trained] = ()
) -> PredictedCost:
    """Return what a model with these values will cost to use; ``n_steps`` as in `work_of`."""
    family = situation.space.family
    alike = [one for one in _trained(situation, more) if one.family == family and one.cost]
    works = [(_work(situation, one.configuration, one.n_steps), one.cost) for one in alike]
    known = [(work, cost) for work, cost in works if work and cost]
    return PredictedCost(_work(situation, configuration, n_steps), known)


def kept_steps(configuration: Mapping[str, Any], forecast: Forecast) -> int | None:
    """Return the step that is expected to be kept, where training stops early; else None."""
    losses = [forecast.curves[metric] for metric in ("log_loss", "rmse") if metric in forecast.curves]
    return losses[0].best_step if losses and configuration.get(EARLY_STOPPING) else None


def _trained(situation: Situation, more: Sequence[Trained]) -> tuple[Trained, ...]:
    return (*trained_in(situation.runs.values(), split_of(situation.cards.data.split)), *more)


def _work(situation: Situation, configuration: Mapping[str, Any], n_steps: int | None) -> Work | None:
    """Return the work; None also where values are missing, as in a run of an earlier version."""
    try:
        family = family_named(situation.space.family)
        return work_of(family, situation.cards.data, situation.table, configuration, n_steps)
    except KeyError:
        return None
