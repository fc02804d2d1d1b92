"""What goes wrong with a store, in one line that says what to do."""

from __future__ import annotations

import errno
import sqlite3

from ..errors import one_line

OS_REASONS = {
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
# A full disk where SQLite cannot tell: the index of its log has no room, a quota is used up, a limit on a file's size.
_UNWRITTEN = (
    *(sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC),
    *(sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE),
)
_ADVICE = {
    "full": "the disk is full; free some space and try again",
    "unwritten": "could not be written; the disk or your share of it is likely full: free some space and try again",
    "closed": "may not be written or read here; choose another folder, or change the permissions of file and folder",
    "locked": "is in use by another program; wait until it has finished and try again",
    "foreign": "is not a store of this package; move it away, or choose another file",
    "damaged": "is damaged; move it away (the next call begins a new one), or put a copy of yours in its place",
    "newer": "was written by a newer version of automl_gpt_magic; update the package, or choose another file",
    "no folder": "its folder cannot be created because a file has that name; choose another folder",
    "other": "cannot be used; choose another file",
    "database": "the database refused; check address, name, password and rights, and that it runs",
}
_SAID_TOO = ("other", "database")
_LONGEST = 300


def advice(place: object, reason: str, said: object = "") -> str:
    """Return what to do about a file or database; ``said`` is added where the reason alone tells too little."""
    words = " ".join(str(said).split())[:_LONGEST] if reason in _SAID_TOO else ""
    return one_line(f"{place}: {_ADVICE[reason]}{f' ({words})' if words else ''}")


def sqlite_reason(error: BaseException | None) -> str:
    """Return the kind of an error of SQLite."""
    if str(error).startswith(("no such", "Could not decode")):  # a lost table, text that is no UTF-8
        return "damaged"
    if getattr(error, "sqlite_errorcode", 0) in _UNWRITTEN:
        return "unwritten"
    return _SQLITE_REASONS.get(primary(error), "other")


def primary(error: BaseException | None) -> int:
    """Return SQLite's number for a kind of error, without the details that higher bits hold."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
