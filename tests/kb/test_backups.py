"""A backup is the whole library, and what is restored from it is equal to the last row and byte."""

import datetime as dt
import json
import os
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.orm import Session

import search.store  # noqa: F401  its tables are backed up, too
from kb import backups, bags, records, schema, tables, users
from kb.bags import BrokenBagError
from kb.db import Base, UTCDateTime, connect, utcnow
from kb.errors import InvalidError, NotReadyError
from kb.models import SourceFile
from kb.people import Grant
from kb.settings import Settings
from kb.vocabulary import Role
from tests.databases import empty_database

pytestmark = pytest.mark.sqlite("what `make test` runs on both, from a file of SQLite")
ORIGINAL = b"Only 34 % of babies were fed in the first hour."
PHOTO = b"a photo"
DIGEST, OF_PHOTO = (sha256(one).hexdigest() for one in (ORIGINAL, PHOTO))


@pytest.fixture
def database_server() -> str:
    """SQLite: the last test is about PostgreSQL."""
    return ""


@pytest.fixture
def library(tmp_path, database, engine, make_record, monkeypatch) -> Settings:
    """A library with records, people and files, and secrets beside it."""
    made = make_record()
    with Session(engine) as session:
        session.add(SourceFile(sha256=DIGEST, name="a.docx", media_type="x", size=len(ORIGINAL)))
        session.flush()
        record = records.get(session, made)
        records.attach(session, record, DIGEST, original=True)
        session.flush()
        said = records.read(record)
        new = said.model_copy(update={"summary": "Ils restent à la poitrine – une heure."})
        records.edit(session, made, new, version=record.version, by="me")
        users.add(session, "neema@clinic.example", grants=(Grant(Role.CURATOR),), by="me")
        session.commit()
    data = tmp_path / "data folder"
    for name, content in {
        f"originals/{DIGEST[:2]}/{DIGEST}": ORIGINAL,
        f"copies/{OF_PHOTO[:2]}/{OF_PHOTO}": PHOTO,
        "site.toml": b'name = "Zanzibar"\n',
        "evaluations/2026.json": b"[]",
        "index/vectors": b"made again",
        "models/graph.onnx": b"made again",
        "password": b"secret-1",
    }.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    (tmp_path / "national.yaml").write_text("topics: []\n")
    monkeypatch.setenv("KB_OIDC_CLIENT_SECRET", "secret-2")
    return Settings(
        data=data,
        database=database,
        taxonomy=(tmp_path / "national.yaml",),
        smtp_password_file=data / "password",
        smtp_password="secret-3",
    )


@pytest.fixture
def settings(library, engine) -> Settings:
    """The library, with something in every table that there is."""
    _a_row_in_every_table(engine)
    return library


def _a_row_in_every_table(engine) -> None:
    """Fill what is empty with one row of made-up values: a table that is forgotten is missed."""
    values = {
        sa.Integer: 7, sa.Float: 0.1, sa.Boolean: True, sa.JSON: {"é": [1, None]},
        sa.LargeBinary: b"\0\xff", sa.Date: dt.date(2024, 2, 29), UTCDateTime: utcnow(),
    }  # fmt: skip
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("pragma foreign_keys = off")
        raw.execute("pragma ignore_check_constraints = on")
        with connection.begin():
            for table in Base.metadata.sorted_tables:
                if connection.execute(sa.select(table).limit(1)).first():
                    continue
                row = {}
                for column in table.columns:
                    row[column.name] = next(
                        (value for kind, value in values.items() if isinstance(column.type, kind)),
                        "“ü\n",
                    )
                    if isinstance(column.type, sa.Enum):
                        row[column.name] = next(iter(column.type.enum_class))
                connection.execute(sa.insert(table), row)


