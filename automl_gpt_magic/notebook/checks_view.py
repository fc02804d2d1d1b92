"""The request's limits against their numbers, and what a trained model costs, as HTML and as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..records.cost import Cost, Latency
from ..records.plan import Check
from ..records.quantities import amount
from .markup import definitions, muted, user


def state(check: Check) -> str:
    """Return how a limit stands, in words."""
    if check.met is None:
        return "not yet measured"
    if check.measured:
        return "met" if check.met else "not met"
    return "predicted to be met" if check.met else "predicted not to be met"


def answered(checks: Sequence[Check]) -> str:
    """Return how many limits are met, and how many are expected to be."""
    if not checks:
        return "no limits"
    met = sum(check.met is True and check.measured for check in checks)
    expected = sum(check.met is True and not check.measured for check in checks)
    if met and expected:
        return f"{met} met, {expected} expected, of {len(checks)}"
    return f"{expected} of {len(checks)} expected" if expected else f"{met} of {len(checks)} met"


def checks_html(checks: Sequence[Check]) -> str:
    """Return the limits as a list, each with how it stands and its number; empty without any."""
    return f'<ul class="ag-steps">{"".join(map(_check, checks))}</ul>' if checks else ""


def _check(check: Check) -> str:
    kind = "unknown" if check.met is None else "met" if check.met else "not-met"
    mark = f'<b class="ag-{kind}">{state(check)}</b>'
    return f"<li><span>{mark} {user(check.text, 200)}</span>{muted(user(check.detail, 300))}</li>"


def checks_text(checks: Sequence[Check]) -> list[str]:
    """Return a line for each limit."""
    return [f"{state(check)}: {check.text} ({check.detail})" for check in checks]


def cost_html(cost: Cost | None) -> str:
    """Return what was measured of a model; empty where nothing was."""
    if cost is None:
        return ""
    listed = definitions((name, user(said, 200)) for name, said in _facts(cost))
    return f'<p class="ag-about">Measured on {user(cost.machine, 120)}</p><dl class="ag-facts">{listed}</dl>'


def cost_text(cost: Cost) -> list[str]:
    """Return what was measured of a model, a line for each thing."""
    return [f"measured on {cost.machine}", *(f"{name}: {said}" for name, said in _facts(cost))]


def _facts(cost: Cost) -> Iterator[tuple[str, str]]:
    for latency in cost.latencies:
        yield f"Prediction of {_rows(latency.batch)}", _latency(latency, cost)
    sizes = {"Model as saved": cost.model_bytes, "Peak memory of the training": cost.memory_bytes}
    yield from ((name, amount("model_size", n_bytes)) for name, n_bytes in sizes.items() if n_bytes is not None)
    if cost.training_seconds is not None:
        yield "Training", amount("training_seconds", cost.training_seconds)


def _latency(latency: Latency, cost: Cost) -> str:
    said = f"p50 {amount('latency', latency.p50)}, p95 {amount('latency', latency.p95)}"
    rate = amount("throughput", latency.throughput)
    alone = cost.model_latency(latency.batch) if cost.with_preprocessing else None
    model = f"; the model alone {amount('latency', alone.p50)}" if alone else ""
    return f"{said}, {rate}{model}"


def _rows(batch: int) -> str:
    return "one row" if batch == 1 else f"{batch:,} rows"
