"""What an LLM's answer is checked against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..records.answer import CodeReport
from ..records.mask import DATASET, TARGET, Mask
from ..records.space import SearchSpace
from .build import Situation
from .code_check import check_build, check_prepare, refused
from .families import family_named

_MOST_CANDIDATES = 8


@dataclass(frozen=True)
class Context:
    """What an answer is checked against.

    Parameters
    ----------
    space : SearchSpace
    fixed : mapping
        The values that the chosen model card sets: an answer may not change them.
    models : sequence of str
        The model cards to choose from, the planned one first.
    metric : str
        The loss that logs are of.
    names : str
        Prefix of the code's names.
    columns : sequence of str
        The feature columns; ``target`` is not among them. Empty where no table is at hand.
    prepared : bool
        Whether preprocessing code is taken.
    estimator : str
        The class that model code must build; empty where no such code is taken.
    module : str
        The library of that class.
    n_candidates : int
        The most configurations that are read.
    rounds : str
        The hyperparameter that counts the steps of a training; empty where a training is one step.
    n_rounds : int
        The steps of a configuration that names none.
    mask : Mask or None
        The words that the answer's names are written in, where those are not the names themselves.
    """

    space: SearchSpace
    fixed: Mapping[str, Any]
    models: Sequence[str]
    metric: str
    names: str
    columns: Sequence[str]
    target: str
    prepared: bool
    estimator: str
    module: str
    n_candidates: int
    rounds: str
    n_rounds: int
    mask: Mask | None = None


def context_of(situation: Situation) -> Context:
    """Return what answers about a situation are checked against."""
    table, family = situation.table, family_named(situation.space.family)
    return Context(
        space=situation.space,
        fixed=situation.model.hyperparameters,
        models=[situation.model.name, *(card.name for card in situation.models)],
        metric=situation.forecast(situation.space.default).loss.metric,
        names=situation.names,
        columns=[str(column.name) for column in table.columns] if table else [],
        target=str(table.target) if table else "",
        prepared=family.takes_prepared,
        estimator=family.open_estimator(situation.cards.data, situation.model.hyperparameters),
        module=family.module,
        n_candidates=_MOST_CANDIDATES,
        rounds=family.rounds,
        n_rounds=int(situation.evidence.configuration.get(family.rounds, 1)),
        mask=situation.prompt.mask,
    )


def as_written(context: Context) -> Context:
    """Return the context in the names that the LLM reads and writes; what is sent back to it holds no others."""
    mask = context.mask
    if mask is None:
        return context
    hidden = {name: token for token, name in mask.models.items()}
    models = [hidden.get(name, name) for name in context.models]
    return replace(context, models=models, names=DATASET, columns=list(mask.columns), target=TARGET, mask=None)


def prepare_check(context: Context) -> Callable[[str], CodeReport]:
    """Return the check of preprocessing code."""
    if not context.prepared:
        return lambda source: refused(source, "these rows are prepared by the recipe only: leave it out.")
    return lambda source: check_prepare(source, context.names, context.columns, context.target)


def build_check(context: Context) -> Callable[[str], CodeReport]:
    """Return the check of model code."""
    if not context.estimator:
        return lambda source: refused(source, "this model is built by the recipe only: leave it out.")
    searched = [parameter.name for parameter in context.space.parameters]
    return lambda source: check_build(source, context.names, context.estimator, context.module, searched)
