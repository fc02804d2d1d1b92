"""What of a finished training is kept, beside its curve: which rows, which code, which versions."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from ..records.digest import digest_of
from ..records.plan import Plan
from ..records.run import Measured, Run

_PACKAGES = ("automl_gpt_magic", "numpy", "pandas", "scikit-learn", "xgboost", "xgboost-cpu")
_STEP = "boosting round"


def kept_run(
    plan: Plan, measured: Measured, fingerprint: str, sources: Iterable[str], origin: Literal["cell", "train", "tune"]
) -> Run:
    """Return the record of a finished training of ``plan``."""
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
        metric=plan.metric if plan.metric in measured.curves else next(iter(measured.curves)),
        curves=measured.curves,
        step=_STEP,
        predicted={
            metric: (curve.final, float(curve.lower[-1]), float(curve.upper[-1]))
            for metric, curve in curves
            if curve.lower is not None and curve.upper is not None
        },
        seconds=measured.seconds,
        split={"validation": plan.cards.data.split.validation, "seed": plan.cards.data.split.seed},
        code=digest_of(list(sources)),
        versions=versions(),
        llm=plan.llm,
        origin=origin,
    )


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


def rows_of(names: str, namespace: Mapping[str, Any]) -> Any:
    """Return the rows that a plan's data cell made."""
    return namespace.get(f"{names}_rows")
