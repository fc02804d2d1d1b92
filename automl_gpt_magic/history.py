"""What was trained: kept in the store, listed, compared, and taken back into a plan."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from .errors import StoreError, UsageError, one_line
from .notebook.static import aligned
from .records.plan import Plan
from .records.run import Measured, Run
from .records.secret import SecretUrl
from .training.kept import kept_run

_LISTED = 30
_HEADINGS: tuple[str, ...] = ("run", "date", "dataset", "metric", "measured", "predicted", "band", "seconds", "by")


def keep(
    store: Path | SecretUrl | None,
    plan: Plan,
    measured: Measured,
    fingerprint: str,
    sources: Iterable[str],
    origin: Literal["cell", "train", "tune"],
) -> str:
    """Keep a finished training; return why it could not be kept, empty where it was or no store is wanted."""
    if store is None:
        return ""
    from .store import Store

    try:
        Store(store).add_run(kept_run(plan, measured, fingerprint, sources, origin))
    except StoreError as error:
        return str(error)
    return ""


def runs_in(store: Path | SecretUrl | None, limit: int | None = 100) -> dict[int, Run]:
    """Return the kept runs by number, newest first; all of them where ``limit`` is None.

    Raises
    ------
    UsageError
        If no store is kept.
    StoreError
        If it cannot be read.
    """
    if store is None:
        raise UsageError("no history is kept: AutoML.store is empty")
    from .store import Store

    return Store(store).runs(limit)


def run_in(store: Path | SecretUrl | None, number: int) -> Run:
    """Return one run.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    runs = runs_in(store, None)
    if number not in runs:
        raise UsageError(f"there is no run {number}; %automl history lists them")
    return runs[number]


def last_run(store: Path | SecretUrl | None, dataset: str) -> Run | None:
    """Return the newest kept training of a dataset; None where there is none, or no store."""
    runs = runs_in(store) if store else {}
    return next((run for run in runs.values() if run.dataset == dataset and run.origin != "tune"), None)


def listed(runs: dict[int, Run]) -> list[str]:
    """Return a line for each run: its number, when, on what, measured against predicted, and how long it took."""
    if not runs:
        return ["Nothing was trained yet."]
    rows = [_HEADINGS]
    rows += [_row(number, run) for number, run in list(runs.items())[:_LISTED]]
    more = len(runs) - _LISTED
    lines = aligned(rows)
    return [*lines, f"and {more} earlier ones"] if more > 0 else lines


def difference(one: tuple[int, Run], other: tuple[int, Run]) -> list[str]:
    """Return what differs between two runs: values, results, data, code and versions."""
    (first, a), (second, b) = one, other
    names = {**a.configuration, **b.configuration}
    pairs = [(name, a.configuration.get(name), b.configuration.get(name)) for name in names]
    pairs += [(f"validation {a.metric}", round(a.final, 5), round(b.final, 5)), ("seconds", a.seconds, b.seconds)]
    pairs += [("rows", a.fingerprint, b.fingerprint), ("code", a.code, b.code), ("split", a.split, b.split)]
    pairs += [("preprocessing", a.preprocessing, b.preprocessing), ("status", a.status, b.status)]
    pairs += [(name, a.environment.get(name), b.environment.get(name)) for name in {**a.environment, **b.environment}]
    packages = {**a.versions, **b.versions}
    pairs += [(package, a.versions.get(package), b.versions.get(package)) for package in packages]
    rows = [(_short(name), _short(left), _short(right)) for name, left, right in pairs if left != right]
    if not rows:
        return [f"Runs {first} and {second} are the same."]
    return aligned([("", f"run {first}", f"run {second}"), *rows])


def _row(number: int, run: Run) -> tuple[str, ...]:
    predicted = run.predicted.get(run.metric)
    band = {True: "inside", False: "outside", None: ""}[run.inside]
    return (
        str(number),
        run.date[:16].replace("T", " "),
        _short(run.dataset),
        run.metric.replace("_", " "),
        f"{run.final:.4f}",
        f"{predicted[0]:.4f}" if predicted else "",
        band,
        f"{run.seconds:.2g}",
        run.origin,
    )


def _short(value: Any, longest: int = 30) -> str:
    text = one_line(f"{value:.5g}" if isinstance(value, float) else str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"
