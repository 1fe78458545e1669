"""A library is carried from SQLite to PostgreSQL and back: nothing is lost, and it says so."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from kb import audit, moving, records, schema, tables
from kb.db import connect
from kb.errors import ConflictError, InvalidError, NotReadyError
from kb.models import Newsletter
from tests import rows
from tests.databases import empty_database
from tests.web.sample import sample_library
from web.cli import app

pytestmark = pytest.mark.sqlite("what `make test` runs on both, from a file of SQLite")


@pytest.fixture(scope="module")
def source(tmp_path_factory, terms) -> Path:
    """A library with rows in every table, and numbers that were given and taken back."""
    with sample_library(tmp_path_factory.mktemp("source"), terms) as library:
        with library.writing() as session:
            gone = records.create(session, records.read(records.get(session, 1)), by="me").id
            records.remove(session, gone, by="me", why="a test")
            session.commit()
        with library.engine.begin() as connection:
            assert rows.fill(connection) == set()
            connection.execute(sa.delete(Newsletter))  # all: no number of them is given again
        return library.settings.data


def _kb(*arguments: object):
    return CliRunner().invoke(app, ["move", *map(str, arguments)])


def test_there_and_back_everything_is_equal(source, postgres, story, tmp_path) -> None:
    file = source / "kb.sqlite"
    before = tables.digests(file)
    with empty_database(tmp_path, postgres) as server:
        there = _kb(source, server)
        assert there.exit_code == 0, there.output
        assert "Every row was compared" in there.output
        assert tables.digests(file) == before

        full = _kb(source, server)  # what is there is never written over
        assert isinstance(full.exception, InvalidError)
        engine = connect(server)
        with Session(engine) as session:
            head = audit.verify(session)
            assert head.broken is None
            assert f"{head.events} events, {head.head}" in there.output

        back = _kb(server, tmp_path / "back")
        assert back.exit_code == 0, back.output
        with Session(engine) as session:  # and it counts on from where it was
            made = records.create(session, story, by="me").id
        engine.dispose()
    again = tables.digests(tmp_path / "back" / "kb.sqlite")
    for table in tables.kept():
        assert again[table.name] == before[table.name], table.name
    counted = _counted(file)
    assert counted.pop("passage")  # made again
    assert _counted(tmp_path / "back" / "kb.sqlite") == counted
    assert "newsletter" in counted
    assert made == counted["record"] + 1


def _counted(file: Path) -> dict[str, int]:
    with sqlite3.connect(file) as database:
        found = dict(database.execute("select name, seq from sqlite_sequence"))
    database.close()
    return {name: last for name, last in found.items() if not name.startswith(tables.DERIVED)}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_interrupted_is_seen_refused_and_begun_anew(
    source, postgres, tmp_path, monkeypatch, kind
) -> None:
    folder = tmp_path / "target"
    folder.mkdir()
    here = moving.url_of(str(source))
    with empty_database(folder, postgres if kind == "postgresql" else "") as address:
        there = moving.url_of(address)
        with monkeypatch.context() as patch:  # killed when all is copied, before it is compared
            patch.setattr(moving, "_compared", _killed)
            with pytest.raises(KeyboardInterrupt):
                moving.move(here, there)
        engine = connect(address)
        with pytest.raises(NotReadyError, match="not all of it came"):
            schema.upgrade(engine)
        assert sa.inspect(engine).get_table_names() == ["alembic_version"]
        engine.dispose()

        with monkeypatch.context() as patch:  # somebody writes in between
            compared = moving._compared  # noqa: SLF001
            patch.setattr(moving, "_compared", lambda *a: _write(source) or compared(*a))
            with pytest.raises(ConflictError, match="of event was changed"):
                moving.move(here, there)

        done = moving.move(here, there)
        assert done.rows["record"] > 0
        assert done.broken == ""


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def _write(source: Path) -> None:
    engine = connect(f"sqlite:///{source}/kb.sqlite")
    with Session(engine) as session:
        audit.append(session, "edited", by="me", record_id=None, detail={})
        session.commit()
    engine.dispose()


def test_only_a_library_of_this_version_is_moved_and_no_password_is_shown(tmp_path) -> None:
    target = f"sqlite:///{tmp_path}/target/kb.sqlite"
    assert "no library" in str(_kb(tmp_path, target).exception)
    old = connect(f"sqlite:///{tmp_path}/kb.sqlite")
    schema.upgrade(old)
    with old.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '0023'"))
    old.dispose()
    refused = _kb(tmp_path, target).exception
    assert "0023" in str(refused)
    assert "kb upgrade" in refused.hint
    assert not (tmp_path / "target").exists()
    for place in ("mysql://a/b", "http://x", "://"):
        with pytest.raises(InvalidError):
            moving.url_of(place)
    gone = _kb("postgresql+psycopg://me:secret-1@127.0.0.1:1/x", tmp_path / "new").exception
    assert isinstance(gone, NotReadyError)
    assert "secret-1" not in f"{gone}{gone.hint}"
    assert "folders" in str(_kb(tmp_path, tmp_path / "new").exception)
