"""What happened, kept in a SQLite file or a team's database; only this package imports sqlalchemy, where it is used.

Rows are added and never deleted; `Store.forget` and `Store.forget_runs` empty them and write down that they did. Every
call opens a connection of its own and closes it, so none is shared by threads, survives a fork, or goes on writing to
a file that was removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from ..errors import one_line
from ..records.cost import Cost
from ..records.exchange import Exchange
from ..records.prompt import Prompt
from ..records.run import Heading, Run
from ..records.secret import SecretUrl
from . import kept_exchanges, kept_runs
from .database import Database, database_at
from .rows import row_of_exchange, row_of_run, run_of
from .schema import MIGRATIONS, exchanges, runs, stamp

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
            return [] if connection is None else kept_exchanges.newest(connection, limit)

    def find_exchange(self, prompt: Prompt, model: str) -> Exchange | None:
        """Return the newest exchange in which a model answered exactly this prompt to its end.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            return None if connection is None else kept_exchanges.answered(connection, prompt, model)

    def add_run(self, run: Run) -> int:
        """Keep a finished training and return its number.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._database.writing() as connection:
            return _added(connection, runs, row_of_run(run))

    def add_cost(self, number: int, cost: Cost) -> None:
        """Keep what the model of a run costs, which was measured later.

        Raises
        ------
        StoreError
            If there is no such run, or the store cannot be written.
        """
        with self._database.writing() as connection:
            kept_runs.cost_into(connection, number, cost, one_line(str(self.place)))

    def runs(self, limit: int | None = 100, *, trained_here: bool = False) -> dict[int, Run]:
        """Return the newest runs by their number, the newest first; all of them where ``limit`` is None.

        Those that were forgotten are not among them; with ``trained_here`` neither are those that were imported.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else kept_runs.select_runs(connection)
            if connection is None or query is None:
                return {}
            query = kept_runs.trained_here(query) if trained_here else query
            query = query.order_by(runs.c.id.desc()).limit(None if limit is None else max(0, limit))
            return {row.id: run_of(row) for row in connection.execute(query)}

    def headings(self) -> dict[int, Heading]:
        """Return what each run is found by, those trained last first; much faster than reading the runs.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            return {} if connection is None else kept_runs.headings_in(connection)

    def numbered(self, numbers: Sequence[int]) -> dict[int, Run]:
        """Return the runs of these numbers, in their order; what is not there or forgotten is left out.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            return {} if connection is None else kept_runs.numbered_runs(connection, numbers)

    def has_runs(self, task: str) -> bool:
        """Return whether any run of a task is kept.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else kept_runs.select_runs(connection)
            if connection is None or query is None:
                return False
            query = query.with_only_columns(runs.c.id).where(runs.c.task == task)
            return connection.execute(query.limit(1)).first() is not None

    def runs_on(self, fingerprint: str, task: str) -> dict[int, Run]:
        """Return the runs of a task on the rows of this fingerprint, by their number, the oldest first.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else kept_runs.select_runs(connection)
            if connection is None or query is None:
                return {}
            query = query.where(runs.c.fingerprint == fingerprint, runs.c.task == task).order_by(runs.c.id)
            return {row.id: run_of(row) for row in connection.execute(query)}

    def newest_runs(
        self, task: str, families: Collection[str], limit: int, without: Collection[str] = ()
    ) -> dict[int, Run]:
        """Return the runs of a task and of these families, by their number, those trained last first.

        Parameters
        ----------
        task : str
        families : collection of str
        limit : int
            The most that are read.
        without : collection of str
            Fingerprints of rows whose runs are left out.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else kept_runs.select_runs(connection)
            if connection is None or query is None:
                return {}
            columns = runs.c
            query = query.with_only_columns(columns.id).where(columns.task == task, columns.family.in_(families))
            query = query.where(columns.fingerprint.not_in(without))
            query = query.order_by(columns.date.desc(), columns.id.desc()).limit(limit)
            return kept_runs.numbered_runs(connection, [row.id for row in connection.execute(query)])

    def predicted_runs(self, limit: int | None = None) -> dict[int, Run]:
        """Return the newest runs trained here of which anything had been predicted, by their number, the newest first.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            query = None if connection is None else kept_runs.select_runs(connection)
            if connection is None or query is None:
                return {}
            query = kept_runs.predicted(kept_runs.trained_here(query)).order_by(runs.c.id.desc()).limit(limit)
            return {row.id: run_of(row) for row in connection.execute(query)}

    def repeated(self, numbers: Iterable[int]) -> set[int]:
        """Return those of the runs whose values had been trained on the same rows before.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            return set() if connection is None else kept_runs.repeated_in(connection, list(numbers))

    def import_runs(self, brought: Iterable[Run]) -> int:
        """Add those runs of another store that are not here yet; return how many these were.

        Two runs are the same where all they hold is. All are added, or none.

        Raises
        ------
        StoreError
            If they cannot be written.
        """
        rows = kept_runs.brought_rows(brought)
        with self._database.writing() as connection:
            return kept_runs.import_into(connection, rows)

    def forget_runs(self, numbers: Collection[int]) -> None:
        """Remove what runs hold, and write down that this was done.

        Of each, number and date stay. In a file the freed pages are overwritten too. Forgetting one again does nothing.

        Raises
        ------
        StoreError
            If one of them is not there, and then all stay; or if the store cannot be written.
        """
        with self._database.writing() as connection:
            kept_runs.forget_in(connection, numbers, one_line(str(self.place)))
        self._database.empty_journal()

    def forgotten_runs(self) -> dict[int, str]:
        """Return when each forgotten run was forgotten, by its number.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._database.reading() as connection:
            return {} if connection is None else kept_runs.forgotten_in(connection)

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
            kept_exchanges.forget_in(connection, exchange_id, one_line(str(self.place)))
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