def _rows(path: Path) -> dict[str, list[tuple]]:
    with sqlite3.connect(path) as database:
        names = [r[0] for r in database.execute("select name from sqlite_master where sql > ''")]
        tables_ = [
            name for name in names
            if database.execute(f"select 1 from pragma_table_info('{name}')").fetchone()
        ]  # fmt: skip
        return {name: sorted(map(repr, database.execute(f'select * from "{name}"')))
                for name in tables_}  # fmt: skip


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["backup", "my backup.zip"])
def test_everything_comes_back_equal_row_by_row_and_file_by_file(
    settings, engine, tmp_path, name
) -> None:
    with engine.connect() as writer:  # somebody is at work meanwhile, and is not waited for
        writer.execute(sa.text("update record set title = 'half' where false"))
        done = backups.write(tmp_path / name, settings=settings)
        writer.rollback()
    assert not done.damaged
    assert done.secrets == (
        "KB_OIDC_CLIENT_SECRET",
        "KB_SMTP_PASSWORD",
        "KB_SMTP_PASSWORD_FILE",
    )

    back = tmp_path / "on an empty machine" / "library"
    restored = backups.restore(tmp_path / name, back)
    assert restored.settings["KB_DATA"] == str(settings.data)
    before, after = _rows(Path(make_url(settings.database).database)), _rows(back / "kb.sqlite")
    assert before.keys() == after.keys()
    assert set(Base.metadata.tables) < set(after)
    for table, rows in before.items():
        assert after[table] == rows, table
        assert rows or table.startswith(("passage_fts", "title_fts"))
    here, there = _files(settings.data), _files(back)
    for left_out in ("index/vectors", "models/graph.onnx", "password"):
        del here[left_out]
    assert {path: there[path] for path in here} == here
    assert {path.partition("/")[0] for path in there.keys() - here.keys()} <= {
        "kb.sqlite",
        "kb.sqlite-wal",
        "kb.sqlite-shm",
        "named",
    }
    assert (back / "named" / "00-national.yaml").read_text() == "topics: []\n"
    assert backups.verify(tmp_path / name).rows == done.rows


def test_secrets_stay_at_home_and_only_its_owner_reads_a_backup(settings, tmp_path) -> None:
    backups.write(tmp_path / "b", settings=settings)
    backups.write(tmp_path / "b.zip", settings=settings)
    server = Settings(database="postgresql+psycopg://kb:secret-4@db.example/library")
    assert set(backups.secrets(server)) == {"KB_DATABASE", "KB_OIDC_CLIENT_SECRET"}
    everything = b"".join(_files(tmp_path / "b").values())
    for number in (1, 2, 3):
        assert f"secret-{number}".encode() not in everything
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0


def test_what_rotted_or_is_gone_is_named_and_the_rest_is_kept(settings, tmp_path) -> None:
    original = settings.data / "originals" / DIGEST[:2] / DIGEST
    original.write_bytes(b"rotten")
    done = backups.write(tmp_path / "one", settings=settings)
    assert f"originals/{DIGEST[:2]}/{DIGEST} is no longer as it came" in done.damaged
    original.unlink()
    done = backups.write(tmp_path / "two", settings=settings)
    assert f"originals/{DIGEST[:2]}/{DIGEST} is missing" in done.damaged


def test_what_cannot_be_read_is_named_and_the_rest_is_kept(settings, tmp_path, monkeypatch) -> None:
    opened, listed = Path.open, os.scandir
    closed = settings.data / "evaluations"

    def close(folder: str):
        if folder == str(closed):
            raise PermissionError(13, "Permission denied", folder)
        return listed(folder)

    def refuse(path: Path, *given, **more):
        if path.name == DIGEST and path.is_relative_to(settings.data):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **more)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "scandir", close)
    done = backups.write(tmp_path / "b", settings=settings)
    named = [line for line in done.damaged if DIGEST in line]
    assert named == [f"originals/{DIGEST[:2]}/{DIGEST} cannot be read (Permission denied)"]
    assert "evaluations cannot be read (Permission denied)" in done.damaged
    kept = _files(tmp_path / "b")
    assert f"data/library/copies/{OF_PHOTO[:2]}/{OF_PHOTO}" in kept
    assert named[0] in kept["data/damaged.txt"].decode().splitlines()


