"""How earlier predictions did here, in a sentence for each source, to stand beside its next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import StoreError
from ..notebook.wording import metric_label, plural
from ..records.secret import SecretUrl
from .predictions import OURS, REPEATED, Prediction, predictions, source_of_llm
from .summary import Standing, standing

# So that a plan does not wait for a large store.
_MOST_READ = 100
_FEWEST_FORECASTS = 3


def read_predictions(place: Path | SecretUrl | None) -> list[Prediction]:
    """Return the newest predictions of a store, but for those of values that had been measured before.

    None of them where there is no store, or it cannot be read: it is said elsewhere.
    """
    if place is None:
        return []
    from ..store import Store

    try:
        store = Store(place)
        runs = store.predicted_runs(_MOST_READ)
        repeated = store.repeated(runs)
    except StoreError:
        return []
    found = predictions(runs, repeated)
    again = {one.number for one in found if one.source == REPEATED}
    return [one for one in found if one.score is not None and one.number not in again]


def record_of_forecasts(found: Sequence[Prediction], family: str, metric: str) -> tuple[str, ...]:
    """Return how far our forecasts for a model family were off, where there were at least three; else nothing."""
    group = [one for one in found if one.source in OURS and one.run.family == family and one.metric == metric]
    stands = standing(family, metric, group)
    if stands.n < _FEWEST_FORECASTS or stands.error is None:
        return ()
    held, n = stands.held[80]
    kept = f"; {held} of {n} ended inside their 80% interval" if n else ""
    return (f"Forecasts for {family} were off by {_off(stands)} on average in {plural(stands.n, 'run')} here{kept}.",)


def records_of_llms(found: Sequence[Prediction], metric: str) -> Mapping[str, str]:
    """Return how far each LLM's own logs were off, by its name, and our forecasts of the same trainings."""
    of_metric = [one for one in found if one.metric == metric]
    names = dict.fromkeys(one.run.llm for one in of_metric if one.source == source_of_llm(one.run.llm))
    return {name: said for name in names if (said := _record_of_llm(of_metric, name))}


def _record_of_llm(found: Sequence[Prediction], name: str) -> str:
    """Return one LLM's record, without its name: that is the LLM's own, and could be anything."""
    logs = [one for one in found if one.run.llm == name and one.source == source_of_llm(name)]
    trained = {one.number for one in logs}
    stands = standing(name, logs[0].metric, logs)
    ours = standing("", stands.metric, [one for one in found if one.source in OURS and one.number in trained])
    if stands.error is None:
        return ""
    beside = f", the forecast by {_number(ours)}" if ours.n == stands.n else ""
    return f"This LLM's own logs were off by {_off(stands)} on average in {plural(stands.n, 'run')} here{beside}."


def _off(stands: Standing) -> str:
    label = metric_label(stands.metric)
    return f"{_number(stands)} of the {label}" if stands.relative else f"{_number(stands)} {label}"


def _number(stands: Standing) -> str:
    return f"{stands.error:.1%}" if stands.relative else f"{stands.error:.2g}"
