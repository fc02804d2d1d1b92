"""What was predicted here against what came: each prediction, and how each source has done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .errors import one_line
from .notebook.static import aligned
from .records.run import Run

_LISTED = 30
_LONGEST = 30
_FORECAST = "forecast"
_CORRECTED = "forecast, corrected"
_REPEATED = "measured before"
_HEADINGS = ("run", "date", "dataset", "family", "metric", "source", "predicted", "measured", "interval")
_SUMMARY = ("source", "metric", "n", "mean absolute error", "inside the 80% interval")


@dataclass(frozen=True)
class Prediction:
    """One prediction of a run's last value; ``interval`` holds 80%, and is None where none was given."""

    number: int
    run: Run
    metric: str
    source: str
    value: float
    interval: tuple[float, float] | None
    measured: float

    @property
    def inside(self) -> bool | None:
        return None if self.interval is None else self.interval[0] <= self.measured <= self.interval[1]


def predictions(runs: Mapping[int, Run]) -> list[Prediction]:
    """Return what was predicted for the runs, in their order: by the forecast, and by an LLM's own log.

    A forecast that had already been corrected by runs on the same rows is a source of its own: it had an easier task.
    So is one of values that had been trained on them before, which only repeats what was measured.
    """
    repeated = _repeated(runs)
    return [one for number, run in runs.items() for one in _of_run(number, run, number in repeated)]


def listed(runs: Mapping[int, Run]) -> list[str]:
    """Return a line for each of the last predictions, and one for each source and metric over all of them."""
    found = predictions(runs)
    if not found:
        return ["Nothing that was trained here had been predicted yet."]
    more = len(found) - _LISTED
    lines = aligned([_HEADINGS, *(_row(one) for one in found[:_LISTED])])
    lines += [f"and {more} earlier ones"] if more > 0 else []
    return [*lines, "", *aligned([_SUMMARY, *_summary(found)])]


def _repeated(runs: Mapping[int, Run]) -> set[int]:
    """Return the runs whose values had been trained on the same rows when they were predicted."""
    seen: list[tuple[object, ...]] = []
    repeated = set()
    for number, run in sorted(runs.items()):
        what = (run.fingerprint, run.family, run.split, run.configuration)
        if run.corrected_by and what in seen:
            repeated.add(number)
        seen.append(what)
    return repeated


def _of_run(number: int, run: Run, repeated: bool) -> Iterable[Prediction]:
    ours = _REPEATED if repeated else _CORRECTED if run.corrected_by else _FORECAST
    for metric, (value, lower, upper) in run.predicted.items():
        if metric in run.curves:
            yield Prediction(number, run, metric, ours, value, (lower, upper), run.curves[metric].final)
    for metric, value in run.llm_predicted.items():
        if metric in run.curves:
            yield Prediction(number, run, metric, run.llm or "LLM", value, None, run.curves[metric].final)


def _row(one: Prediction) -> tuple[str, ...]:
    shown = f"{one.value:.4g}"
    if one.interval is not None:
        shown += f" ({one.interval[0]:.4g} to {one.interval[1]:.4g})"
    return (
        str(one.number),
        one.run.date[:16].replace("T", " "),
        _short(one.run.dataset),
        _short(one.run.family),
        one.metric.replace("_", " "),
        _short(one.source),
        shown,
        f"{one.measured:.4g}",
        {True: "inside", False: "outside", None: ""}[one.inside],
    )


def _summary(found: Iterable[Prediction]) -> list[tuple[str, ...]]:
    groups: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for one in found:
        groups[one.source, one.metric].append(one)
    return [_summed(source, metric, group) for (source, metric), group in sorted(groups.items())]


def _summed(source: str, metric: str, group: list[Prediction]) -> tuple[str, ...]:
    error = np.mean([abs(one.measured - one.value) for one in group])
    judged = [one.inside for one in group if one.inside is not None]
    coverage = f"{sum(judged)} of {len(judged)} ({np.mean(judged):.0%})" if judged else "none was given"
    return _short(source), metric.replace("_", " "), str(len(group)), f"{error:.4g}", coverage


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
