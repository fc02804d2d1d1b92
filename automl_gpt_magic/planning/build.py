"""Join evidence, recipes, an LLM's checked values and the user's edits into a plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ..errors import AutoMLError, one_line
from ..records.answer import Answer
from ..records.card import Cards, ModelCard
from ..records.digest import digest_of
from ..records.evidence import Continuing, Evidence, Forecast, Forecasting, Losses
from ..records.plan import LLMCode, Plan, PlannedValue, Source
from ..records.prompt import Prompt
from ..records.round import Revised
from ..records.run import Run
from ..records.space import SearchSpace, StepLimit
from ..records.table import TableProfile
from .architecture import planned_architecture
from .assign import Rival, assign, why_planned
from .candidates import Choice, choose
from .checked import checks_of, cost_as
from .constraints import step_limit
from .families import Family, family_named, not_compared, not_installed, options
from .families.own import OwnTrainer
from .recipes import own
from .recipes.data import data_cell, data_steps
from .recipes.model import model_cell
from .recipes.next_steps import next_cells
from .recipes.training import test_cell, training_cell
from .search import Limits, search

_MOST_SEARCHED = 3


@dataclass(frozen=True, eq=False)
class Situation:
    """Everything a plan is built from that an edit in the table does not change.

    ``models`` are the cards that can be planned, of which ``model`` is. ``answer`` is an LLM's, by ``llm``;
    ``unanswered`` says that one was asked in vain; ``replayed`` is the answer's date where it was replayed. ``runs``
    are the finished ones on the same rows, by number, whatever their model; ``others`` those on other rows.
    ``continued`` forecasts the rest of a training that has begun; None where nothing like it was recorded. ``losses``
    predicts the losses of many configurations at once, ``resources`` the time and memory of one without its curves;
    None likewise.
    ``sample`` was measured on the table; ``beside`` are notes on this model's evidence; ``llm_records`` say of each
    LLM how far its own logs were off here. ``revised`` are the values of later rounds that the user took. ``replan``
    makes the situation of another model card; ``because`` says why this one's is planned, where the order of the cards
    does not.
    """

    cards: Cards
    table: TableProfile | None
    models: tuple[ModelCard, ...]
    model: ModelCard
    space: SearchSpace
    evidence: Evidence
    forecast: Callable[[Mapping[str, Any]], Forecast]
    prompt: Prompt
    names: str
    notes: tuple[str, ...] = ()
    answer: Answer | None = None
    llm: str = ""
    unanswered: bool = False
    replayed: str = ""
    runs: Mapping[int, Run] = field(default_factory=dict)
    others: Mapping[int, Run] = field(default_factory=dict)
    continued: Continuing | None = None
    losses: Losses | None = None
    resources: Forecasting | None = None
    sample: Any = None
    beside: tuple[str, ...] = ()
    llm_records: Mapping[str, str] = field(default_factory=dict)
    revised: Mapping[str, Revised] = field(default_factory=dict)
    replan: Callable[[Situation, ModelCard], Situation] | None = None
    because: str = ""

    @cached_property
    def rivals(self) -> tuple[Rival, ...]:
        """The other models that the task could be planned with, each with its plan."""
        others = [card for card in options(self.cards) if card != self.model]
        return tuple(_rival(self, self.replan, card) for card in others) if self.replan else ()

    @cached_property
    def most_steps(self) -> StepLimit | None:
        """The request's limit on the steps of a training; None where there is none."""
        return step_limit(self.cards.request, family_named(self.space.family), self.model.hyperparameters)

    @cached_property
    def choice(self) -> Choice | None:
        """The candidates weighed; None where there is no answer."""
        if self.answer is None:
            return None
        return choose(
            self.answer.suggestions,
            self.evidence,
            self.space,
            self.model.hyperparameters,
            self.forecast,
            self.cards.request.most("training_seconds"),
            self.most_steps,
            next(iter(self.searched), None),
        )

    @cached_property
    def searched(self) -> tuple[Mapping[str, Any], ...]:
        """What a search of the space on the forecast finds best; nothing where no run tells, or nothing is allowed."""
        if self.losses is None:
            return ()
        fixed, rounds = self.model.hyperparameters, family_named(self.space.family).rounds
        limits = Limits(fixed, self.most_steps, self.cards.request.most("training_seconds"), rounds)
        known = [self.evidence.configuration, *(one.best for one in self.evidence.neighbours), self.space.default]
        return search(
            self.space,
            self.losses,
            self.forecast,
            limits,
            [{**self.space.default, **one, **fixed} for one in known],
            seed=self.cards.data.split.seed,
            count=_MOST_SEARCHED,
        )


