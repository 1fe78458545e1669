"""One made-up row in every table that has none, as its constraints allow."""

import datetime as dt
from itertools import product

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from kb import tables
from kb.db import Base, UTCDateTime

MOMENT = dt.datetime(2024, 2, 29, 12, 0, 0, 123456, dt.UTC)
VALUES = {
    sa.Integer: 3, sa.Float: 0.1, sa.Boolean: True, sa.JSON: {"é": [1, None, "\u2028"]},
    sa.LargeBinary: b"\0\xff", sa.Date: dt.date(2024, 2, 29), UTCDateTime: MOMENT,
}  # fmt: skip


def fill(connection: Connection, kept: list[Table] | None = None) -> set[str]:
    """Put a row into every empty table; return the names of those that none fits into."""
    kept = tables.kept() if kept is None else kept
    for table in kept:
        if not connection.execute(sa.select(table).limit(1)).first():
            any(_fits(connection, table, row) for row in _rows(connection, table))
    return {
        table.name for table in kept if not connection.execute(sa.select(table).limit(1)).first()
    }


def _fits(connection: Connection, table: Table, row: dict) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table), row)
    except sa.exc.IntegrityError:
        return False
    return True


def _rows(connection: Connection, table: Table):
    """Yield rows with everything, and with every choice of what may be left out."""
    optional = [c.name for c in table.columns if c.nullable][:8]
    for last in ("other_id", "record_id"):  # where a row stands between two, either may be newer
        yield {c.name: _value(connection, c, last) for c in table.columns}
    whole = {column.name: _value(connection, column, "") for column in table.columns}
    yield {name: value for name, value in whole.items() if not table.c[name].default}
    for kept in product((True, False), repeat=len(optional)):
        dropped = dict.fromkeys(n for n, keep in zip(optional, kept, strict=True) if not keep)
        yield whole | dropped


def _value(connection: Connection, column: sa.Column, last: str):
    for key in column.foreign_keys:
        which = sa.func.max if column.name == last else sa.func.min
        return connection.scalar(sa.select(which(key.column)))
    if column.name == "country":
        return "TZA"
    of_today = Base.metadata.tables.get(column.table.name)
    kind_of_today = (
        getattr(of_today.c.get(column.name), "type", None) if of_today is not None else None
    )
    if isinstance(kind_of_today, sa.Enum):
        first = next(iter(kind_of_today.enum_class))
        return first if isinstance(column.type, sa.Enum) else first.value
    kinds = (column.type, kind_of_today)  # SQLite forgets some of them
    found = (v for kind, v in VALUES.items() if any(isinstance(one, kind) for one in kinds))
    return next(found, "“ü\n"[: getattr(column.type, "length", None)])
