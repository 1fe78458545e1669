"""The same change to many records: what was shown beforehand is what is done, and is undone."""

import sqlite3
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import audit, batches, bulk, content, history, locks, records, threads
from kb.bulk import Where
from kb.bulk_steps import Do, Step, step
from kb.errors import InvalidError
from kb.models import Record, RecordVersion
from kb.people import Grant, Person, operator
from kb.vocabulary import Became, Level, Role, Status, TagStatus, Visibility

CURATOR = operator("curator")
TOPIC, OTHER = "early-initiation-of-breastfeeding", "skin-to-skin-contact"


@pytest.fixture
def three(session, story) -> list[int]:
    """Two drafts and a published record."""
    ids = []
    for number in range(3):
        title = f"Story {number}"
        ids.append(records.create(session, story.model_copy(update={"title": title}), by="x").id)
    records.publish(session, ids[2], by="x")
    return ids


def done(session: Session, ids: list[int], *steps: Step, why: str = "") -> int:
    planned = bulk.plan(session, ids, steps, CURATOR)
    batch = bulk.carry_out(session, planned.versions, steps, CURATOR, why=why)
    assert batch is not None
    return batch.id


def said(session: Session, record_id: int) -> content.Record:
    return records.read(records.get(session, record_id))


def test_a_plan_says_what_changes_and_changes_nothing(session, three) -> None:
    planned = bulk.plan(session, three, [Step(Do.LEVEL, "district")], CURATOR)
    assert [one.record_id for one in planned.change] == three
    assert planned.change[0].differences[0].field == "level"
    assert said(session, three[0]).level is Level.FACILITY
    assert planned.versions == {three[0]: 1, three[1]: 1, three[2]: 2}


def test_what_is_so_already_is_named_and_left(session, three) -> None:
    planned = bulk.plan(session, three, [Step(Do.LEVEL, "facility")], CURATOR)
    assert [one.record_id for one in planned.same] == three
    assert bulk.carry_out(session, {three[0]: 1}, [Step(Do.LEVEL, "facility")], CURATOR) is None


EACH = {
    Do.ADD_TAG: ("hand-hygiene", lambda s: s.tags[-1].status is TagStatus.CONFIRMED),
    Do.CONFIRM_TAG: (OTHER, lambda s: s.tags[1].status is TagStatus.CONFIRMED),
    Do.REMOVE_TAG: (OTHER, lambda s: s.tags[1].status is TagStatus.REJECTED),
    Do.LEVEL: ("district", lambda s: s.level is Level.DISTRICT),
    Do.RECORD_TYPE: ("case-study", lambda s: s.record_type == "case-study"),
    Do.LANGUAGE: ("sw", lambda s: s.language == "sw"),
    Do.COUNTRY: ("KEN", lambda s: s.places[0].country == "KEN"),
    Do.ADMIN1: ("Mbeya", lambda s: s.places[0].admin1 == "Mbeya"),
    Do.ADMIN2: ("Kyela", lambda s: s.places[0].admin2 == "Kyela"),
    Do.LICENCE: ("CC0-1.0", lambda s: s.licence == "CC0-1.0"),
    Do.ADD_KEYWORD: ("scale", lambda s: s.keywords == ("scale",)),
    Do.REVIEW_DUE: ("2027-03-01", lambda s: s.review_due == date(2027, 3, 1)),
}


@pytest.mark.parametrize("do", EACH)
def test_each_change_is_made_and_undone(session, three, do) -> None:
    value, holds = EACH[do]
    before = [(said(session, id_), records.get(session, id_).status) for id_ in three]
    batch_id = done(session, three, Step(do, value), why="They are alike.")
    assert all(holds(said(session, id_)) for id_ in three)
    undone = batches.undo(session, batch_id, by="curator")
    assert set(undone.restored) == set(three)
    after = [(said(session, id_), records.get(session, id_).status) for id_ in three]
    assert after == before


def test_many_have_changed_when_the_last_of_them_had(session, three) -> None:
    """Whoever asked between the first and the last finds all of them the next time."""

    def moments() -> list[datetime]:
        theirs = select(RecordVersion.at).where(RecordVersion.record_id.in_(three))
        last = session.scalar(theirs.order_by(RecordVersion.id.desc()).limit(1))
        return [last, *(records.get(session, one).updated for one in three)]

    first = done(session, three, Step(Do.ADD_KEYWORD, "kangaroo"))
    last, *updated = moments()
    assert last <= updated[0] == updated[1] == updated[2]
    batches.undo(session, first, by="x")
    last, *updated = moments()
    assert last <= updated[0] == updated[1] == updated[2]


def test_a_keyword_goes(session, three) -> None:
    done(session, three, Step(Do.ADD_KEYWORD, "scale"))
    done(session, three[:1], Step(Do.REMOVE_KEYWORD, "scale"))
    assert [said(session, id_).keywords for id_ in three] == [(), ("scale",), ("scale",)]


