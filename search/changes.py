"""How often records and concepts have changed, on PostgreSQL: cheaper to ask than what they are.

SQLite has such a number of its own (`search.columns.LiveColumns`).
"""

from sqlalchemy import Connection, text

TABLE = "record_change"
TRIGGERS = ("record_change_seen", "concept_change_seen")
MAKE = (
    "create table if not exists record_change (number bigint not null)",
    "insert into record_change select 0 where not exists (select from record_change)",
    # In the transaction of the change: who sees the one sees the other.
    """create or replace function count_record_change() returns trigger language plpgsql as $$
       begin
         update record_change set number = number + 1;
         return null;
       end $$""",
    *(
        f"""create or replace trigger {table}_change_seen
            after insert or update or delete or truncate on {table}
            for each statement execute function count_record_change()"""
        for table in ("record", "concept")
    ),
)


def make(connection: Connection) -> None:
    """Make the table and the triggers where they are missing."""
    for statement in MAKE:
        connection.execute(text(statement))


def is_made(connection: Connection) -> bool:
    """Return whether `make` would change nothing; only reads."""
    known = text(
        "select count(*) from pg_trigger "
        "where tgname = any(:names) and pg_table_is_visible(tgrelid)"  # not of another schema
    )
    return bool(connection.scalar(known, {"names": list(TRIGGERS)}) == len(TRIGGERS))


def mark(connection: Connection) -> tuple[int, int]:
    """Return what differs from before whenever a record or concept has changed.

    With the number comes the transaction that counted: one that is rolled back, and the next one,
    count alike.
    """
    row = connection.execute(text("select number, xmin::text::bigint from record_change")).one()
    return row[0], row[1]
