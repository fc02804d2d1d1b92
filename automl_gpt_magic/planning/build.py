"""Join evidence, recipes, an LLM's checked values and the user's edits into a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..records.card import Cards, ModelCard
from ..records.digest import digest_of
from ..records.evidence import Evidence, Forecast
from ..records.plan import Plan, PlannedValue, Source
from ..records.space import SearchSpace
from ..records.table import TableProfile
from .answer import Proposal
from .constraints import check_constraints
from .recipes import tabular, xgboost


@dataclass(frozen=True, eq=False)
class Situation:
    """Everything a plan is built from that an edit in the table does not change."""

    cards: Cards
    table: TableProfile | None
    model: ModelCard
    space: SearchSpace
    evidence: Evidence
    forecast: Callable[[Mapping[str, Any]], Forecast]
    prompt: str
    names: str
    proposals: tuple[Proposal, ...] = ()
    llm: str = ""
    notes: tuple[str, ...] = ()


def build_plan(situation: Situation, edits: Mapping[str, Any]) -> Plan:
    """Return the plan for a situation with the user's ``edits`` laid over the proposed values.

    Raises
    ------
    ParameterError
        If an edit names no hyperparameter of the space, or a value outside it.
    """
    values = _values(situation, edits)
    chosen = {planned.name: planned.value for planned in values}
    forecast = situation.forecast(chosen)
    card = situation.cards.data
    proposed = {planned.name: planned.proposed for planned in values}
    revision = digest_of(proposed, _code(situation, proposed, revision=""))
    return Plan(
        cards=situation.cards,
        table=situation.table,
        model=situation.model,
        space=situation.space,
        evidence=situation.evidence,
        values=values,
        forecast=forecast,
        default_forecast=situation.forecast(situation.space.default),
        data_steps=tabular.data_steps(card, situation.table) if situation.table else (),
        model_steps=xgboost.model_steps(card, chosen),
        checks=check_constraints(situation.cards.request, forecast),
        code=_code(situation, chosen, revision),
        prompt=situation.prompt,
        names=situation.names,
        revision=revision,
        llm=situation.llm,
        notes=situation.notes,
    )


def _values(situation: Situation, edits: Mapping[str, Any]) -> tuple[PlannedValue, ...]:
    for name in edits:
        _ = situation.space[name]  # raises on an unknown name
    proposals = {proposal.name: proposal for proposal in situation.proposals}
    return tuple(_value(situation, parameter.name, proposals, edits) for parameter in situation.space.parameters)


def _value(
    situation: Situation, name: str, proposals: Mapping[str, Proposal], edits: Mapping[str, Any]
) -> PlannedValue:
    proposed, source, reason = _proposed(situation, name, proposals)
    value = situation.space[name].check(edits.get(name, proposed))
    if value == proposed:
        return PlannedValue(name, proposed, source, reason, proposed, source, reason)
    return PlannedValue(name, value, "user", "set by you", proposed, source, reason)


def _proposed(situation: Situation, name: str, proposals: Mapping[str, Proposal]) -> tuple[Any, Source, str]:
    """Return the value before any edit: the card's, else the LLM's, else the evidence's, else the default."""
    parameter = situation.space[name]
    if name in situation.model.hyperparameters:
        return parameter.check(situation.model.hyperparameters[name]), "user", "fixed by your model card"
    if name in proposals and proposals[name].error is None:
        return proposals[name].value, "llm", proposals[name].reason
    if name in situation.evidence.reasons:
        source: Source = "neighbour" if situation.evidence.near else "prior"
        return situation.evidence.configuration[name], source, situation.evidence.reasons[name]
    return parameter.default, "default", f"{situation.space.family}'s own default"


def _code(situation: Situation, values: Mapping[str, Any], revision: str) -> dict[str, str]:
    """Return the source of each cell; nothing for a card that names no table."""
    if situation.table is None:
        return {}
    card, names = situation.cards.data, situation.names
    code = {
        "data": tabular.data_cell(names, card, situation.table),
        "model": xgboost.model_cell(names, card),
        "training": xgboost.training_cell(names, card, values, revision),
    }
    if card.split.test_frame or card.split.test_path:
        code["test"] = xgboost.test_cell(names, card, situation.table)
    return code