def test_several_changes_are_one_version(session, three) -> None:
    done(session, three[:1], Step(Do.LEVEL, "district"), Step(Do.LICENCE, "CC0-1.0"))
    assert [v.version for v in history.versions(session, three[0])] == [1, 2]


def test_it_is_shown_to_fewer_people_never_to_more(session, three) -> None:
    planned = bulk.plan(session, three, [Step(Do.VISIBILITY, "district")], CURATOR)
    assert [one.record_id for one in planned.change] == three[2:]
    assert "more people" in planned.cannot[0].reason
    batch_id = done(session, three, Step(Do.VISIBILITY, "district"))
    assert said(session, three[2]).visibility is Visibility.DISTRICT
    batches.undo(session, batch_id, by="curator")
    assert said(session, three[2]).visibility is Visibility.PUBLIC


def test_publishing_many_is_undone_as_if_it_never_was(session, three) -> None:
    batch_id = done(session, three, Step(Do.PUBLISH))
    record = records.get(session, three[0])
    assert (record.status, record.visibility) == (Status.PUBLISHED, Visibility.PUBLIC)
    batches.undo(session, batch_id, by="curator")
    record = records.get(session, three[0])
    assert (record.status, record.published, record.review_due) == (Status.DRAFT, None, None)
    assert record.visibility is Visibility.TEAM
    assert records.get(session, three[2]).status is Status.PUBLISHED


def test_what_is_not_ready_cannot_be_published_and_says_why(session, three, story) -> None:
    bare = records.create(session, story.model_copy(update={"summary": ""}), by="x").id
    planned = bulk.plan(session, [*three, bare], [Step(Do.PUBLISH)], CURATOR)
    assert [one.record_id for one in planned.change] == three[:2]
    assert [one.record_id for one in planned.same] == three[2:]
    assert planned.cannot[0].record_id == bare
    assert "a summary" in planned.cannot[0].hint


def test_at_the_desk_somebody_looks_at_each_before_many_are_published(session, three) -> None:
    anna = Person(user_id=7, email="a@x.example", grants=(Grant(Role.PUBLISHER),))
    planned = bulk.plan(session, three, [Step(Do.PUBLISH)], anna)
    assert [one.record_id for one in planned.cannot] == three[:2]
    assert "looked at all of it" in planned.cannot[0].reason
    alone = bulk.plan(session, three, [Step(Do.PUBLISH)], anna, two_people=True)
    assert "two people" in alone.cannot[0].reason


def test_the_last_topic_of_a_published_record_stays(session, three) -> None:
    planned = bulk.plan(session, three, [Step(Do.REMOVE_TAG, TOPIC)], CURATOR)
    assert [one.record_id for one in planned.change] == three[:2]
    assert "confirmed topic" in planned.cannot[0].hint


def test_retiring_needs_a_reason_and_never_takes_from_readers(session, three) -> None:
    planned = bulk.plan(session, three, [Step(Do.RETIRE)], CURATOR)
    assert [one.record_id for one in planned.cannot] == three[2:]
    with pytest.raises(InvalidError, match="reason"):
        bulk.carry_out(session, planned.versions, [Step(Do.RETIRE)], CURATOR)
    batch_id = done(session, three, Step(Do.RETIRE), why="One report has them all.")
    assert records.get(session, three[0]).status is Status.RETIRED
    batches.undo(session, batch_id, by="curator")
    assert records.get(session, three[0]).status is Status.DRAFT


def test_sending_back_asks_what_the_reason_says(session, three) -> None:
    batch_id = done(session, three, Step(Do.RETURN), why="When was it?")
    assert records.get(session, three[0]).status is Status.RETURNED
    assert [message.text for message in threads.open_questions(session, three[0])] == [
        "When was it?"
    ]
    assert records.get(session, three[2]).status is Status.PUBLISHED
    batches.undo(session, batch_id, by="curator")
    assert records.get(session, three[0]).status is Status.DRAFT


def test_what_a_curator_of_another_place_has_is_not_there_for_her(session, three) -> None:
    grants = (Grant(Role.CURATOR, country="KEN"),)
    other = Person(user_id=7, email="k@x.example", grants=grants)
    steps = [Step(Do.LEVEL, "district")]
    assert bulk.chosen(session, Where(), other) == []
    assert bulk.plan(session, three, steps, other) == bulk.Plan((), (), ())
    batch = bulk.carry_out(session, {three[0]: 1}, steps, other)
    assert batch is not None
    assert batch.items[0].became is Became.FAILED
    assert batch.items[0].title == ""
    assert said(session, three[0]).level is Level.FACILITY


