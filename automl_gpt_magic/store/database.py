"""Where a store is: a SQLite file, or a team's database; each gives connections and says what goes wrong."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ..errors import StoreError, one_line
from ..records.secret import SecretUrl
from .advice import OS_REASONS, advice, primary, sqlite_reason
from .schema import MIGRATIONS, migrate, version_of

_BUSY_SECONDS = 2.0
# SQLite does not queue those who wait: among many writers some wait long for their turn, and a run must not be lost.
_BUSY_SECONDS_WRITING = 30.0
_CONNECT_SECONDS = 5
_TAKE_A_CONNECT_TIMEOUT = ("psycopg", "psycopg2", "pymysql", "mysqldb")
_PACKAGES = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}
_EXAMPLE = "write it like postgresql+psycopg://user:password@host/database"


class Database(Protocol):
    """What a store needs of the place where it is."""

    def writing(self) -> Any:
        """One transaction that writes, in a database of the newest schema."""

    def reading(self) -> Any:
        """One transaction that only reads; None where nothing was ever written."""

    def empty_journal(self) -> None:
        """Leave no trace of what was overwritten, as far as it is ours to do."""


def database_at(place: Path | SecretUrl) -> Database:
    """Return the database at a path or URL.

    Raises
    ------
    StoreError
        If the URL is of no database that can be used.
    """
    if isinstance(place, Path):
        return SqliteFile(place)
    try:
        url = make_url(place.get_secret_value())
        if url.get_backend_name() != "sqlite":
            return Server(url, place)
        is_file = url.get_driver_name() == "pysqlite" and not url.query
    except NoSuchModuleError:
        raise StoreError(f"AutoML.store {place}: SQLAlchemy knows no such database; {_EXAMPLE}") from None
    except (ArgumentError, ValueError):  # their words may hold the password
        raise StoreError(f"AutoML.store {place} is not understood; {_EXAMPLE}") from None
    if not is_file or url.database in (None, "", ":memory:"):
        raise StoreError(f"AutoML.store {place} is no file; write sqlite:///name.sqlite, or the file's path alone")
    return SqliteFile(Path(str(url.database)))


class SqliteFile:
    """A file of this computer, for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._told(), self._create_file_and_connect() as connection:
            _prefer_wal(connection)
            with connection.begin():
                migrate(connection, self.path)
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        with self._told():
            if not self.path.exists():
                yield None
                return
            with self._connect_to_read() as connection, connection.begin():
                try:
                    yield connection if version_of(connection, self.path) else None
                except (ValueError, TypeError):  # a row that no version of this package wrote
                    raise StoreError(advice(self.path, "damaged")) from None

    def empty_journal(self) -> None:
        """Move what WAL still holds into the file, where what was forgotten is overwritten."""
        with self._told(), self._engine.connect() as connection:
            _driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @cached_property
    def _engine(self) -> Engine:
        url = URL.create("sqlite", database=str(self.path))
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def _connect_to_read(self) -> Connection:
        """Connect, where the disk is full without the index that SQLite keeps in a file beside the log."""
        connection = self._engine.connect()
        try:
            _driver(connection).execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            if primary(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
                connection.close()
                connection = self._engine.connect()
                _driver(connection).execute("PRAGMA locking_mode = EXCLUSIVE")
        return connection

    def _create_file_and_connect(self) -> Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = self._engine.connect().execution_options(begin="BEGIN IMMEDIATE")
        _driver(connection).execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS_WRITING * 1000:.0f}")
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn whatever goes wrong with the file into one line that says what to do."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(advice(self.path, sqlite_reason(error.orig), error.orig)) from None
        except sqlite3.Error as error:
            raise StoreError(advice(self.path, sqlite_reason(error), error)) from None
        except OSError as error:
            raise StoreError(advice(self.path, OS_REASONS.get(error.errno or 0, "other"), error)) from None


class Server:
    """A team's database. Its other tables are left alone, and what it frees is its own to overwrite."""

    def __init__(self, url: URL, shown: SecretUrl) -> None:
        self._url, self._shown = url, shown
        self._engine = self._created()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._told(), self._engine.connect() as connection:
            self._bring_up_to_date(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection if version_of(connection, self._shown) else None

    def empty_journal(self) -> None:
        pass

    def _created(self) -> Engine:
        waits = self._url.get_driver_name() in _TAKE_A_CONNECT_TIMEOUT and "connect_timeout" not in self._url.query
        options = {"connect_args": {"connect_timeout": _CONNECT_SECONDS}} if waits else {}
        try:
            engine = create_engine(self._url, poolclass=NullPool, **options)
        except ModuleNotFoundError as error:
            package = _PACKAGES.get(error.name or "", error.name)
            raise StoreError(
                f"AutoML.store {self._shown} needs a package that is not installed; run: pip install '{package}'"
            ) from None
        if engine.dialect.is_async:
            raise StoreError(f"AutoML.store {self._shown} names a driver for asynchronous programs; {_EXAMPLE}")
        return engine

    def _bring_up_to_date(self, connection: Connection) -> None:
        """Migrate in a transaction of its own: where another program does the same at once, one of them is too late."""
        try:
            with connection.begin():
                migrate(connection, self._shown)
        except DBAPIError:
            connection.rollback()
            with connection.begin():
                if version_of(connection, self._shown) < len(MIGRATIONS):
                    raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn whatever goes wrong into one line, without what must not be seen."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(self._refused(self._without_secrets(str(error.orig)))) from None
        except (SQLAlchemyError, ValueError, TypeError) as error:
            raise StoreError(self._refused(type(error).__name__)) from None

    def _refused(self, said: str) -> str:
        return advice(f"AutoML.store {self._shown}", "database", said)

    def _without_secrets(self, text: str) -> str:
        options = [value for values in self._url.normalized_query.values() for value in values]
        for secret in sorted(filter(None, [self._url.password, *options]), key=len, reverse=True):
            text = text.replace(str(secret), "…")
        return one_line(text)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


def _on_connect(driver: sqlite3.Connection, record: object) -> None:
    driver.isolation_level = None  # `_on_begin` says when a transaction begins, CREATE TABLE included
    driver.execute("PRAGMA secure_delete = ON")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _prefer_wal(connection: Connection) -> None:
    """Let readers and a writer work at once, where the file system can do it."""
    driver = _driver(connection)
    try:
        driver.execute("PRAGMA journal_mode = WAL").fetchone()
        driver.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if primary(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CANTOPEN):
            with suppress(sqlite3.Error):
                driver.execute("PRAGMA journal_mode = DELETE").fetchone()
