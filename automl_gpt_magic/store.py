"""What happened, kept in one SQLite file; the only file that imports sqlalchemy, and imported only where it is used.

Rows are added and never deleted; `Store.forget` empties one and writes down that it did. Every call opens a connection
of its own and closes it, so none is shared by threads, survives a fork, or goes on writing to a file that was removed.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    create_engine,
    event,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from .errors import StoreError, one_line
from .records.curve import Curve
from .records.exchange import Exchange, Usage
from .records.prompt import Message
from .records.run import Run

_BUSY_SECONDS = 2.0

# Each is applied once, in order, and never edited after a release; its number is its place, from 1.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, package TEXT NOT NULL, "
        "date TEXT NOT NULL)",
        "CREATE TABLE exchanges (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, "
        "package TEXT NOT NULL, date TEXT NOT NULL, model TEXT NOT NULL, host TEXT NOT NULL, mode TEXT NOT NULL, "
        "messages TEXT NOT NULL, answer TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, "
        "answer_tokens INTEGER NOT NULL, cost REAL, estimated INTEGER NOT NULL, seconds REAL NOT NULL, "
        "version TEXT NOT NULL, parts TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL)",
        "CREATE INDEX exchanges_by_parts ON exchanges (parts, version)",
        "CREATE TABLE forgotten (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, "
        "package TEXT NOT NULL, date TEXT NOT NULL, exchange_id INTEGER NOT NULL UNIQUE REFERENCES exchanges (id))",
    ),
    (
        "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, package TEXT NOT NULL, "
        "date TEXT NOT NULL, dataset TEXT NOT NULL, fingerprint TEXT NOT NULL, task TEXT NOT NULL, "
        "family TEXT NOT NULL, configuration TEXT NOT NULL, metric TEXT NOT NULL, curves TEXT NOT NULL, "
        "step TEXT NOT NULL, predicted TEXT NOT NULL, seconds REAL NOT NULL, split TEXT NOT NULL, code TEXT NOT NULL, "
        "versions TEXT NOT NULL, llm TEXT NOT NULL, origin TEXT NOT NULL)",
        "CREATE INDEX runs_by_fingerprint ON runs (fingerprint)",
    ),
)


class _Text(TypeDecorator[str]):
    """Text whose lone surrogates, which UTF-8 cannot hold, become their escapes."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")


