"""How much of everything a prompt shows, and what is left out first where it would be too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Size:
    """The most that is shown of each part; texts in characters, the rest in pieces."""

    neighbours: int = 3
    checkpoints: int = 5
    columns: int = 60
    labels: int = 30
    description: int = 2000
    model_description: int = 600
    models: int = 8
    request: int = 4000


# The evidence stays longest, then the request: they are what an answer is judged by.
_CUTS: tuple[tuple[str, dict[str, int]], ...] = (
    ("descriptions shortened to 300 characters", {"description": 300, "model_description": 300}),
    ("columns after the 25th", {"columns": 25}),
    ("labels after the 8th", {"labels": 8}),
    ("descriptions", {"description": 0, "model_description": 0}),
    ("columns after the 8th", {"columns": 8}),
    ("model cards after the third", {"models": 3}),
    ("the neighbours' logs", {"checkpoints": 0}),
    ("all columns", {"columns": 0}),
    ("neighbours after the nearest", {"neighbours": 1}),
    ("the request after 500 characters", {"request": 500}),
)


@dataclass(frozen=True)
class RoundSize:
    """The most that a further round shows: of each cell and of the requests before it, in letters."""

    cell: int = 4000
    taken: int = 600
    answer: bool = True


# What the plan is and what the user decided stays, and the request.
_ROUND_CUTS: tuple[tuple[str, dict[str, int | bool]], ...] = (
    ("the cells after 1,500 letters", {"cell": 1500}),
    ("the LLM's last answer", {"answer": False}),
    ("the cells after 500 letters", {"cell": 500}),
    ("the requests before", {"taken": 0}),
    ("the cells", {"cell": 0}),
)


def sizes() -> Iterator[tuple[Size, tuple[str, ...]]]:
    """Yield ever smaller sizes, each with what it leaves out."""
    return _smaller(Size(), _CUTS)


def round_sizes() -> Iterator[tuple[RoundSize, tuple[str, ...]]]:
    """Yield ever smaller sizes of a further round, each with what it leaves out."""
    return _smaller(RoundSize(), _ROUND_CUTS)


def _smaller(size: Any, cuts: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    left_out: tuple[str, ...] = ()
    yield size, left_out
    for said, change in cuts:
        size, left_out = replace(size, **change), (*left_out, said)
        yield size, left_out
