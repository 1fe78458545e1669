"""Tell a machine in need from a bug: a full or read-only disk, a database that is gone."""

from enum import StrEnum
from errno import EDQUOT, ENOSPC, EROFS
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

FULL: Final = frozenset({ENOSPC, EDQUOT, EROFS})
UNSAVED_ON_SQLITE: Final = ("SQLITE_FULL", "SQLITE_READONLY")
# A disk that came back, a lock that is over: beginnings of what SQLite calls it.
GONE_ON_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_CORRUPT")
# Its disk is full; a transaction may only read, as on a standby.
UNSAVED_ON_POSTGRESQL: Final = frozenset({"53100", "25006"})


class Trouble(StrEnum):
    """What does not work just now."""

    UNSAVED = "unsaved"
    GONE = "gone"


def trouble_of(error: Exception) -> Trouble | None:
    """Return what an error of the machine keeps people from; None of a bug."""
    if isinstance(error, OSError):
        return Trouble.UNSAVED if error.errno in FULL else None
    if isinstance(error, PoolTimeoutError):
        return Trouble.GONE
    if not isinstance(error, DBAPIError):
        return None
    name = getattr(error.orig, "sqlite_errorname", None)
    return _on_postgresql(error) if name is None else _on_sqlite(name)


def _on_sqlite(name: str) -> Trouble | None:
    if name.startswith(UNSAVED_ON_SQLITE):
        return Trouble.UNSAVED
    return Trouble.GONE if name.startswith(GONE_ON_SQLITE) else None


def _on_postgresql(error: DBAPIError) -> Trouble | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in UNSAVED_ON_POSTGRESQL:
        return Trouble.UNSAVED
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return Trouble.GONE if lost else None
