"""Bring a database to the tables of this version."""

from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from kb import appendonly
from kb.errors import NotReadyError

# Stands where the revision would, so that every version of the program refuses the database.
UNFINISHED = "unfinished-move"


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for this package, bound to `connection`."""
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def is_current(connection: Connection) -> bool:
    """Return whether the database has the tables and triggers of this version; only reads."""
    return revision_of(connection) == head() and appendonly.there(connection)


@cache
def head() -> str:
    """Return the revision of this version's tables."""
    return ScriptDirectory.from_config(_scripts()).get_current_head() or ""


def upgrade(engine: Engine) -> None:
    """Make the tables, or change them from an older version's; does nothing twice.

    Raises:
        NotReadyError: the database was made by a newer version of Maktaba.
    """
    with engine.connect() as connection:
        # SQLite rebuilds a table by copying it, which foreign keys would forbid; the pragma
        # has no effect inside a transaction.
        _foreign_keys(connection, "off")
        with connection.begin():
            migrate(connection)
        _foreign_keys(connection, "on")


def migrate(connection: Connection) -> None:
    """Do what `upgrade` does within the transaction of `connection`; nothing of it stays alone.

    Raises:
        NotReadyError: the database was made by a newer version of Maktaba.
    """
    config = configuration(connection)
    _refuse_newer(connection, config)
    appendonly.lift(connection)
    command.upgrade(config, "head")
    appendonly.ensure(connection)


def revision_of(connection: Connection) -> str:
    """Return the revision of the tables; empty where there are none of ours."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def begin_move(connection: Connection) -> None:
    """Mark an empty database as one that is being filled."""
    connection.execute(text("create table alembic_version (version_num varchar(32) not null)"))
    marked = text("insert into alembic_version values (:mark)")
    connection.execute(marked, {"mark": UNFINISHED})


def end_move(connection: Connection) -> None:
    """Take the mark away, in the transaction that fills the database."""
    connection.execute(text("drop table alembic_version"))


def knows(revision: str) -> bool:
    """Return whether this version can bring tables of that revision up to date.

    >>> knows("0001"), knows("tomorrow"), knows("")
    (True, False, False)
    """
    scripts = ScriptDirectory.from_config(_scripts())
    return revision in {one.revision for one in scripts.walk_revisions()}


def _foreign_keys(connection: Connection, state: Literal["on", "off"]) -> None:
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA foreign_keys = {state}")


def _refuse_newer(connection: Connection, config: Config) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return
    if current == UNFINISHED:
        raise NotReadyError(
            "A library was being moved into this database, and not all of it came.",
            hint="Run the same `kb move` again; what is moved is still whole where it was.",
        )
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as unknown:
        raise NotReadyError(
            f"The database is at revision {current}, which this version does not know.",
            hint="Install the version of Maktaba that made it, or a newer one; "
            "or restore the backup from before the upgrade. Nothing was changed.",
        ) from unknown
