"""Statements are compiled once: hundreds of tests open a database and would each compile all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

MOST = 5000  # statements, of which a whole run has some two thousand


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """Let all engines of one kind of database have the same compiled statements.

    SQLAlchemy finds a statement by itself and by the dialect, of which each engine has its own.
    """
    cache = LRUCache(MOST)
    shared = property(
        lambda _engine: cache,
        lambda engine, own: engine.__dict__.update(_compiled_cache=own),  # for who outlives this
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", shared, raising=False)
        for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        yield
