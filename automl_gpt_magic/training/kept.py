"""What of a finished training is kept, beside its curve: which rows, which code, which versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np

from ..records.curve import Array, Curve
from ..records.digest import digest_of
from ..records.metric import loss_of
from ..records.plan import Plan
from ..records.run import Measured, Run, split_of

_PACKAGES = (
    *("automl_gpt_magic", "numpy", "pandas", "scikit-learn", "xgboost", "xgboost-cpu", "lightgbm", "torch", "optuna"),
    "distributed",
)
# Of a prediction; they are enough to score and to draw it.
_MOST_STEPS = 25


def kept_run(
    plan: Plan, measured: Measured, fingerprint: str, sources: Iterable[str], origin: Literal["cell", "train", "tune"]
) -> Run:
    """Return the record of a finished training of ``plan``; ``sources`` are its data and its model cell."""
    cells = list(sources)
    values = {name: measured.hyperparameters.get(name) for name in plan.hyperparameters}
    trained = {name: plan.hyperparameters[name] if value is None else value for name, value in values.items()}
    curves = plan.forecast.curves.items() if trained == plan.hyperparameters else ()  # the prediction is the plan's
    return Run(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        dataset=plan.cards.data.name,
        fingerprint=fingerprint,
        task=plan.cards.data.task,
        family=plan.space.family,
        configuration=trained,
        metric=_judged_by(plan, measured),
        curves=measured.curves,
        step=plan.step,
        predicted={metric: thinned(curve) for metric, curve in curves if len(curve.steps)},
        seconds=measured.seconds,
        split=split_of(plan.cards.data.split),
        code=digest_of(cells),
        versions=versions(),
        llm=plan.llm,
        origin=origin,
        preprocessing=digest_of(cells[:1]),
        status="finished" if _last_step(measured) >= measured.planned_steps else "stopped early",
        environment=environment(),
        llm_predicted=_llm_predicted(plan) if trained == plan.proposed else {},
        corrected_by=plan.evidence.own.n_runs if plan.evidence.own and curves else 0,
        cost=measured.cost,
    )


def _judged_by(plan: Plan, measured: Measured) -> str:
    """Return the plan's metric; where a function of the user's does not report it, the loss, else what it reports."""
    found = measured.curves
    return plan.metric if plan.metric in found else loss_of(found) or next(iter(found))


def _last_step(measured: Measured) -> int:
    return max(int(curve.steps[-1]) for curve in measured.curves.values())


def _llm_predicted(plan: Plan) -> dict[str, Curve]:
    log = plan.own_log
    return {log.metric: log} if log is not None and len(log.value) else {}


def thinned(curve: Curve) -> Curve:
    """Return a prediction at `_MOST_STEPS` of its steps at most, its first and its last among them."""
    places = np.unique(np.linspace(0, len(curve.steps) - 1, _MOST_STEPS).round().astype(int))

    def at(values: Array | None) -> Array | None:
        return None if values is None else values[..., places]

    return Curve(curve.metric, curve.steps[places], curve.value[places], at(curve.training), at(curve.quantiles))


def environment() -> dict[str, Any]:
    """Return what computer this is, as far as a training's time depends on it."""
    return {"system": platform.system(), "machine": platform.machine(), "processors": os.cpu_count()}


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def fingerprint(rows: Any) -> str:
    """Return a digest of a table's columns and rows, whatever their order; empty for what is no table."""
    import pandas as pd

    if not isinstance(rows, pd.DataFrame):
        return ""
    try:
        hashed = int(pd.util.hash_pandas_object(rows, index=False).sum())
    except TypeError:  # cells that cannot be hashed, such as lists
        hashed = int(pd.util.hash_pandas_object(rows.astype(str), index=False).sum())
    return digest_of([str(column) for column in rows.columns], len(rows), hashed)


def fingerprint_of(names: str, namespace: Mapping[str, Any]) -> str:
    """Return the fingerprint of the rows that a plan's data cell made."""
    return fingerprint(namespace.get(f"{names}_rows"))
