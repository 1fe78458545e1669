import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kb import db
from kb.db import connect
from kb.errors import NotReadyError
from kb.models import Batch
from kb.vocabulary import BatchKind

WRITERS, EDITS = 4, 25


def test_no_update_is_lost(engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("create table counter (value integer)"))
        connection.execute(text("insert into counter values (0)"))
    lock = "" if engine.dialect.name == "sqlite" else " for update"

    def count() -> None:
        for _ in range(EDITS):
            with engine.begin() as connection:
                value = connection.scalar(text(f"select value from counter{lock}"))
                connection.execute(text("update counter set value = :v"), {"v": value + 1})

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(count) for _ in range(WRITERS)]:
            done.result()

    with engine.connect() as connection:
        assert connection.scalar(text("select value from counter")) == WRITERS * EDITS


def test_who_has_waited_for_another_writer_is_told_so(engine, monkeypatch) -> None:
    monkeypatch.setitem(db.PRAGMAS, "busy_timeout", 200)
    monkeypatch.setattr(db, "TURN", db.TURN.replace("'10000'", "'200'"))
    engine.dispose()  # SQLite is told once for each connection
    with engine.begin() as writer:
        writer.execute(text("create table counter (value integer)"))
        with engine.connect() as other, pytest.raises(OperationalError):
            other.begin()
    with engine.begin() as next_one:  # and whoever comes then waits for other locks as before
        assert next_one.scalar(text("select count(*) from counter")) == 0
        if engine.dialect.name == "postgresql":
            assert next_one.scalar(text("select current_setting('lock_timeout')")) == "0"


def test_a_moment_comes_back_in_utc(engine) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with Session(engine) as session:
        session.add(Batch(at=now, by="test", kind=BatchKind.EDIT, asked=[], undone_by="", why=""))
        session.commit()
        session.expire_all()
        assert session.query(Batch).one().at == now


def test_a_character_of_zero_is_left_out(engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("create table word (said text, n integer)"))
        one = text("insert into word values (:said, :n)")
        connection.execute(one, {"said": "a po\0ster\0", "n": 0})
        connection.execute(one, [{"said": "plain", "n": 1}, {"said": "\0", "n": 2}])
        said = "select said from word where said = :said or n > 0 order by n"
        found = connection.scalars(text(said), {"said": "a po\0ster"}).all()
    assert found == ["a poster", "plain", ""]


def test_a_moment_without_time_zone_is_refused(session) -> None:
    bare = datetime(2026, 3, 1)  # noqa: DTZ001
    session.add(Batch(at=bare, by="test", kind=BatchKind.EDIT, asked=[], undone_by="", why=""))
    with pytest.raises(Exception, match="no time zone"):
        session.flush()


def test_a_hundred_readers_at_once_all_get_a_connection(tmp_path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/kb.sqlite")
    with ExitStack() as open_ones:
        for _ in range(100):
            connection = engine.execution_options(readonly=True).connect()
            open_ones.enter_context(connection)
            assert connection.scalar(text("select 1")) == 1
    engine.dispose()


def test_an_address_as_other_programs_have_it_will_do_and_a_missing_driver_is_named(
    monkeypatch,
) -> None:
    engine = connect("postgresql://kb@db.example/library")
    assert engine.dialect.driver == "psycopg"
    engine.dispose()
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(NotReadyError, match="PostgreSQL cannot be spoken to") as refused:
        connect("postgresql+psycopg://kb:secret@db.example/library")
    assert "maktaba[postgres]" in refused.value.hint
    assert "secret" not in str(refused.value)


def test_ctrl_c_is_heard_while_a_connection_is_looked_at(postgres, monkeypatch) -> None:
    engine = connect(postgres)

    def interrupted(connection) -> bool:
        try:
            raise KeyboardInterrupt
        finally:
            raise engine.dialect.loaded_dbapi.ProgrammingError("a transaction is ACTIVE")

    with engine.connect():
        pass
    monkeypatch.setattr(engine.dialect, "do_ping", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.connect()
    engine.dispose()
