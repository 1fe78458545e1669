"""What is remembered of a record is what its readers may see of it now."""

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from kb import copies, originals, records, tagging
from kb.content import Place, Tag
from kb.db import connect
from kb.models import Attachment
from kb.vocabulary import FacilityType, Level, Naming, TagStatus, Visibility
from search.accounts import accounts
from search.filters import Scope
from web.catalogue import as_readers_see, public_records


@pytest.fixture
def check(engine):
    """Compare what is remembered of a record with what somebody reads who remembers nothing."""

    def check(session, record_id: int, *, public: bool = True) -> None:
        session.commit()
        fresh = connect(engine.url.render_as_string(hide_password=False))
        with _reading(engine) as reading, _reading(fresh) as other:
            seen = as_readers_see(records.get(other, record_id))
            assert public_records(reading, [record_id]) == ({record_id: seen} if public else {})
            for scope in Scope:
                assert accounts(reading, [record_id], scope) == accounts(other, [record_id], scope)
        fresh.dispose()

    return check


def test_every_change_of_a_record_is_seen_by_who_asks_next(
    make_record, session, check, story, tmp_path
) -> None:
    record_id = make_record(visibility=Visibility.PUBLIC)
    check(session, record_id)
    record = records.get(session, record_id)
    for change in (
        {"title": "Another title"},
        {"places": (Place(country="KEN", facility_type=FacilityType.HEALTH_POST),)},
        {"tags": (*story.tags, Tag(notation="safety-checklists", status=TagStatus.CONFIRMED))},
        {"sections": story.sections[:1]},
        {"change_ideas": story.change_ideas[:1]},
        {"measures": ()},
        {"naming": Naming.ANONYMOUS},
        {"level": Level.DISTRICT},
    ):
        new = records.read(record).model_copy(update=change)
        records.edit(session, record_id, new, version=record.version, by="test")
        check(session, record_id)
    suggested = [Tag(notation="kangaroo-mother-care", confidence=0.9)]
    assert tagging.suggest(session, record_id, suggested, by="test")
    check(session, record_id)
    tagging.confirm(session, record_id, ["kangaroo-mother-care"], version=record.version, by="test")
    check(session, record_id)
    file = tmp_path / "a.docx"
    file.write_bytes(b"Ten babies.")
    sha256 = originals.sha256_of(file)
    originals.keep(session, file, folder=tmp_path, sha256=sha256, media_type="text/plain")
    session.flush()
    records.attach(session, record, sha256, original=True)
    check(session, record_id)
    (attachment,) = session.scalars(select(Attachment.id))
    copies.keep(session, attachment, b"Ten.", folder=tmp_path, note="")
    check(session, record_id)
    copies.forget(session, record_id)
    check(session, record_id)
    records.restore(session, record_id, 1, by="test")
    check(session, record_id)
    records.withdraw(session, record_id, by="test", reason="a test")
    check(session, record_id, public=False)


def test_what_was_changed_and_not_kept_is_remembered_under_no_number(
    make_record, session, check, engine
) -> None:
    record_id = make_record(visibility=Visibility.PUBLIC)
    for title in ("Never kept", "Kept"):
        record = records.get(session, record_id)
        new = records.read(record).model_copy(update={"title": title})
        records.edit(session, record_id, new, version=record.version, by="test")
        session.flush()
        assert public_records(session, [record_id])[record_id].said.title == title
        if title == "Never kept":
            session.rollback()
    check(session, record_id)


@pytest.mark.parametrize("change", ["naming = 'anonymous'", "status = 'withdrawn'"])
def test_what_may_be_shown_is_looked_at_whoever_changed_it(
    change, make_record, session, engine
) -> None:
    record_id = make_record(visibility=Visibility.PUBLIC)
    public_records(session, [record_id])
    session.rollback()
    with engine.begin() as connection:  # another program, which knows nothing of versions
        connection.execute(text(f"update record set {change}"))
    found = public_records(session, [record_id])
    assert not found or not found[record_id].said.places
    assert all(not one.places for one in accounts(session, [record_id], Scope.PUBLIC))


def test_what_is_remembered_is_not_read_again(make_record, session, engine) -> None:
    ids = [make_record(visibility=Visibility.PUBLIC) for _ in range(3)]
    said: list[str] = []

    def ask() -> int:
        said.clear()
        public_records(session, ids)
        accounts(session, ids, Scope.PUBLIC)
        return len(said)

    event.listen(engine, "before_cursor_execute", lambda *seen: said.append(seen[2]))
    assert ask() > 2
    assert ask() == 2


def _reading(engine) -> Session:
    return Session(engine.execution_options(readonly=True))
