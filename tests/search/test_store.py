import numpy as np
import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kb import records, schema
from kb.content import ChangeIdea, Section, SupportActivity
from kb.db import Base
from kb.models import Record
from kb.vocabulary import SectionRole, Status
from search import refreshing
from search.refreshing import count_stale, prepare, refresh, write
from search.store import PassageRow, State, Write, ensure_fts, revision, state, was
from tests.deleting import take_out
from tests.search.conftest import Bag


def passages(session) -> list[PassageRow]:
    return list(session.scalars(select(PassageRow).order_by(PassageRow.id)))


def fts_rows(session, table="passage_fts") -> int:
    return session.scalar(text(f"select count(*) from {table}"))


def test_summary_sections_ideas_and_support_become_passages(session, make_record, bag) -> None:
    make_record(support_activities=(SupportActivity(activity="A coach came each month"),))
    assert refresh(session, bag) == 1
    found = [(p.section, p.section_position, p.heading, p.text) for p in passages(session)]
    assert found == [
        ("summary", None, "", "Babies stay on the chest for an hour; weighing waits."),
        ("problem", 0, "Problem", "Only 34 % …"),
        ("changes", 1, "What we did", "Weigh later."),
        (
            "changes",
            None,
            "",
            "Weigh the baby after the first feed\n\nThe scale moves to the postnatal room.",
        ),
        ("support", None, "", "A coach came each month"),
    ]


def test_the_title_is_encoded_with_each_passage_and_marks_are_not(
    session, make_record, bag
) -> None:
    make_record(
        title="Chest first",
        summary="",
        change_ideas=(),
        sections=(Section(body="We **waited** an [hour](https://example.org)."),),
        publish=False,
    )
    refresh(session, bag)
    assert bag.encoded == ["Chest first\nWe waited an hour."]
    assert passages(session)[0].text == "We **waited** an [hour](https://example.org)."


def test_references_and_acknowledgements_are_not_searched(session, make_record, bag) -> None:
    make_record(
        summary="",
        change_ideas=(),
        sections=(
            Section(role=SectionRole.REFERENCES, body="WHO 2018."),
            Section(role=SectionRole.ACKNOWLEDGEMENT, body="Thanks to all."),
        ),
        publish=False,
    )
    refresh(session, bag)
    assert [p.text for p in passages(session)] == [""]


def test_a_record_with_a_title_only_can_still_be_found(session, make_record, bag) -> None:
    make_record(title="Only a title", summary="", sections=(), change_ideas=(), publish=False)
    assert refresh(session, bag) == 1
    assert bag.encoded == ["Only a title"]
    assert refresh(session, bag) == 0


def test_refresh_does_only_what_is_stale(session, make_record, bag) -> None:
    record_id = make_record()
    assert count_stale(session, bag) == 1
    assert refresh(session, bag) == 1
    assert count_stale(session, bag) == 0
    assert refresh(session, bag) == 0

    session.get_one(Record, record_id).summary = "Now another summary."
    session.flush()
    assert refresh(session, bag) == 1
    assert passages(session)[0].text == "Now another summary."


def test_what_was_encoded_before_is_not_encoded_again(session, make_record, bag) -> None:
    record_id = make_record()
    refresh(session, bag)
    before = {p.text: p.vector for p in passages(session)}
    bag.encoded.clear()

    session.get_one(Record, record_id).credit_line = "The maternity team"
    session.flush()
    refresh(session, bag)

    assert bag.encoded == []
    assert {p.text: p.vector for p in passages(session)} == before


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.RETIRED])
def test_a_record_that_may_not_be_read_leaves_nothing_behind(
    session, make_record, bag, status
) -> None:
    record_id = make_record()
    refresh(session, bag)
    session.get_one(Record, record_id).status = status
    session.flush()
    assert refresh(session, bag) == 1
    assert passages(session) == []
    assert fts_rows(session) == fts_rows(session, "title_fts") == 0
    assert refresh(session, bag) == 0


def test_a_deleted_record_takes_its_words_with_it(session, make_record, bag) -> None:
    record_id = make_record()
    make_record()
    refresh(session, bag)
    session.commit()
    before = fts_rows(session)
    take_out(session, record_id)
    session.flush()
    assert fts_rows(session) == before / 2
    assert fts_rows(session, "title_fts") == 1


