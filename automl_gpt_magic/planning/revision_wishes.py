"""What an LLM understood of a request, checked wish by wish."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ..errors import ParameterError, did_you_mean
from ..records.metric import METRICS, metric_named, why_not
from ..records.request import COUNTS, MOST_BATCH, PERCENTILES, UNITS, Constraint, Goal, Wish
from .context import Context

_MOST_COUNT = 1e9
_PER_CALL = ("latency", "throughput")


@dataclass(frozen=True)
class Question:
    """A request, and what may be asked of the plan that it is about.

    Attributes
    ----------
    text : str
        In the user's words.
    task : str
        Of the data card.
    models : collection of str
        Those that the plan may have.
    kept : mapping of name to why
        The hyperparameters whose value the user decided.
    standing : mapping
        The plan's values.
    named : collection of str
        The hyperparameters that the text itself names: only of those a decision of the user's is taken back.
    """

    text: str
    task: str
    models: Collection[str]
    kept: Mapping[str, str]
    standing: Mapping[str, Any]
    named: Collection[str]


def read_wish(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    """Return a wish.

    Raises
    ------
    ValueError, ParameterError
        If it is none, or none that this plan can have; the message says why.
    """
    want = str(entry.get("want"))
    if want not in _READERS:
        raise ValueError(f"there is no such want; {did_you_mean(want, _READERS)}")
    return _READERS[want](entry, question, context)


def slot(wish: Wish) -> tuple[str, ...]:
    """Return what there can be only one wish for."""
    if wish.constraint is not None:
        return "limit", wish.constraint.key
    if wish.want in ("lock", "free"):
        return "lock", wish.name
    return wish.want, wish.goal or (wish.name if wish.want == "set" else "")


def quoted(given: Any, text: str) -> str:
    """Return the words that an LLM gives for a wish where they are the user's; else the whole request."""
    words = " ".join(given.split()) if isinstance(given, str) else ""
    found = re.search(re.escape(words), text, re.IGNORECASE) if words else None
    return found[0] if found else text


def _limit(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    quantity, text = _quantity(str(entry.get("quantity")), question), quoted(entry.get("text"), question.text)
    bound, at_least = _bound(quantity, entry.get("bound")), _at_least(quantity, entry.get("at_least"))
    batch = _whole(entry.get("batch"), "batch", MOST_BATCH) if quantity in _PER_CALL else 1
    percentile = _percentile(entry.get("percentile")) if quantity == "latency" else 95
    return Wish("limit", text, constraint=Constraint(quantity, bound, at_least, batch, percentile, text))


def _quantity(given: str, question: Question) -> str:
    if given in UNITS:
        return given
    if given not in METRICS:
        known = [*UNITS, *(name for name, metric in METRICS.items() if question.task in metric.tasks)]
        raise ValueError(f"{given!r} is no quantity; {did_you_mean(given, known)}")
    return _metric_of_task(given, question)


def _metric_of_task(name: str, question: Question) -> str:
    metric = metric_named(name)
    wrong = why_not(metric.name, question.task)
    if wrong:
        raise ValueError(wrong)
    return metric.name


def _bound(quantity: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not -1e300 < given < 1e300:
        raise ValueError(f"the bound {given!r} is no number")
    if quantity in COUNTS:
        return _whole(given, quantity)
    if quantity in UNITS and given <= 0:
        raise ValueError(f"the bound {given:g} {UNITS[quantity]} is not above 0")
    low, high = (METRICS[quantity].lowest, METRICS[quantity].highest) if quantity in METRICS else (0, math.inf)
    if not low <= given <= high:
        raise ValueError(f"{quantity} goes from {low:g} to {high:g}, so it has no bound {given:g}")
    return float(given)


def _whole(given: Any, what: str, most: float = _MOST_COUNT) -> int:
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if not is_number or not 1 <= given <= most or given != int(given):
        raise ValueError(f"{what} {given!r} is no whole number from 1 to {most:,.0f}")
    return int(given)


def _at_least(quantity: str, given: Any) -> bool:
    """Return the side of a bound; a limit on the other side is not what anybody means."""
    metric = METRICS.get(quantity)
    most_is_best: bool = quantity == "throughput" if metric is None else not metric.lower_is_better
    if not isinstance(given, bool) or given != most_is_best:
        raise ValueError(f"a limit on {quantity} has at_least {str(most_is_best).lower()}")
    return most_is_best


def _percentile(given: Any) -> int:
    if given not in PERCENTILES:
        raise ValueError(f"the percentile {given!r} is neither 50 nor 95")
    return int(given)


def _prefer(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    given, goals = str(entry.get("goal")), get_args(Goal)
    if given not in goals:
        raise ValueError(f"{given!r} is no goal; {did_you_mean(given, goals)}")
    return Wish("prefer", quoted(entry.get("text"), question.text), goal=goals[goals.index(given)])


def _metric(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    return Wish(
        "metric", quoted(entry.get("text"), question.text), name=_metric_of_task(str(entry.get("name")), question)
    )


def _set(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    name = _decided_by_the_user(entry, question, context)
    value = context.space[name].check(entry.get("value"))
    return Wish("set", quoted(entry.get("text"), question.text), name=name, value=value)


def _lock(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    return Wish("lock", quoted(entry.get("text"), question.text), name=context.space[str(entry.get("name"))].name)


def _free(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    return Wish("free", quoted(entry.get("text"), question.text), name=_decided_by_the_user(entry, question, context))


def _decided_by_the_user(entry: Mapping[str, Any], question: Question, context: Context) -> str:
    """Return a hyperparameter's name; what the user decided, only the user's own words take back."""
    name = context.space[str(entry.get("name"))].name
    if name in question.kept and name not in question.named:
        raise ParameterError(f"{question.kept[name]}, and the request does not name {name}")
    return name


def _model(entry: Mapping[str, Any], question: Question, context: Context) -> Wish:
    return Wish(
        "model", quoted(entry.get("text"), question.text), name=model_called(entry.get("name"), question, context)
    )


def model_called(given: Any, question: Question, context: Context) -> str:
    """Return the model of a name, which may be one that stands for it.

    Raises
    ------
    ValueError
        If the plan cannot have it.
    """
    hidden = {name: token for token, name in context.mask.models.items()} if context.mask else {}
    known = {called.casefold(): name for name in question.models for called in (hidden.get(name, name), name)}
    name = known.get(str(given).strip().casefold())
    if name is None:
        raise ValueError(f"there is no model {given!r} for this data; {did_you_mean(str(given), question.models)}")
    return name


_READERS: Mapping[str, Callable[[Mapping[str, Any], Question, Context], Wish]] = {
    "limit": _limit,
    "prefer": _prefer,
    "metric": _metric,
    "set": _set,
    "lock": _lock,
    "free": _free,
    "model": _model,
}