class _Json(TypeDecorator[Any]):
    """A value as JSON, equal values always as the same text; gives back lone surrogates too."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return text if _is_utf8(text) else json.dumps(value, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return json.loads(value or "")


def _numbered() -> tuple[Column[Any], ...]:
    """Return the columns that every table of records has; `_stamp` fills all but the number."""
    return Column("id", Integer, primary_key=True), Column("uuid", String), Column("package", String)


_metadata = MetaData()
_versions = Table(
    "schema_versions",
    _metadata,
    Column("version", Integer, primary_key=True),
    Column("uuid", String),
    Column("package", String),
    Column("date", String),
)
_exchanges = Table(
    "exchanges",
    _metadata,
    *_numbered(),
    *(Column(name, _Text) for name in ("date", "model", "host", "mode", "version", "digest", "status")),
    *(Column(name, _Json) for name in ("messages", "answer", "parts")),
    *(Column(name, Integer) for name in ("prompt_tokens", "answer_tokens")),
    *(Column(name, Float) for name in ("cost", "seconds")),
    Column("estimated", Boolean),
)
_runs = Table(
    "runs",
    _metadata,
    *_numbered(),
    *(
        Column(name, _Text)
        for name in ("date", "dataset", "fingerprint", "task", "family", "metric", "step", "code", "llm")
    ),
    Column("origin", String),
    *(Column(name, _Json) for name in ("configuration", "curves", "predicted", "split", "versions")),
    Column("seconds", Float),
)
_forgotten = Table(
    "forgotten",
    _metadata,
    *_numbered(),
    Column("date", String),
    Column("exchange_id", Integer),
)


class Store:
    """The exchanges with language models, which of them were forgotten, and the runs that were trained.

    Several threads and processes may use one file at the same time.

    Parameters
    ----------
    path : Path
        The file. It and its folder are created by the first call that writes, for their owner alone; a call that
        reads creates nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add_exchange(self, exchange: Exchange) -> int:
        """Keep an exchange and return its number.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._writing() as connection:
            done = connection.execute(insert(_exchanges).values(**_stamp(), **_row_of(exchange)))
            return int(done.lastrowid)

    def exchanges(self, limit: int = 100) -> list[Exchange]:
        """Return the newest exchanges, the newest first; a forgotten one has no messages and no answer.

        Raises
        ------
        StoreError
            If the file cannot be read.
        """
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(select(_exchanges).order_by(_exchanges.c.id.desc()).limit(max(0, limit)))
            return [_exchange_of(row) for row in rows]

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
            If the file cannot be read.
        """
        with self._reading() as connection:
            if connection is None:
                return None
            columns = _exchanges.c
            query = select(_exchanges).where(
                columns.parts == dict(parts),
                columns.version == version,
                columns.status == "answered",
                ~exists().where(_forgotten.c.exchange_id == columns.id),
            )
            if model is not None:
                query = query.where(columns.model == model)
            row = connection.execute(query.order_by(columns.id.desc()).limit(1)).first()
            return None if row is None else _exchange_of(row)

    def add_run(self, run: Run) -> int:
        """Keep a finished training and return its number.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._writing() as connection:
            done = connection.execute(insert(_runs).values(**_stamp(), **_row_of_run(run)))
            return int(done.lastrowid)

    def runs(self, limit: int = 100) -> dict[int, Run]:
        """Return the newest runs by their number, the newest first.

        Raises
        ------
        StoreError
            If the file cannot be read.
        """
        with self._reading() as connection:
            if connection is None or not _has_runs(connection):
                return {}
            rows = connection.execute(select(_runs).order_by(_runs.c.id.desc()).limit(max(0, limit)))
            return {row.id: _run_of(row) for row in rows}

    def forget(self, exchange_id: int) -> None:
        """Remove what was said in an exchange, also from the file's free pages, and write down that this was done.

        Its row stays, with date, model and cost. Forgetting it again does nothing.

        Raises
        ------
        StoreError
            If there is no such exchange, or the file cannot be written.
        """
        with self._writing() as connection:
            if connection.execute(select(_exchanges.c.id).where(_exchanges.c.id == exchange_id)).first() is None:
                raise StoreError(f"There is no exchange {exchange_id} in {_shown(self.path)}; nothing was forgotten")
            done = select(_forgotten.c.id).where(_forgotten.c.exchange_id == exchange_id)
            if connection.execute(done).first() is None:
                connection.execute(insert(_forgotten).values(**_stamp(), date=_now(), exchange_id=exchange_id))
                emptied = update(_exchanges).where(_exchanges.c.id == exchange_id)
                connection.execute(emptied.values(messages=[], answer=""))
        self._empty_journal()

    @cached_property
    def _engine(self) -> Engine:
        url = URL.create("sqlite", database=str(self.path))
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction that writes, in a file of the newest schema."""
        with self._told(), self._create_file_and_connect() as connection:
            _prefer_wal(connection)
            with connection.begin():
                _migrate(connection, self.path)
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """One transaction that only reads; None where nothing was ever written."""
        with self._told():
            if not self.path.exists():
                yield None
                return
            with self._engine.connect() as connection, connection.begin():
                try:
                    yield connection if _version(connection, self.path) else None
                except (ValueError, TypeError) as error:  # a row that no version of this package wrote
                    raise StoreError(_advice(self.path, "damaged", error)) from None

    def _create_file_and_connect(self) -> Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        return self._engine.connect().execution_options(begin="BEGIN IMMEDIATE")

    def _empty_journal(self) -> None:
        """Move what WAL still holds into the file, where what was forgotten is overwritten."""
        with self._told(), self._engine.connect() as connection:
            _driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn whatever goes wrong with the file into one line that says what to do."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(_advice(self.path, _reason(error.orig), error.orig)) from None
        except sqlite3.Error as error:
            raise StoreError(_advice(self.path, _reason(error), error)) from None
        except OSError as error:
            raise StoreError(_advice(self.path, _OS_REASONS.get(error.errno or 0, "other"), error)) from None


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
        if _primary(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CANTOPEN):
            with suppress(sqlite3.Error):
                driver.execute("PRAGMA journal_mode = DELETE").fetchone()


def _version(connection: Connection, path: Path) -> int:
    """Return the file's schema version, 0 for a new file."""
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    if not names:
        return 0
    if "schema_versions" not in names:
        raise StoreError(_advice(path, "foreign"))
    version = connection.execute(select(func.max(_versions.c.version))).scalar() or 0
    if version > len(MIGRATIONS):
        raise StoreError(_advice(path, "newer"))
    return int(version)


def _migrate(connection: Connection, path: Path) -> None:
    for number in range(_version(connection, path) + 1, len(MIGRATIONS) + 1):
        for statement in MIGRATIONS[number - 1]:
            connection.exec_driver_sql(statement)
        connection.execute(insert(_versions).values(**_stamp(), version=number, date=_now()))