def test_a_backup_never_goes_over_what_is_there(settings, tmp_path) -> None:
    backups.write(tmp_path / "b", settings=settings)
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    with pytest.raises(InvalidError, match="is not empty"):
        backups.restore(tmp_path / "b", full)
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
    with pytest.raises(InvalidError, match="is there already"):
        backups.write(full, settings=settings)
    with pytest.raises(InvalidError, match="lies within the library"):
        backups.write(settings.data / "b", settings=settings)
    with pytest.raises(InvalidError, match="cannot be written"):
        backups.write(tmp_path / "no" / "such" / "folder", settings=settings)
    with pytest.raises(NotReadyError, match="no library"):
        backups.write(tmp_path / "c", settings=Settings(data=tmp_path / "empty"))


def test_a_database_that_cannot_be_copied_says_so_and_leaves_nothing(settings, engine, tmp_path):
    path = Path(engine.url.database)
    engine.dispose()
    with sqlite3.connect(path) as database:
        ask = "select rootpage from sqlite_master where name = 'record_version'"
        (page,), (size,) = (database.execute(one).fetchone() for one in (ask, "pragma page_size"))
    database.close()  # the last to leave writes all into the one file
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    with pytest.raises(NotReadyError, match="malformed") as refused:
        backups.write(tmp_path / "b", settings=settings)
    assert "kb restore" in refused.value.hint
    assert not (tmp_path / "b").exists()


def test_a_table_counts_whatever_it_is_called(tmp_path) -> None:
    path = tmp_path / "any.sqlite"
    named = '"as ""they"" came"'
    with sqlite3.connect(path) as database:
        database.execute(f"create table {named} (id integer)")
        database.execute(f"insert into {named} values (7)")
    database.close()
    assert tables.digests(path)['as "they" came'].rows == 1


