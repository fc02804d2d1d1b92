"""The limits that are read from a request's free text: how long training may take, and how many steps."""

from __future__ import annotations

import math
import re

from collections.abc import Collection

from ..records.request import Constraint, Understood, Wish

_WORDS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "half a": 0.5,
    "half an": 0.5,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
}
_WORDS |= {
    "five": 5.0,
    "six": 6.0,
    "ten": 10.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "a hundred": 100.0,
}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?|" + "|".join(sorted(_WORDS, key=len, reverse=True))
_UNIT = r"s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?"
_DURATION = rf"(?<![\w.,])(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})\b(?!\s*-|\s+(?:per|each|old|ago|clips?)\b)"
_LIMIT = r"(?:in |within |to )?(?:under|below|within|(?:less|shorter|fewer) than|at most|up to|max(?:imum)?|<=?)"
_TRAINING = r"\b(?:train(?:ing|ed|s)?|fit(?:ting)?)\b"
_FILLER = (
    r"(?:\s+(?:an?|the|this|it|models?|time|runs?|must|should|has|have|needs?|can|may|takes?|taking|be|is|stays?|"
    r"kept|finish(?:es)?|completes?|done|fast|quickly|to|of|in|for))*"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_TRAINING}{_FILLER}\s+{_LIMIT}\s+{_DURATION}",
        rf"{_LIMIT}\s+{_DURATION}{_FILLER}\s+{_TRAINING}",
        rf"\b(?:limit|cap|restrict){_FILLER}\s+{_TRAINING}{_FILLER}\s+(?:to|at)\s+{_DURATION}",
        rf"\bmax(?:imum|imal)?{_FILLER}\s+{_TRAINING}{_FILLER}\s+{_DURATION}",
    )
)
_STEPS = {
    "trees": (
        r"(?:(?:decision|regression|boosted|boosting) )?trees?|(?:n_)?estimators?|n_trees|num_trees|"
        r"boosting (?:rounds?|iterations?|steps?)"
    ),
    "epochs": r"(?:training )?epochs?",
}
_MOST_STEPS = 1e9
_LONGEST_CLAUSE = 200  # letters; a longer one says more than a limit
_COUNT = rf"(?<![\w.,-])(?P<number>{_NUMBER})"
_AT_MOST_STEPS = (
    r"(?:(?P<fewer>(?<![\w-])(?:under|below|(?:less|fewer) than)|<(?!=))|"
    r"(?<![\w-])(?:within|at most|up to|max(?:imum)?(?: of)?|(?:limited|capped) (?:to|at))|<=|≤)"
)
_MODEL = (
    r"(?:models?|xgboost|xgb|lightgbm|(?:hist)?gradientboosting|(?:random )?forests?|ensembles?|boosters?|"
    r"(?:gradient )?boosting|classifiers?|regressors?|mlps?|cnns?|vits?|(?:neural )?net(?:work)?s?|"
    r"(?:pytorch|torch|sklearn|scikit-learn) (?:mlp|cnn|vit|model))"
)
# What may stand before such a limit in its clause. A word that is not here may mean that the limit is on something
# else: trees in a picture, or the epochs of a warm-up.
_BEFORE_STEPS = re.compile(
    rf"(?:(?:{_MODEL}|{'|'.join(_STEPS.values())}|{_NUMBER}|{_UNIT}|an?|the|this|my|our|i|we|it|please|use|using|with|"
    r"want|need|keep|keeping|train|training|trained|fit|fitting|fine-?tun(?:e|ing)|grow|build|run|limit|for|in|to|and|"
    r"but|or|so|also|only|just|then|(?:should|must|may) (?:have|be|use|take)|number|total|of|time|inference|accuracy|"
    r"good|high|best|small|fast|quick|simple|cheap|short|under|below|less|fewer|than|at|most|up|within|max|maximum|"
    r"<=?|≤|=) )*"
)
_AFTER_STEPS = re.compile(
    rf"(?: (?:for|in|of) (?:(?:the|this|my|our) )?{_MODEL})?"
    r"(?: (?:with|of) (?:an? )?(?:max(?:imum)? )?depth\b.*)?(?: in total| total| altogether| please)?"
    r" *(?:$|(?:and|but|so|because|since|to (?:keep|make|stay|save))\b)"
)
# Trees that grow in the data, in the same sentence.
_GROWN = re.compile(
    r"\b(?:images?|photos?|pictures?|plots?|hectares?|acres?|parks?|gardens?|orchards?|species|planted|villages?)\b"
)
_SENTENCE = re.compile(r"[;!?\n]|\.(?!\d)")
_AT_MOST = re.compile(
    r"\b(?:(?:(?:do|must|should|may|can) ?not|don't|mustn't|never)"
    r"(?: (?:use|have|take|train|run|grow))?(?: for)?|no|not) (?:more|longer) than\b"
    r"|\b(?:must|should|may) not exceed\b|\bnot exceeding\b"
)
_BULLET = re.compile(r"^\s*[-*•]\s+")
_NEGATION = re.compile(r"\b(?:no|not|never|without|avoid|cannot)\b|n't\b")
_CLAUSE = re.compile(r"[;!?\n()]|[.,](?!\d)")


