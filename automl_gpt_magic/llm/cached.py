"""A language model that is not asked again what it has answered before."""

from __future__ import annotations

from collections.abc import Callable, Generator

from ..records.exchange import Exchange, Offer, Usage
from ..records.prompt import Prompt
from .budget import Budget
from .client import LanguageModel, Piece, Reply


class Cached:
    """See `LanguageModel`; what it knows already is neither sent nor paid.

    Parameters
    ----------
    model : LanguageModel
    find : callable
        From a prompt to the exchange in which this model answered exactly it; None where it never did.

    Attributes
    ----------
    recalled : dict of Exchange
        Those that were given again, by their prompt's digest.
    """

    def __init__(self, model: LanguageModel, find: Callable[[Prompt], Exchange | None]) -> None:
        self.name, self.host = model.name, model.host
        self.recalled: dict[str, Exchange] = {}
        self._model, self._find = model, find

    def offer(self, prompt: Prompt) -> Offer:
        """Say what a call would send and cost at most: nothing where the answer is known."""
        return Offer(self.name, self.host, 0, 0, 0.0) if self._known(prompt) else self._model.offer(prompt)

    def stream(self, prompt: Prompt, budget: Budget) -> Generator[Piece | Reply, None, None]:
        """Yield the answer piece by piece and then its `Reply`; see `LanguageModel.stream`."""
        known = self._known(prompt)
        if known is None:
            yield from self._model.stream(prompt, budget)
            return
        yield Piece(known.answer)
        yield Reply(known.answer, known.mode, Usage(cost=0.0))

    def _known(self, prompt: Prompt) -> Exchange | None:
        found = self.recalled.get(prompt.digest) or self._find(prompt)
        if found is not None:
            self.recalled[prompt.digest] = found
        return found
