"""What a request limits, in words and readable units; `UNITS` are those that the numbers are kept in."""

from __future__ import annotations

import math

from .request import COUNTS, UNITS, Constraint

_NAMES = {
    "training_seconds": "training",
    "model_size": "model size",
    "memory": "peak memory",
    "rmse": "RMSE",
    "mae": "MAE",
}
# From what on a unit is used, the unit, and how much of the unit that is kept it is.
_TIMES = ((7200.0, "h", 3600.0), (120.0, "min", 60.0), (1.0, "s", 1.0), (0.0, "ms", 1e-3))
_SIZES = ((1e9, "GB", 1e9), (1e6, "MB", 1e6), (1e3, "kB", 1e3), (0.0, "bytes", 1.0))
_SCALES = {"s": _TIMES, "bytes": _SIZES}
_EXACT = 10  # digits of a bound, which is read as it was written


def limit_text(limit: Constraint) -> str:
    """Return a limit in one phrase, such as ``latency p95 at most 20 ms at batch 1`` or ``at most 100 trees``."""
    if limit.quantity in COUNTS:
        return bound_text(limit)
    return " ".join(part for part in (_measured_as(limit), bound_text(limit), _at_batch(limit)) if part)


def limited_text(limit: Constraint) -> str:
    """Return what a limit is on, such as ``latency p95 at batch 1``."""
    return " ".join(part for part in (_measured_as(limit), _at_batch(limit)) if part)


def bound_text(limit: Constraint) -> str:
    """Return how far a limit goes, such as ``at most 20 ms``."""
    return f"{'at least' if limit.at_least else 'at most'} {amount(limit.quantity, limit.bound, _EXACT)}"


def amount(quantity: str, value: float, digits: int = 3) -> str:
    """Return a value of a quantity in a unit that suits it, such as ``12.3 ms``, ``50 MB`` or ``100 trees``.

    Parameters
    ----------
    quantity : str
        A name in `UNITS`; the value of any other has no unit.
    value : float
        In the unit of `UNITS`.
    digits : int
        How many significant digits a number with a fraction keeps.
    """
    unit = UNITS.get(quantity, "")
    if unit in _SCALES and math.isfinite(value):
        _, unit, size = next((scale for scale in _SCALES[unit] if value >= scale[0]), _SCALES[unit][-1])
        value /= size
    elif unit in COUNTS and value == 1:
        unit = unit.removesuffix("s")
    return f"{_number(value, digits)} {unit}".rstrip()


def _number(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return str(value)
    shown = float(f"{value:.{digits}g}")
    return f"{shown:,.0f}" if shown == int(shown) and abs(shown) < 1e15 else f"{shown:.{digits}g}"


def _measured_as(limit: Constraint) -> str:
    name = _NAMES.get(limit.quantity, limit.quantity.replace("_", " "))
    return f"{name} p{limit.percentile}" if limit.quantity == "latency" else name


def _at_batch(limit: Constraint) -> str:
    return f"at batch {limit.batch:,}" if limit.quantity in ("latency", "throughput") else ""
