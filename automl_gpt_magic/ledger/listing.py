"""``%automl ledger``: each prediction against what came, how each source has done, and whether its quantiles hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ..errors import UsageError, one_line
from ..notebook.static import aligned
from ..notebook.wording import metric_label
from ..records.secret import SecretUrl
from .predictions import Prediction, predictions
from .reliability import reliabilities
from .summary import Standing, standings

_LISTED = 30
_LONGEST = 30
_HEADINGS = (
    "run",
    "date",
    "dataset",
    "family",
    "metric",
    "source",
    "predicted",
    "measured",
    "interval",
    "curve off by",
)
_TOTALS = (
    *("source", "metric", "n", "last value off by", "curve off by"),
    *("inside the 80% interval", "inside the 95% interval", "80% interval's width", "CRPS"),
)
_EXPLAINED = (
    "Mean absolute errors; CRPS is one for whole distributions, and the error itself for a line alone. "
    "Smaller is better, the width too where the intervals hold."
)
_RELATIVE = "Of RMSE and MAE all is a share of what was measured: datasets differ in unit."
_BAND = (
    "Band: where a calibrated source's points lie 90% of the time, if runs are independent; those on one dataset err "
    "together."
)
_NONE = "none given"


class Ledger:
    """What `predictions` found, as text; in a notebook with a plot where a source was scored often enough."""

    def __init__(self, found: Sequence[Prediction]) -> None:
        self._found = found

    def __repr__(self) -> str:
        return "\n".join(listed(self._found))

    def _repr_html_(self) -> str | None:
        plotted = reliabilities(self._found)
        if not plotted:
            return None
        from ..notebook.reliability_plot import svg

        text = f'<pre style="white-space:pre;overflow-x:auto">{escape(repr(self))}</pre>'
        return f"{text}{svg(plotted)}<p>{escape(_BAND)}</p>"


def ledger_of(place: Path | SecretUrl | None) -> Ledger:
    """Return the ledger of a store.

    Raises
    ------
    UsageError
        If no store is kept.
    StoreError
        If it cannot be read.
    """
    if place is None:
        raise UsageError("no ledger is kept: AutoML.store is empty")
    from ..store import Store

    store = Store(place)
    runs = store.predicted_runs()
    return Ledger(predictions(runs, store.repeated(runs)))


def listed(found: Sequence[Prediction]) -> list[str]:
    """Return a line for each of the last predictions, and one for each source and metric over all of them."""
    if not found:
        return ["Nothing that was trained here had been predicted yet."]
    if all(one.score is None for one in found):
        return [f"No prediction can be scored: {_reasons(found)}."]
    more = len(found) - _LISTED
    lines = aligned([_HEADINGS, *(_row(one) for one in found[:_LISTED])])
    lines += [f"and {more} earlier ones"] if more > 0 else []
    totals = standings(found)
    explained = [_EXPLAINED, *([_RELATIVE] if any(one.relative for one in totals) else [])]
    return [*lines, "", *aligned([_TOTALS, *map(_total, totals)]), "", *explained]


def _reasons(found: Sequence[Prediction]) -> str:
    counted = Counter(one.left_out for one in found)
    return ", ".join(f"{reason} ({count})" for reason, count in counted.most_common())


def _row(one: Prediction) -> tuple[str, ...]:
    return (
        str(one.number),
        one.run.date[:16].replace("T", " "),
        _short(one.run.dataset),
        _short(one.run.family),
        _short(metric_label(one.metric)),
        _short(one.source),
        *_scored(one),
    )


def _scored(one: Prediction) -> tuple[str, ...]:
    """Return what was predicted and measured, whether the interval held, and the mean error over the curve."""
    score = one.score
    if score is None:
        return "", "", f"not scored: {one.left_out}", ""
    ends = score.ends(80)
    within = f" ({ends[0]:.4g} to {ends[1]:.4g})" if ends else ""
    held = {True: "inside", False: "outside", None: ""}[score.inside(80)]
    return f"{score.predicted:.4g}{within}", f"{score.measured:.4g}", held, _off(score.curve_error, relative=False)


def _total(one: Standing) -> tuple[str, ...]:
    return (
        _short(one.source),
        _short(metric_label(one.metric)),
        str(one.n),
        _off(one.error, relative=one.relative),
        _off(one.curve_error, relative=one.relative),
        _share(one.held[80]),
        _share(one.held[95]),
        _off(one.width, relative=one.relative) or _NONE,
        _off(one.crps, relative=one.relative),
    )


def _share(held: tuple[int, int]) -> str:
    times, n = held
    return f"{times} of {n} ({times / n:.0%})" if n else _NONE


def _off(error: float | None, *, relative: bool) -> str:
    return "" if error is None else f"{error:.1%}" if relative else f"{error:.3g}"


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
