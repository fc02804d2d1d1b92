"""What a search for values begins with, and its trials as measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .planning.build import Situation
from .planning.constraints import step_limit
from .planning.families import family_named
from .records.curve import LOWER_IS_BETTER, Curve
from .records.plan import Plan
from .records.run import Measured
from .records.space import StepLimit
from .records.study import StudyJob, Trial
from .training import current_folder, tables_read

_NEIGHBOURS_TRIED = 3


def study_job(plan: Plan, situation: Situation, sources: Mapping[str, str], namespace: Mapping[str, Any]) -> StudyJob:
    """Return what the workers of a search are given.

    Parameters
    ----------
    plan : Plan
    situation : Situation
        What it is built from.
    sources : mapping of stage to source
        What stands in the cells.
    namespace : mapping
        The notebook's variables, which hold the tables.
    """
    cells = [(stage, sources[stage]) for stage in ("data", "model") if stage in sources]
    limit = step_limit(plan.cards.request, family_named(plan.space.family), plan.model.hyperparameters)
    return StudyJob(
        names=plan.names,
        dataset=plan.cards.data.name,
        data=sources.get("data", ""),
        model=sources["model"],
        tables=tables_read(cells, namespace),
        folder=current_folder(),
        space=limit.narrow(plan.space) if limit else plan.space,
        fixed=plan.model.hyperparameters,
        starts=starts(plan, limit, situation),
        metric=plan.metric,
        lower_is_better=LOWER_IS_BETTER.get(plan.metric, True),
        seed=plan.cards.data.split.seed,
        rounds=plan.rounds,
    )


def starts(plan: Plan, limit: StepLimit | None, situation: Situation) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what a search tries first: the plan, its neighbours' best, and the library's default; no more steps each.

    What was best with more steps than the request allows is seldom so with fewer: what the forecast says of these
    stands for it. An edit in the table may be over the limit: the search is not.
    """
    fixed = plan.model.hyperparameters
    near = [
        (f"like {one.name}", {**plan.space.default, **one.best, **fixed})
        for one in plan.evidence.neighbours[:_NEIGHBOURS_TRIED]
    ]
    over = [one for one in near if limit is not None and not limit.allows(one[1])]
    found = situation.searched[: len(over)] if over else ()
    instead = [(f"forecast {number}", values) for number, values in enumerate(found, start=1)]
    tried = [*(one for one in near if one not in over), *instead, *over[len(instead) :]]
    every = [("plan", plan.hyperparameters), *tried, ("default", {**plan.space.default, **fixed})]
    return [(label, limit.cut(start) if limit else start) for label, start in every]


def measured_trial(trial: Trial, plan: Plan) -> Measured:
    """Return a trial as a measurement up to its best round, at which its configuration ends."""
    ended = [point for point in trial.curve if trial.best_round is None or point[0] <= trial.best_round]
    curve = measured_curve(plan.metric, ended)
    return Measured(
        plan.names,
        plan.revision,
        trial.configuration,
        {plan.metric: curve},
        trial.seconds or 0.0,
        int(curve.steps[-1]),
        True,
    )


def measured_curve(metric: str, points: Sequence[tuple[int, float]]) -> Curve:
    """Return a curve of pairs of step and value."""
    steps, values = (np.array(part) for part in zip(*points, strict=True))
    return Curve(metric, steps.astype("int64"), values.astype("float64"), source="measured")
