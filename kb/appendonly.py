"""The database itself refuses to change what happened: triggers on events and versions.

Lawful, and nothing else:

- a version goes with its record once an event `removed` says that the record is taken out;
- a version's text, and an event's detail, are emptied once an event `purged` says so.

SQLite and PostgreSQL both. Alembic builds a table anew to alter it and so drops its triggers:
`kb.schema.upgrade` lifts them before it migrates and puts them back after.
"""

from collections.abc import Iterator

from sqlalchemy import JSON, Connection, text

from kb.models import Event, RecordVersion

# Their names carry a number: raise it when what they say changes, and old databases get the new.
_NUMBER = 1
NAMES = {
    "event": tuple(f"event_{what}_{_NUMBER}" for what in ("insert", "update", "delete")),
    "record_version": tuple(
        f"record_version_{what}_{_NUMBER}" for what in ("insert", "update", "delete")
    ),
}

_KEPT = "What happened is never changed: docs/history.md names the two lawful ways."
_WHY_NOT = {
    "event": "An event has to follow the last one: kb.audit.append adds it.",
    "record_version": "That version is written already.",
}

_LAST = "coalesce((select hash from event order by id desc limit 1), '')"
_KNOWN_EVENT = "exists (select 1 from event as known where known.id = new.id)"
_KNOWN = (
    "exists (select 1 from record_version as known where known.id = new.id"
    " or (known.record_id = new.record_id and known.version = new.version))"
)
_REMOVED = "exists (select 1 from event where verb = 'removed' and event.record_id = old.record_id)"
_PURGED_EVENT = (
    "exists (select 1 from event as later where later.verb = 'purged'"
    " and later.record_id = old.record_id and later.id > old.id)"
)
_PURGED_VERSION = (
    "exists (select 1 from event as later where later.verb = 'purged'"
    " and later.record_id = old.record_id and later.at >= old.at)"
)


def ensure(connection: Connection) -> None:
    """Put the triggers there; does nothing twice."""
    if there(connection):
        return
    lift(connection)
    making = _on_sqlite() if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in making:
        connection.execute(text(statement))


def there(connection: Connection) -> bool:
    """Return whether the triggers are there; only reads."""
    table, name = (
        ("sqlite_master where type = 'trigger'", "name")
        if connection.dialect.name == "sqlite"
        else ("pg_trigger where not tgisinternal", "tgname")
    )
    found = set(connection.scalars(text(f"select {name} from {table}")))  # noqa: S608  ours
    return found.issuperset(name for names in NAMES.values() for name in names)


def lift(connection: Connection) -> None:
    """Take the triggers away, for a migration in the same transaction."""
    if connection.dialect.name != "sqlite":
        for table in NAMES:
            connection.execute(text(f"drop function if exists {table}_kept() cascade"))
        return
    ours = text(
        "select name from sqlite_master where type = 'trigger'"
        " and tbl_name in ('event', 'record_version')"
    )
    as_sql = connection.dialect.identifier_preparer.quote_identifier
    for name in connection.scalars(ours).all():
        connection.execute(text(f"drop trigger {as_sql(name)}"))


def _on_sqlite() -> Iterator[str]:
    # `insert or replace` deletes without firing the trigger of a deletion: an insert sees to it.
    refused = {
        "event": (
            (f"new.previous is not {_LAST} or exists (select 1 from event where id = new.id)"),  # noqa: S608  ours
            f"not ({_emptied(Event, 'detail', 'is')} and {_PURGED_EVENT})",
            "true",
        ),
        "record_version": (
            _KNOWN,
            f"not ({_emptied(RecordVersion, 'content', 'is')} and {_PURGED_VERSION})",
            f"not {_REMOVED}",
        ),
    }
    for table, names in NAMES.items():
        whens = zip(names, ("insert", "update", "delete"), refused[table], strict=True)
        for name, act, when in whens:
            why = _WHY_NOT[table] if act == "insert" else _KEPT
            yield (
                f"create trigger {name} before {act} on {table} when {when}"
                f" begin select raise(abort, '{why}'); end"
            )


def _on_postgresql() -> Iterator[str]:
    operator = "is not distinct from"
    allowed = {
        "event": (
            f"new.previous = {_LAST}",
            f"{_emptied(Event, 'detail', operator)} and {_PURGED_EVENT}",
            "false",
        ),
        "record_version": (
            "true",  # its unique constraint sees to the rest
            f"{_emptied(RecordVersion, 'content', operator)} and {_PURGED_VERSION}",
            _REMOVED,
        ),
    }
    for table, names in NAMES.items():
        insert, update, delete = allowed[table]
        yield (
            f"create function {table}_kept() returns trigger language plpgsql as $$ begin"
            f" if tg_op = 'INSERT' then if {insert} then return new; end if;"
            f"  raise exception '{_WHY_NOT[table]}' using errcode = 'restrict_violation';"
            f" elsif tg_op = 'UPDATE' then if {update} then return new; end if;"
            f" elsif tg_op = 'DELETE' then if {delete} then return old; end if;"
            " end if;"
            f" raise exception '{_KEPT}' using errcode = 'restrict_violation'; end $$"
        )
        for name, act in zip(names, ("insert", "update", "delete"), strict=True):
            yield (
                f"create trigger {name} before {act} on {table}"
                f" for each row execute function {table}_kept()"
            )
        yield (
            f"create trigger {table}_truncate before truncate on {table}"
            f" for each statement execute function {table}_kept()"
        )


def _emptied(model: type[Event] | type[RecordVersion], column: str, operator: str) -> str:
    """Return the condition that this column is emptied and all others stay."""
    cast = "::text" if operator != "is" else ""  # PostgreSQL compares JSON as text only
    stay = [
        f'new."{c.name}"{said} {operator} old."{c.name}"{said}'
        for c in model.__table__.columns
        for said in (cast if isinstance(c.type, JSON) else "",)
        if c.name != column
    ]
    return " and ".join([*stay, f"new.{column}{cast} = '{{}}'"])
