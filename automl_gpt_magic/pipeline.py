"""The order of the stages: cards, experience, prompt, LLM, planning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from .cards import describe, load_table, load_test_table, read_cards
from .cards.held_out import check_test_table
from .experience import Advice
from .llm import LanguageModel
from .planning.answer import Proposal, read_answer
from .planning.build import Situation, build_plan
from .planning.families import choose_model, space_for
from .planning.names import prefix_for
from .planning.recipes.tabular import card_as_trained
from .prompt import compose
from .records.card import Cards
from .records.plan import Plan
from .records.space import SearchSpace
from .settings import AutoML


def survey(
    source: str | Mapping[str, Any],
    namespace: Mapping[str, Any] | None,
    *,
    first_line: int = 1,
    frame: Any = None,
    model: LanguageModel | None = None,
    settings: AutoML | None = None,
    name: Callable[[Cards], str] | None = None,
) -> Situation:
    """Go from cards to everything a plan is built from.

    Parameters
    ----------
    source : str or mapping
        The cards, as YAML text or already as a mapping.
    namespace : mapping or None
        Where ``frame:`` and ``test_frame:`` are looked up; None outside a notebook.
    first_line : int
        The line of the cell on which ``source`` begins, for error messages.
    frame : DataFrame or None
        Stands for the card's ``frame`` where given.
    model : LanguageModel or None
        Asked for its own values; without it the plan stands on evidence alone.
    name : callable or None
        Gives the prefix of the generated names for the cards; without it, one made from the dataset's name.

    Raises
    ------
    AutoMLError
        One of its kinds, with what to write instead.
    """
    settings = settings or AutoML()
    cards = read_cards(source, first_line=first_line)
    cards, tables = _with_frame(cards, namespace, frame)
    _require_tabular(cards)
    cards, profile, notes = describe(cards, load_table(cards, tables))
    if profile is not None:
        cards = replace(cards, data=card_as_trained(cards, profile))
        if namespace is not None or cards.data.split.test_path:
            check_test_table(cards, profile, load_test_table(cards, tables))
    candidate, more_notes = choose_model(cards)
    space = space_for(candidate, cards)
    advice = Advice(
        cards.data,
        profile,
        space,
        candidate.hyperparameters,
        seconds=cards.request.constraints.get("training_seconds"),
        cache=settings.cache_folder,
    )
    evidence = advice.evidence
    transferred = advice.forecast(evidence.configuration)
    prompt = compose(cards, candidate, space, evidence, transferred, advice.forecast(space.default))
    proposals = _ask(model, prompt, space)
    return Situation(
        cards,
        profile,
        candidate,
        space,
        evidence,
        advice.forecast,
        prompt,
        name(cards) if name else _own_name(cards),
        proposals,
        model.name if model else "",
        (*notes, *more_notes, *_refusals(proposals)),
    )


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
        Anything with a ``name`` and a method ``complete(prompt) -> str``.

    Returns
    -------
    Plan
        With ``hyperparameters``, ``curve``, ``code`` and ``prompt``.

    Raises
    ------
    AutoMLError
        If the cards or the data cannot be used.
    """
    return build_plan(survey(cards, None, frame=frame, model=model), {})


def _with_frame(cards: Cards, namespace: Mapping[str, Any] | None, frame: Any) -> tuple[Cards, Mapping[str, Any]]:
    """Return the cards and the tables they name, ``frame`` standing for the card's own."""
    tables = namespace or {}
    if frame is not None:
        name = cards.data.frame or "frame"
        return replace(cards, data=replace(cards.data, frame=name, path=None)), {**tables, name: frame}
    if namespace is None and cards.data.frame:
        raise cards.error("data.frame", f"pass the DataFrame itself: plan(cards, frame={cards.data.frame})")
    return cards, tables


def _require_tabular(cards: Cards) -> None:
    if cards.data.input_type == "tabular":
        return
    raise cards.error("data.input_type", f"{cards.data.input_type} data cannot be planned yet; write tabular")


def _own_name(cards: Cards) -> str:
    frames = (cards.data.frame, cards.data.split.test_frame)
    return prefix_for(cards.data.name, [frame for frame in frames if frame])


def _ask(model: LanguageModel | None, prompt: str, space: SearchSpace) -> tuple[Proposal, ...]:
    return read_answer(model.complete(prompt), space) if model else ()


def _refusals(proposals: Iterable[Proposal]) -> tuple[str, ...]:
    return tuple(
        f"The LLM's {proposal.name} was replaced: {proposal.error}" for proposal in proposals if proposal.error
    )
