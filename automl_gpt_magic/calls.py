"""The calls of one conversation with a language model: reported while they arrive, kept also where they end early."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from .errors import LLMError
from .llm import Budget, JsonStream, LanguageModel, Recordings, Reply, read_json
from .planning.names import prefix_for
from .planning.unmask import with_names
from .records.exchange import Arrival, Exchange, Offer, Usage
from .records.mask import Mask
from .records.prompt import Prompt, estimated_tokens
from .settings import AutoML

_BETWEEN_REPORTS = 0.12

Hear = Callable[[Arrival], None]
Status = Literal["answered", "cut", "interrupted"]


class Calls:
    """Asks one model, within one budget.

    Parameters
    ----------
    model : LanguageModel
    budget : Budget
    keys : collection of str
        The top-level keys of an answer.
    hear : callable
        Called with each `Arrival`.
    mask : Mask or None
        The words that stand for the user's names.

    Attributes
    ----------
    exchanges : list of Exchange
        In their order.
    arrival : Arrival or None
        The last.
    """

    def __init__(
        self, model: LanguageModel, budget: Budget, keys: Collection[str], hear: Hear, mask: Mask | None
    ) -> None:
        self._model, self._budget, self._keys = model, budget, keys
        self._hear, self._mask = hear, mask
        self.exchanges: list[Exchange] = []
        self.arrival: Arrival | None = None

    def ask(self, prompt: Prompt) -> dict[str, Any]:
        """Return the JSON object that comes back.

        Raises
        ------
        LLMError
            If none does.
        """
        began, stream, text = time.monotonic(), JsonStream(self._keys), ""
        status: Status = "interrupted"
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
                        stream, text = JsonStream(self._keys), ""
                    text += piece.text
                    stream.feed(piece.text)
                    reporter.hear(stream, estimated_tokens(text), piece.note)
        finally:
            self._keep(prompt, reply or Reply(text, "text", Usage(estimated=True)), status, time.monotonic() - began)
        assert reply is not None
        found = read_json(reply.text, self._keys)[0]
        reporter.report(stream, reply.usage.answer_tokens)
        return found

    def _report(self, arrival: Arrival) -> None:
        if self._mask:
            arrival = replace(arrival, draft=with_names(arrival.draft, self._mask))
        self.arrival = arrival
        self._hear(arrival)

    def _keep(self, prompt: Prompt, reply: Reply, status: Status, seconds: float) -> None:
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

    def __init__(self, offer: Offer, budget: Budget, hear: Hear) -> None:
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


def require_size(prompt: Prompt, most_tokens: int) -> None:
    """Check that a prompt is not too long to be sent.

    Raises
    ------
    LLMError
        If it is.
    """
    if prompt.tokens > most_tokens:
        raise LLMError(
            f"The prompt needs about {prompt.tokens:,} tokens and {most_tokens:,} are allowed; shorten the "
            "cards or raise %config AutoML.prompt_tokens"
        )


def store_exchanges(exchanges: Sequence[Exchange], settings: AutoML) -> None:
    """Write exchanges to the user's store, where there is one.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    if exchanges and settings.store_place:
        from .store import Store

        store = Store(settings.store_place)
        for exchange in exchanges:
            store.add_exchange(exchange)


def recordings_of(name: str, settings: AutoML) -> Recordings | None:
    """Return the file of a dataset's recorded answers; a kernel cannot read its notebook, so the card names it."""
    if not settings.recordings:
        return None
    return Recordings(Path(settings.recordings).expanduser() / f"{prefix_for(name, [])}.automl.json")
