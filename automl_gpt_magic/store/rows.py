"""Records as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Row

from ..records.curve import Curve
from ..records.exchange import Exchange, Usage
from ..records.prompt import Message
from ..records.run import Run

_PLAIN = (
    *("date", "dataset", "fingerprint", "task", "family", "configuration", "metric", "step", "seconds", "split"),
    *("code", "versions", "llm", "origin"),
)
# Columns that rows of earlier versions do not have, and what the record then holds.
_LATER = ("preprocessing", "status", "environment", "llm_predicted", "corrected_by")


def row_of_exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "date": exchange.date,
        "model": exchange.model,
        "host": exchange.host,
        "mode": exchange.mode,
        "messages": [[message.role, message.content] for message in exchange.messages],
        "answer": exchange.answer,
        "prompt_tokens": exchange.usage.prompt_tokens,
        "answer_tokens": exchange.usage.answer_tokens,
        "cost": exchange.usage.cost,
        "estimated": int(exchange.usage.estimated),
        "seconds": exchange.seconds,
        "version": exchange.version,
        "parts": dict(exchange.parts),
        "digest": exchange.digest,
        "status": exchange.status,
    }


def exchange_of(row: Row[Any]) -> Exchange:
    return Exchange(
        model=row.model,
        host=row.host,
        date=row.date,
        mode=row.mode,
        messages=tuple(Message(role, content) for role, content in row.messages),
        answer=row.answer,
        usage=Usage(row.prompt_tokens, row.answer_tokens, row.cost, bool(row.estimated)),
        seconds=row.seconds,
        version=row.version,
        parts=row.parts,
        digest=row.digest,
        status=row.status,
    )


def row_of_run(run: Run) -> dict[str, Any]:
    plain = {name: getattr(run, name) for name in (*_PLAIN, *_LATER)}
    curves = {metric: _parts(curve) for metric, curve in run.curves.items()}
    return {**plain, "curves": curves, "predicted": {name: list(three) for name, three in run.predicted.items()}}


def run_of(row: Row[Any]) -> Run:
    fields = {name: getattr(row, name) for name in _PLAIN}
    later = {name: getattr(row, name, None) for name in _LATER}
    known = {name: value for name, value in later.items() if value is not None}
    curves = {metric: _curve(metric, parts) for metric, parts in row.curves.items()}
    predicted = {name: (three[0], three[1], three[2]) for name, three in row.predicted.items()}
    return Run(**fields, **known, curves=curves, predicted=predicted)


def _parts(curve: Curve) -> dict[str, Any]:
    numbers = {part: _numbers(getattr(curve, part)) for part in ("steps", "value", "training")}
    return {**numbers, "kept": curve.kept}


def _curve(metric: str, parts: Mapping[str, Any]) -> Curve:
    training = parts["training"]
    return Curve(
        metric,
        np.asarray(parts["steps"], dtype="int64"),
        np.asarray(parts["value"], dtype="float64"),
        None if training is None else np.asarray(training, dtype="float64"),
        source="measured",
        kept=parts.get("kept"),
    )


def _numbers(values: Any) -> list[float] | None:
    return None if values is None else [float(f"{value:.7g}") for value in values]
