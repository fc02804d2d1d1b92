"""What a request in the user's words comes to: read by an LLM where one is connected, else by rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .cards import read_request
from .converse import ask_revision, budget_left, recorded_round, round_budget
from .errors import LLMError, StoppedError
from .llm import LanguageModel
from .planning.families import options
from .planning.revise import Suggested
from .records.exchange import Usage
from .records.request import Understood, Wish
from .records.revision import LLMRevision, RoundState
from .rounds import Heard
from .settings import AutoML

if TYPE_CHECKING:
    from .task import Task

_BY_RULES = "the request was read by rules instead"


class Hearing:
    """Understands requests.

    Parameters
    ----------
    settings : AutoML
    connect : callable
        Returns the LLM to ask; None where none is named. May raise `LLMError`: then rules read the request.
    """

    def __init__(self, settings: AutoML, connect: Callable[[], LanguageModel | None]) -> None:
        self._settings, self._connect = settings, connect

    def hear(self, text: str, task: Task) -> Heard:
        """Return what was understood of a request about a task.

        Raises
        ------
        StoppedError
            If the user stops the LLM's answer.
        """
        try:
            model = self._connect()
        except LLMError as error:
            return _by_rules(text, task, str(error))
        return self._hear_again(text, task) if model is None else _by_llm(text, task, model, self._settings)

    def _hear_again(self, text: str, task: Task) -> Heard:
        """Return what an LLM said of the same request, if that was recorded; else what the rules understand."""
        try:
            recorded = recorded_round(task.rounds.standing.situation, _state(task), text, settings=self._settings)
        except LLMError as error:
            return _by_rules(text, task, str(error))
        if recorded is None:
            return _by_rules(text, task)
        heard = _by_llm(text, task, recorded, self._settings)
        return replace(heard, said=(f"recorded answer of {recorded.date[:10]}", *heard.said))

    def left(self, spent: Usage) -> str:
        """Say what is left of the budget of a plan's conversation."""
        return budget_left(self._settings, spent)


def _by_rules(text: str, task: Task, fault: str = "") -> Heard:
    plan = task.plan
    hyperparameters = [parameter.name for parameter in plan.space.parameters]
    models = [card.name for card in options(plan.cards)]
    said = (fault, _BY_RULES) if fault else ()
    return Heard(read_request(text, hyperparameters=hyperparameters, models=models), said=said)


def _by_llm(text: str, task: Task, model: LanguageModel, settings: AutoML) -> Heard:
    situation, budget = task.rounds.standing.situation, round_budget(settings, task.spent)
    asked = ask_revision(situation, _state(task), text, model, budget, settings=settings)
    if asked.stopped:
        raise StoppedError("the LLM's answer was stopped; nothing was changed")
    if asked.revision is None:
        return replace(_by_rules(text, task, asked.fault), llm=model.name, usage=asked.usage)
    revision = asked.revision
    said = tuple(filter(None, (revision.said, *revision.reports, asked.fault, *asked.notes)))
    answer = asked.exchanges[-1].answer if asked.exchanges else ""
    suggested = Suggested(revision.values, revision.code)
    understood = _wanted(revision, _by_rules(text, task).understood)
    return Heard(understood, suggested, said, model.name, asked.usage, answer)


def _state(task: Task) -> RoundState:
    rounds = task.rounds
    return RoundState(task.plan, task.edited_cells, task.measured, rounds.taken_texts, rounds.last_answer)


def _wanted(revision: LLMRevision, by_rules: Understood) -> Understood:
    """Return what was understood, with the model that the LLM would take where the request names none.

    What the rules understand to the last word they understand right; an LLM, and a small one above all, may not.
    """
    sure = by_rules if by_rules.wishes and not by_rules.left else revision.understood
    if not revision.model or any(wish.want == "model" for wish in sure.wishes):
        return sure
    return replace(sure, wishes=(*sure.wishes, Wish("model", name=revision.model)))