def test_other_weights_make_every_vector_stale(session, make_record, bag) -> None:
    make_record()
    refresh(session, bag)
    assert refresh(session, Bag("other")) == 1
    assert {p.encoder for p in passages(session)} == {"other"}


def test_without_an_encoder_words_are_indexed_and_vectors_come_later(
    session, make_record, bag
) -> None:
    make_record()
    assert refresh(session, None) == 1
    assert {p.vector for p in passages(session)} == {None}
    assert fts_rows(session) == len(passages(session))
    assert refresh(session, bag) == 1
    assert all(p.vector for p in passages(session))
    assert refresh(session, None) == 0


def test_vectors_are_kept_in_sixteen_bits(session, make_record, bag) -> None:
    make_record()
    refresh(session, bag)
    first = passages(session)[0]
    kept = np.frombuffer(first.vector, "<f2")
    np.testing.assert_allclose(kept, bag.encode([bag.encoded[0]])[0], atol=1e-3)


def test_a_batch_leaves_the_rest_for_the_next_one(session, make_record, bag) -> None:
    for _ in range(5):
        make_record()
    seen = []
    while done := refresh(session, bag, limit=2):
        session.commit()
        seen.append((done, count_stale(session, bag)))
    assert seen == [(2, 3), (2, 1), (1, 0)]


def test_every_change_makes_a_new_revision(session, make_record, bag) -> None:
    make_record()
    assert revision(session) == 0
    refresh(session, bag)
    assert revision(session) == 1
    refresh(session, bag)
    assert revision(session) == 1


def test_passage_ids_are_never_used_again(session, make_record, bag) -> None:
    record_id = make_record()
    refresh(session, bag)
    last = passages(session)[-1].id
    records.edit(
        session,
        record_id,
        records.read(records.get(session, record_id)).model_copy(update={"summary": "New."}),
        version=session.get_one(Record, record_id).version,
        by="test",
    )
    session.flush()
    refresh(session, bag)
    assert min(p.id for p in passages(session)) > last


def test_refresh_asks_as_often_for_many_records_as_for_few(
    session, make_record, bag, queries
) -> None:
    make_record()
    refresh(session, bag)  # a new library asks all records, once
    session.commit()
    for _ in range(3):
        make_record()
    queries.clear()
    refresh(session, bag)
    few = len(queries)
    session.commit()
    for _ in range(12):
        make_record()
    queries.clear()
    refresh(session, bag)
    assert len(queries) == few


def test_a_change_is_found_without_asking_the_other_records(
    session, make_record, bag, monkeypatch
) -> None:
    first, second = make_record(), make_record()
    refresh(session, bag)
    session.commit()

    def asked(*_: object) -> None:
        raise AssertionError("all records were asked")

    monkeypatch.setattr(refreshing, "_of_all", asked)
    monkeypatch.setattr(refreshing, "_count", asked)
    assert prepare(session, bag) is None
    session.rollback()
    session.get_one(Record, second).summary = "Changed."
    session.commit()
    assert count_stale(session, bag) == 1
    assert refresh(session, bag) == 1
    session.commit()
    monkeypatch.undo()
    take_out(session, first)
    session.commit()
    assert prepare(session, bag) is not None
    refresh(session, bag)
    session.commit()
    noted = session.scalar(select(Write.passages).order_by(Write.id.desc()))
    assert noted == len(passages(session)) > 0
    assert prepare(session, bag) is None


def test_a_record_that_changes_again_while_it_is_read_goes_on_waiting(
    engine, session, make_record, bag
) -> None:
    record_id = make_record()
    refresh(session, bag)
    session.get_one(Record, record_id).summary = "Once."
    session.commit()
    update = prepare(session, bag)
    session.rollback()
    with Session(engine) as editor:
        editor.get_one(Record, record_id).summary = "Twice."
        editor.commit()
    write(session, update)
    session.commit()
    assert refresh(session, bag) == 1
    assert passages(session)[0].text == "Twice."