def test_what_somebody_works_on_is_left(session, three) -> None:
    locks.take(session, three[0], by="anna")
    planned = bulk.plan(session, three, [Step(Do.LEVEL, "district")], CURATOR)
    assert [one.record_id for one in planned.cannot] == three[:1]


def test_what_somebody_changed_since_the_plan_is_left_and_named(session, three) -> None:
    steps = [Step(Do.LEVEL, "district")]
    planned = bulk.plan(session, three, steps, CURATOR)
    mine = said(session, three[0]).model_copy(update={"summary": "My own words."})
    records.edit(session, three[0], mine, version=1, by="anna")
    batch = bulk.carry_out(session, planned.versions, steps, CURATOR)
    assert batch is not None
    became = {item.record_id: item.became for item in batch.items}
    assert became[three[0]] is Became.FAILED
    assert "since you looked" in batch.items[0].reason
    assert said(session, three[0]) == mine


def test_a_record_with_several_places_is_not_moved(session, story) -> None:
    both = (content.Place(country="TZA"), content.Place(country="KEN"))
    record = records.create(session, story.model_copy(update={"places": both}), by="x")
    planned = bulk.plan(session, [record.id], [Step(Do.COUNTRY, "UGA")], CURATOR)
    assert "several places" in planned.cannot[0].reason


@pytest.mark.parametrize(
    "text",
    ["nothing=1", "level=moon", "add-tag=milk", "language=Swahili!", "review-due=soon", "country=x",
     "visibility=all", "add-keyword"],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused_before_any_record(session, three, text) -> None:
    with pytest.raises(InvalidError):
        bulk.plan(session, three, [step(text)], CURATOR)


def test_records_are_chosen_by_what_they_are(session, three, story) -> None:
    other = story.model_copy(update={"title": "Maji 100 %", "language": "sw", "places": ()})
    water = records.create(session, other, by="x").id
    for where, ids in (
        (Where(), [*three, water]),
        (Where(status=Status.PUBLISHED), three[2:]),
        (Where(country="TZA"), three),
        (Where(language="sw"), [water]),
        (Where(concept=TOPIC, ids=(three[0], water)), [three[0], water]),
        (Where(concept="hand-hygiene"), []),
        (Where(words="100 %"), [water]),
        (Where(words="%%"), []),
    ):
        assert bulk.chosen(session, where, CURATOR) == ids, where
    batch_id = done(session, three, Step(Do.LEVEL, "district"))
    assert bulk.chosen(session, Where(batch=batch_id), CURATOR) == three
    assert len(bulk.chosen(session, Where(), CURATOR, limit=2)) == 2


@pytest.mark.parametrize("words", ["ÉTUDE", "étude du", "etude"])
def test_words_of_a_title_are_found_in_any_case_and_without_accents(session, story, words) -> None:
    titles = ("Étude du lavage des mains", "L'étude du bain", "Usafi wa mikono")
    ids = [
        records.create(session, story.model_copy(update={"title": title}), by="x").id
        for title in titles
    ]
    assert bulk.chosen(session, Where(words=words), CURATOR) == ids[:2]
    assert bulk.chosen(session, Where(words=words), CURATOR, limit=1) == ids[:1]


def test_many_are_planned_in_as_many_queries_as_few(session, three, story, queries) -> None:
    def asked(ids: list[int]) -> int:
        session.expire_all()
        queries.clear()
        bulk.plan(session, ids, [Step(Do.LEVEL, "district")], CURATOR)
        return len(queries)

    more = [records.create(session, story, by="x").id for _ in range(20)]
    session.commit()
    asked(three)  # opens the transaction
    assert asked(three) == asked([*three, *more])


def test_more_records_than_a_query_can_name_are_changed(session, three) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("its limit can be set lower than the 65,535 of PostgreSQL")
    raw = session.connection().connection.driver_connection
    raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 600)
    many = [*three, *range(10_000, 10_600)]  # nobody has those
    planned = bulk.plan(session, many, [Step(Do.LEVEL, "district")], CURATOR)
    assert [one.record_id for one in planned.change] == three
    versions = dict.fromkeys(many, 1) | planned.versions
    batch = bulk.carry_out(session, versions, [Step(Do.LEVEL, "district")], CURATOR)
    assert [item.record_id for item in batch.items if item.became is Became.CHANGED] == three
    assert len(batch.items) == len(many)
    records.changed_now(session, many)


def test_the_batch_and_each_version_say_who_and_why(session, three) -> None:
    batch_id = done(session, three, Step(Do.LEVEL, "district"), why="The district wrote them.")
    batch = batches.get(session, batch_id)
    assert (batch.by, batch.why, batch.asked) == (
        "curator",
        "The district wrote them.",
        ["level=district"],
    )
    event = history.events(session, three[0])[-1]
    assert (event.by, event.detail["why"]) == ("curator", "The district wrote them.")
    assert audit.verify(session).broken is None
    assert session.get(Record, three[0]).version == 2
