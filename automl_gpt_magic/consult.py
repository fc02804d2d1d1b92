"""Ask a language model about a situation, check what it says, send it back once, and let it improve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from .calls import Calls, Hear, require_size
from .errors import LLMError
from .llm import Budget, LanguageModel, RecordingEndedError
from .planning.answer import KEYS, check_answer, merge, with_suggestions
from .planning.build import Situation
from .planning.context import Context, as_written, context_of
from .planning.unmask import NOT_PUT_BACK
from .prompt import improve, repair
from .records.answer import Answer, Candidate, Refused
from .records.card import ModelCard
from .records.exchange import Arrival, Exchange
from .settings import AutoML

Replan = Callable[[Situation, ModelCard], Situation]


@dataclass(frozen=True, eq=False)
class Consultation:
    """What came of asking.

    ``situation`` carries the answer, if there is one; ``exchanges`` are the calls, in their order; ``fault`` says
    why there is no answer, or none to a later call; ``stopped`` that the user interrupted; ``arrival`` is the last.
    """

    situation: Situation
    exchanges: tuple[Exchange, ...] = ()
    fault: str = ""
    stopped: bool = False
    arrival: Arrival | None = None


def consult(
    situation: Situation,
    model: LanguageModel,
    budget: Budget,
    *,
    replan: Replan,
    settings: AutoML,
    hear: Hear = lambda _: None,
) -> Consultation:
    """Ask ``model`` and lay its checked answer over the situation.

    One call, one more where the checks refuse something, and ``settings.rounds`` - 1 further ones to improve on the
    forecast. A fault or an interrupt keeps what the calls before it gave.

    Parameters
    ----------
    situation : Situation
    model : LanguageModel
    budget : Budget
    replan : callable
        Makes the same situation for another of its model cards.
    settings : AutoML
    hear : callable
        Called with each `Arrival`.
    """
    talk = _Talk(situation, model, budget, replan, hear)
    fault, stopped = "", False
    try:
        require_size(situation.prompt, settings.prompt_tokens)
        talk.ask()
        with suppress(RecordingEndedError):
            if talk.refused and settings.repair:
                talk.repair()
            for _ in range(settings.rounds - 1):
                talk.improve()
    except LLMError as error:
        fault = str(error)
    except KeyboardInterrupt:
        stopped = True
    return Consultation(talk.result(), tuple(talk.calls.exchanges), fault, stopped, talk.calls.arrival)


class _Talk:
    """One conversation: its calls, and what stands of the answers so far."""

    def __init__(self, situation: Situation, model: LanguageModel, budget: Budget, replan: Replan, hear: Hear) -> None:
        self._before, self._model, self._replan = situation, model, replan
        self._situation, self._mask = situation, situation.prompt.mask
        self._answer: Answer | None = None
        self.refused: tuple[Refused, ...] = ()
        self.calls = Calls(model, budget, KEYS, hear, self._mask)

    def result(self) -> Situation:
        if self._answer is None:
            return self._before
        date = getattr(self._model, "date", "")
        return replace(self._situation, answer=self._answer, llm=self._model.name, replayed=date)

    def ask(self) -> None:
        found = self.calls.ask(self._before.prompt)
        self._situation = self._for_model(found)
        answer = check_answer(found, context_of(self._situation))
        if not (answer.given or answer.techniques or answer.layers or answer.notes):
            raise LLMError(f"{self._model.name} gave nothing of the form asked for; take another model")
        self._answer = answer
        self.refused = _as_written(found, answer, context_of(self._situation))

    def repair(self) -> None:
        assert self._answer is not None
        lines = [f"{one.part}: {one.given}: {one.reason}" for one in self.refused]
        found = self.calls.ask(repair(self._before.prompt, self.calls.exchanges[0].answer, lines))
        context = context_of(self._situation)
        self._answer = merge(self._answer, check_answer(found, context), context.rounds)

    def improve(self) -> None:
        """Give the forecast of every candidate and take what comes back as further candidates."""
        assert self._answer is not None
        choice = self.result().choice
        assert choice is not None
        prompt = improve(self._before.prompt, self.calls.exchanges[-1].answer, map(_prediction, choice.candidates))
        further = check_answer(self.calls.ask(prompt), context_of(self._situation))
        self._answer = with_suggestions(self._answer, further)

    def _for_model(self, found: Mapping[str, Any]) -> Situation:
        """Return the situation for the model card that the answer chooses."""
        part = found.get("model")
        wanted = part.get("card") if isinstance(part, Mapping) else None
        wanted = self._mask.models.get(str(wanted), wanted) if self._mask else wanted
        card = next((card for card in self._before.models if card.name == wanted), self._before.model)
        return self._before if card is self._before.model else self._replan(self._before, card)


def _as_written(found: Mapping[str, Any], answer: Answer, context: Context) -> tuple[Refused, ...]:
    """Return what is refused of an answer in the words it was written in: the names behind a mask are not sent."""
    if context.mask is None:
        return answer.refused
    refused = check_answer(found, as_written(context)).refused
    return (*refused, *(one for one in answer.refused if NOT_PUT_BACK in one.reason))


def _prediction(candidate: Candidate) -> str:
    values = ", ".join(f"{name}={value}" for name, value in candidate.values.items())
    return f"{values}: final validation loss {candidate.predicted:.4f}, {candidate.seconds:.1f} s"
