"""The prefix under which a plan's code keeps its names, so that it overwrites nothing of the user's."""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Iterable

_LONGEST = 24


def prefix_for(title: str, taken: Iterable[str] = ()) -> str:
    """Return a lower-case identifier made from ``title`` that no name in ``taken`` begins with.

    >>> prefix_for("UCI Adult")
    'uci_adult'
    >>> prefix_for("UCI Adult", taken=["uci_adult_rows"])
    'uci_adult_2'
    """
    word = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:_LONGEST].strip("_") or "task"
    if word[0].isdigit() or keyword.iskeyword(word):
        word = f"data_{word}"
    names = list(taken)
    candidates = itertools.chain([word], (f"{word}_{number}" for number in itertools.count(2)))
    return next(name for name in candidates if not any(_clashes(used, name) for used in names))


def _clashes(used: str, prefix: str) -> bool:
    return used == prefix or used.startswith(f"{prefix}_")
