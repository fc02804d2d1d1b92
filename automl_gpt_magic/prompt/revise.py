"""The prompt of a further round: the plan as it stands, what the user decided, and what is asked for now.

The wording is data, in ``revision.txt``; this file only fills it in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..records.digest import digest_of
from ..records.metric import METRICS
from ..records.plan import Check, PlannedValue
from ..records.prompt import Message, Prompt
from ..records.request import UNITS
from ..records.revision import RoundState
from ..records.run import Measured
from ..records.space import SearchSpace
from .hidden_code import hidden_code, mask_of_code, without_prefix
from .paragraph import continued
from .phrases import configuration_text, log_text, number, shortened
from .schema import outline, revision_schema
from .size import RoundSize, round_sizes
from .wording import say, sections

_wording = partial(sections, "revision.txt")
_say = partial(say, "revision.txt")
_CHECKPOINTS = 8
_MORE_LINES = "# … and {} more lines"
_NOT_SHOWN = "# not shown: its names cannot be hidden"
_SOURCES = {
    "prior": "recorded runs on average",
    "neighbour": "similar datasets",
    "measured": "runs on this data",
    "published": "a published recipe",
}


@dataclass(frozen=True)
class Open:
    """What a request may still choose from.

    Attributes
    ----------
    values : tuple of str
        The hyperparameters that may change.
    models : tuple of str
        Those that the plan may have.
    """

    values: tuple[str, ...]
    models: tuple[str, ...]


def revise(prompt: Prompt, state: RoundState, request: str, choice: Open, *, most_tokens: int) -> Prompt:
    """Return the prompt that goes on with how the plan stands, and with a request.

    What it adds to ``prompt`` has more than ``most_tokens`` only where everything is cut that may be.

    Parameters
    ----------
    prompt : Prompt
        That of the plan.
    state : RoundState
    request : str
        In the user's words.
    choice : Open
    most_tokens : int
    """
    hide = prompt.mask.hide if prompt.mask else str
    metrics = [metric.name for metric in METRICS.values() if state.plan.cards.data.task in metric.tasks]
    parts = {**prompt.parts, "round": digest_of(request, state.plan.model.name, state.plan.hyperparameters)}
    schema = revision_schema(state.plan.space, choice.values, list(map(hide, choice.models)), metrics)
    for size, cut in round_sizes():
        words = "\n\n".join(filter(None, _parts(prompt, state, hide(request), schema, size, hide)))
        answer = state.answer if size.answer else ""
        messages = continued(prompt, prompt.messages, answer, words) if answer else _joined(prompt, words)
        longer = replace(messages, schema=schema, version=version(), parts=parts, cut=(*prompt.cut, *cut))
        if longer.tokens - prompt.tokens <= most_tokens:
            break
    return longer


def version() -> str:
    """Return the version of the wording and of the answer's form."""
    return digest_of(_wording(), revision_schema(SearchSpace("", ()), [], [], []))


def _joined(prompt: Prompt, words: str) -> Prompt:
    """Return the prompt with further words in its last message: many models take no two of one side in a row."""
    *before, last = prompt.messages
    return replace(prompt, messages=(*before, Message(last.role, f"{last.content}\n\n{words}")))


def _parts(
    prompt: Prompt,
    state: RoundState,
    request: str,
    schema: Mapping[str, Any],
    size: RoundSize,
    hide: Callable[[str], str],
) -> Iterator[str]:
    plan = state.plan
    yield _say("stands", model=hide(plan.model.name), values=", ".join(map(_value, plan.values)))
    if state.kept:
        yield _say("kept", names=configuration_text({name: plan.hyperparameters[name] for name in state.kept}))
    if state.taken and size.taken:
        yield _say("taken", requests=shortened(hide("; ".join(state.taken)), size.taken))
    if plan.checks:
        yield _say("limits", limits=hide("; ".join(map(_check, plan.checks))))
    curves = plan.forecast.loss, plan.curve
    logs = [log_text(curve) for curve in {curve.metric: curve for curve in curves}.values()]
    yield _say("predicted", log="; ".join(logs), seconds=_predicted_seconds(plan.forecast.seconds))
    if state.measured is not None:
        yield _measured(state, state.measured)
    if state.cells and size.cell:
        yield _say("cells", cells=_cells(prompt, state, size.cell))
    units = ", ".join(f"{name} ({unit})" for name, unit in UNITS.items())
    yield _say("asked", request=request, units=units, metric=plan.forecast.loss.metric, schema=outline(schema))


def _value(planned: PlannedValue) -> str:
    return f"{planned.name}={number(planned.value)} [{_SOURCES.get(planned.source, planned.source)}]"


def _check(check: Check) -> str:
    met = {True: "kept", False: "not kept", None: "not known"}[check.met]
    return f"{check.text}: {met}, {check.detail}"


def _predicted_seconds(seconds: float) -> str:
    return "" if math.isnan(seconds) else f"; it takes {seconds:.2g} s to train"


def _measured(state: RoundState, measured: Measured) -> str:
    """Return the measured log; a training of other values says which."""
    plan, curves = state.plan, measured.curves
    metrics = [metric for metric in dict.fromkeys([plan.metric, *curves]) if metric in curves]
    logs = [log_text(curves[metric], _CHECKPOINTS) for metric in metrics if len(curves[metric].steps)]
    return _say(
        "measured",
        difference=_difference(plan.hyperparameters, measured.hyperparameters),
        log="; ".join([*logs, *filter(None, [configuration_text(measured.scores)])]) or "nothing yet",
        seconds=f"{measured.seconds:.2g} s" + ("" if measured.finished else " so far"),
    )


def _difference(planned: Mapping[str, Any], trained: Mapping[str, Any]) -> str:
    known = {name: value for name, value in trained.items() if name in planned and value is not None}
    other = {name: value for name, value in known.items() if value != planned[name]}
    return f" (with {configuration_text(other)})" if other else ""


def _cells(prompt: Prompt, state: RoundState, most: int) -> str:
    return "\n\n".join(f"# {stage} cell\n{_cell(prompt, state, source, most)}" for stage, source in state.cells.items())


def _cell(prompt: Prompt, state: RoundState, source: str, most: int) -> str:
    source, plan = without_prefix(source, state.plan.names), state.plan
    if prompt.mask is None:
        return _head(source, most)
    mask = mask_of_code(prompt.mask, plan.cards.data)
    hidden = hidden_code(source, mask, [parameter.name for parameter in plan.space.parameters])
    return _NOT_SHOWN if hidden is None else _head(hidden, most)


def _head(source: str, most: int) -> str:
    """Return the first lines of a source, with at most so many letters."""
    if len(source) <= most:
        return source
    shown = source[:most].rpartition("\n")[0]
    more = len(source[len(shown) :].strip("\n").splitlines())
    return f"{shown}\n{_MORE_LINES.format(more)}"
