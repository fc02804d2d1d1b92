"""What was trained since a plan was made: its models' cost, and the plan's limits against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .history import keep_cost
from .planning.build import Situation
from .planning.checked import checks_of, cost_as
from .planning.families import family_named
from .planning.goals import Predict
from .planning.quantities import predicted_by
from .planning.recipes.training import hyperparameters_name
from .planning.standing import Standing
from .planning.trained import Trained, just_trained
from .records.cost import Cost
from .records.plan import Plan
from .records.run import Measured
from .records.secret import SecretUrl
from .training import BATCHES, Measuring, fingerprint_of, measured_cost

_BATCHED = ("latency", "throughput")


class Costs:
    """What the trainings of one task measured, the last of each configuration.

    Parameters
    ----------
    namespace : mapping
        The notebook's variables.
    store : Path, SecretUrl or None
        Where finished trainings are kept.
    """

    def __init__(self, namespace: Mapping[str, Any], store: Path | SecretUrl | None) -> None:
        self._namespace, self._store = namespace, store
        self._trained: tuple[Trained, ...] = ()
        self._shown: tuple[Plan, tuple[Trained, ...], Plan] | None = None

    def inherit(self, earlier: Costs) -> None:
        """Go on with what an earlier task on the same data measured."""
        self._trained = earlier._trained

    def remember(self, family: str, measured: Measured) -> None:
        """Take in a finished training; it stands for an earlier one of the same values."""
        self._add(just_trained(family, measured))

    def plan_of(self, standing: Standing) -> Plan:
        """Return the plan with its limits against what was measured by now."""
        plan = standing.plan
        if not self._trained:
            return plan
        if self._shown is None or self._shown[0] is not plan or self._shown[1] is not self._trained:
            self._shown = plan, self._trained, self._checked(standing.situation, plan)
        return self._shown[2]

    def predicted_by(self, situation: Situation) -> Predict:
        """Return what is predicted of configurations; see `planning.quantities.predicted_by`."""
        return predicted_by(situation, self._trained)

    def measure(self, plan: Plan) -> tuple[Cost, str]:
        """Measure the model that stands in the notebook, and keep that with its training.

        Returns
        -------
        tuple of Cost and str
            What was measured, and why it could not be kept; the latter is empty where it was.

        Raises
        ------
        UsageError
            If there is no trained model, or it cannot predict.
        TrainingError
            If its prediction fails.
        """
        cost = measured_cost(plan.names, self._namespace, measuring_of(plan))
        held = self._namespace.get(hyperparameters_name(plan.names))
        values = dict(held) if isinstance(held, Mapping) else plan.hyperparameters
        unknown = Trained(plan.space.family, values, 0, cost.training_seconds or 0.0, {})
        earlier = next((one for one in self._trained if one.is_of(plan.space.family, values)), unknown)
        if earlier.cost:
            cost = replace(cost, memory_bytes=earlier.cost.memory_bytes)  # of the training, which is not repeated
        self._add(replace(earlier, cost=cost))
        rows = fingerprint_of(plan.names, self._namespace)
        return cost, keep_cost(self._store, plan, values, rows, cost)

    def _add(self, trained: Trained) -> None:
        others = (one for one in self._trained if not one.is_of(trained.family, trained.configuration))
        self._trained = (*others, trained)

    def _checked(self, situation: Situation, plan: Plan) -> Plan:
        values = plan.hyperparameters
        checks = checks_of(situation, values, plan.forecast, self._trained)
        return replace(plan, checks=checks, cost=cost_as(situation, values, self._trained))


def measuring_of(plan: Plan) -> Measuring:
    """Return what to measure of a plan's model: the batches that its limits are on, and some that are usual."""
    limits = plan.cards.request.constraints
    asked = [limit.batch for limit in limits if limit.quantity in _BATCHED]
    family = family_named(plan.space.family)
    saving = family.saving(plan.names, plan.cards.data)
    usual = BATCHES if family.large_calls else BATCHES[:1]
    return Measuring((*usual, *asked), f"{saving.imports}\n{saving.save}" if saving else "")
