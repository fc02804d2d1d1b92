"""Who answers: the endpoint, a recorded answer, or nobody; and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .calls import Hear, recordings_of, store_exchanges
from .connection import endpoint_of, with_model
from .consult import Consultation, Replan, consult
from .errors import AutoMLError, LLMError, UsageError
from .llm import Budget, ChatModel, Endpoint, LanguageModel, Replayed
from .planning.build import Situation
from .records.exchange import Offer
from .settings import AutoML

_T = TypeVar("_T")


@dataclass(frozen=True)
class Options:
    """What the magic's line asks for: a new answer, or a recorded one."""

    live: bool = False
    replay: bool = False


@dataclass(frozen=True, eq=False)
class Answered:
    """A situation with its answer, if there is one.

    ``fault`` says why there is none, or none that is new; ``notes`` what else a user should know; ``stopped`` that
    the user interrupted.
    """

    consultation: Consultation
    fault: str = ""
    notes: tuple[str, ...] = ()

    @property
    def situation(self) -> Situation:
        return self.consultation.situation

    @property
    def stopped(self) -> bool:
        return self.consultation.stopped


class Answers:
    """Gives answers, and remembers what form of request each endpoint takes."""

    def __init__(self) -> None:
        self._models: dict[Endpoint, ChatModel] = {}

    def get(
        self,
        situation: Situation,
        settings: AutoML,
        options: Options,
        *,
        budget: Budget,
        replan: Replan,
        begin: Callable[[Offer], None],
        hear: Hear,
    ) -> Answered:
        """Return the situation with an answer: a recorded one of the same cards, else the endpoint's.

        ``begin`` is called with what will be sent, before it is.

        Raises
        ------
        UsageError
            If what the line asks for cannot be had.
        """
        asking = _Asking(situation, settings, budget, replan, hear)
        if not options.live:
            replayed = asking.replay()
            if replayed is not None:
                return replayed
        if options.replay:
            raise UsageError(f"%%automl --replay: {asking.not_replayed() or 'no answer is recorded'}")
        try:
            model = self.model(settings)
        except LLMError as error:
            return asking.unanswered(str(error))
        except KeyboardInterrupt:  # while the endpoint lists its models
            return Answered(Consultation(situation, stopped=True), notes=asking.notes)
        if model is not None:
            begin(model.offer(situation.prompt))
            return asking.ask(model)
        if options.live:
            raise UsageError("%%automl --live: no endpoint is named; set OPENAI_API_KEY or %config AutoML.base_url")
        return asking.offline()

    def model(self, settings: AutoML) -> ChatModel | None:
        """Return the LLM that the settings name; None where there is none.

        Raises
        ------
        LLMError
            If it cannot be reached, or is not named.
        """
        endpoint = endpoint_of(settings)
        if endpoint is None:
            return None
        if endpoint not in self._models:
            self._models[endpoint] = ChatModel(with_model(endpoint))
        return self._models[endpoint]


class _Asking:
    """One situation that wants an answer. What fails beside the plan becomes a note: the plan stands without it."""

    def __init__(self, situation: Situation, settings: AutoML, budget: Budget, replan: Replan, hear: Hear) -> None:
        self._situation, self._settings, self._budget = situation, settings, budget
        self._replan, self._hear = replan, hear
        self._recordings = recordings_of(situation.cards.data.name, settings)
        self.notes: tuple[str, ...] = ()

    def replay(self) -> Answered | None:
        """Return the recorded answer to the same cards; None where there is none."""
        recorded = self._noted(self._recorded)
        if recorded is None:
            return None
        again = self._consult(recorded)
        return Answered(again, again.fault, self.notes)

    def ask(self, model: LanguageModel) -> Answered:
        """Ask a model, keep what it says, and fall back to a recorded answer where it says nothing."""
        asked = self._consult(model)
        for keep in (_require_whole, self._record, self._store):
            self._noted(lambda keep=keep: keep(asked))  # type: ignore[misc]
        if asked.situation.answer is None and not asked.stopped:
            replayed = self.replay()
            if replayed is not None:
                return Answered(replayed.consultation, asked.fault, self.notes)
        return Answered(asked, asked.fault, self.notes)

    def offline(self) -> Answered:
        """Return the situation as it is, with the reason where a recorded answer is not replayed."""
        said = self._noted(self.not_replayed)
        return Answered(Consultation(self._situation), notes=(*self.notes, *filter(None, [said])))

    def unanswered(self, fault: str) -> Answered:
        """Return the situation as it is, because nobody can be asked."""
        return Answered(Consultation(self._situation), fault, self.notes)

    def not_replayed(self) -> str:
        """Say why a recorded answer is not replayed; empty where none is recorded."""
        if self._recordings is None:
            return ""
        changed = self._recordings.changes(self._situation.prompt, self._settings.model)
        said = f"the answer in {self._recordings.path.name} is not replayed: {' and '.join(changed)} changed since"
        return said if changed else ""

    def _consult(self, model: LanguageModel) -> Consultation:
        return consult(
            self._situation, model, self._budget, replan=self._replan, settings=self._settings, hear=self._hear
        )

    def _recorded(self) -> Replayed | None:
        found = self._recordings.find(self._situation.prompt, self._settings.model) if self._recordings else None
        return Replayed(found) if found else None

    def _record(self, asked: Consultation) -> None:
        """Write an answered conversation beside the notebook."""
        if asked.situation.answer is not None and self._recordings:
            self._recordings.add([one for one in asked.exchanges if one.status != "interrupted"])

    def _store(self, asked: Consultation) -> None:
        """Write every exchange to the store."""
        store_exchanges(asked.exchanges, self._settings)

    def _noted(self, call: Callable[[], _T]) -> _T | None:
        try:
            return call()
        except AutoMLError as error:
            if str(error) not in self.notes:
                self.notes = (*self.notes, str(error))
        except KeyboardInterrupt:  # the answer is there; only its record is not
            self.notes = (*self.notes, "Interrupted while the answer was kept; the store may lack it.")
        return None


def _require_whole(asked: Consultation) -> None:
    if asked.situation.answer is not None and any(one.status == "cut" for one in asked.exchanges):
        raise LLMError(
            f"{asked.situation.llm}'s answer was cut off, and what had come whole is taken; a higher "
            "%config AutoML.answer_tokens may let it finish"
        )
