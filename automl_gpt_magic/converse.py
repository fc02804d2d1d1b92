"""A round of the conversation with a language model: a request and how the plan stands go out, a revision comes back.

Everything that comes back is checked, and nothing of it is taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .calls import Calls, Hear, recordings_of, require_size, store_exchanges
from .cards.request.names import spelt_parameters
from .cards.request.tokens import tokens_of
from .errors import AutoMLError, LLMError
from .llm import Budget, Cached, LanguageModel, Replayed, read_json
from .planning.build import Situation
from .planning.checked import checks_of
from .planning.context import Context, as_written, context_of
from .planning.families import options
from .planning.revision_answer import REVISION_KEYS, check_revision, merge_revisions
from .planning.revision_wishes import Question
from .planning.trained import just_trained
from .planning.unmask import NOT_PUT_BACK
from .prompt import Open, repair, revise
from .records.answer import Refused
from .records.exchange import Arrival, Exchange, Usage
from .records.prompt import Prompt
from .records.revision import LLMRevision, RoundState
from .settings import AutoML

_ADDED = 0.5  # of the most tokens of a plan's prompt: so many more a round may have
_CENTS_COUNT = 0.1  # dollars; of less than that fractions of a cent are shown


@dataclass(frozen=True, eq=False)
class Asked:
    """What came of a request.

    Attributes
    ----------
    revision : LLMRevision or None
        None where there is no answer.
    exchanges : tuple of Exchange
        The calls in their order; one that was not made again, as the answer was known, is the one that was recorded.
    usage : Usage
        Of the calls that were made, also of those that failed.
    fault : str
        Why there is no answer, or none to a later call.
    stopped : bool
        Whether the user interrupted.
    notes : tuple of str
        What failed beside it.
    arrival : Arrival or None
        The last.
    """

    revision: LLMRevision | None
    exchanges: tuple[Exchange, ...]
    usage: Usage
    fault: str
    stopped: bool
    notes: tuple[str, ...]
    arrival: Arrival | None


def ask_revision(
    situation: Situation,
    state: RoundState,
    text: str,
    model: LanguageModel,
    budget: Budget,
    *,
    settings: AutoML,
    hear: Hear = lambda _: None,
) -> Asked:
    """Ask ``model`` what a request means and how it would revise the plan; return what of its answer stands.

    One call, and one more where the checks refuse something. A fault or an interrupt keeps what the call before it
    gave. What the same model was asked before, in the same state of the plan, is neither sent nor paid again.

    Parameters
    ----------
    situation : Situation
    state : RoundState
    text : str
        The request in the user's words.
    model : LanguageModel
    budget : Budget
        From `round_budget`.
    settings : AutoML
    hear : callable
        Called with each `Arrival`.
    """
    round_ = _Round(situation, state, text, model, budget, settings, hear)
    fault, stopped = "", False
    try:
        round_.ask()
        if round_.refused and settings.repair:
            round_.repair()
    except LLMError as error:
        fault = str(error)
    except KeyboardInterrupt:
        stopped = True
    if not isinstance(model, Replayed):
        round_.keep()
    return Asked(
        round_.revision, round_.exchanges, budget.spent, fault, stopped, tuple(round_.notes), round_.calls.arrival
    )


def recorded_round(situation: Situation, state: RoundState, text: str, *, settings: AutoML) -> Replayed | None:
    """Return what says again how an LLM answered this request; None where nobody was asked it of this plan.

    The cards, the values that stand and the request have to be the same; what was measured since need not.

    Raises
    ------
    LLMError
        If the file of recorded answers cannot be read.
    """
    recordings = recordings_of(situation.cards.data.name, settings)
    if recordings is None or not recordings.read():  # as without any LLM: no prompt is made in vain
        return None
    found = recordings.find(_prompt(situation, state, _question(situation, state, text), settings), settings.model)
    return Replayed(found) if found else None


def round_budget(settings: AutoML, spent: Usage) -> Budget:
    """Return the limits of one request's calls, after what the plan and the requests before it spent."""
    return Budget(settings.deadline, settings.token_budget, settings.cost_budget, spent)


def budget_left(settings: AutoML, spent: Usage) -> str:
    """Say what is left of the budget, such as ``$0.45 and 18,000 tokens left``; no dollars where no price is known."""
    tokens = f"{max(0, settings.token_budget - spent.tokens):,} tokens left"
    if spent.cost is None:
        return tokens
    dollars = max(0.0, settings.cost_budget - spent.cost)
    return f"${dollars:.{2 if dollars >= _CENTS_COUNT else 4}f} and {tokens}"