def _step_patterns(steps: str) -> tuple[re.Pattern[str], ...]:
    patterns = (
        rf"{_AT_MOST_STEPS} ?{_COUNT} (?:{steps})\b(?! ?-)",
        rf"{_COUNT} (?:{steps}) (?:at most|max(?:imum)?|or (?:fewer|less))\b",
        rf"\b(?:{steps}) ?(?:(?:must |should )?be )?{_AT_MOST_STEPS} ?{_COUNT}",
        rf"\b(?:limit|cap|restrict) (?:the )?(?:number of )?(?:{steps}) (?:to|at) {_COUNT}",
        rf"\b(?:limit|cap|restrict) (?:it|(?:the )?(?:training|{_MODEL})) (?:to|at) {_COUNT} (?:{steps})\b",
        rf"\bmax(?:imum|imal)?[ _](?:number of )?(?:{steps})(?: of| is)? {_COUNT}",
    )
    return tuple(re.compile(rf"{pattern}(?![\w.%-])") for pattern in patterns)


_STEP_PATTERNS = {name: _step_patterns(steps) for name, steps in _STEPS.items()}


def read_request(text: str, *, hyperparameters: Collection[str] = (), models: Collection[str] = ()) -> Understood:
    """Return what a request was understood to want."""
    limits = stated_limits(text)
    return Understood(tuple(Wish("limit", text, constraint=one) for one in limits), () if limits else (text,))


def stated_limits(text: str) -> tuple[Constraint, ...]:
    """Return the limits that ``text`` states."""
    limits = {"training_seconds": training_seconds(text), **{name: steps_at_most(text, name) for name in _STEPS}}
    return tuple(Constraint(name, limit) for name, limit in limits.items() if limit is not None)


def training_seconds(text: str) -> float | None:
    """Return the limit on training time that ``text`` states, in seconds; None if it states none.

    Only a plain limit on training is understood; a clause with a negation is left alone, because a
    wrong limit is worse than none. Of several limits the tightest counts.
    """
    limits = [seconds for clause in _CLAUSE.split(text.lower()) for seconds in _in_clause(clause)]
    return min(limits, default=None)


def steps_at_most(text: str, counted: str) -> int | None:
    """Return the limit on a training's ``trees`` or ``epochs`` that ``text`` states; None if it states none.

    As with the time, what may be meant otherwise is left alone, and of several limits the tightest counts.
    """
    sentences = _SENTENCE.split(text.lower().replace("max. ", "max "))
    meant = (sentence for sentence in sentences if counted != "trees" or not _GROWN.search(sentence))
    clauses = (clause for sentence in meant for clause in _CLAUSE.split(sentence))
    return min((most for clause in clauses for most in _steps_in_clause(clause, counted)), default=None)


def _steps_in_clause(clause: str, counted: str) -> list[int]:
    plain = _plain(clause)
    if len(plain) > _LONGEST_CLAUSE or _NEGATION.search(plain):
        return []
    matches = (match for pattern in _STEP_PATTERNS[counted] for match in pattern.finditer(plain))
    whole = (match for match in matches if _is_all(match) and "." not in match["number"])  # 1.000 may be 1 or 1,000
    found = (_amount(match["number"]) - bool(match.groupdict().get("fewer")) for match in whole)
    return [int(most) for most in found if 1 <= most < _MOST_STEPS and most == int(most)]


def _is_all(match: re.Match[str]) -> bool:
    """Whether a clause says nothing but its limit, as far as that can be told."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(_BEFORE_STEPS.fullmatch(before) and _AFTER_STEPS.match(after))


def _in_clause(clause: str) -> list[float]:
    plain = _plain(clause)
    if _NEGATION.search(plain):
        return []
    matches = (pattern.search(plain) for pattern in _PATTERNS)
    seconds = [_seconds(match) for match in matches if match]
    return [value for value in seconds if 0 < value < math.inf]


def _plain(clause: str) -> str:
    return _AT_MOST.sub("at most", " ".join(_BULLET.sub("", clause).replace(":", " ").split()))


def _seconds(match: re.Match[str]) -> float:
    return _amount(match["number"]) * _UNITS[match["unit"][0]]


def _amount(number: str) -> float:
    return _WORDS[number] if number in _WORDS else float(number.replace(",", ""))
