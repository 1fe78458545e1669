"""Whether anything was committed to a database since somebody looked."""

import os
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import NamedTuple

from sqlalchemy import URL, Connection, Engine, Pool

SEEN = "select pg_current_snapshot()::text"  # PostgreSQL: which transactions can be seen
_NUMBERS = count()  # of connections: no number of one is compared with that of another


class Mark(NamedTuple):
    """A state of a file of SQLite, as one connection tells it."""

    connection: int
    version: int


class _Kept(NamedTuple):
    """A connection to ask for what was committed, and whose it is."""

    number: int
    connection: Connection
    pool: Pool  # another one after the engine was disposed of
    process: int  # SQLite's connections do not survive a fork

    @classmethod
    def of(cls, engine: Engine) -> "_Kept":
        connection = engine.execution_options(readonly=True).connect()
        connection.detach()  # it is nobody else's, and goes with who holds it
        return cls(next(_NUMBERS), connection, engine.pool, os.getpid())

    def is_of(self, engine: Engine) -> bool:
        return self.pool is engine.pool and self.process == os.getpid()


class Commits:
    """Looks at a database again and again, and tells one state of it from the next.

    SQLite tells by a number of a connection, which changes when any other connection of this or
    of another process has committed; so one connection is kept to ask it. PostgreSQL tells which
    transactions can be seen. Of a SQLite database in memory nothing can be told.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: _Kept | None = None

    def mark(self, engine: Engine) -> Hashable:
        """Return what differs from before once anything was committed; None where none can tell."""
        if engine.dialect.name == "postgresql":
            with engine.execution_options(readonly=True).connect() as connection:
                seen: str = connection.exec_driver_sql(SEEN).scalar_one()
                return seen
        if in_memory(engine.url):
            return None
        with self.looking(engine) as (mark, _):
            return mark

    @contextmanager
    def looking(self, engine: Engine) -> Iterator[tuple[Mark, Connection]]:
        """Yield the mark of a file of SQLite, and a connection that reads what it stands for.

        One thread looks at a time.
        """
        with self._lock:
            if self._kept is None or not self._kept.is_of(engine):
                if self._kept is not None and self._kept.process == os.getpid():
                    self._kept.connection.close()
                self._kept = _Kept.of(engine)
            connection = self._kept.connection
            with connection.begin():
                version = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
                yield Mark(self._kept.number, version), connection


def in_memory(url: URL) -> bool:
    """Tell whether a database of SQLite has no file."""
    database = url.database or ""
    return not database or ":memory:" in database or url.query.get("mode") == "memory"
