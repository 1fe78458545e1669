"""One made-up row in every table that has none, as its constraints allow."""

import datetime as dt
from itertools import product

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from kb import tables
from kb.db import UTCDateTime

MOMENT = dt.datetime(2024, 2, 29, 12, 0, 0, 123456, dt.UTC)
VALUES = {
    sa.Integer: 3, sa.Float: 0.1, sa.Boolean: True, sa.JSON: {"é": [1, None, "\u2028"]},
    sa.LargeBinary: b"\0\xff", sa.Date: dt.date(2024, 2, 29), UTCDateTime: MOMENT,
}  # fmt: skip


def fill(connection: Connection) -> set[str]:
    """Put a row into every empty table; return the names of those that none fits into."""
    for table in tables.kept():
        if not connection.execute(sa.select(table).limit(1)).first():
            any(_fits(connection, table, row) for row in _rows(connection, table))
    return {
        table.name
        for table in tables.kept()
        if not connection.execute(sa.select(table).limit(1)).first()
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
    whole = {column.name: _value(connection, column) for column in table.columns}
    yield {name: value for name, value in whole.items() if not table.c[name].default}
    for kept in product((True, False), repeat=len(optional)):
        dropped = dict.fromkeys(n for n, keep in zip(optional, kept, strict=True) if not keep)
        yield whole | dropped


def _value(connection: Connection, column: sa.Column):
    for key in column.foreign_keys:  # another one where a row stands between two
        which = sa.func.max if column.name.startswith("other") else sa.func.min
        return connection.scalar(sa.select(which(key.column)))
    if isinstance(column.type, sa.Enum):
        return next(iter(column.type.enum_class))
    found = (value for kind, value in VALUES.items() if isinstance(column.type, kind))
    return next(found, "“ü\n"[: getattr(column.type, "length", None)])
