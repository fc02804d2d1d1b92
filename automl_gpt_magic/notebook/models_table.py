"""The models that a task could be planned with, side by side: as HTML and as text."""

from __future__ import annotations

from html import escape
from math import isfinite

from ..records.assignment import Assignment, ModelOption
from ..records.quantities import amount
from . import wording
from .markup import user
from .static import aligned

_NAME, _REASON = 40, 600
_UNKNOWN = "not known"


def models_html(assignment: Assignment) -> str:
    """Return a table, the planned model marked, and why it is planned."""
    heads = "".join(f'<th scope="col"{_right(name)}>{escape(name)}</th>' for name in _heads(assignment))
    rows = "".join(_row(assignment, option) for option in assignment.options)
    return (
        '<table class="ag-cands ag-models"><caption>Models for this task; the numbers are predicted</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="ag-small">{user(assignment.because, _REASON)}</p>'
    )


def models_text(assignment: Assignment) -> str:
    """Return the same in aligned lines, each model's reason under its own."""
    heads, *rows = aligned([_heads(assignment), *(_texts(assignment, option) for option in assignment.options)])
    below = [f"    {_plain(_why(option))}" for option in assignment.options]
    pairs = [line for pair in zip(rows, below, strict=True) for line in pair]
    use = "The numbers are predicted. %automl use NAME plans with another model."
    return "\n".join([heads, *pairs, _plain(assignment.because), use])


def _heads(assignment: Assignment) -> tuple[str, ...]:
    curve = next((one.curve for one in assignment.options if one.curve is not None), None)
    result = wording.metric_label(curve.metric) if curve else "result"
    limits = ("Limits",) if _limited(assignment) else ()
    return ("Model", f"{result[:1].upper()}{result[1:]}", "Training", "Memory", "Model size", *limits)


def _row(assignment: Assignment, option: ModelOption) -> str:
    is_chosen = option is assignment.chosen
    row, mark = (' class="ag-chosen"', '<span class="ag-muted"> planned</span>') if is_chosen else ("", "")
    heads = _heads(assignment)
    numbers = zip(heads[1:], _numbers(assignment, option), strict=True)
    cells = "".join(f"<td{_right(name)}>{user(shown, 120)}</td>" for name, shown in numbers)
    return (
        f'<tr{row}><th scope="row">{option.rank}. {user(option.card.name, _NAME)}{mark}</th>{cells}</tr>'
        f'<tr class="ag-why"><td colspan="{len(heads)}">{user(_why(option), _REASON)}</td></tr>'
    )


def _texts(assignment: Assignment, option: ModelOption) -> tuple[str, ...]:
    planned = " (planned)" if option is assignment.chosen else ""
    name = f"{option.rank}. {_plain(option.card.name, _NAME)}{planned}"
    return name, *map(_plain, _numbers(assignment, option))


def _numbers(assignment: Assignment, option: ModelOption) -> tuple[str, ...]:
    """Return predicted result, training time, memory and size; and how many limits are kept, where there are some."""
    result = wording.ending(option.curve) if option.curve is not None else option.known
    duration = wording.seconds(option.seconds) if isfinite(option.seconds) else _UNKNOWN
    sizes = (option.memory, option.size)
    memory, size = (amount("model_size", one, 2) if isfinite(one) else _UNKNOWN for one in sizes)
    limits = (_limits(option),) if _limited(assignment) else ()
    return result, duration, memory, size, *limits


def _limited(assignment: Assignment) -> bool:
    return any(option.checks for option in assignment.options)


def _limits(option: ModelOption) -> str:
    n_limits, n_met = len(option.checks), sum(check.met is True for check in option.checks)
    if not n_limits:
        return "none for it"
    unknown = sum(check.met is None for check in option.checks)
    return f"{n_met} of {n_limits} kept" + (f", {unknown} not known" if unknown else "")


def _why(option: ModelOption) -> str:
    said = f"The LLM: {option.llm_reason.rstrip('.')}. " if option.llm_reason else ""
    reason = option.reason
    return f"{said}{reason[:1].upper()}{reason[1:].rstrip('.')}."


def _plain(text: str, longest: int = _REASON) -> str:
    """Return text from outside on one line, without characters that steer a terminal."""
    whole = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def _right(name: str) -> str:
    return ' class="ag-r"' if name in ("Training", "Memory", "Model size") else ""
