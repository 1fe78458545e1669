"""The tables of a library as rows: copied from one database to another, and compared."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import connect as open_file
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Engine,
    String,
    Table,
    collate,
    column,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy import table as lightweight

from kb import models, schema
from kb.db import Base, connect
from kb.errors import InvalidError

# These begin the names of what full text search keeps, and of what waits to be indexed.
DERIVED = ("passage_fts", "title_fts", "record_waiting")
_SEQUENCE = lightweight("sqlite_sequence", column("name"), column("seq"))
ROWS = 500  # read and written at once


class Digest(NamedTuple):
    """What tells whether two tables hold the same."""

    rows: int
    sha256: str  # of all rows in order


def kept() -> list[Table]:
    """Return the tables of what is kept, those first that others refer to.

    Passages are left out: they are made again from the records.
    """
    ours = {getattr(getattr(models, name), "__tablename__", "") for name in models.__all__}
    return [table for table in Base.metadata.sorted_tables if table.name in ours]


def digests(path: Path) -> dict[str, Digest]:
    """Return the digest of every table of a SQLite file, row by row; also what it counts by."""
    with open_file(f"file:{_escaped(path)}?mode=ro", uri=True) as database:
        names = [
            name
            for (name,) in database.execute(
                "select name from sqlite_master where type = 'table' order by name"
            )
            if not name.startswith(DERIVED)
        ]
        found = {name: _digest(database, name) for name in names}
    database.close()
    return found


def _digest(database: SQLiteConnection, name: str) -> Digest:
    rows_of = quoted(name)  # as it stands in a file that somebody may have sent
    columns = [row[1] for row in database.execute(f"pragma table_info({rows_of})")]
    order = ", ".join(str(number) for number in range(1, len(columns) + 1))
    digest, rows = sha256("\t".join(columns).encode()), 0
    # A derived table's counter is as derived as its rows.
    if name == _SEQUENCE.name:
        rows_of += f" where name not in {DERIVED}"
    for row in database.execute(f"select * from {rows_of} order by {order}"):  # noqa: S608  quoted
        digest.update(repr(row).encode())
        rows += 1
    return Digest(rows, digest.hexdigest())


def snapshot(engine: Engine, target: Path) -> None:
    """Write the whole database as it stands at one moment into the SQLite file `target`.

    SQLite does it in one step and writers go on meanwhile: in slices it would begin anew with
    each of their commits. What was deleted leaves no trace in the copy. Of PostgreSQL the rows of
    `kept` are read in one transaction.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("vacuum into ?", (str(target),))
        return
    there = connect(f"sqlite:///{target}")
    try:
        schema.upgrade(there)
        reading = engine.execution_options(readonly=True, isolation_level="REPEATABLE READ")
        with reading.connect() as source:
            _copy(source, there)
    finally:
        _close(there)


def load(path: Path, engine: Engine) -> None:
    """Fill an empty database with the rows of a SQLite file of this version.

    Raises:
        InvalidError: there are records or people in it.
    """
    schema.upgrade(engine)
    with engine.connect() as connection:
        if filled(connection):
            raise InvalidError(
                "The database of KB_DATABASE is not empty.", hint="Name a new, empty one."
            )
    source = connect(f"sqlite:///{path}")
    try:
        with source.execution_options(readonly=True).connect() as reading:
            _copy(reading, engine)
    finally:
        _close(source)


def brought_up_to_date(path: Path) -> None:
    """Bring the tables of a SQLite file to this version; all of it is in the one file then."""
    engine = connect(f"sqlite:///{path.resolve()}")
    try:
        schema.upgrade(engine)
    finally:
        _close(engine)


def filled(connection: Connection) -> bool:
    """Tell whether there is a row in any table of what is kept."""
    return any(connection.execute(select(table).limit(1)).first() for table in kept())


def revision(path: Path) -> str:
    """Return the revision of the tables in a SQLite file; empty where it has none of ours."""
    with open_file(f"file:{_escaped(path)}?mode=ro", uri=True) as database:
        known = database.execute("select 1 from sqlite_master where name = 'alembic_version'")
        if known.fetchone() is None:
            return ""
        (said,) = database.execute("select version_num from alembic_version").fetchone()
    database.close()
    return str(said)


def _copy(source: Connection, engine: Engine) -> None:
    with engine.connect() as target:
        if target.dialect.name == "sqlite":  # no effect inside a transaction
            raw = target.connection.driver_connection
            assert raw is not None
            raw.execute("pragma foreign_keys = off")
        with target.begin():
            for table in kept():
                carry(source, target, table)
            count_on(source, target)


def carry(source: Connection, target: Connection, table: Table) -> int:
    """Add all rows of a table to the same table elsewhere; return how many."""
    count = 0
    for part in rows(source, table):
        target.execute(insert(table), part)
        count += len(part)
    return count


def rows(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table in the order they came, so that each finds what it refers to.

    The order is the same on both databases: words go by their bytes.
    """
    by_bytes = source.dialect.name == "postgresql"
    order = [
        collate(column, "C") if by_bytes and isinstance(column.type, String) else column
        for column in table.primary_key
    ]
    asked = source.execution_options(yield_per=ROWS).execute(select(table).order_by(*order))
    for part in asked.mappings().partitions():
        yield [dict(row) for row in part]


def count_on(source: Connection, target: Connection) -> None:
    """Let new rows be counted from where the source had come: a number is not given twice."""
    for table in kept():
        last = last_number(source, table)
        if last is None:
            continue
        if target.dialect.name == "sqlite":
            if counts_on(table):  # also where every row is gone again: there is no line of it then
                target.execute(delete(_SEQUENCE).where(_SEQUENCE.c.name == table.name))
                target.execute(insert(_SEQUENCE).values(name=table.name, seq=last))
        else:
            target.execute(
                text("select setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                {"last": last, "name": f'"{table.name}"'},
            )


def counts_on(table: Table) -> bool:
    """Tell whether a number of the table outlives its row, and is never given again."""
    return bool(table.dialect_kwargs.get("sqlite_autoincrement"))


def last_number(source: Connection, table: Table) -> int | None:
    """Return the highest number that a row of the table ever had; None for none."""
    if "id" not in table.columns:
        return None
    if source.dialect.name == "sqlite":
        counted = text("select seq from sqlite_sequence where name = :name")
        highest = text(f'select max(id) from "{table.name}"')  # noqa: S608  ours
        last = source.scalar(counted, {"name": table.name}) or source.scalar(highest)
        return None if last is None else int(last)
    name = source.scalar(
        text("select pg_get_serial_sequence(:name, 'id')"), {"name": f'"{table.name}"'}
    )
    if name is None:
        return None
    # nosemgrep: sql-from-outside  PostgreSQL itself has quoted it
    row = source.execute(text(f"select last_value, is_called from {name}")).one()  # noqa: S608  its own
    return int(row.last_value) if row.is_called else None


def quoted(name: str) -> str:
    """Return the name of a table as SQL has it, whatever stands in it.

    >>> quoted('event'), quoted('a"b')
    ('"event"', '"a""b"')
    """
    return '"' + name.replace('"', '""') + '"'


def _close(engine: Engine) -> None:
    """Close a SQLite file so that all of it is in the one file."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("pragma journal_mode = delete")
    engine.dispose()


def _escaped(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