def build_plan(
    situation: Situation,
    edits: Mapping[str, Any],
    wanted_code: Mapping[str, bool] = MappingProxyType({}),
    locked: Collection[str] = (),
) -> Plan:
    """Return the plan for a situation with the user's ``edits`` laid over the proposed values.

    Parameters
    ----------
    situation : Situation
    edits : mapping
        The user's values.
    wanted_code : mapping of source to bool
        Whether the user wants a piece of the LLM's code in its cell; without a wish the recipe stands there.
    locked : collection of str
        The values that no request may change.

    Raises
    ------
    ParameterError
        If an edit names no hyperparameter of the space, or a value outside it.
    """
    values = _values(situation, edits, locked)
    chosen = {planned.name: planned.value for planned in values}
    forecast = situation.forecast(chosen)
    card, family = situation.cards.data, family_named(situation.space.family)
    proposed = {planned.name: planned.proposed for planned in values}
    code = _llm_code(family, situation.answer, wanted_code)
    revision = digest_of(proposed, _code(situation, proposed, code, revision=""))
    choice = situation.choice
    return Plan(
        cards=situation.cards,
        table=situation.table,
        model=situation.model,
        space=situation.space,
        evidence=situation.evidence,
        values=values,
        forecast=forecast,
        default_forecast=situation.forecast(situation.space.default),
        data_steps=data_steps(family, card, situation.table) if situation.table else (),
        model_steps=family.steps(card, chosen),
        checks=checks_of(situation, chosen, forecast),
        code=_code(situation, chosen, code, revision),
        step=family.step,
        rounds=family.rounds,
        prompt=situation.prompt.text,
        names=situation.names,
        revision=revision,
        llm=situation.llm,
        unanswered=situation.unanswered,
        replayed=situation.replayed,
        answer=situation.answer,
        llm_code=code,
        candidates=choice.shown if choice else (),
        chosen=choice.chosen.name if choice else "",
        chosen_because=choice.because if choice else "",
        notes=(*situation.notes, *situation.beside, *not_installed(family), *_said_of_cards(situation)),
        next_code=next_cells(family, situation.names, card, situation.table) if situation.table else {},
        llm_records=situation.llm_records,
        architecture=planned_architecture(family, card, situation.table, chosen, code),
        cost=cost_as(situation, chosen),
        compare=lambda plan: assign(plan, situation.rivals, why_planned(plan, situation.because)),
    )


def _rival(situation: Situation, replan: Callable[[Situation, ModelCard], Situation], card: ModelCard) -> Rival:
    try:
        return Rival(card, build_plan(replan(situation, card), {}))
    except AutoMLError as error:  # the card of a model that is not planned was never read as closely
        return Rival(card, None, str(error))


def _said_of_cards(situation: Situation) -> tuple[str, ...]:
    """Return notes on the model cards that are not planned, and on why another one is where the cards do not say it."""
    others = ", ".join(one_line(card.name) for card in situation.models if card != situation.model)
    first = situation.because or f"Planned with the card {one_line(situation.model.name)}."
    compared = f"{first} The stage Model and %automl models compare it with: {others}." if others else situation.because
    unknown = not_compared(situation.cards, situation.model, situation.models)
    return (*filter(None, [compared if situation.answer is None else ""]), *unknown)


