"""What a model's tokens cost, where that is known; prices.json says where its numbers are from."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .endpoint import is_loopback

_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


class Price(NamedTuple):
    """US dollars for a million tokens sent and a million received."""

    prompt: float
    answer: float


def price(model: str, host: str) -> Price | None:
    """Return a model's price, or None where it is not known.

    Parameters
    ----------
    model : str
        As the host calls it. A dated name that is not listed costs what the name without its date costs.
    host : str
        Host name, with or without port. Whatever this machine serves itself costs nothing.
    """
    name = _name_of(host)
    if name is None:
        return None
    if is_loopback(f"//{host}"):
        return Price(0.0, 0.0)
    listed = _table()["hosts"].get(name, {})
    called = model.removeprefix("models/")  # Gemini lists its models so
    found = listed.get(called) or listed.get(_DATED.sub("", called))
    return Price(*map(float, found)) if found else None


def price_date() -> str:
    """Return the day up to which the prices are known, ISO 8601."""
    return str(_table()["source"]["date"])


def _name_of(host: str) -> str | None:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.rstrip(".") if name else None


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    return table