def _stamp() -> dict[str, str]:
    return {"uuid": str(uuid4()), "package": metadata.version("automl_gpt_magic")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _row_of(exchange: Exchange) -> dict[str, Any]:
    return {
        "date": exchange.date,
        "model": exchange.model,
        "host": exchange.host,
        "mode": exchange.mode,
        "messages": [[message.role, message.content] for message in exchange.messages],
        "answer": exchange.answer,
        "prompt_tokens": exchange.usage.prompt_tokens,
        "answer_tokens": exchange.usage.answer_tokens,
        "cost": exchange.usage.cost,
        "estimated": exchange.usage.estimated,
        "seconds": exchange.seconds,
        "version": exchange.version,
        "parts": dict(exchange.parts),
        "digest": exchange.digest,
        "status": exchange.status,
    }


def _exchange_of(row: Row[Any]) -> Exchange:
    return Exchange(
        model=row.model,
        host=row.host,
        date=row.date,
        mode=row.mode,
        messages=tuple(Message(role, content) for role, content in row.messages),
        answer=row.answer,
        usage=Usage(row.prompt_tokens, row.answer_tokens, row.cost, row.estimated),
        seconds=row.seconds,
        version=row.version,
        parts=row.parts,
        digest=row.digest,
        status=row.status,
    )


def _has_runs(connection: Connection) -> bool:
    """Return whether the file's schema is new enough; it is brought up to date when something is written."""
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    return "runs" in names


def _row_of_run(run: Run) -> dict[str, Any]:
    plain = {name: getattr(run, name) for name in _RUN_FIELDS}
    curves = {
        metric: {part: _numbers(getattr(curve, part)) for part in ("steps", "value", "training")}
        for metric, curve in run.curves.items()
    }
    return {**plain, "curves": curves, "predicted": {name: list(three) for name, three in run.predicted.items()}}


_RUN_FIELDS = (
    *("date", "dataset", "fingerprint", "task", "family", "configuration", "metric", "step", "seconds", "split"),
    *("code", "versions", "llm", "origin"),
)


def _run_of(row: Row[Any]) -> Run:
    fields = {name: getattr(row, name) for name in _RUN_FIELDS}
    curves = {metric: _curve(metric, parts) for metric, parts in row.curves.items()}
    predicted = {name: (three[0], three[1], three[2]) for name, three in row.predicted.items()}
    return Run(**fields, curves=curves, predicted=predicted)


def _curve(metric: str, parts: Mapping[str, Any]) -> Curve:
    training = parts["training"]
    return Curve(
        metric,
        np.asarray(parts["steps"], dtype="int64"),
        np.asarray(parts["value"], dtype="float64"),
        None if training is None else np.asarray(training, dtype="float64"),
        source="measured",
    )


def _numbers(values: Any) -> list[float] | None:
    return None if values is None else np.round(values, 6).tolist()


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_OS_REASONS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EACCES: "closed",
    errno.EPERM: "closed",
    errno.EROFS: "closed",
    errno.EISDIR: "foreign",
    errno.ENOTDIR: "no folder",
    errno.EEXIST: "no folder",
}
_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "closed",
    sqlite3.SQLITE_CANTOPEN: "closed",
    sqlite3.SQLITE_PERM: "closed",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOTADB: "foreign",
    sqlite3.SQLITE_CORRUPT: "damaged",
}
_ADVICE = {
    "full": "the disk is full; free some space and try again",
    "closed": "may not be written or read here; choose another folder, or change the permissions of file and folder",
    "locked": "is in use by another program; wait until it has finished and try again",
    "foreign": "is not a store of this package; move it away, or choose another file",
    "damaged": "is damaged; move it away (the next call begins a new one), or put a copy of yours in its place",
    "newer": "was written by a newer version of automl_gpt_magic; update the package, or choose another file",
    "no folder": "its folder cannot be created because a file has that name; choose another folder",
    "other": "cannot be used; choose another file",
}


def _primary(error: BaseException | None) -> int:
    """Return SQLite's number for a kind of error, without the details that higher bits hold."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _reason(error: BaseException | None) -> str:
    if str(error).startswith(("no such", "Could not decode")):  # a lost table, text that is no UTF-8
        return "damaged"
    return _SQLITE_REASONS.get(_primary(error), "other")


def _advice(path: Path, reason: str, error: BaseException | None = None) -> str:
    said = f" ({one_line(str(error))})" if reason == "other" and error is not None else ""
    return f"{_shown(path)}: {_ADVICE[reason]}{said}"


def _shown(path: Path) -> str:
    return one_line(str(path))
