"""The SQLite file of a study: whether it can be used, who uses it, and Optuna's way into it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError, TrainingError, one_line

if TYPE_CHECKING:
    import optuna

_BUSY_SECONDS = 10.0
# Curves of few rounds do not tell a slow learner from a bad one.
_ROUNDS_BEFORE_PRUNING = 20
_TRIALS_BEFORE_PRUNING = 5
_TRIALS_TO_COMPARE = 3


def check_storage(path: Path) -> None:
    """Find out, before anything is started, whether a study can be kept in a file.

    Raises
    ------
    TrainingError
        If Optuna is not installed.
    StoreError
        If the file cannot be read and written, or is something else.
    """
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise TrainingError(
            "a tuned search needs Optuna, which is not installed; run: pip install 'automl_gpt_magic[tune]'"
        ) from None
    if "?" in str(path):
        raise StoreError(f"{one_line(str(path))}: a study's file cannot have a question mark in its path")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tables = _tables(path)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from None
    if tables and "studies" not in tables:
        raise StoreError(f"{one_line(str(path))} is a database of something else; name another file for the study")


def _tables(path: Path) -> set[str]:
    """Return the tables of a file that can be written to."""
    with contextlib.closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def lock_path(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name.rpartition(' ')[2]}.lock")


def locked(path: Path, name: str) -> sqlite3.Connection:
    """Return what keeps others from running the same study; the system lets go of it when this process dies."""
    try:
        lock = sqlite3.connect(lock_path(path, name), timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise unusable(path, error) from None
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        lock.close()
        raise StoreError(f"the study {name!r} is running already; wait for it or cancel it there") from None
    return lock


def make_tables(path: Path) -> None:
    """Make Optuna's tables where there are none, which takes a second that can be used while workers start."""
    try:
        _storage(path).engine.dispose()
    except Exception as error:  # whatever its database library raises
        raise unusable(path, error) from error


def opened(path: Path, name: str, *, lower_is_better: bool) -> tuple[optuna.Study, Any]:
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        storage = _storage(path)
        direction = optuna.study.StudyDirection.MINIMIZE if lower_is_better else optuna.study.StudyDirection.MAXIMIZE
        study = optuna.create_study(
            storage=storage, study_name=name, direction=direction, pruner=median_pruner(), load_if_exists=True
        )
    except Exception as error:  # whatever its database library raises
        raise unusable(path, error) from error
    finally:
        optuna.logging.set_verbosity(verbosity)
    return study, storage


def median_pruner() -> optuna.pruners.BasePruner:
    """Return what gives up a trial that is worse than half of those that got so far."""
    import optuna

    return optuna.pruners.MedianPruner(_TRIALS_BEFORE_PRUNING, _ROUNDS_BEFORE_PRUNING, n_min_trials=_TRIALS_TO_COMPARE)


def _storage(path: Path) -> Any:
    import optuna

    # Optuna formats the address.
    address = "sqlite:///" + path.as_posix().replace("{", "{{").replace("}", "}}")
    return optuna.storages.RDBStorage(address, {"creator": lambda: _connected(path)})


def _connected(path: Path) -> sqlite3.Connection:
    """Return a connection that waits for the disk seldom: Optuna writes some 25 times a trial, and workers wait for it.

    A killed kernel loses nothing by it; where the power fails, the last moments are lost, and no more.
    """
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    with contextlib.suppress(sqlite3.Error):  # not every file system knows such a log
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",):
            connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def closed(path: Path, storage: Any) -> None:
    """Let go of a file, and leave it whole: without a log beside it that a copy of the file would lack."""
    storage.remove_session()
    storage.engine.dispose()
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # refused, and not needed, while others use the file


def unusable(path: Path, error: BaseException) -> StoreError:
    words = one_line(" ".join(str(error).split())[:200])
    return StoreError(f"the study's file {one_line(str(path))} cannot be used: {words}; free it or name another file")
