"""What is kept is kept on both databases: these tests run on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.databases import empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[str]:
    """The URL of an empty database."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with empty_database(tmp_path, server) as url:
        yield url
