"""Spans -> sentences -> clauses: what is read as one wish, or left as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .spans import UNKNOWN, Span
from .vocabulary import ASKING, DATA, DECLARING, DEPTH, QUESTIONS, WHO

_BOUNDARIES = frozenset({"COMMA", "AND", "BUT", "PURPOSE", "CONCESSION", "RESERVATION"})
_SILENT = frozenset({"FILLER", "VERB", "MODELNOUN"})
_BOUNDS = frozenset({"MOST", "LESS", "LEAST", "MORE", "WITHIN", "NUMBER", "PARAM", "ONLY"})
_ABBREVIATED = frozenset({"max", "min", "ca", "approx", "mind", "maximal"})
_IMPERATIVES = frozenset({"VERB", "USE", "KEEP", "SET", "FIX", "FREE", "OPTIMISE", "CAP", "REACH"})
_DONE = _IMPERATIVES | {"TRAIN", "FIT", "TOUCH"}
_LISTED = frozenset({"and", "or", "und", "oder", "nor", "noch", "as well as"})
_ASKING_TAGS = frozenset({"TOO_SLOW", "TOO_BIG", "TOO_MUCH", "AS_IS", "ENOUGH"})
_BELONGING = frozenset({"for", "of", "fuer", "von", "vom", "des", "beim"})
_MOST_NAMES = 2  # unknown words in front of a model, as in "the DPR retriever"


@dataclass(frozen=True)
class Clause:
    """A part of a sentence.

    Attributes
    ----------
    joiner : str
        The tag of what stands before it; empty for a sentence's first.
    spans : tuple of Span
        In the order of the text, with the words that say nothing.
    """

    joiner: str
    spans: tuple[Span, ...]

    @property
    def is_command(self) -> bool:
        """Whether it begins with a verb that asks for something."""
        first = next((span for span in self.spans if span.tag not in ("FILLER", "ONLY")), None)
        return first is not None and first.tag in _IMPERATIVES and not self._reports

    @property
    def _reports(self) -> bool:
        """Whether it says what somebody does, as in "we use at most 100 trees"."""
        pairs = zip(self.spans, self.spans[1:], strict=False)
        return any(who.words in WHO and (done.tag in _DONE or done.words == "have") for who, done in pairs)

    @property
    def declares(self) -> bool:
        """Whether it says how things are; "too slow" and "enough" ask for something even so."""
        if any(span.tag in _ASKING_TAGS for span in self.spans):
            return False
        return any(span.words in DECLARING for span in self.spans) or self._reports

    @property
    def asks(self) -> bool:
        """Whether one of its words asks; the "max" of "max_depth" does not."""
        return any(not ASKING.isdisjoint(span.words.split()) for span in self.spans if span.tag != "PARAM")

    @property
    def tells(self) -> bool:
        """Whether it only says how the data are."""
        said = [span for span in self.spans if span.tag != "FILLER" or span.words in DECLARING]
        return len(said) > 1 and said[0].words in DATA and said[1].words in DECLARING and not self.asks

    def has(self, tag: str) -> bool:
        return any(span.tag == tag for span in self.spans)


def sentences(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield the spans of each sentence; its stop stands at its end."""
    sentence: list[Span] = []
    for at, span in enumerate(spans):
        if span.words == "." and at and spans[at - 1].words in _ABBREVIATED and spans[at - 1].tag != "TIME":
            continue
        if span.tag != "STOP":
            sentence.append(span)
            continue
        if sentence:
            yield [*sentence, span]
        sentence = []
    if sentence:
        yield sentence


def is_open(sentence: Sequence[Span]) -> bool:
    """Return whether a sentence only asks, or says what holds under a condition."""
    first = sentence[0].words.split()[0]
    asks = (
        sentence[-1].words == "?" and first in QUESTIONS and sentence[0].tag in ("FILLER", UNKNOWN, "TELL", "CONDITION")
    )
    tags = {span.tag for span in sentence}
    may_it = sentence[-1].words == "?" and {"PERMIT", "TOUCH"} <= tags
    return asks or may_it or "CONDITION" in tags


def clauses(sentence: Sequence[Span]) -> list[Clause]:
    """Return the parts of a sentence, without its stop."""
    spans = _with_lists([span for span in sentence if span.tag != "STOP"])
    found: list[Clause] = []
    part: list[Span] = []
    joiner = ""
    for at, span in enumerate(spans):
        if not _ends(spans, at, part):
            part.append(span)
            continue
        if part:
            found.append(Clause(joiner, tuple(part)))
        part = [span] if span.tag in ("NEGATION", "PURPOSE", "CONCESSION", "RESERVATION") else []
        joiner = "COMMA" if span.tag == "COLON" else "BUT" if span.tag == "NEGATION" else span.tag
    return [*found, Clause(joiner, tuple(part))] if part else found


