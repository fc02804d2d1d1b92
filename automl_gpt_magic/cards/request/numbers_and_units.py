"""Numbers as people write them, and the units that follow them, in SI units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import product

_ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_GERMAN = ["eins", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwoelf"]
_TENS = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_ZEHNER = {"fuenfzehn": 15, "zwanzig": 20, "dreissig": 30, "vierzig": 40, "fuenfzig": 50, "sechzig": 60, "neunzig": 90}
NUMBER_WORDS: Mapping[str, float] = {
    **{word: number for words in (_ENGLISH, _GERMAN) for number, word in enumerate(words, 1)},
    **_TENS,
    **_ZEHNER,
    **{f"{word}hundert": 100 * number for number, word in enumerate(_GERMAN[1:9], 2)},
    **{f"{word} hundred": 100 * number for number, word in enumerate(_ENGLISH[1:9], 2)},
    **{f"{word} thousand": 1000 * number for number, word in enumerate(_ENGLISH[1:], 2)},
    **{f"{word}tausend": 1000 * number for number, word in enumerate(_GERMAN[1:], 2)},
    **dict.fromkeys(("a hundred", "hundred", "one hundred", "hundert", "einhundert"), 100),
    **dict.fromkeys(("a thousand", "thousand", "one thousand", "tausend", "eintausend"), 1000),
    **dict.fromkeys(("half a", "half an", "a half", "eine halbe", "einer halben", "ein halbes"), 0.5),
    **dict.fromkeys(("anderthalb", "eineinhalb", "one and a half"), 1.5),
}
ARTICLES = frozenset({"a", "an", "ein", "eine", "einen", "einem", "einer"})
_TIMES = {
    1e-6: "µs us μs microsecond microseconds mikrosekunde mikrosekunden",
    1e-3: "ms msec millisecond milliseconds millisekunde millisekunden",
    1.0: "s sec secs second seconds sek sekunde sekunden",
    60.0: "min mins minute minutes minuten",
    3600.0: "h hr hrs hour hours std stunde stunden",
    86400.0: "day days tag tage tagen",
}
TIMES: Mapping[str, float] = {word: seconds for seconds, words in _TIMES.items() for word in words.split()}
_SIZES = {
    1: "byte bytes",
    1e3: "kb kilobyte kilobytes",
    1e6: "mb megabyte megabytes",
    1e9: "gb gigabyte gigabytes gig",
    1e12: "tb terabyte terabytes",
    2**10: "kib",
    2**20: "mib",
    2**30: "gib",
}
SIZES: Mapping[str, float] = {word: size for size, words in _SIZES.items() for word in words.split()}
# Tag and value of each unit that is one word.
UNITS: Mapping[str, tuple[str, float]] = {
    **{word: ("TIME", seconds) for word, seconds in TIMES.items()},
    **{word: ("SIZE", size) for word, size in SIZES.items()},
}
_PER_TIME = {"second": 1.0, "sec": 1.0, "s": 1.0, "sekunde": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0}
_ANSWERED = (
    "rows row predictions inferences requests samples examples records images frames queries calls items zeilen "
    "vorhersagen anfragen beispiele bilder"
)
RATES: Mapping[str, float] = {
    **dict.fromkeys(("fps", "qps", "rps"), 1.0),
    **{
        f"{answered} {per} {unit}": 1 / seconds
        for answered, per, (unit, seconds) in product(
            _ANSWERED.split(), ("per", "/", "pro", "je", "a", "each", "in der"), _PER_TIME.items()
        )
    },
}
_TREES = (
    "tree|trees|decision trees|regression trees|boosted trees|boosting trees|estimator|estimators|"
    "n estimators|n trees|num trees|boosting round|boosting rounds|boosting iterations|boosting steps|rounds|"
    "baum|baeume|baeumen|entscheidungsbaeume|entscheidungsbaeumen|boostingrunden|boosting runden|runden|estimatoren"
)
_EPOCHS = "epoch|epochs|training epochs|training epoch|epoche|epochen|trainingsepochen"
COUNTED: Mapping[str, str] = {
    **dict.fromkeys(_TREES.split("|"), "trees"),
    **dict.fromkeys(_EPOCHS.split("|"), "epochs"),
}
_THREES = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


def number(written: str, in_german: bool) -> float | None:
    """Return the number that digits with points and commas mean; None where that cannot be told, or it has no end.

    One group of three digits behind a comma are thousands in English and may be a fraction in German; behind a point it
    is the other way round.
    """
    value = _read(written, in_german)
    return value if value is not None and math.isfinite(value) else None


def _read(written: str, in_german: bool) -> float | None:
    both = _with_thousands_and_fraction(written)
    if both is not None:
        return both
    threes = _THREES.fullmatch(written)
    if threes and not written.startswith("0"):
        return _grouped(written, threes[1], in_german)
    plain = written.replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else None


def _with_thousands_and_fraction(written: str) -> float | None:
    for thousands, fraction in (",.", ".,"):
        if re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+\{fraction}\d+", written):
            return float(written.replace(thousands, "").replace(fraction, "."))
    return None


def _grouped(written: str, mark: str, in_german: bool) -> float | None:
    certain = written.count(mark) > 1 or (mark == ".") == in_german
    return float(written.replace(mark, "")) if certain else None


def valued() -> Iterator[tuple[str, str, object]]:
    """Yield tag, phrase and value of every phrase that is a number, a rate, or what is counted."""
    for tag, values in (("NUMBER", NUMBER_WORDS), ("RATE", RATES), ("COUNT", COUNTED)):
        yield from ((tag, phrase, value) for phrase, value in values.items())