def _llm_code(family: Family, answer: Answer | None, wanted: Mapping[str, bool]) -> dict[str, LLMCode]:
    """Return the LLM's code by stage: no reading of it is sure enough to use it before the user asks for it."""
    if answer is None:
        return {}
    is_own = isinstance(family, OwnTrainer)  # the user's function is the model, and the LLM has not seen it
    reports = {"data": answer.data_code, "model": None if is_own else answer.model_code}
    return {
        stage: LLMCode(report, not report.errors and wanted.get(report.source, False))
        for stage, report in reports.items()
        if report is not None
    }


def _values(situation: Situation, edits: Mapping[str, Any], locked: Collection[str]) -> tuple[PlannedValue, ...]:
    for name in edits:
        _ = situation.space[name]  # raises on an unknown name
    every = (_value(situation, parameter.name, edits) for parameter in situation.space.parameters)
    return tuple(replace(one, locked=True) if one.name in locked else one for one in every)


def _value(situation: Situation, name: str, edits: Mapping[str, Any]) -> PlannedValue:
    proposed, source, reason = _proposed(situation, name)
    value = situation.space[name].check(edits.get(name, proposed))
    if value == proposed:
        return PlannedValue(name, proposed, source, reason, proposed, source, reason)
    return PlannedValue(name, value, "user", "set by you", proposed, source, reason)


def _proposed(situation: Situation, name: str) -> tuple[Any, Source, str]:
    """Return the value before any edit: the card's, a later round's, the LLM's, the evidence's, or the default."""
    parameter = situation.space[name]
    if name in situation.model.hyperparameters:
        return parameter.check(situation.model.hyperparameters[name]), "user", "fixed by your model card"
    if name in situation.revised:
        revised = situation.revised[name]
        return parameter.check(revised.value), revised.source, revised.reason
    chosen = situation.choice.chosen if situation.choice else None
    if chosen and chosen.source == "llm" and name in chosen.reasons:
        return chosen.values[name], "llm", chosen.reasons[name]
    refused = _refused_value(situation.answer, name)
    if name in situation.evidence.reasons and not (chosen and chosen.source == "default"):
        evidence = situation.evidence
        return evidence.configuration[name], evidence.source, evidence.reasons[name] + refused
    own_default = f"{situation.space.family}'s own default"
    limit = situation.most_steps
    if limit and name == limit.parameter and parameter.default > limit.most:
        return limit.most, "default", f"{limit.reason}, below {own_default} of {parameter.default}{refused}"
    return parameter.default, "default", f"{own_default}{refused}"


def _refused_value(answer: Answer | None, name: str) -> str:
    """Say what the LLM wanted instead, and why it was not taken."""
    refused = next((one for one in answer.refused if one.part == name), None) if answer else None
    return f"; the LLM's {refused.given} was refused: {refused.reason}" if refused else ""


def _code(
    situation: Situation, values: Mapping[str, Any], llm_code: Mapping[str, LLMCode], revision: str
) -> dict[str, str]:
    """Return the source of each cell; nothing where the card names no table and the model needs one."""
    card, names = situation.cards.data, situation.names
    family = family_named(situation.space.family)
    if isinstance(family, OwnTrainer):
        training = own.training_cell(family, names, card, values, revision)
    else:
        training = training_cell(family, names, card, values, revision)
    if isinstance(family, OwnTrainer) and not family.reads_data:
        return {"model": model_cell(family, names, card), "training": training}
    if situation.table is None:
        return {}
    code = {
        "data": data_cell(family, names, card, situation.table, *_used(llm_code.get("data"))),
        "model": model_cell(family, names, card, *_used(llm_code.get("model"))),
        "training": training,
    }
    if card.split.test_frame or card.split.test_path:
        code["test"] = test_cell(names, card, situation.table)
    return code


def _used(code: LLMCode | None) -> tuple[str, tuple[str, ...]]:
    """Return the LLM's source for a cell with its warnings; nothing where the recipe stands."""
    return (code.report.source, code.report.risks) if code and code.used else ("", ())