def _with_database(backup: Path, change, *, schema_: str) -> None:
    """Change the database in a backup, and its checksums with it."""
    change(backup / "data" / "kb.sqlite")
    info = (backup / "bag-info.txt").read_text()
    fields = bags._fields(info) | {"Maktaba-Schema": schema_}
    now = {name: list(one) for name, one in tables.digests(backup / "data/kb.sqlite").items()}
    (backup / "data" / "tables.json").write_text(json.dumps(now))
    with bags.packed(backup.with_name("changed"), fields) as bag:
        for path in sorted((backup / "data").rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    bag.add(path.relative_to(backup / "data").as_posix(), file)
    shutil.rmtree(backup)
    backup.with_name("changed").rename(backup)


def test_an_old_backup_is_brought_up_to_date_and_a_newer_one_is_refused(tmp_path) -> None:
    from alembic import command

    data = tmp_path / "library"
    data.mkdir()
    old = connect(f"sqlite:///{data}/kb.sqlite")
    with old.connect() as connection, connection.begin():
        command.upgrade(schema.configuration(connection), "0003")
    old.dispose()
    backups.write(tmp_path / "b", settings=Settings(data=data))
    assert backups.verify(tmp_path / "b").rows > 0
    backups.restore(tmp_path / "b", tmp_path / "back")
    new = connect(f"sqlite:///{tmp_path}/back/kb.sqlite")
    with new.connect() as connection:
        assert schema.is_current(connection)
    new.dispose()
    assert tables.revision(data / "kb.sqlite") == "0003"  # the library itself is as it was

    def tomorrow(path: Path) -> None:
        with sqlite3.connect(path) as database:
            database.execute("update alembic_version set version_num = 'tomorrow'")
        database.close()

    _with_database(tmp_path / "b", tomorrow, schema_="tomorrow")
    with pytest.raises(NotReadyError, match="tomorrow") as refused:
        backups.restore(tmp_path / "b", tmp_path / "new")
    assert "newer" in refused.value.hint
    assert not (tmp_path / "new").exists()


def test_a_broken_backup_changes_nothing_and_what_cannot_be_written_leaves_nothing(
    settings, tmp_path, monkeypatch
) -> None:
    backups.write(tmp_path / "b", settings=settings)
    (tmp_path / "b" / "data" / "library" / "site.toml").write_text("name = 'Zanzibar!'")
    with pytest.raises(BrokenBagError, match=r"site\.toml"):
        backups.restore(tmp_path / "b", tmp_path / "new")
    assert not (tmp_path / "new").exists()

    backups.write(tmp_path / "c", settings=settings)

    def full(*_args) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(backups, "_write", full)
    with pytest.raises(InvalidError, match="No space left"):
        backups.restore(tmp_path / "c", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_lies_behind_links_is_kept_and_a_half_restored_folder_is_no_library(
    library, engine, tmp_path, monkeypatch
) -> None:
    disk = tmp_path / "another disk"
    (library.data / "originals").rename(disk)
    (library.data / "originals").symlink_to(disk)
    (library.data / "round").symlink_to(library.data)
    (library.data / "own.sqlite").write_bytes(sqlite3.connect(engine.url.database).serialize())
    own = library.model_copy(update={"database": f"sqlite:///{library.data}/own.sqlite"})
    backup = tmp_path / "b.zip"
    assert backups.write(backup, settings=own).damaged == ()
    seen = []
    upgrade = tables.brought_up_to_date

    def look(half: Path) -> None:
        seen.append((half.parent / "kb.sqlite").exists())
        upgrade(half)

    monkeypatch.setattr(tables, "brought_up_to_date", look)
    done = backups.restore(backup, tmp_path / "new")
    assert (seen, done.database) == ([False], str(tmp_path / "new" / "kb.sqlite"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    files = _files(tmp_path / "new")
    assert files[f"originals/{DIGEST[:2]}/{DIGEST}"] == ORIGINAL
    assert not [name for name in files if "round" in name or "own.sqlite" in name or "half" in name]

    with bags.packed(tmp_path / "odd", {"Maktaba-Kind": "backup"}) as bag:
        bag.write("kb.sqlite", "")
        bag.write("settings.json", "[")
    monkeypatch.setattr(schema, "knows", lambda _revision: True)
    with pytest.raises(InvalidError, match=r"settings\.json"):
        backups.restore(tmp_path / "odd", tmp_path / "newer")
    assert not (tmp_path / "newer").exists()


@pytest.mark.parametrize("act", [backups.restore, lambda bag, _folder: backups.verify(bag)])
def test_what_is_no_database_in_a_backup_is_refused(tmp_path, act) -> None:
    said = {"Maktaba-Kind": backups.KIND, "Maktaba-Schema": schema.head()}
    with bags.packed(tmp_path / "b.zip", said) as bag:
        bag.write(backups.DATABASE, "no database " * 100)
        bag.write(backups.SETTINGS, "{}")
        bag.write(backups.TABLES, "{}")
    with pytest.raises(
        InvalidError, match=r"b\.zip cannot be read: file is not a database"
    ) as told:
        act(tmp_path / "b.zip", tmp_path / "new")
    assert "earlier" in told.value.hint
    assert not (tmp_path / "new").exists()


def test_an_export_is_no_backup(tmp_path) -> None:
    with bags.packed(tmp_path / "bag", {}) as bag:
        bag.write("records.jsonl", "")
    with pytest.raises(InvalidError, match="is no backup"):
        backups.restore(tmp_path / "bag", tmp_path / "new")


def test_a_library_moves_to_postgresql_and_back(library, engine, postgres, tmp_path) -> None:
    """What one database holds, the other holds afterwards, and counts on from there."""
    with Session(engine) as session:  # a number that nobody is given again
        gone = records.create(session, records.read(records.get(session, 1)), by="me").id
        records.remove(session, gone, by="me", why="a test")
        session.commit()
    backups.write(tmp_path / "a", settings=library)
    with empty_database(tmp_path, postgres) as server:
        done = backups.restore(tmp_path / "a", tmp_path / "on the server", database=server)
        assert not (tmp_path / "on the server" / "kb.sqlite").exists()
        assert done.database.startswith("postgresql")
        there = Settings(data=tmp_path / "on the server", database=server)
        backups.write(tmp_path / "b", settings=there)
        with pytest.raises(InvalidError, match="is not empty"):
            backups.restore(tmp_path / "a", tmp_path / "twice", database=server)
        moved = connect(server)
        with Session(moved) as session:
            made = records.create(session, records.read(records.get(session, 1)), by="me")
            assert made.id == gone + 1
        moved.dispose()
    backups.restore(tmp_path / "b", tmp_path / "back")
    before = tables.digests(Path(make_url(library.database).database))
    after = tables.digests(tmp_path / "back" / "kb.sqlite")
    for table in tables.kept():
        assert after[table.name] == before[table.name], table.name
    assert after["record"].rows == 1
