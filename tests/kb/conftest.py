"""What is kept is kept on both databases: these tests run on SQLite and on PostgreSQL."""

import pytest

from tests.databases import KINDS


@pytest.fixture(params=KINDS)
def database_server(request) -> str:
    """The URL of a PostgreSQL server; empty for SQLite."""
    return request.getfixturevalue("postgres") if request.param == "postgresql" else ""
