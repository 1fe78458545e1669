"""Where the tests keep their data: SQLite, or PostgreSQL when KB_TEST_DATABASE says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

SERVER = os.environ.get("KB_TEST_DATABASE", "")  # such as postgresql+psycopg://localhost/postgres


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Yield the URL of a database with nothing in it; it is gone afterwards."""
    if not SERVER:
        yield f"sqlite:///{folder}/kb.sqlite"
        return
    name = f"maktaba_{uuid4().hex}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'drop database "{name}" with (force)'))
        server.dispose()
