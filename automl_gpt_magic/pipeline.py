"""The order of the stages: cards; experience and prompt, in `situations`; an LLM's answer, in `consult`; planning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from .cards import describe, feature_matrix, load_table, load_test_table, read_cards, with_columns_counted
from .cards.held_out import check_test_table
from .consult import consult
from .errors import LLMError, StoppedError
from .experience import MOST_ROWS, Sample, is_recorded, measure_sample
from .llm import Budget, LanguageModel
from .measured import runs_on, runs_on_others
from .planning.build import Situation, build_plan
from .planning.families import any_counts_columns, family_of, plannable
from .planning.fitting import within_limits
from .planning.names import prefix_for
from .planning.recipes import tabular
from .records.card import Cards
from .records.plan import Plan
from .records.table import TableProfile
from .settings import AutoML
from .situations import Surveyed, replanner, situation_of


def survey(
    source: str | Mapping[str, Any] | Cards,
    namespace: Mapping[str, Any] | None,
    *,
    frame: Any = None,
    settings: AutoML | None = None,
    name: Callable[[Cards], str] | None = None,
) -> Situation:
    """Go from cards to everything a plan is built from, but for an LLM's answer.

    Parameters
    ----------
    source : str, mapping or Cards
        The cards, as YAML text, as a mapping, or already read.
    namespace : mapping or None
        Where ``frame:`` and ``test_frame:`` are looked up; None outside a notebook.
    frame : DataFrame or None
        Stands for the card's ``frame`` where given.
    name : callable or None
        Gives the prefix of the generated names for the cards; without it, one made from the dataset's name.

    Raises
    ------
    AutoMLError
        One of its kinds, with what to write instead.
    """
    settings = settings or AutoML()
    cards = source if isinstance(source, Cards) else read_cards(source)
    cards, tables = _with_frame(cards, namespace, frame)
    table = load_table(cards, tables)
    cards, profile, notes = describe(cards, table)
    if profile is not None:
        cards = replace(cards, data=tabular.card_as_trained(cards, profile))
        if table is not None and any_counts_columns(cards):
            profile = with_columns_counted(cards, table, profile)
        if namespace is not None or cards.data.split.test_path:
            notes += check_test_table(cards, profile, table, load_test_table(cards, tables))
    names = name(cards) if name else _own_name(cards)
    runs, said = runs_on(table, profile, cards.data, settings.store_place)
    others, said = ({}, said) if said else runs_on_others(cards, runs, settings.store_place)
    sample = _sample(cards, table, profile)
    surveyed = Surveyed(cards, profile, names, (*notes, *said), runs, others, sample)
    return within_limits(situation_of(surveyed, plannable(cards)[0], settings))


def plan(
    cards: str | Mapping[str, Any],
    *,
    frame: Any = None,
    model: LanguageModel | None = None,
) -> Plan:
    """Plan a task from its cards: the magic without a notebook.

    Parameters
    ----------
    cards : str or mapping
        YAML text, as in a ``%%automl`` cell, or the same as a mapping.
    frame : DataFrame or None
        The data; the card's ``frame`` then only names the variable that the generated code reads.
    model : LanguageModel or None
        From `connect`; without it the plan stands on recorded runs alone.

    Returns
    -------
    Plan
        With ``hyperparameters``, ``curve``, ``code`` and ``prompt``.

    Raises
    ------
    AutoMLError
        If the cards or the data cannot be used, or the LLM gives no answer.
    """
    settings = AutoML()
    situation = survey(cards, None, frame=frame, settings=settings)
    if model is not None:
        consultation = consult(situation, model, budget_of(settings), replan=replanner(settings), settings=settings)
        if consultation.stopped:
            raise StoppedError("the LLM's answer was stopped; without a model the plan stands on recorded runs alone")
        if consultation.fault and consultation.situation.answer is None:
            raise LLMError(consultation.fault)
        situation = consultation.situation
    return build_plan(situation, {})


def budget_of(settings: AutoML) -> Budget:
    """Return the limits of one plan's calls."""
    return Budget(settings.deadline, settings.token_budget, settings.cost_budget)


def _sample(cards: Cards, table: Any, profile: TableProfile | None) -> Sample | None:
    """Measure a table by short trainings; None where there is nothing to measure, to compare or to train with."""
    if table is None or profile is None or cards.data.input_type != "tabular" or not find_spec("xgboost"):
        return None
    families = (family_of(model, cards.data) for model in plannable(cards))
    if not any(family and is_recorded(family.name, cards.data.task) for family in families):
        return None
    matrix = feature_matrix(cards, table, profile, MOST_ROWS)
    return measure_sample(*matrix) if matrix else None


def _with_frame(cards: Cards, namespace: Mapping[str, Any] | None, frame: Any) -> tuple[Cards, Mapping[str, Any]]:
    """Return the cards and the tables they name, ``frame`` standing for the card's own."""
    tables = namespace or {}
    if frame is not None:
        name = cards.data.frame or "frame"
        return replace(cards, data=replace(cards.data, frame=name, path=None, dataset=None)), {**tables, name: frame}
    if namespace is None and cards.data.frame:
        raise cards.error("data.frame", f"pass the DataFrame itself: plan(cards, frame={cards.data.frame})")
    return cards, tables


def _own_name(cards: Cards) -> str:
    frames = (cards.data.frame, cards.data.split.test_frame)
    return prefix_for(cards.data.name, [frame for frame in frames if frame])