def _ends(spans: Sequence[Span], at: int, part: Sequence[Span]) -> bool:
    """Return whether a part ends before a span."""
    span = spans[at]
    if span.tag == "WITH":
        after = _next(spans, at)
        is_limit = after is not None and (after.tag in _BOUNDS or after.words in DEPTH)
        return is_limit and not (part and part[-1].tag in ("TRAIN", "LATENCY"))
    if span.tag == "FILLER" and span.words == "of":
        return _is_depth(spans[at + 1 : at + 4])
    if span.tag == "NEGATION" and span.words in ("without", "ohne"):
        after = _next(spans, at)
        return bool(part) and after is not None and after.tag in ("TOUCH", "PARAM")
    if span.tag == "COLON":
        return bool(part) and part[-1].tag in (UNKNOWN, "BLOCK", "TELL", *_SILENT)
    return span.tag in _BOUNDARIES


def _next(spans: Sequence[Span], at: int) -> Span | None:
    """Return the next span that is more than a silent word."""
    silent = ("FILLER", "MODELNOUN")
    return next((spans[after] for after in range(at + 1, len(spans)) if spans[after].tag not in silent), None)


def _is_depth(spans: Sequence[Span]) -> bool:
    said = [span for span in spans if span.tag not in ("FILLER", "MOST")]
    return bool(said) and (said[0].words in DEPTH or (said[0].tag == "PARAM" and said[0].words.split()[-1] in DEPTH))


def _with_lists(spans: Sequence[Span]) -> list[Span]:
    """Return spans with hyperparameters that are counted up, such as "gamma and subsample", as one."""
    listed: list[Span] = []
    for span in spans:
        if span.tag == "PARAM":
            span = replace(span, value=(span.value,))
            if len(listed) > 1 and listed[-1].words in _LISTED and listed[-2].tag == "PARAM":
                listed.pop()
                earlier = listed.pop()
                span = replace(earlier, end=span.end, value=(*earlier.value, *span.value))
        listed.append(span)
    return listed


def content(clause: Clause) -> list[Span]:
    """Return the spans of a clause that say something, with negations taken into what they negate."""
    return _needed(_negated(_spoken(clause.spans)))


def _spoken(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that are more than silent words; nor is the name of the model in "for the DPR retriever"."""
    spoken: list[Span] = []
    for at, span in enumerate(spans):
        if span.tag == "MODELNOUN":
            names = _names_before(spans, at)
            del spoken[len(spoken) - names :]
            if spoken and spoken[-1].tag == "IN":
                spoken.pop()
        elif span.tag not in _SILENT and span.tag not in ("WITH", "COLON", "PURPOSE"):
            spoken.append(span)
    return spoken


def _names_before(spans: Sequence[Span], at: int) -> int:
    first = at
    while first > 0 and at - first < _MOST_NAMES and _is_name(spans[first - 1]):
        first -= 1
    before = spans[max(0, first - 2) : first]
    if not before or before[-1].tag != "FILLER":
        return 0
    # "use the DPR retriever" wants a model; "for the DPR retriever" only says whose wish it is.
    wants_model = any(span.tag == "MODEL" for span in spans[first:at])
    return 0 if wants_model and not any(span.words in _BELONGING for span in before) else at - first


def _is_name(span: Span) -> bool:
    return span.tag == "MODEL" or (span.tag == UNKNOWN and span.is_name)


# What a negation makes of what follows it.
_TURNED = {
    "MORE": "MOST",
    "EXCEED": "MOST",
    "LESS": "LEAST",
    "FALL": "LEAST",
    "SLOWER_THAN": "FASTER_THAN",
}


def _negated(spans: Sequence[Span]) -> list[Span]:
    """Return spans with "not more than" as the most, also where "use" or "train" stands between the two."""
    turned: list[Span] = []
    for span in spans:
        before = [one.tag for one in turned[-2:]]
        if before[-1:] == ["NEGATION"] and span.tag in _TURNED:
            turned[-1] = replace(span, tag=_TURNED[span.tag], start=turned[-1].start)
        elif span.tag == "MORE" and before in (["NEGATION", "USE"], ["NEGATION", "TRAIN"]):
            turned[-2:] = [one for one in turned[-1:] if one.tag == "TRAIN"]
            turned.append(replace(span, tag="MOST"))
        else:
            turned.append(span)
    return turned


def _needed(spans: Sequence[Span]) -> list[Span]:
    """Return spans without those that say something only beside others."""
    may_change = any(span.tag in ("TOUCH", "FREE") for span in spans)
    tags = [span.tag for span in spans]
    needed = []
    for at, span in enumerate(spans):
        before, after = tags[at - 1] if at else "", tags[at + 1 : at + 3]
        if span.tag == "PERMIT" and not may_change:
            continue
        if span.tag == "USE" and after and after[0] in ("MOST", "LESS", "LEAST", "MORE", "WITHIN"):
            continue
        if span.tag == "ONLY" and "NUMBER" not in after and before != "COUNT" and not (may_change and _excludes(span)):
            continue
        if span.tag == "TO" and not _is_given(before, after):
            continue
        needed.append(span)
    return needed


def _excludes(span: Span) -> bool:
    """Return whether nothing else is meant to change, as in "only change max_depth"."""
    return span.words != "just"


def _is_given(before: str, after: Sequence[str]) -> bool:
    """Return whether "to" or "at" stands before a value."""
    return bool(after) and (after[0] == "NUMBER" or (after[0] == UNKNOWN and before == "PARAM"))
