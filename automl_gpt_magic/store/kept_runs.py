"""Runs in an open database: found, taken in from elsewhere, forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, inspect, or_, select, update

from ..errors import StoreError
from ..records.cost import Cost
from ..records.run import Heading, Run
from .rows import EMPTY_RUN, digest_of_run, row_of_run, run_of
from .schema import forgotten_runs, now, runs, stamp, wait_for_others

_HEADING = (runs.c.id, runs.c.date, runs.c.dataset, runs.c.task, runs.c.family)
# Databases take only so many values in one statement.
_AT_ONCE = 500
_LARGEST = 2**31 - 1


def select_runs(connection: Connection) -> Select[Any] | None:
    """Return the query for the runs that were not forgotten, with the columns that there are; None without a table.

    A schema is brought up to date by what writes.
    """
    inspector = inspect(connection)
    if not inspector.has_table(runs.name):
        return None
    names = {column["name"] for column in inspector.get_columns(runs.name)}
    query = select(*(column for column in runs.c if column.name in names))
    if inspector.has_table(forgotten_runs.name):
        query = query.where(~exists().where(forgotten_runs.c.run_id == runs.c.id))
    return query


def trained_here(query: Select[Any]) -> Select[Any]:
    """Return a query of `select_runs` without what was imported; a schema without that column has nothing imported."""
    known = any(column.name == runs.c.imported.name for column in query.selected_columns)
    return query.where(runs.c.imported.is_(None)) if known else query


def predicted(query: Select[Any]) -> Select[Any]:
    """Return a query of `select_runs` without the runs of which nothing had been predicted."""
    there = {column.name for column in query.selected_columns}
    return query.where(
        or_(*(column != {} for column in (runs.c.predicted, runs.c.llm_predicted) if column.name in there))
    )


def repeated_in(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Return those of the runs that had an earlier one with the same rows, split, family and configuration."""
    if not inspect(connection).has_table(runs.name):
        return set()
    earlier = runs.alias()
    alike = (earlier.c[name] == runs.c[name] for name in ("fingerprint", "family", "split", "configuration"))
    query = select(runs.c.id).where(runs.c.fingerprint != "", exists().where(earlier.c.id < runs.c.id, *alike))
    return {row.id for some in _parts(numbers) for row in connection.execute(query.where(runs.c.id.in_(some)))}


def headings_in(connection: Connection) -> dict[int, Heading]:
    query = select_runs(connection)
    if query is None:
        return {}
    rows = connection.execute(query.with_only_columns(*_HEADING).order_by(runs.c.date.desc(), runs.c.id.desc()))
    return {row.id: Heading(row.date, row.dataset, row.task, row.family) for row in rows}


def numbered_runs(connection: Connection, numbers: Sequence[int]) -> dict[int, Run]:
    query = select_runs(connection)
    if query is None:
        return {}
    possible = [number for number in numbers if number <= _LARGEST]
    found = (row for some in _parts(possible) for row in connection.execute(query.where(runs.c.id.in_(some))))
    by_number = {row.id: run_of(row) for row in found}
    return {number: by_number[number] for number in numbers if number in by_number}


def cost_into(connection: Connection, number: int, cost: Cost, place: object) -> None:
    """Write what the model of a run costs."""
    run = numbered_runs(connection, [number]).get(number)
    if run is None:
        raise StoreError(f"There is no run {number} in {place}; its cost was not kept")
    row = row_of_run(replace(run, cost=cost))
    changed = {name: row[name] for name in ("cost", "digest")}
    connection.execute(update(runs).where(runs.c.id == number).values(**changed))


def forgotten_in(connection: Connection) -> dict[int, str]:
    if not inspect(connection).has_table(forgotten_runs.name):
        return {}
    rows = connection.execute(select(forgotten_runs.c.run_id, forgotten_runs.c.date))
    return {row.run_id: row.date for row in rows}


def brought_rows(brought: Iterable[Run]) -> dict[str, dict[str, Any]]:
    """Return the rows of runs from elsewhere by their digest, so that none is there twice."""
    imported = now()
    rows = (row_of_run(replace(run, imported=imported)) for run in brought)
    return {row["digest"]: row for row in rows}


def import_into(connection: Connection, brought: Mapping[str, dict[str, Any]]) -> int:
    """Add those of `brought_rows` that are not there yet, and return how many these are."""
    wait_for_others(connection)
    known = _known(connection, brought)
    added = [row for digest, row in brought.items() if digest not in known]
    if added:
        connection.execute(insert(runs), [{**stamp(), **row} for row in added])
    return len(added)


def forget_in(connection: Connection, numbers: Collection[int], place: object) -> None:
    """Empty the rows of runs and write down that this was done; those of one that is unknown none at all."""
    wait_for_others(connection)
    there = {row.id for some in _parts(list(numbers)) for row in connection.execute(_ids(some))}
    unknown = sorted(set(numbers) - there)
    if unknown:
        raise StoreError(f"There is no run {unknown[0]} in {place}; nothing was forgotten")
    for number in sorted(there - set(forgotten_in(connection))):
        connection.execute(insert(forgotten_runs).values(**stamp(), date=now(), run_id=number))
        connection.execute(update(runs).where(runs.c.id == number).values(**EMPTY_RUN))


def _ids(numbers: Sequence[int]) -> Select[Any]:
    return select(runs.c.id).where(runs.c.id.in_(numbers))


def _known(connection: Connection, by_digest: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return those digests that are there, also of runs from before digests were kept."""
    known = set()
    for some in _parts(list(by_digest)):
        known |= {row.digest for row in connection.execute(select(runs.c.digest).where(runs.c.digest.in_(some)))}
    dates = {row["date"] for row in by_digest.values()}
    for some in _parts(sorted(dates)):
        older = select(runs).where(runs.c.digest.is_(None), runs.c.date.in_(some))
        known |= {digest_of_run(run_of(row)) for row in connection.execute(older)}
    return known


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[begin : begin + _AT_ONCE] for begin in range(0, len(values), _AT_ONCE))
