"""Records as rows, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Row

from ..records.cost import as_data, cost_of
from ..records.curve import Curve
from ..records.exchange import Exchange, Usage
from ..records.prompt import Message
from ..records.run import Run
from .predictions import numbers, parts_of_prediction, prediction_of
from .schema import storable

_PLAIN = (
    *("date", "dataset", "fingerprint", "task", "family", "configuration", "metric", "step", "seconds", "split"),
    *("code", "versions", "llm", "origin"),
)
# Columns that rows of earlier versions do not have, and what the record then holds.
_LATER = ("preprocessing", "status", "environment", "corrected_by", "imported")
_PREDICTED = ("predicted", "llm_predicted")
# What a run's content does not include: where it came from, and the digest itself.
_BESIDE = ("imported", "digest")
# A forgotten run; its number and the day of its training stay.
EMPTY_RUN: Mapping[str, Any] = {
    **dict.fromkeys(("dataset", "fingerprint", "task", "family", "metric", "step", "code", "llm", "origin"), ""),
    **dict.fromkeys(("preprocessing", "status", "digest"), ""),
    **{name: {} for name in ("configuration", "curves", "predicted", "split", "versions", "environment")},
    "llm_predicted": {},
    "corrected_by": 0,
    "seconds": 0.0,
    "imported": None,
    "cost": None,
}


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
    content = content_of(run)
    return {**content, "imported": run.imported or None, "digest": _digest(content)}


def content_of(run: Run) -> dict[str, Any]:
    """Return what was measured and how, in the form that is kept."""
    plain = {name: getattr(run, name) for name in (*_PLAIN, *_LATER) if name not in _BESIDE}
    curves = {metric: _parts(curve) for metric, curve in run.curves.items()}
    predicted = {
        name: {metric: parts_of_prediction(curve) for metric, curve in getattr(run, name).items()}
        for name in _PREDICTED
    }
    return {**plain, "curves": curves, **predicted, "cost": as_data(run.cost) if run.cost else None}


def digest_of_run(run: Run) -> str:
    """Return the digest that only runs of the same content share."""
    return _digest(content_of(run))


def run_of_content(content: Mapping[str, Any]) -> Run:
    """Undo `content_of`."""
    fields = {name: content[name] for name in (*_PLAIN, *_LATER) if name not in _BESIDE}
    nested = _nested(content["curves"], content["predicted"], content["llm_predicted"])
    return Run(**fields, **nested, cost=cost_of(content["cost"]) if content["cost"] else None)


def run_of(row: Row[Any]) -> Run:
    fields = {name: getattr(row, name) for name in _PLAIN}
    later = {name: getattr(row, name, None) for name in _LATER}
    known = {name: value for name, value in later.items() if value is not None}
    nested = _nested(row.curves, row.predicted, getattr(row, "llm_predicted", None) or {})
    cost = getattr(row, "cost", None)
    return Run(**fields, **known, **nested, cost=cost_of(cost) if cost else None)


def _nested(curves: Mapping[str, Any], *predicted: Mapping[str, Any]) -> dict[str, Any]:
    measured = {metric: _curve(metric, parts) for metric, parts in curves.items()}
    found = {
        name: {metric: prediction_of(metric, parts, measured.get(metric)) for metric, parts in by_metric.items()}
        for name, by_metric in zip(_PREDICTED, predicted, strict=True)
    }
    return {"curves": measured, **found}


def _digest(content: Mapping[str, Any]) -> str:
    """Return a digest of what a run holds; a field that is empty does not count, so that later ones change nothing."""
    held = {name: storable(value) if isinstance(value, str) else value for name, value in content.items() if value}
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def _parts(curve: Curve) -> dict[str, Any]:
    values = {part: numbers(getattr(curve, part)) for part in ("value", "training")}
    return {"steps": [int(step) for step in curve.steps], **values, "kept": curve.kept}


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