def test_what_was_lost_unnoticed_is_found_when_all_are_asked(session, make_record, bag) -> None:
    make_record()
    refresh(session, bag)
    session.execute(text("update passage set record_version = 0"))
    session.commit()
    assert refresh(session, bag) == 0
    refreshing.ask_all(session)
    assert count_stale(session, bag) == 1
    assert refresh(session, bag) == 1
    assert refresh(session, bag) == 0


def test_ensuring_the_full_text_tables_twice_changes_nothing(session, make_record, bag) -> None:
    make_record()
    refresh(session, bag)
    ensure_fts(session.connection())
    assert refresh(session, bag) == 0


def test_lost_full_text_tables_are_filled_again_without_encoding(session, make_record, bag) -> None:
    make_record()
    refresh(session, bag)
    rows = fts_rows(session)
    session.execute(text("drop table passage_fts"))
    ensure_fts(session.connection())
    assert fts_rows(session) == 0
    bag.encoded.clear()
    assert refresh(session, bag) == 1
    assert fts_rows(session) == rows
    assert bag.encoded == []


def test_the_tables_of_search_are_known_to_the_schema() -> None:
    assert {"passage", "passage_revision"} <= set(Base.metadata.tables)


def test_a_change_idea_is_a_passage_of_the_changes(session, make_record, bag) -> None:
    make_record(
        summary="",
        sections=(),
        change_ideas=(ChangeIdea(text="Move the scale"),),
        publish=False,
    )
    refresh(session, bag)
    [passage] = passages(session)
    assert (passage.section, passage.text) == (SectionRole.CHANGES, "Move the scale")


def test_a_record_that_changes_while_it_is_encoded_waits_for_the_next_time(
    engine, session, make_record, bag
) -> None:
    record_id = make_record()
    update = prepare(session, bag)
    session.rollback()
    with Session(engine) as editor:
        said = records.read(records.get(editor, record_id))
        changed = said.model_copy(update={"summary": "Changed meanwhile."})
        version = editor.get_one(Record, record_id).version
        records.edit(editor, record_id, changed, version=version, by="test")
        editor.commit()

    assert write(session, update) == 1
    assert passages(session) == []
    assert refresh(session, bag) == 1
    assert passages(session)[0].text == "Changed meanwhile."


def test_encoding_keeps_no_writer_waiting(engine, make_record, bag) -> None:
    make_record()
    with Session(engine.execution_options(readonly=True)) as reader:
        update = prepare(reader, bag)
        with Session(engine) as writer:  # would wait for ever if the reader held the lock
            writer.execute(text("update record set summary = summary"))
            writer.commit()
    assert update is not None


@pytest.mark.sqlite("how it plans")
def test_what_is_stale_is_read_out_of_indexes_alone(session, bag) -> None:
    query = select(Record.id).where(refreshing._stale(bag))  # noqa: SLF001  as a whole it cannot be explained
    compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = [row.detail for row in session.execute(text(f"explain query plan {compiled}"))]
    looked = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
    assert len(looked) == 3
    assert all("COVERING INDEX" in step for step in looked)


def test_each_write_has_a_mark_of_its_own(session, make_record, bag) -> None:
    assert state(session) == (0, "")
    seen = set()
    for value in (1, 2):
        session.rollback()  # who writes waits for nobody who has only read
        make_record()
        refresh(session, bag)
        session.commit()
        seen.add(state(session).mark)
        assert state(session).value == value
        assert was(session, state(session))
    assert len(seen) == 2
    assert not was(session, State(2, "of another library"))


def test_a_deleted_record_makes_a_new_state(session, make_record, bag) -> None:
    make_record()
    make_record(title="Another story")  # without any vector, PostgreSQL asks for all again
    refresh(session, bag)
    session.commit()
    before = state(session)
    take_out(session, 1)
    session.commit()
    assert write(session, prepare(session, bag)) == 0
    session.commit()
    assert state(session) != before
    assert prepare(session, bag) is None


def test_a_library_from_before_states_gets_one(engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("insert into passage_revision values (1, 57, '')"))
    with engine.connect() as connection, connection.begin():
        command.downgrade(schema.configuration(connection), "0004")
    schema.upgrade(engine)
    with Session(engine) as session:
        assert state(session).value == 57
        assert len(state(session).mark) == 32
