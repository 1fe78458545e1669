"""Carry a library from one database to another, SQLite or PostgreSQL, and prove that it is whole.

All of it happens in one transaction of the target, in which everything is compared before it
counts. Until then a mark stands in the target that every version of the program refuses; the source
is only read.
"""

from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, Table, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from kb import audit, db, schema, tables
from kb.bags import Step, quietly
from kb.db import connect
from kb.errors import ConflictError, InvalidError, NotReadyError

FILE: Final = "kb.sqlite"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried over and found equal."""

    rows: dict[str, int]  # of each table
    events: int  # of the audit, whose chain was followed to its end
    head: str  # hash of the last one, as `kb audit verify` prints it
    broken: str  # what is wrong with the chain, there as here; mostly nothing


def url_of(place: str) -> URL:
    """Return the database that a URL names, or the file of it in the folder of a library.

    Raises:
        InvalidError: it is neither.

    >>> url_of("postgresql+psycopg://maktaba@db/library").get_backend_name()
    'postgresql'
    >>> url_of("var/library").database.endswith("var/library/kb.sqlite")
    True
    """
    if "://" not in place:
        return make_url(f"sqlite:///{Path(place).resolve() / FILE}")
    return db.url_of(place)


def shown(url: URL) -> str:
    """Return what may be printed of an address: the file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.render_as_string(hide_password=True)


def move(source: URL, target: URL, *, step: Step = quietly) -> Moved:
    """Carry all that is kept from one database into an empty one, and compare every row.

    Passages are left out: `kb index` makes them again. Files of the data folder are no part of a
    database and stay where they are.

    Raises:
        NotReadyError: the source is no library of this version, or a database cannot be used.
        InvalidError: there is something in the target, or it does not take what is in a row.
        ConflictError: somebody wrote into the source meanwhile.
    """
    there = connect(_text(target), exact=True)
    here = _opened(source)
    try:
        if target.get_backend_name() == "sqlite":
            Path(target.database or "").parent.mkdir(parents=True, exist_ok=True)
        _mark(there, target)
        with there.connect() as connection:
            _foreign_keys_off(connection)  # has no effect inside a transaction
            with connection.begin():
                schema.end_move(connection)
                schema.migrate(connection)
                _carry(here, connection, step)
                return _compared(here, connection, step)
    except (DBAPIError, OSError) as error:
        raise NotReadyError(
            f"It broke off between {shown(source)} and {shown(target)}: {_first_line(error)}",
            hint=f"{shown(source)} is as it was. Mend that, and run the same command again.",
        ) from error
    finally:
        here.dispose()
        there.dispose()


def _opened(source: URL) -> Engine:
    """Open the library that is moved, without changing its tables."""
    if source.get_backend_name() == "sqlite" and not Path(source.database or "").is_file():
        raise NotReadyError(
            f"There is no library in {shown(source)}.", hint="Name its folder, or its database."
        )
    engine = connect(_text(source))
    try:
        with engine.execution_options(readonly=True).connect() as connection:
            revision = schema.revision_of(connection)
    except DBAPIError as error:
        engine.dispose()
        raise NotReadyError(
            f"{shown(source)} cannot be read: {_first_line(error)}",
            hint="Check its address, that its server runs, and that it lets you in.",
        ) from error
    if revision != schema.head():
        engine.dispose()
        raise NotReadyError(
            f"{shown(source)} is at revision “{revision}”; {schema.head()} can be moved.",
            hint="Run `kb upgrade` with it first."
            if schema.knows(revision)
            else "Name the database of a library that this version made.",
        )
    return engine


def _mark(engine: Engine, target: URL) -> None:
    """Say in the target that it is being filled; what an interrupted move left is begun anew."""
    with engine.begin() as connection:
        if schema.revision_of(connection) == schema.UNFINISHED:
            return
        if inspect(connection).get_table_names():
            raise InvalidError(
                f"{shown(target)} is not empty.",
                hint="Name a new, empty database, or the folder of a new library.",
            )
        schema.begin_move(connection)


def _carry(here: Engine, target: Connection, step: Step) -> None:
    """Read the source as of one moment, and write it."""
    with _one_moment(here).connect() as source:
        kept = tables.kept()
        for number, table in enumerate(kept, start=1):
            try:
                tables.carry(source, target, table)
            except (DataError, IntegrityError) as error:
                raise InvalidError(
                    f"A row of {table.name} is not taken: {_first_line(error)}",
                    hint="Nothing was moved; the library is as it was. "
                    "`kb audit verify` says whether its history is whole.",
                ) from error
            step(number, 2 * len(kept), "")
        tables.count_on(source, target)


def _compared(here: Engine, target: Connection, step: Step) -> Moved:
    """Read both anew, row by row: what was written since the copy began shows here, too."""
    kept, count = tables.kept(), {}
    with _one_moment(here).connect() as source:
        for number, table in enumerate(kept, start=1):
            count[table.name] = _same(source, target, table)
            step(len(kept) + number, 2 * len(kept), "")
    with Session(bind=target) as session:
        chained = audit.verify(session)
    broken = "" if chained.broken is None else chained.broken.what
    return Moved(count, chained.events, chained.head, broken)


def _same(source: Connection, target: Connection, table: Table) -> int:
    """Return how many rows of a table are equal: all."""
    here, there = (chain.from_iterable(tables.rows(one, table)) for one in (source, target))
    count = 0
    for one, other in zip_longest(here, there):
        if one != other:
            raise _differs(table, count + 1)
        count += 1
    if tables.counts_on(table):
        counted = {tables.last_number(one, table) for one in (source, target)}
        if len(counted) > 1:
            raise _differs(table, count + 1)
    return count


def _differs(table: Table, row: int) -> ConflictError:
    return ConflictError(
        f"Row {row} of {table.name} was changed while the library was moved.",
        hint="Stop whatever writes into the library, and run the same command again.",
    )


def _one_moment(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(readonly=True)
    return engine.execution_options(readonly=True, isolation_level="REPEATABLE READ")


def _foreign_keys_off(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":  # rows refer to each other, also in one table
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("pragma foreign_keys = off")


def _first_line(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(said).partition("\n")[0]


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
