"""What was trained: kept in the store, listed, compared, and taken back into a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from .errors import StoreError, UsageError, one_line
from .notebook.static import aligned
from .records.cost import Cost
from .records.plan import Plan
from .records.run import Measured, Run
from .records.secret import SecretUrl
from .training.kept import kept_run

if TYPE_CHECKING:
    from .store import Store

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


def keep_cost(
    store: Path | SecretUrl | None, plan: Plan, configuration: Mapping[str, Any], fingerprint: str, cost: Cost
) -> str:
    """Keep what a model costs with the last training of its values on its rows, where that was kept without.

    Returns why it could not be; empty where it was, or there is none.
    """
    if store is None or not fingerprint:
        return ""
    from .store import Store

    kept, values = Store(store), {name: configuration.get(name) for name in plan.hyperparameters}
    try:
        for number, run in reversed(kept.runs_on(fingerprint, plan.cards.data.task).items()):
            if run.family == plan.space.family and run.configuration == values and not run.imported:
                if run.cost is None:
                    kept.add_cost(number, cost)
                break
    except StoreError as error:
        return str(error)
    return ""


def runs_in(store: Path | SecretUrl | None, limit: int | None = 100, *, trained_here: bool = False) -> dict[int, Run]:
    """Return the kept runs by number, newest first; all of them where ``limit`` is None.

    With ``trained_here``, those that were imported are left out.

    Raises
    ------
    UsageError
        If no store is kept.
    StoreError
        If it cannot be read.
    """
    return _opened(store).runs(limit, trained_here=trained_here)


def forgotten_in(store: Path | SecretUrl | None) -> dict[int, str]:
    """Return when each forgotten run was forgotten, by its number; fails as `runs_in` does."""
    return _opened(store).forgotten_runs()


def run_in(store: Path | SecretUrl | None, number: int) -> Run:
    """Return one run.

    Raises
    ------
    UsageError
        If there is no such run, or it was forgotten.
    """
    kept = _opened(store)
    run = kept.numbered([number]).get(number)
    if run is not None:
        return run
    forgotten = kept.forgotten_runs().get(number)
    if forgotten:
        raise UsageError(f"run {number} was forgotten on {forgotten[:10]}; %automl history lists the others")
    raise UsageError(f"there is no run {number}; %automl history lists them")


def last_run(store: Path | SecretUrl | None, dataset: str) -> Run | None:
    """Return the newest training of a dataset that was kept here; None where there is none, or no store."""
    runs = runs_in(store, trained_here=True) if store else {}
    return next((run for run in runs.values() if run.dataset == dataset and run.origin != "tune"), None)


def listed(runs: Mapping[int, Run], forgotten: Mapping[int, str] = MappingProxyType({})) -> list[str]:
    """Return a line for each run: its number, when, on what, measured against predicted, and how long it took.

    Of one that was forgotten it says only that, and when.
    """
    every = sorted({*runs, *forgotten}, reverse=True)
    if not every:
        return ["Nothing was trained yet."]
    shown = every[:_LISTED]
    there = [number for number in shown if number in runs]
    heading, *rows = aligned([_HEADINGS, *(_row(number, runs[number]) for number in there)])
    width = max(len(heading.split()[0]), *(len(str(number)) for number in shown))
    lines = dict(zip(there, rows, strict=True))
    lines |= {n: f"{n:<{width}}  forgotten on {forgotten[n][:10]}" for n in shown if n in forgotten}
    more = len(every) - _LISTED
    told = [heading, *(lines[number] for number in shown)]
    return [*told, f"and {more} earlier ones"] if more > 0 else told


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


def _opened(store: Path | SecretUrl | None) -> Store:
    if store is None:
        raise UsageError("no history is kept: AutoML.store is empty")
    from .store import Store

    return Store(store)


def _row(number: int, run: Run) -> tuple[str, ...]:
    predicted = run.prediction
    band = {True: "inside", False: "outside", None: ""}[run.inside]
    return (
        str(number),
        run.date[:16].replace("T", " "),
        _short(run.dataset),
        run.metric.replace("_", " "),
        f"{run.final:.4f}",
        f"{predicted.final:.4f}" if predicted else "",
        band,
        f"{run.seconds:.2g}",
        f"{run.origin}, imported" if run.imported else run.origin,
    )


def _short(value: Any, longest: int = 30) -> str:
    text = one_line(f"{value:.5g}" if isinstance(value, float) else str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"
