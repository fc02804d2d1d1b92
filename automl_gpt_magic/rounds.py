"""The conversation about one plan: its rounds, and everything the user did to it, to be undone and redone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .errors import UsageError
from .notebook.cells import cell_hash
from .planning.build import Situation
from .planning.recipes.training import hyperparameters_name
from .planning.revise import Predicting, Revision, Suggested, revise
from .planning.standing import Standing
from .planning.taking import Replan, rebased, take
from .records.exchange import Usage
from .records.plan import Plan
from .records.request import Understood
from .records.round import Round

_NOTHING = "Nothing of the request was understood."
_LONGEST = 2_000  # letters of a request


@dataclass(frozen=True, eq=False)
class Heard:
    """A request as it was understood: by rules, or by an LLM, with what that one suggests, wrote and cost."""

    understood: Understood
    suggested: Suggested | None = None
    said: tuple[str, ...] = ()
    llm: str = ""
    usage: Usage | None = None
    answer: str = ""


@dataclass(frozen=True, eq=False)
class Act:
    """One thing that the user did to the plan; ``round`` is the number of the round that was taken."""

    label: str
    after: Standing
    round: int | None = None


class Rounds:
    """Rounds of requests and answers.

    Parameters
    ----------
    standing : Standing
        The plan as it begins.
    replan : callable
    predicting : callable
        As in `revise`.
    """

    def __init__(self, standing: Standing, replan: Replan, predicting: Predicting) -> None:
        self._acts, self._at = [Act("planned", standing)], 0
        self._replan, self._predicting = replan, predicting
        self._rounds: list[Round] = []
        self._answers: dict[int, str] = {}  # what the LLM wrote, by the number of its round
        self._asked_of = standing.situation.model  # the model that the last round is about

    @property
    def standing(self) -> Standing:
        """How the plan stands now."""
        return self._acts[self._at].after

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that was done and can be undone or redone, in its order; the first is the plan as it began."""
        return tuple(self._acts)

    @property
    def rounds(self) -> tuple[Round, ...]:
        """All rounds, each with what became of it by now."""
        undone = {act.round for act in self._acts[self._at + 1 :]}
        return tuple(replace(one, standing="undone") if one.number in undone else one for one in self._rounds)

    @property
    def pending(self) -> Round | None:
        """The round that waits for the user's answer."""
        last = self._rounds[-1] if self._rounds else None
        return last if last is not None and last.standing == "proposed" else None

    @property
    def taken_texts(self) -> tuple[str, ...]:
        """The requests of which something stands, in their order."""
        return tuple(one.text for one in self._standing_rounds())

    @property
    def last_answer(self) -> str:
        """What the LLM wrote in the last round of which something stands; empty for nothing."""
        written = [self._answers[one.number] for one in self._standing_rounds() if one.number in self._answers]
        return written[-1] if written else ""

    @property
    def usage(self) -> Usage:
        """What all rounds cost."""
        return sum((one.usage for one in self._rounds if one.usage), Usage(cost=0.0))

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at + 1 < len(self._acts)

    def begin(self, situation: Situation) -> None:
        """Lay all that was done over another situation, as far as it still means the same."""
        self._acts = [replace(act, after=rebased(act.after, situation, self._replan)) for act in self._acts]

    def inherit(self, earlier: Rounds) -> None:
        """Go on where the conversation about an earlier plan of the same cell stands."""
        situation = self.standing.situation
        self._acts, self._at, self._rounds = list(earlier._acts), earlier._at, list(earlier._rounds)
        self._answers, self._asked_of = dict(earlier._answers), earlier._asked_of
        self.begin(situation)

    def act(self, label: str, after: Standing, round_: int | None = None) -> None:
        """Take what the user did; what was undone before it cannot be redone any more."""
        self._forget_undone()
        self._acts.append(Act(label, after, round_))
        self._at += 1

    def undo(self) -> str:
        """Go back by one act, and return what that was.

        Raises
        ------
        UsageError
            If nothing was done.
        """
        if not self.can_undo:
            raise UsageError("there is nothing to undo")
        self._at -= 1
        return self._acts[self._at + 1].label

    def redo(self) -> str:
        """Do again what was undone last, and return what that was.

        Raises
        ------
        UsageError
            If nothing was undone.
        """
        if not self.can_redo:
            raise UsageError("there is nothing to redo")
        self._at += 1
        return self._acts[self._at].label

    def go(self, number: int) -> None:
        """Go to how the plan stood when the round of a number was taken, back or forth.

        Raises
        ------
        UsageError
            If nothing was taken of it, or it was replaced by other acts since.
        """
        at = next((at for at, act in enumerate(self._acts) if act.round == number), None)
        if at is None:
            raise UsageError(f"round {number} was not taken, or other changes have taken its place")
        self._at = at

    def ask(self, text: str, hear: Callable[[str], Heard]) -> Round:
        """Find out what a request would change; nothing is changed before it is taken.

        A round that waits for an answer is rejected by the next request.

        Raises
        ------
        UsageError
            If the request is empty or too long.
        """
        said = " ".join(text.split())
        if not said:
            raise UsageError("ask for something: faster, under 50 MB, recall at least 0.9, …")
        if len(said) > _LONGEST:
            raise UsageError(f"the request has {len(said):,} letters; write at most {_LONGEST:,}")
        heard = hear(said)
        if self.pending:
            self.reject()
        revision = revise(
            self.standing,
            heard.understood,
            replan=self._replan,
            predicting=self._predicting,
            suggested=heard.suggested,
        )
        self._asked_of = self.standing.situation.model
        self._rounds.append(self._round(said, heard, revision))
        if heard.answer:
            self._answers[self._rounds[-1].number] = heard.answer
        return self._rounds[-1]

    def take(self, keys: Collection[str] | None = None) -> Round:
        """Take all changes of the round that waits, or those of these keys.

        Raises
        ------
        UsageError
            If none waits, it was proposed for another model, a key is none of its changes, or no change is left.
        """
        if self._holds_already:
            return self._rounds[-1]
        pending = self._require_pending()
        if self.standing.situation.model != self._asked_of:
            raise UsageError("the model or its card is another since this was proposed; ask again")
        known = {change.key for change in pending.changes}
        if keys is not None and not set(keys) <= known:
            raise UsageError(
                f"the round has no change {sorted(set(keys) - known)[0]!r}; it has {', '.join(sorted(known))}"
            )
        taken = [change for change in pending.changes if keys is None or change.key in keys]
        if not taken:
            raise UsageError("no change is chosen; choose one or reject the round")
        after = take(self.standing, taken, self._replan)
        whole = len(taken) == len(pending.changes)
        self._rounds[-1] = replace(
            pending,
            standing="accepted" if whole else "partly accepted",
            taken=tuple(change.key for change in taken),
        )
        self.act(pending.text, after, pending.number)
        return self._rounds[-1]

    def reject(self) -> Round:
        """Leave the plan as it is.

        Raises
        ------
        UsageError
            If no round waits.
        """
        if not self._holds_already:
            self._rounds[-1] = replace(self._require_pending(), standing="rejected")
        return self._rounds[-1]

    @property
    def _holds_already(self) -> bool:
        """Whether the last request changes nothing: a notebook that is run again takes what it took before."""
        return bool(self._rounds) and self._rounds[-1].standing == "nothing to change"

    def _standing_rounds(self) -> list[Round]:
        taken = {act.round for act in self._acts[: self._at + 1]}
        return [one for one in self._rounds if one.number in taken]

    def _require_pending(self) -> Round:
        if self.pending is None:
            raise UsageError("no request waits for an answer; ask for something first")
        return self.pending

    def _forget_undone(self) -> None:
        gone = {act.round for act in self._acts[self._at + 1 :]}
        self._rounds = [replace(one, standing="undone") if one.number in gone else one for one in self._rounds]
        del self._acts[self._at + 1 :]

    def _round(self, text: str, heard: Heard, revision: Revision) -> Round:
        before, after = self.standing.plan, revision.after.plan
        changed = bool(revision.changes)
        understood = bool(heard.understood.wishes) or changed
        return Round(
            number=len(self._rounds) + 1,
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            text=text,
            understood=heard.understood,
            changes=revision.changes,
            standing="proposed" if changed else "nothing to change",
            said=" ".join(_sentence(part) for part in (*heard.said, *revision.said))
            or ("" if understood else _NOTHING),
            before=before.forecast,
            after=after.forecast if changed else None,
            code=_changed_code(before, after),
            limits=after.cards.request.constraints,
            llm=heard.llm,
            usage=heard.usage,
        )


def _changed_code(before: Plan, after: Plan) -> dict[str, tuple[str, str]]:
    """Return the cells that differ beyond the values of the hyperparameters and the revision that they report."""
    variable = hyperparameters_name(before.names)
    earlier = {stage: source.replace(before.revision, after.revision) for stage, source in before.code.items()}
    stages = dict.fromkeys((*earlier, *after.code))
    pairs = {stage: (earlier.get(stage, ""), after.code.get(stage, "")) for stage in stages}
    return {
        stage: pair for stage, pair in pairs.items() if cell_hash(pair[0], variable) != cell_hash(pair[1], variable)
    }


def _sentence(text: str) -> str:
    """Return a text with a capital letter and a stop; a name such as ``max_depth`` keeps its own first letter."""
    is_name = "_" in text.partition(" ")[0]
    return (text[:1] if is_name else text[:1].upper()) + text[1:].rstrip(".") + "."
