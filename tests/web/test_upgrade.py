"""A library of every released version becomes one of this version, with all that is in it."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from kb import audit, records, schema, tables
from kb.db import connect
from kb.errors import NotReadyError
from tests import rows
from tests.databases import empty_database
from web.cli import app

pytestmark = pytest.mark.sqlite("what `make test` runs on both, from a file of SQLite")
RELEASED = sorted((Path(__file__).parents[1] / "data" / "schemas").glob("*.sql"))


def _laid_down(sql: Path, folder: Path) -> Path:
    file = folder / "kb.sqlite"
    with sqlite3.connect(file) as database:
        database.executescript(sql.read_text(encoding="utf-8"))
    database.close()
    return file


def _kb(folder: Path, *arguments: str):
    return CliRunner().invoke(app, ["--data", str(folder), *arguments])


def _counts(path: Path) -> dict[str, int]:
    return {name: one.rows for name, one in tables.digests(path).items()}


def _kept(before: dict[str, int], counts: dict[str, int]) -> dict[str, int]:
    """Return how many rows the tables have that had some; the shipped concepts are added."""
    renamed = {"collection_item": "collection_part"}
    names = {name: renamed.get(name, name) for name in before if before[name]}
    return {
        name: counts.get(now, counts.get(name, 0))
        for name, now in names.items()
        if name != "concept"
    }


@pytest.mark.parametrize("sql", RELEASED, ids=lambda path: path.stem)
def test_one_command_upgrades_a_library_of_every_released_version(
    sql, tmp_path, postgres, monkeypatch
) -> None:
    file = _laid_down(sql, tmp_path)
    before = _counts(file)
    done = _kb(tmp_path, "upgrade")
    assert done.exit_code == 0, done.output
    after = _counts(file)
    assert _kept(before, after) == _kept(before, before)
    engine = connect(f"sqlite:///{file}")
    with Session(engine) as session:
        assert schema.is_current(session.connection())
        chained = audit.verify(session)
        assert chained.broken is None
        assert chained.events == before["event"]
        said = records.read(records.get(session, 2))
        assert said.title == "Skin to skin before the scale"
        assert "Only 34 % …" in [section.body for section in said.sections]
    engine.dispose()
    assert "already" in _kb(tmp_path, "upgrade").output
    monkeypatch.setenv("KB_SEMANTIC", "false")
    assert _kb(tmp_path, "search", "scale").exit_code == 0  # while nothing is indexed anew, too
    with sqlite3.connect(file) as database:  # of random values, as none was written
        database.execute("update record set status = 'withdrawn' where id = 1")
    database.close()
    assert _kb(tmp_path, "index").exit_code == 0
    assert said.title in _kb(tmp_path, "search", "scale").output

    with empty_database(tmp_path, postgres) as url:  # the same tables and rows there, then
        server = connect(url)
        with server.connect() as connection, connection.begin():
            command.upgrade(schema.configuration(connection), sql.stem)
            _copied(_laid_down(sql, _folder(tmp_path, "old")), connection)
        schema.upgrade(server)
        with Session(server) as session:
            assert audit.verify(session) == chained
            assert records.read(records.get(session, 2)) == said
        server.dispose()


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _copied(file: Path, target: sa.Connection) -> None:
    """Copy all rows between tables of an old version, as the databases describe them."""
    engine = connect(f"sqlite:///{file}")
    here, there = sa.MetaData(), sa.MetaData()
    here.reflect(engine)
    there.reflect(target)
    with engine.connect() as source:
        for table in there.sorted_tables:
            if table.name == "alembic_version" or table.name not in here.tables:
                continue
            if found := source.execute(sa.select(here.tables[table.name])).mappings().all():
                target.execute(sa.insert(table), [dict(row) for row in found])
    engine.dispose()


def test_rows_of_the_first_tables_come_through_all_that_changed_since(tmp_path) -> None:
    file = tmp_path / "kb.sqlite"
    engine = connect(f"sqlite:///{file}")
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema.configuration(connection), "0001")
        first = sa.MetaData()
        first.reflect(connection)
        first.remove(first.tables["alembic_version"])
        assert rows.fill(connection, first.sorted_tables) <= {"link"}  # that takes two records
    before = _counts(file)
    schema.upgrade(engine)
    after = _counts(file)
    was, kept = _kept(before, before), _kept(before, after)
    # Nobody could sign in before 0008, which made the table anew; what migrations do, they tell.
    assert [name for name in was if kept[name] < was[name]] == ["user"]
    assert [name for name in was if kept[name] > was[name]] == ["event", "sqlite_sequence"]
    assert len(before.keys() & after.keys()) > 10
    with Session(engine) as session:
        assert schema.is_current(session.connection())
        assert audit.verify(session).broken is None  # the first event was chained on the way
    engine.dispose()


def test_a_library_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path) -> None:
    file = _laid_down(RELEASED[-1], tmp_path)
    with sqlite3.connect(file) as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    before = tables.digests(file)
    for asked in (["upgrade"], ["search", "x"], ["serve"]):
        refused = _kb(tmp_path, *asked).exception
        assert isinstance(refused, NotReadyError), asked
        assert "9999" in str(refused)
        assert "Nothing was changed" in refused.hint
    assert tables.digests(file) == before


def test_the_last_tables_are_among_those_that_are_kept_once_they_are_released() -> None:
    assert RELEASED, "tests/data/schemas holds none"
    assert all(schema.knows(path.stem) for path in RELEASED)
