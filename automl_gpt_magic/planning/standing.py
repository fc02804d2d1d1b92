"""How a plan stands: what it is built from, and what the user decided; a snapshot of it is all that an undo needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..records.plan import Plan
from ..records.round import Change
from .build import Situation, build_plan
from .edits import allowed_edits


@dataclass(frozen=True, eq=False)
class Standing:
    """Everything that decides what a plan says.

    Attributes
    ----------
    situation : Situation
    edits : mapping
        The user's values.
    wanted_code : mapping of source to bool
        Whether the user wants a piece of an LLM's code: a wish for one is none for another.
    locked : frozenset of str
        The hyperparameters that no request may change.
    taken : tuple of Change
        What the user took of all requests, in its order.
    """

    situation: Situation
    edits: Mapping[str, Any] = field(default_factory=dict)
    wanted_code: Mapping[str, bool] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    taken: tuple[Change, ...] = ()

    @cached_property
    def plan(self) -> Plan:
        return build_plan(self.situation, self.edits, self.wanted_code, self.locked)

    @property
    def kept(self) -> dict[str, Any]:
        """The values that no request may change: those of the model card, edited ones, and locked ones."""
        fixed = self.situation.model.hyperparameters
        return {
            planned.name: planned.value
            for planned in self.plan.values
            if planned.name in fixed or planned.edited or planned.locked
        }

    def with_edits(self, edits: Mapping[str, Any]) -> Standing:
        """Return it with other edits; one that is back at the proposed value is none."""
        proposed = self.plan.proposed
        return replace(self, edits={name: value for name, value in edits.items() if value != proposed.get(name)})

    def with_lock(self, name: str, locked: bool) -> Standing:
        """Return it with a value locked, or not."""
        return replace(self, locked=self.locked | {name} if locked else self.locked - {name})

    def in_situation(self, situation: Situation) -> Standing:
        """Return it in another situation, with what it still means there."""
        edits = allowed_edits(situation, self.edits)
        return replace(
            self,
            situation=situation,
            edits=edits,
            locked=frozenset(name for name in self.locked if name in situation.space),
        )
