"""What the user decided about a plan as plain data, which travels in its cells' metadata and outlives the kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from ..errors import AutoMLError, one_line
from ..records.digest import digest_of
from ..records.metric import METRICS
from ..records.request import MOST_BATCH, PERCENTILES, UNITS, Constraint
from ..records.round import Change
from .edits import about_data
from .standing import Standing
from .taking import Replan, take_again

_PARTS = ("model", "metric", "limit", "lock", "value")
_WHO = ("request", "llm", "user")
_MOST = 200  # changes; more than that were not made by hand
_LONGEST = 400  # letters of a reason


def as_data(standing: Standing) -> dict[str, Any]:
    """Return what was taken of all requests, and what is locked; empty where nothing is.

    Code is not among it: it stands in the cells.
    """
    last: dict[str, Change] = {}
    for change in standing.taken:
        last.pop(change.key, None)  # a model that is taken later takes with it what was decided of the one before
        last[change.key] = change
    taken = [_change_as_data(change) for change in last.values() if change.part in _PARTS and _stands(standing, change)]
    data = {"taken": taken, "locked": sorted(standing.locked)}
    return {**data, "about": _about(standing)} if any(data.values()) else {}


def decided_before(standing: Standing, data: Mapping[str, Any], replan: Replan) -> Standing:
    """Return a plan with what `as_data` had kept.

    What is about other data, of another form, or cannot be done any more is left out.
    """
    if data.get("about") != _about(standing):
        return standing
    for change in _changes(data):
        try:
            standing = take_again(standing, change, replan)
        except AutoMLError:
            continue
    locked = data.get("locked", ())
    known = {name for name in locked if isinstance(name, str)} if isinstance(locked, list) else set()
    return replace(standing, locked=frozenset(name for name in known if name in standing.situation.space))


def _stands(standing: Standing, change: Change) -> bool:
    """Tell whether a change is not one of the user's own values that was reset, or edited otherwise, since."""
    is_edit = change.part == "value" and change.who == "user"
    return not is_edit or standing.edits.get(change.name) == change.after


def _about(standing: Standing) -> str:
    return digest_of(*about_data(standing.situation))


def _change_as_data(change: Change) -> dict[str, Any]:
    after = asdict(change.after) if isinstance(change.after, Constraint) else change.after
    return {"part": change.part, "name": change.name, "after": after, "who": change.who, "reason": change.reason}


def _changes(data: Mapping[str, Any]) -> list[Change]:
    given = data.get("taken")
    changes = [_change_of_data(one) for one in given[:_MOST]] if isinstance(given, list) else []
    return [change for change in changes if change is not None]


def _change_of_data(given: Any) -> Change | None:
    """Return a change; None where the data is of no such form: a notebook may come from anybody."""
    if not isinstance(given, Mapping) or given.get("part") not in _PARTS or given.get("who") not in _WHO:
        return None
    name, reason, after = given.get("name"), given.get("reason"), given.get("after")
    if not isinstance(name, str) or not isinstance(reason, str):
        return None
    if given["part"] in ("model", "metric") and not isinstance(after, str):
        return None
    if given["part"] == "limit":
        after = _constraint(after)
        if after is None:
            return None
    return Change(given["part"], name, None, after, given["who"], one_line(reason)[:_LONGEST])


def _constraint(given: Any) -> Constraint | None:
    if not isinstance(given, Mapping):
        return None
    try:
        limit = Constraint(**given)
        limit = replace(limit, bound=float(limit.bound), at_least=bool(limit.at_least))
    except (TypeError, ValueError, OverflowError):
        return None
    known = limit.quantity in (*UNITS, *METRICS) and limit.percentile in PERCENTILES and isinstance(limit.text, str)
    is_whole = all(isinstance(one, int) for one in (limit.batch, limit.percentile)) and 1 <= limit.batch <= MOST_BATCH
    return limit if known and is_whole and math.isfinite(limit.bound) else None
