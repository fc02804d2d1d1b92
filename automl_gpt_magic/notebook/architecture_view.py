"""The layers of a planned network with their sizes, under the model stage."""

from __future__ import annotations

from html import escape

from ..records.architecture import Architecture, Layer, Shape
from ..records.plan import Plan
from . import wording
from .markup import definitions, user

_HEADS = ("Layer", "Activation", "Output", "Parameters", "Multiply-adds")
_FIRST_NUMBER = 2
_NOT_EXACT = "The columns that the network reads are known once the data cell has run; until then its counts are near."


def architecture_html(plan: Plan) -> str:
    """Return the layers as a table, and under it their totals, the loss and the special parts; empty without layers."""
    planned = plan.architecture
    if planned is None:
        return ""
    heads = "".join(f'<th scope="col"{_right(at)}>{name}</th>' for at, name in enumerate(_HEADS))
    rows = [("input", "", shape(planned.input_shape), "", ""), *map(_row, planned.layers)]
    near = "" if planned.exact else f'<p class="ag-small">{_NOT_EXACT}</p>'
    return (
        f'<table class="ag-cands"><caption>Layers</caption><thead><tr>{heads}</tr></thead>'
        f'<tbody>{"".join(map(_html_row, rows))}</tbody></table><dl class="ag-facts">{_facts(planned)}</dl>{near}'
    )


def _row(layer: Layer) -> tuple[str, ...]:
    """Return a layer's cells; repeats are one row, with the counts of all of them."""
    name = f"{layer.name}, {layer.repeats} times" if layer.repeats > 1 else layer.name
    counts = (layer.repeats * layer.parameters, layer.repeats * layer.multiply_adds)
    return (name, layer.activation, shape(layer.output), *map(wording.count, counts))


def _html_row(cells: tuple[str, ...]) -> str:
    first, *rest = map(user, cells)
    return (
        f'<tr><th scope="row">{first}</th>{"".join(f"<td{_right(at)}>{c}</td>" for at, c in enumerate(rest, 1))}</tr>'
    )


def _right(column: int) -> str:
    return ' class="ag-r"' if column >= _FIRST_NUMBER else ""


def _facts(planned: Architecture) -> str:
    refitted = planned.refitted
    return definitions(
        [
            ("In all", escape(network_size(planned))),
            ("Refitted on every row", escape(network_size(refitted)) if refitted else ""),
            ("Loss", f"<code>{user(planned.loss)}</code>"),
            ("Optimiser", f"<code>{user(planned.optimizer)}</code>"),
            ("Special parts", user(", ".join(planned.special), 300)),
        ]
    )


def network_size(planned: Architecture) -> str:
    """Return the counts in words, such as ``12,345 parameters (49 kB), 0.2 M multiply-adds an example``."""
    about = "" if planned.exact else "about "
    parameters = f"{wording.plural(planned.n_parameters, 'parameter')} ({_bytes(planned.n_bytes)})"
    return f"{about}{parameters}, {_amount(planned.multiply_adds)} multiply-adds an example"


def shape(sizes: Shape) -> str:
    """Return a shape such as ``3 × 32 × 32``."""
    return " × ".join(map(wording.count, sizes))


def _bytes(n_bytes: int) -> str:
    unit, name = (1e6, "MB") if n_bytes >= 995_000 else (1e3, "kB")
    return f"{float(f'{n_bytes / unit:.2g}'):g} {name}"


def _amount(number: int) -> str:
    if number < 100_000:
        return wording.count(number)
    unit, name = (1e9, "G") if number >= 995_000_000 else (1e6, "M")
    return f"{float(f'{number / unit:.2g}'):g} {name}"
