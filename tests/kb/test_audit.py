"""What happened cannot be changed: the database refuses, and the chain shows it if it could not."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb import appendonly, audit, history, records, schema
from kb.db import connect, utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Event, Record, RecordVersion
from kb.spreadsheets import FORMULA

WRITERS, WRITES = 6, 20


@pytest.fixture
def record(session, story) -> Record:
    """A record that was edited once."""
    made = records.create(session, story, by="anna")
    new = story.model_copy(update={"title": "Weigh later"})
    records.edit(session, made.id, new, version=1, by="ben", why="It is shorter.")
    session.commit()
    return made


def test_every_write_says_who_and_why(session, record) -> None:
    first, second = history.events(session, record.id)
    assert (first.verb, first.by, first.detail["version"]) == ("created", "anna", "1")
    assert (second.verb, second.by, second.detail["why"]) == ("edited", "ben", "It is shorter.")


def test_the_chain_holds_from_the_first_event_to_the_last(session, record) -> None:
    checked = audit.verify(session)
    assert (checked.events, checked.versions, checked.unsealed) == (2, 2, 0)
    assert checked.broken is None
    assert checked.head == history.events(session, record.id)[-1].hash
    assert session.scalar(select(Event.previous).order_by(Event.id)) == ""


CHANGES = {
    "an event is changed": update(Event).values(by="nobody"),
    "its detail is changed": update(Event).values(detail={"why": "x"}),
    "its detail is emptied unsaid": update(Event).values(detail={}),
    "an event is taken out": delete(Event),
    "a version is changed": update(RecordVersion).values(by="nobody"),
    "its text is changed": update(RecordVersion).values(content={"title": "x"}),
    "its text is emptied unsaid": update(RecordVersion).values(content={}),
    "a version is taken out": delete(RecordVersion),
    "a record goes with its versions unsaid": delete(Record),
    "an event follows none": insert(Event).values(
        at=utcnow(), by="x", verb="y", detail={}, detail_sha256="", previous="", hash="z"
    ),
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_refuses(session, record, statement) -> None:
    with pytest.raises(IntegrityError):
        session.execute(statement)
    session.rollback()
    assert audit.verify(session).broken is None


def test_replacing_is_refused_too(session, record) -> None:
    if session.get_bind().dialect.name == "sqlite":
        known = "insert or replace into event select * from event limit 1"
        version = "insert or replace into record_version select * from record_version limit 1"
    else:
        known, version = "truncate event", "truncate record_version"
    for statement in (known, version):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()


def broken(session: Session, statement) -> audit.Break | None:
    """Return the first broken link after somebody reached past the triggers."""
    appendonly.lift(session.connection())
    session.execute(statement)
    session.expire_all()
    return audit.verify(session).broken


def test_who_reaches_past_the_triggers_breaks_the_chain_and_the_first_link_is_named(
    session, record
) -> None:
    first, second = history.events(session, record.id)
    records.publish(session, record.id, by="curator")
    session.commit()
    last = history.events(session, record.id)[-1]
    for statement, there in (
        (update(Event).where(Event.id == first.id).values(by="x"), first.id),
        (update(Event).where(Event.id == second.id).values(at=utcnow()), second.id),
        (update(Event).where(Event.id == second.id).values(detail={"why": "x"}), second.id),
        (update(Event).where(Event.id == second.id).values(detail={}), second.id),
        (delete(Event).where(Event.id == second.id), last.id),
        (update(RecordVersion).filter_by(version=2).values(content={"title": "x"}), second.id),
        (update(RecordVersion).filter_by(version=2).values(content={}), second.id),
        (update(RecordVersion).filter_by(version=2).values(standing={"status": "x"}), second.id),
    ):
        found = broken(session, statement)
        assert found is not None
        assert found.event_id == there, found.what
        session.rollback()


def test_events_missing_at_the_end_show_where_the_last_hash_was_noted(session, record) -> None:
    noted = audit.verify(session).head
    last = delete(Event).where(Event.hash == noted)
    assert broken(session, last) is None  # what is left is a chain
    assert audit.verify(session, noted=noted).broken is not None
    session.rollback()
    records.publish(session, record.id, by="curator")
    assert audit.verify(session, noted=noted).broken is None
    with pytest.raises(InvalidError, match="no hash"):
        audit.verify(session, noted="abc")


def test_a_draft_is_taken_out_when_an_event_says_so(session, record) -> None:
    number = record.id
    records.remove(session, number, by="anna", why="It was told twice.")
    session.commit()
    assert session.scalars(select(RecordVersion)).all() == []
    assert history.events(session, number)[-1].detail == {"why": "It was told twice."}
    assert audit.verify(session).broken is None


def test_what_readers_have_seen_is_not_taken_out(session, record) -> None:
    records.publish(session, record.id, by="curator")
    with pytest.raises(ConflictError, match="was published"):
        records.remove(session, record.id, by="curator", why="tidy")


def test_a_purge_empties_the_words_and_keeps_who_and_when(session, record) -> None:
    records.withdraw(session, record.id, by="curator", reason="Sister Rose asked us to.")
    assert audit.purge(session, record.id, by="curator", why="the team asked") == 3
    session.commit()
    session.expire_all()
    versions = history.versions(session, record.id)
    assert [(v.by, v.content) for v in versions] == [("anna", {}), ("ben", {}), ("curator", {})]
    events = history.events(session, record.id)
    assert [event.verb for event in events] == ["created", "edited", "withdrawn", "purged"]
    assert "Rose" not in str([event.detail for event in events])
    assert events[-1].detail["because"] == "the team asked"
    assert audit.verify(session).broken is None
    with pytest.raises(NotFoundError, match="purged"):
        history.version(session, record.id, 1)


def test_after_a_purge_what_is_written_next_is_kept_again(session, record) -> None:
    audit.purge(session, record.id, by="curator", why="asked")
    said = records.read(record).model_copy(update={"title": "Another"})
    records.edit(session, record.id, said, version=record.version, by="ben")
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(update(RecordVersion).filter_by(version=3).values(content={}))
    session.rollback()
    assert audit.verify(session).broken is None


def test_many_who_write_at_once_make_one_chain(engine, record) -> None:
    def write(number: int) -> None:
        for turn in range(WRITES):
            with Session(engine) as session:
                history.happened(session, "tested", by=f"writer {number}", turn=str(turn))
                session.commit()

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, number) for number in range(WRITERS)]:
            done.result()
    with Session(engine.execution_options(readonly=True)) as session:
        checked = audit.verify(session)
        assert checked.broken is None
        assert checked.events == 2 + WRITERS * WRITES


def test_the_triggers_come_back_after_a_migration(database) -> None:
    engine = connect(database)
    schema.upgrade(engine)
    with engine.begin() as connection:
        assert schema.is_current(connection)
        appendonly.lift(connection)
        assert not schema.is_current(connection)
    schema.upgrade(engine)
    with engine.begin() as connection:
        assert schema.is_current(connection)
    engine.dispose()


@pytest.mark.sqlite("its triggers are taken away one after another")
def test_a_trigger_is_taken_away_whatever_it_is_called(tmp_path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'kb.sqlite'}")
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            'create trigger "as ""they"" came" after insert on event begin select 1; end'
        )
        appendonly.lift(connection)
        left = text("select count(*) from sqlite_master where type = 'trigger' and name like 'as%'")
        assert connection.scalar(left) == 0
    engine.dispose()


def test_events_are_found_by_who_what_and_when(session, record) -> None:
    assert [e.verb for e in audit.found(session, record_id=record.id)] == ["edited", "created"]
    assert [e.verb for e in audit.found(session, by="anna")] == ["created"]
    assert [e.by for e in audit.found(session, verb="edited")] == ["ben"]
    assert len(audit.found(session, limit=1)) == 1
    assert audit.found(session, since=utcnow() + timedelta(days=1)) == []


def test_the_export_has_every_event_as_json(session, record) -> None:
    lines = [json.loads(line) for line in audit.lines(audit.found(session))]
    assert [line["verb"] for line in lines] == ["edited", "created"]
    assert lines[0]["detail"]["why"] == "It is shorter."
    assert lines[1]["record"] == record.id


def test_no_cell_of_the_table_begins_a_formula(session, record) -> None:
    history.happened(session, "=cmd|'/c calc'!A0", by="@SUM(1)", record=record)
    file = io.StringIO()
    audit.write_csv(audit.found(session), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert (rows[0]["verb"], rows[0]["by"]) == ("'=cmd|'/c calc'!A0", "'@SUM(1)")
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row.values())
