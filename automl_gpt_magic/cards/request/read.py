"""A request in the user's words -> what it was understood to want, by rules and without an LLM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ...records.request import Constraint, Understood, Wish
from .clauses import Clause, clauses, content, is_open, sentences
from .goals import GOALS
from .limits import LIMITS
from .metrics import METRIC_WISHES
from .models import MODELS
from .rules import read
from .spans import Span, spans_of
from .values import VALUES

LONGEST = 2_000  # letters; of a longer request nothing is read
_RULES = [*LIMITS, *GOALS, *METRIC_WISHES, *VALUES, *MODELS]
_BARE = frozenset({"NUMBER", "TIME", "SIZE", "COUNT", "RATE", "PERCENT", "BLOCK", "TO"})


@dataclass(frozen=True)
class _Heard:
    """A clause and its wishes; None where it was not understood."""

    clause: Clause
    said: Sequence[Span]
    wishes: list[Wish] | None


def read_request(text: str, *, hyperparameters: Collection[str] = (), models: Collection[str] = ()) -> Understood:
    """Return what a request was understood to want.

    A clause is understood as a whole or not at all: each of its words has to have its place in a rule, or to be one
    that says nothing, because a wrong wish is worse than none. Of several limits on the same the tightest counts.

    Parameters
    ----------
    text : str
        English or German, at most `LONGEST` letters.
    hyperparameters : collection of str
        Names of those that can be set, kept or let go.
    models : collection of str
        Names of those that can be planned instead.

    Returns
    -------
    Understood
        ``left`` has the clauses that were not understood.
    """
    if len(text) > LONGEST:
        return Understood(left=(text,))
    wishes: list[Wish] = []
    left: list[str] = []
    for sentence in sentences(spans_of(text, hyperparameters, models)):
        heard = _heard(sentence, hyperparameters)
        wishes += (wish for one in heard for wish in _in_words(one, text))
        left += _left(heard, text)
    agreeing, contradicting = _parted(_tightest(wishes))
    return Understood(agreeing, (*left, *dict.fromkeys(wish.text for wish in contradicting)))


def _heard(sentence: Sequence[Span], hyperparameters: Collection[str]) -> list[_Heard]:
    """Return a sentence's clauses with their wishes."""
    parts = clauses(sentence)
    if is_open(sentence):
        return [_Heard(part, content(part), None) for part in parts]
    heard: list[_Heard] = []
    asked, spoilt = False, None
    for part in parts:
        asked = asked or part.asks
        said = content(part)
        may_be_read = _may_be_read(part, asked) and not _is_drawn_in(part, heard[-1] if heard else None, spoilt)
        wishes = read(said, _RULES, tuple(hyperparameters)) if may_be_read else None
        if wishes is None and _is_bare(part, said) and heard:
            heard[-1] = replace(heard[-1], wishes=None)  # "at most 2 minutes and 30 seconds" is not 2 minutes
        heard.append(_Heard(part, said, wishes))
        spoilt = None if wishes is not None else heard[-1] if _spoils(heard[-1]) else spoilt
    return heard


def _may_be_read(part: Clause, asked: bool) -> bool:
    """Return whether a clause may be a wish."""
    is_lost = part.joiner in ("CONCESSION", "RESERVATION")
    return not (is_lost or part.has("TELL") or (part.declares and not asked))


def _is_drawn_in(part: Clause, last: _Heard | None, spoilt: _Heard | None) -> bool:
    """Return whether a clause belongs to one that was not understood, such as "faster" in "not smaller and faster".

    So does the purpose of what is denied, as in "no need to make it faster".

    Parameters
    ----------
    part : Clause
    last : _Heard or None
        The one before it.
    spoilt : _Heard or None
        The last that denies or tells something, since one was understood.
    """
    if last is None or last.wishes is not None:
        return False
    if part.joiner == "PURPOSE":
        return _denies(last)
    if part.joiner in ("AND", "WITH") and not part.is_command:
        return True
    if spoilt is None or (part.joiner != "AND" and part.is_command):
        return False
    return part.joiner != "BUT" or (not _denies(spoilt) and not part.asks)


def _spoils(heard: _Heard) -> bool:
    return _denies(heard) or heard.clause.has("TELL")


def _denies(heard: _Heard) -> bool:
    return any(span.tag == "NEGATION" for span in heard.said)


def _is_bare(part: Clause, said: Sequence[Span]) -> bool:
    """Return whether a clause is only a number with its unit, and so the rest of another."""
    is_number = any(span.tag == "NUMBER" for span in said) and all(span.tag in _BARE for span in said)
    return is_number and part.joiner in ("AND", "COMMA")


def _in_words(heard: _Heard, text: str) -> Iterable[Wish]:
    """Yield the wishes of a clause with the user's words."""
    words = _words(heard.clause.spans, text)
    for wish in heard.wishes or ():
        limit = wish.constraint and replace(wish.constraint, text=words)
        yield replace(wish, text=words, constraint=limit)


def _left(heard: Iterable[_Heard], text: str) -> Iterable[str]:
    """Yield the clauses that were not understood; neighbours as one."""
    run: list[Span] = []
    before: _Heard | None = None
    for one in heard:
        is_left = one.said and not one.wishes and not _needs_nothing(one, before)
        before = one
        if is_left:
            run += one.clause.spans
        elif one.said and run:
            yield _words(run, text)
            run = []
    if run:
        yield _words(run, text)


def _needs_nothing(heard: _Heard, before: _Heard | None) -> bool:
    """Return whether nothing is to be done: the data are described, or something may be lost for a wish."""
    is_conceded = heard.clause.joiner == "CONCESSION" and before is not None and bool(before.wishes)
    return is_conceded or (heard.clause.joiner in ("", "BUT") and heard.clause.tells)


def _words(spans: Sequence[Span], text: str) -> str:
    return " ".join(text[spans[0].start : spans[-1].end].split())


def _tightest(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    """Return wishes without repetitions and without limits that a tighter one holds already."""
    kept: dict[object, Wish] = {}
    for wish in wishes:
        key = wish.constraint.key if wish.constraint else wish
        held = kept.get(key)
        if held is None or (wish.constraint and held.constraint and _is_tighter(wish.constraint, held.constraint)):
            kept[key] = wish
    return tuple(kept.values())


def _parted(wishes: Sequence[Wish]) -> tuple[tuple[Wish, ...], tuple[Wish, ...]]:
    """Return the wishes that can all be had, and those that contradict each other, such as two values for one name."""
    decided = Counter(_decided(wish) for wish in wishes)
    once = [wish for wish in wishes if _decided(wish) is None or decided[_decided(wish)] == 1]
    return tuple(once), tuple(wish for wish in wishes if wish not in once)


def _decided(wish: Wish) -> tuple[str, str] | None:
    """Return what a wish decides, which only one can; None for limits and goals, of which there may be several."""
    if wish.want in ("lock", "free"):
        return "lock", wish.name
    if wish.want in ("model", "metric"):
        return wish.want, ""
    return ("set", wish.name) if wish.want == "set" else None


def _is_tighter(limit: Constraint, held: Constraint) -> bool:
    return not limit.keeps(held.bound)
