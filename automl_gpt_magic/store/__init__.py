"""What happened, kept in a SQLite file or a team's database; only this package imports sqlalchemy, where it is used.

Rows are added and never deleted; `Store.forget` empties one and writes down that it did. Every call opens a connection
of its own and closes it, so none is shared by threads, survives a fork, or goes on writing to a file that was removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, inspect, select, update

from ..errors import StoreError, one_line
from ..records.exchange import Exchange
from ..records.run import Run
from ..records.secret import SecretUrl
from .database import Database, database_at
from .rows import exchange_of, row_of_exchange, row_of_run, run_of
from .schema import MIGRATIONS, exchanges, forgotten, now, runs, stamp

__all__ = ["MIGRATIONS", "Store"]


class Store:
    """The exchanges with language models, which of them were forgotten, and the runs that were trained.

    Several threads and processes may use one store at the same time.

    Parameters
    ----------
    place : Path or SecretUrl
        A SQLite file: it and its folder are created by the first call that writes, for their owner alone; a call that
        reads creates nothing. Or the URL of a database, as SQLAlchemy takes it.
    """

    def __init__(self, place: Path | SecretUrl) -> None:
        self.place = place

    def add_exchange(self, exchange: Exchange) -> int:
        """Keep an exchange and return its number.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._database.writing() as connection:
            return _added(connection, exchanges, row_of_exchange(exchange))

    def exchanges(self, limit: int = 100) -> list[Exchange]:
        """Return the newest exchanges, the newest first; a forgotten one has no messages and no answer.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(select(exchanges).order_by(exchanges.c.id.desc()).limit(max(0, limit)))
            return [exchange_of(row) for row in rows]

    def find_exchange(self, parts: Mapping[str, str], version: str, model: str | None = None) -> Exchange | None:
        """Return the newest answered exchange whose prompt had these parts and this version.

        Parameters
        ----------
        parts : mapping of str to str
            The prompt's, all of them.
        version : str
            The prompt's.
        model : str or None
            Only exchanges with this model.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            if connection is None:
                return None
            columns = exchanges.c
            query = select(exchanges).where(
                columns.parts == dict(parts),
                columns.version == version,
                columns.status == "answered",
                ~exists().where(forgotten.c.exchange_id == columns.id),
            )
            if model is not None:
                query = query.where(columns.model == model)
            row = connection.execute(query.order_by(columns.id.desc()).limit(1)).first()
            return None if row is None else exchange_of(row)

    def add_run(self, run: Run) -> int:
        """Keep a finished training and return its number.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._database.writing() as connection:
            return _added(connection, runs, row_of_run(run))

    def runs(self, limit: int | None = 100) -> dict[int, Run]:
        """Return the newest runs by their number, the newest first; all of them where ``limit`` is None.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else _select_runs(connection)
            if connection is None or query is None:
                return {}
            query = query.order_by(runs.c.id.desc()).limit(None if limit is None else max(0, limit))
            return {row.id: run_of(row) for row in connection.execute(query)}

    def has_runs(self, task: str) -> bool:
        """Return whether any run of a task is kept.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            if connection is None or _select_runs(connection) is None:
                return False
            return connection.execute(select(runs.c.id).where(runs.c.task == task).limit(1)).first() is not None

    def runs_on(self, fingerprint: str, task: str) -> dict[int, Run]:
        """Return the runs of a task on the rows of this fingerprint, by their number, the oldest first.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else _select_runs(connection)
            if connection is None or query is None:
                return {}
            query = query.where(runs.c.fingerprint == fingerprint, runs.c.task == task).order_by(runs.c.id)
            return {row.id: run_of(row) for row in connection.execute(query)}

    def forget(self, exchange_id: int) -> None:
        """Remove what was said in an exchange, and write down that this was done.

        Its row stays, with date, model and cost. In a file the freed pages are overwritten too. Forgetting it again
        does nothing.

        Raises
        ------
        StoreError
            If there is no such exchange, or the store cannot be written.
        """
        with self._database.writing() as connection:
            if connection.execute(select(exchanges.c.id).where(exchanges.c.id == exchange_id)).first() is None:
                raise StoreError(
                    f"There is no exchange {exchange_id} in {one_line(str(self.place))}; nothing was forgotten"
                )
            done = select(forgotten.c.id).where(forgotten.c.exchange_id == exchange_id)
            if connection.execute(done).first() is None:
                connection.execute(insert(forgotten).values(**stamp(), date=now(), exchange_id=exchange_id))
                emptied = update(exchanges).where(exchanges.c.id == exchange_id)
                connection.execute(emptied.values(messages=[], answer=""))
        self._database.empty_journal()

    def check(self) -> None:
        """Find out whether the store can be written, bringing its schema up to date.

        Raises
        ------
        StoreError
            If it cannot.
        """
        with self._database.writing():
            pass

    @cached_property
    def _database(self) -> Database:
        return database_at(self.place)


def _added(connection: Connection, table: Any, row: Mapping[str, Any]) -> int:
    done = connection.execute(insert(table).values(**stamp(), **row))
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def _select_runs(connection: Connection) -> Select[Any] | None:
    """Return the query for runs with the columns that there are: a schema is brought up to date by what writes."""
    inspector = inspect(connection)
    if not inspector.has_table(runs.name):
        return None
    names = {column["name"] for column in inspector.get_columns(runs.name)}
    return select(*(column for column in runs.c if column.name in names))
