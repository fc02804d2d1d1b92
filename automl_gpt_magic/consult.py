"""Ask a language model about a situation, check what it says, send it back once, and let it improve."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from .errors import LLMError
from .llm import Budget, JsonStream, LanguageModel, RecordingEndedError, Reply, read_json
from .planning.answer import KEYS, Context, check_answer, merge, with_suggestions
from .planning.build import Situation
from .planning.families import family_named
from .planning.unmask import NOT_PUT_BACK, with_names
from .prompt import improve, repair
from .records.answer import Answer, Candidate, Refused
from .records.card import ModelCard
from .records.exchange import Arrival, Exchange, Usage
from .records.mask import DATASET, TARGET, Mask
from .records.prompt import Prompt, estimated_tokens
from .settings import AutoML

_BETWEEN_REPORTS = 0.12

Hear = Callable[[Arrival], None]
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
        _require_size(situation.prompt, settings)
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
    return Consultation(talk.result(), tuple(talk.exchanges), fault, stopped, talk.arrival)


def _require_size(prompt: Prompt, settings: AutoML) -> None:
    if prompt.tokens > settings.prompt_tokens:
        raise LLMError(
            f"The prompt needs about {prompt.tokens:,} tokens and {settings.prompt_tokens:,} are allowed; shorten the "
            "cards or raise %config AutoML.prompt_tokens"
        )


class _Talk:
    """One conversation: its calls, and what stands of the answers so far."""

    def __init__(self, situation: Situation, model: LanguageModel, budget: Budget, replan: Replan, hear: Hear) -> None:
        self._before, self._model, self._budget, self._replan, self._hear = situation, model, budget, replan, hear
        self._situation, self._mask = situation, situation.prompt.mask
        self._answer: Answer | None = None
        self.refused: tuple[Refused, ...] = ()
        self.exchanges: list[Exchange] = []
        self.arrival: Arrival | None = None

    def result(self) -> Situation:
        if self._answer is None:
            return self._before
        date = getattr(self._model, "date", "")
        return replace(self._situation, answer=self._answer, llm=self._model.name, replayed=date)

    def ask(self) -> None:
        found = self._call(self._before.prompt)
        self._situation = self._for_model(found)
        answer = check_answer(found, _context(self._situation))
        if not (answer.given or answer.techniques or answer.layers or answer.notes):
            raise LLMError(f"{self._model.name} gave nothing of the form asked for; take another model")
        self._answer = answer
        self.refused = _as_written(found, answer, _context(self._situation))

    def repair(self) -> None:
        assert self._answer is not None
        lines = [f"{one.part}: {one.given}: {one.reason}" for one in self.refused]
        found = self._call(repair(self._before.prompt, self.exchanges[0].answer, lines))
        context = _context(self._situation)
        self._answer = merge(self._answer, check_answer(found, context), context.rounds)

    def improve(self) -> None:
        """Give the forecast of every candidate and take what comes back as further candidates."""
        assert self._answer is not None
        choice = self.result().choice
        assert choice is not None
        prompt = improve(self._before.prompt, self.exchanges[-1].answer, map(_prediction, choice.candidates))
        further = check_answer(self._call(prompt), _context(self._situation))
        self._answer = with_suggestions(self._answer, further)

    def _for_model(self, found: Mapping[str, Any]) -> Situation:
        """Return the situation for the model card that the answer chooses."""
        part = found.get("model")
        wanted = part.get("card") if isinstance(part, Mapping) else None
        wanted = self._mask.models.get(str(wanted), wanted) if self._mask else wanted
        card = next((card for card in self._before.models if card.name == wanted), self._before.model)
        return self._before if card is self._before.model else self._replan(self._before, card)

    def _call(self, prompt: Prompt) -> dict[str, Any]:
        """Return the JSON object that comes back; the exchange is kept also where it ends early."""
        began, stream, text = time.monotonic(), JsonStream(KEYS), ""
        status: Literal["answered", "cut", "interrupted"] = "interrupted"
        reply: Reply | None = None
        reporter = _Reporter(self._model.offer(prompt), self._budget, self._report)
        reporter.report(stream, 0)
        try:
            with closing(self._model.stream(prompt, self._budget)) as pieces:
                for piece in pieces:
                    if isinstance(piece, Reply):
                        reply, status = piece, "cut" if piece.cut else "answered"
                        break
                    if piece.restart:
                        stream, text = JsonStream(KEYS), ""
                    text += piece.text
                    stream.feed(piece.text)
                    reporter.hear(stream, estimated_tokens(text), piece.note)
        finally:
            self._keep(prompt, reply or Reply(text, "text", Usage(estimated=True)), status, time.monotonic() - began)
        assert reply is not None
        found = read_json(reply.text, KEYS)[0]
        reporter.report(stream, reply.usage.answer_tokens)
        return found

    def _report(self, arrival: Arrival) -> None:
        if self._mask:
            arrival = replace(arrival, draft=with_names(arrival.draft, self._mask))
        self.arrival = arrival
        self._hear(arrival)

    def _keep(
        self, prompt: Prompt, reply: Reply, status: Literal["answered", "cut", "interrupted"], seconds: float
    ) -> None:
        if not reply.text:
            return
        self.exchanges.append(
            Exchange(
                self._model.name,
                self._model.host,
                datetime.now(UTC).isoformat(timespec="seconds"),
                reply.mode,
                prompt.messages,
                reply.text,
                reply.usage,
                round(seconds, 3),
                prompt.version,
                prompt.parts,
                prompt.digest,
                status,
            )
        )


class _Reporter:
    """Passes arrivals on: at once when a part is finished, else a few times a second."""

    def __init__(self, offer: Any, budget: Budget, hear: Hear) -> None:
        self._offer, self._budget, self._hear = offer, budget, hear
        self._last, self._finished = 0.0, 0
        self._earlier = budget.spent.cost or 0.0

    def hear(self, stream: JsonStream, tokens: int, note: str) -> None:
        now = time.monotonic()
        if now - self._last < _BETWEEN_REPORTS and len(stream.finished) == self._finished:
            return
        self.report(stream, tokens, note)

    def report(self, stream: JsonStream, tokens: int, note: str = "") -> None:
        self._last, self._finished = time.monotonic(), len(stream.finished)
        offer = self._offer
        cost = None
        if offer.most_cost is not None:
            cost = self._earlier + offer.most_cost - offer.answer_price * max(0, offer.most_tokens - tokens)
        self._hear(Arrival(offer, self._budget.elapsed, tokens, cost, stream.draft, stream.finished, note))


def _context(situation: Situation) -> Context:
    table, family = situation.table, family_named(situation.space.family)
    return Context(
        space=situation.space,
        fixed=situation.model.hyperparameters,
        models=[situation.model.name, *(card.name for card in situation.models)],
        metric=next(iter(situation.forecast(situation.space.default).curves)),
        names=situation.names,
        columns=[str(column.name) for column in table.columns] if table else [],
        target=str(table.target) if table else "",
        prepared=family.features != "images",
        estimator=family.open_estimator(situation.cards.data, situation.model.hyperparameters),
        module=family.module,
        n_candidates=8,
        rounds=family.rounds,
        n_rounds=int(situation.evidence.configuration.get(family.rounds, 1)),
        mask=situation.prompt.mask,
    )


def _as_written(found: Mapping[str, Any], answer: Answer, context: Context) -> tuple[Refused, ...]:
    """Return what is refused of an answer in the words it was written in: the names behind a mask are not sent."""
    if context.mask is None:
        return answer.refused
    refused = check_answer(found, _behind(context, context.mask)).refused
    return (*refused, *(one for one in answer.refused if NOT_PUT_BACK in one.reason))


def _behind(context: Context, mask: Mask) -> Context:
    """Return the context that the LLM knows."""
    hidden = {name: token for token, name in mask.models.items()}
    models = [hidden.get(name, name) for name in context.models]
    return replace(context, models=models, names=DATASET, columns=list(mask.columns), target=TARGET, mask=None)


def _prediction(candidate: Candidate) -> str:
    values = ", ".join(f"{name}={value}" for name, value in candidate.values.items())
    return f"{values}: final validation loss {candidate.predicted:.4f}, {candidate.seconds:.1f} s"
