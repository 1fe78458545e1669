"""One engine, one base class, constraint names, and what SQLite has to be told."""

import enum
import os
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Annotated, Any
from urllib.parse import quote

from sqlalchemy import Connection, DateTime, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from kb.errors import InvalidError, NotReadyError

# Write-ahead log: readers never wait for the writer. trusted_schema stays on: FTS5 needs it.
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": "on",
    "busy_timeout": 10_000,  # ms
    "temp_store": "memory",
    "cache_size": -8_000,  # KiB, of each connection; web/ has 40 threads
    "mmap_size": 134_217_728,  # bytes
    "journal_size_limit": 67_108_864,  # bytes
}
DRIVER = "postgresql+psycopg"
# Connections of one process to a server: that are kept open, and that there are at most, which is
# twice as many as requests are answered at a time (`web.queueing`).
KEPT, MOST = 5, 40
WRITER = 0x6D616B74  # "makt": the lock that one writer at a time holds, on PostgreSQL
# Waits for that lock as long as SQLite would, and for all others as long as it would have.
TURN = f"""
    with before as materialized (select current_setting('lock_timeout') as waits)
    select set_config('lock_timeout', '{PRAGMAS["busy_timeout"]}', true),
           pg_advisory_xact_lock({WRITER}),
           set_config('lock_timeout', waits, true)
    from before
"""  # noqa: S608  numbers of ours


def utcnow() -> datetime:
    """Return the present moment with its time zone, UTC."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC: SQLite forgets the time zone, this gives it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: object) -> datetime | None:
        """Refuse a moment without a time zone, which could mean any of 24 hours."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, _dialect: object) -> datetime | None:
        """Say what every stored moment is: UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Moment = Annotated[datetime, mapped_column(UTCDateTime(), default=utcnow, nullable=False)]


class Base(DeclarativeBase):
    """Every table of ours; constraints get names so that migrations can refer to them."""

    # Closed sets are stored as their values, the words of taxonomy.yaml, in a plain text column.
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's name
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def connect(url: str, *, exact: bool = False) -> Engine:
    """Open the database at `url` (SQLite or PostgreSQL); nothing is created in it.

    What an error says never holds the values of a statement: they are people's words. PostgreSQL
    takes no text with a character of zero: it is left out on both, so that what is kept on one may
    go to the other. Where all is to be `exact`, SQLite keeps it and PostgreSQL refuses.

    Raises:
        InvalidError: it is no address of a database, or of one in which no library is kept.
        NotReadyError: what speaks to PostgreSQL is not installed.
    """
    where = url_of(url)
    if where.get_backend_name() != "sqlite":
        engine = _to_server(where)
        event.listen(engine, "begin", _begin_alone)
        event.listen(engine, "handle_error", _let_stop)
        if not exact:
            event.listen(engine, "connect", _leave_out_zeros)
        return engine
    # As many connections as there are threads that ask: a thread that waits for a connection
    # while others wait for its thread would never get one. Opening a file is cheap.
    engine = create_engine(_frozen(where), max_overflow=-1, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    if not exact:
        event.listen(engine, "before_cursor_execute", _without_zeros, retval=True)
    return engine


def url_of(address: str) -> URL:
    """Return the address of a database, taken apart.

    Raises:
        InvalidError: it is none, or of a database in which no library is kept. What it says holds
            neither user nor password.

    >>> url_of("postgresql+psycopg://maktaba@db/library").get_backend_name()
    'postgresql'
    """
    hint = "Write postgresql+psycopg://user@server/name, or sqlite:////folder/kb.sqlite."
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        shown = address.rpartition("@")[2]
        raise InvalidError(f"“{shown}” is no address of a database.", hint=hint) from error
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InvalidError(f"A library is not kept in {url.get_backend_name()}.", hint=hint)
    return url


def _without_zeros(
    _connection: object, _cursor: object, statement: str, given: Any, *_more: object
) -> tuple[str, Any]:
    """Leave out of what SQLite is given what a server would refuse."""
    rows = given if isinstance(given, list) else [given]
    if not any(isinstance(value, str) and "\0" in value for row in rows for value in row):
        return statement, given
    clean = [tuple(v.replace("\0", "") if isinstance(v, str) else v for v in row) for row in rows]
    return statement, clean if isinstance(given, list) else clean[0]


def _let_stop(context: ExceptionContext) -> None:
    """Let Ctrl-C be Ctrl-C, where it struck while a connection was looked at before its use.

    What the driver then says of the connection would be all that is heard.
    """
    struck = context.original_exception.__context__
    if isinstance(struck, KeyboardInterrupt):
        raise struck


def _to_server(url: URL) -> Engine:
    if url.drivername == "postgresql":  # as every other program has it
        url = url.set(drivername=DRIVER)
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=KEPT,
            max_overflow=MOST - KEPT,
            hide_parameters=True,
        )
    except (ImportError, ArgumentError) as error:  # ArgumentError: a driver that nobody knows
        raise NotReadyError(
            f"PostgreSQL cannot be spoken to: {error}.",
            hint='Install what does it: pip install "maktaba[postgres]".',
        ) from error


def _leave_out_zeros(connection: Any, _: ConnectionPoolEntry) -> None:
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415  only there with a server

    class WithoutZeros(StrDumperUnknown):
        """Sends a text as psycopg does by itself, without what the server would refuse."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", ""))

    connection.adapters.register_dumper(str, WithoutZeros)


def _frozen(url: URL) -> URL:
    """Return how to open the file on a disk that cannot be written.

    SQLite makes two files beside a database, even to read it. Where they cannot be made, and no
    log waits in one of them, it is told that nothing changes.
    """
    path = Path(url.database or "")
    if not path.is_file() or not os.statvfs(path).f_flag & os.ST_RDONLY:
        return url
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return url
    name = f"file:{quote(str(path.resolve()))}"
    return url.set(database=name, query={"immutable": "1", "mode": "ro", "uri": "true"})


def _prepare(connection: SQLiteConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin(connection: Connection) -> None:
    # Two transactions that read and then write lose one of the updates unless the
    # write lock is taken first; who only reads says so and waits for nobody.
    reading = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_alone(connection: Connection) -> None:
    # As on SQLite: the audit is a chain, and two writers would both take hold of its last link.
    # Taken at the start, so that nobody waits for it while others wait for his rows. Who writes
    # nothing that is kept, such as a claim on a file, goes past. And as there, who has waited for
    # ten seconds is told so.
    options = connection.get_execution_options()
    if not (options.get("readonly", False) or options.get("aside", False)):
        connection.exec_driver_sql(TURN)
