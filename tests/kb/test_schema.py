import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import inspect, text

import search.store
from kb import schema
from kb.db import Base, connect
from kb.errors import NotReadyError

TABLES = {search.store.PassageRow.__tablename__, *Base.metadata.tables}  # derived ones too


@pytest.fixture
def empty(database):
    engine = connect(database)
    yield engine
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(empty) -> None:
    schema.upgrade(empty)
    assert set(inspect(empty).get_table_names()) == TABLES | {"alembic_version"}
    with empty.connect() as connection:
        try:
            command.check(schema.configuration(connection))
        except CommandError as difference:
            pytest.fail(str(difference))


def test_upgrading_twice_changes_nothing(empty) -> None:
    schema.upgrade(empty)
    schema.upgrade(empty)


def test_numbers_that_outlive_their_row_are_not_given_twice(empty) -> None:
    schema.upgrade(empty)
    if empty.dialect.name != "sqlite":
        pytest.skip("PostgreSQL never gives a number twice")
    with empty.connect() as connection:
        counted = set(
            connection.scalars(
                text("select name from sqlite_master where sql like '%autoincrement%'")
            )
        )
    meant = {
        table.name
        for table in Base.metadata.tables.values()
        if table.dialect_kwargs.get("sqlite_autoincrement")
    }
    assert counted == meant


def test_every_constraint_has_a_name(empty) -> None:
    schema.upgrade(empty)
    for table in inspect(empty).get_table_names():
        for constraint in inspect(empty).get_unique_constraints(table):
            assert constraint["name"]
        for constraint in inspect(empty).get_check_constraints(table):
            assert constraint["name"]


def test_down_and_up_again(empty) -> None:
    schema.upgrade(empty)
    with empty.connect() as connection, connection.begin():
        command.downgrade(schema.configuration(connection), "base")
    schema.upgrade(empty)
    assert "record" in inspect(empty).get_table_names()


def test_a_database_of_a_newer_version_is_refused(empty) -> None:
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("update alembic_version set version_num = 'tomorrow'"))
    with pytest.raises(NotReadyError, match="tomorrow"):
        schema.upgrade(empty)