class _Round:
    """One request: its calls, and what stands of the answers so far."""

    def __init__(
        self,
        situation: Situation,
        state: RoundState,
        text: str,
        model: LanguageModel,
        budget: Budget,
        settings: AutoML,
        hear: Hear,
    ) -> None:
        self._settings, self._name = settings, situation.cards.data.name
        self._context = context_of(situation)
        self._question = _question(situation, state, text)
        self._prompt = _prompt(situation, state, self._question, settings)
        self._model = Cached(model, self._recorded)
        self.calls = Calls(self._model, budget, REVISION_KEYS, hear, situation.prompt.mask)
        self.revision: LLMRevision | None = None
        self.refused: tuple[Refused, ...] = ()
        self.notes: list[str] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._model.recalled.get(one.digest, one) for one in self.calls.exchanges)

    def ask(self) -> None:
        require_size(self._prompt, int((1 + _ADDED) * self._settings.prompt_tokens))
        found = self.calls.ask(self._prompt)
        revision = check_revision(found, self._question, self._context)
        if not revision.is_something and not revision.refused:
            raise LLMError(f"{self._model.name} gave nothing of the form asked for; take another model")
        self.revision = revision
        self.refused = _as_written(found, revision, self._question, self._context)

    def repair(self) -> None:
        assert self.revision is not None
        lines = [f"{one.part}: {one.given}: {one.reason}" for one in self.refused]
        found = self.calls.ask(repair(self._prompt, self.calls.exchanges[0].answer, lines))
        self.revision = merge_revisions(self.revision, check_revision(found, self._question, self._context))

    def keep(self) -> None:
        """Write the calls to the store, and whole answers beside the notebook; where that fails, the answer stands."""
        made = [one for one in self.calls.exchanges if one.digest not in self._model.recalled]
        self._noted(lambda: store_exchanges(made, self._settings))
        recordings = recordings_of(self._name, self._settings)
        whole = [one for one in self.exchanges if one.status != "interrupted"]
        if recordings and whole and self.revision is not None:
            self._noted(lambda: recordings.add(whole))

    def _recorded(self, prompt: Prompt) -> Exchange | None:
        """Return the exchange in which the model answered exactly this before; one that could not be used is none."""
        found = self._noted(lambda: self._in_store(prompt))
        answer = read_json(found.answer, REVISION_KEYS)[0] if found else {}
        return found if check_revision(answer, self._question, self._context).is_something else None

    def _in_store(self, prompt: Prompt) -> Exchange | None:
        if not self._settings.store_place:
            return None
        from .store import Store

        return Store(self._settings.store_place).find_exchange(prompt, self._model.name)

    def _noted(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except AutoMLError as error:
            self.notes += [str(error)] if str(error) not in self.notes else []
        except KeyboardInterrupt:  # the answer is there; only its record is not
            self.notes.append("Interrupted while the answer was kept; the store may lack it.")
        return None


def _question(situation: Situation, state: RoundState, text: str) -> Question:
    hyperparameters = [parameter.name for parameter in situation.space.parameters]
    return Question(
        text=" ".join(text.split()),
        task=situation.cards.data.task,
        models=[card.name for card in options(situation.cards)],
        kept=state.kept,
        standing=state.plan.hyperparameters,
        named=_named(text, hyperparameters),
    )


def _named(text: str, hyperparameters: Iterable[str]) -> set[str]:
    """Return the hyperparameters that a text names, in any of the ways that people write them."""
    words = f" {' '.join(token.word for token in tokens_of(text))} "
    spelt = spelt_parameters(hyperparameters)
    return {name for spelling, name in spelt.items() if spelling and f" {spelling} " in words}


def _prompt(situation: Situation, state: RoundState, question: Question, settings: AutoML) -> Prompt:
    fixed, plan = situation.model.hyperparameters, state.plan
    may_change = [name for name in plan.hyperparameters if name not in fixed]
    free = [name for name in may_change if name not in question.kept or name in question.named]
    measured = state.measured if state.measured is not None and state.measured.finished else None
    more = [just_trained(situation.space.family, measured)] if measured else []
    checked = replace(plan, checks=checks_of(situation, plan.hyperparameters, plan.forecast, more))
    return revise(
        situation.prompt,
        replace(state, plan=checked),
        question.text,
        Open(tuple(free), tuple(question.models)),
        most_tokens=int(_ADDED * settings.prompt_tokens),
    )


def _as_written(
    found: Mapping[str, Any], revision: LLMRevision, question: Question, context: Context
) -> tuple[Refused, ...]:
    """Return what is refused of an answer in the words it was written in: the names behind a mask are not sent."""
    mask = context.mask
    if mask is None:
        return revision.refused
    hidden = replace(question, text=mask.hide(question.text), models=list(map(mask.hide, question.models)))
    refused = check_revision(found, hidden, as_written(context)).refused
    return (*refused, *(one for one in revision.refused if NOT_PUT_BACK in one.reason))
