"""Bring a database to the tables of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from kb import appendonly
from kb.errors import NotReadyError


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
    head = ScriptDirectory.from_config(configuration(connection)).get_current_head()
    current = MigrationContext.configure(connection).get_current_revision() == head
    return current and appendonly.there(connection)


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
            config = configuration(connection)
            _refuse_newer(connection, config)
            appendonly.lift(connection)
            command.upgrade(config, "head")
            appendonly.ensure(connection)
        _foreign_keys(connection, "on")


def knows(revision: str) -> bool:
    """Return whether this version can bring tables of that revision up to date.

    >>> knows("0001"), knows("tomorrow"), knows("")
    (True, False, False)
    """
    scripts = ScriptDirectory.from_config(_scripts())
    return revision in {one.revision for one in scripts.walk_revisions()}


def _foreign_keys(connection: Connection, state: str) -> None:
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA foreign_keys = {state}")


def _refuse_newer(connection: Connection, config: Config) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return
    try:
        ScriptDirectory.from_config(config).get_revision(current)
    except CommandError as unknown:
        raise NotReadyError(
            f"The database is at revision {current}, which this version does not know.",
            hint="Install the version of Maktaba that made it, or a newer one.",
        ) from unknown
