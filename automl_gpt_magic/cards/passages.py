"""Questions with passages that answer them: files in the form that the DPR repository publishes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, one_line
from ..records.card import Cards
from ..records.metric import OF_RANKS
from ..records.table import Column, TableProfile

if TYPE_CHECKING:
    import pandas as pd

WHAT = "a file (.json or .jsonl) of questions with answers and positive_ctxs, as the DPR repository publishes"
TARGET = "positives"
_REPAIR = "Repair it, or leave it out."
_NEGATIVES = ("hard_negative_ctxs", "negative_ctxs")
_LONGEST = 100_000  # characters of a text


def read_passages(path: Path) -> pd.DataFrame:
    """Return a row for each question: ``question``, ``answers``, ``positives`` and ``negatives``.

    Answers are a list of texts; positives and negatives are lists of pairs of title and text, the hard negatives first.
    Questions without a positive passage are left out, as DPR's own code does; ``attrs`` counts them.

    Raises
    ------
    DataError
        If the file is of another form, or no question has a positive passage.
    """
    import pandas as pd

    rows = [_row(entry, f"{path.name}: question {place}") for place, entry in enumerate(_entries(path))]
    kept = [row for row in rows if row[TARGET]]
    if not kept:
        raise DataError(one_line(f"no question of {path.name} has a positive passage. Write {WHAT}."))
    table = pd.DataFrame(kept)
    table.attrs = {"without": len(rows) - len(kept)}
    return table


def describe_passages(cards: Cards, table: pd.DataFrame) -> tuple[Cards, TableProfile, tuple[str, ...]]:
    """Fill the cards' numbers from the questions and their passages."""
    stated = tuple(dict.fromkeys(cards.data.metrics + cards.request.metrics))
    data = replace(
        cards.data,
        target=TARGET,
        output_type=cards.data.output_type or "passages in the order of their scores",
        metrics=stated or OF_RANKS[:2],
        n_rows=len(table),
    )
    question = Column("question", "text", n_unique=int(table["question"].nunique()))
    profile = TableProfile((question,), len(table), n_unlabelled=table.attrs["without"], target=TARGET)
    return replace(cards, data=data), profile, tuple(_notes(cards, table))


def _notes(cards: Cards, table: pd.DataFrame) -> Iterator[str]:
    passages = {tuple(one) for column in (TARGET, "negatives") for row in table[column] for one in row}
    yield f"{len(table):,} questions with {len(passages):,} different passages"
    if table.attrs["without"]:
        yield f"{table.attrs['without']:,} questions without a positive passage are left out, as in DPR's own code"
    if cards.data.n_rows is not None and cards.data.n_rows != len(table):
        yield f"the card says n_rows {cards.data.n_rows:,}, the file has {len(table):,} questions"


def _entries(path: Path) -> Sequence[Any]:
    try:
        text = path.read_text(encoding="utf-8")
        lines = path.name.lower().endswith(".jsonl")
        content = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DataError(one_line(f"{path.name} cannot be read as JSON ({reason}). Write {WHAT}.")) from None
    if not isinstance(content, list) or not content:
        raise DataError(one_line(f"{path.name} is no list of questions. Write {WHAT}."))
    return content


def _row(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise DataError(one_line(f"{where} is no mapping of names to values. {_REPAIR}"))
    question = entry.get("question")
    if not isinstance(question, str) or not question.strip() or len(question) > _LONGEST:
        raise DataError(one_line(f"{where} has no text as question. {_REPAIR}"))
    answers = entry.get("answers", [])
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        raise DataError(one_line(f"{where} has answers that are no list of texts. {_REPAIR}"))
    if "positive_ctxs" not in entry:
        raise DataError(one_line(f"{where} has no positive_ctxs. {_REPAIR}"))
    negatives = [one for name in _NEGATIVES for one in _passages(entry, name, where)]
    positives = _passages(entry, "positive_ctxs", where)
    return {"question": question.strip(), "answers": answers, TARGET: positives, "negatives": negatives}


def _passages(entry: Mapping[str, Any], name: str, where: str) -> list[list[str]]:
    """Return title and text of each passage."""
    given = entry.get(name) or []
    if not isinstance(given, list):
        raise DataError(one_line(f"{where} has {name} that are no list. {_REPAIR}"))
    found = []
    for place, one in enumerate(given):
        title, text = (one.get("title") or "", one.get("text")) if isinstance(one, dict) else ("", None)
        usual = isinstance(title, str) and isinstance(text, str) and text.strip()
        if not usual or len(title) + len(str(text)) > _LONGEST:
            raise DataError(one_line(f"{where} has no title and text in {name} {place}. {_REPAIR}"))
        found.append([title, str(text)])
    return found
