"""Two people make a record public."""

import pytest

from kb import curating, history, records, reviewing
from kb.errors import ConflictError, ForbiddenError, InvalidError
from kb.models import Review
from kb.people import Grant, Person, operator
from kb.reviewing import Step
from kb.vocabulary import RecordType, Role, Ruled, Status


def person(number: int, role: Role) -> Person:
    return Person(user_id=number, email=f"p{number}@people.example", grants=(Grant(role),))


CURATOR = person(1, Role.CURATOR)
PUBLISHER, OTHER = person(2, Role.PUBLISHER), person(3, Role.PUBLISHER)
OPERATOR = operator("op")


@pytest.fixture
def record(session, story):
    made = records.create(session, story, by="ingest")
    look_at(session, made)
    return made


def look_at(session, record) -> None:
    for field in curating.ESSENTIAL:
        curating.rule(
            session,
            record.id,
            field,
            Ruled.ACCEPTED,
            version=record.version,
            by="p1@people.example",
        )


def publish(session, record, who, *, two_people=True):
    return reviewing.publish(session, record.id, who, two_people=two_people)


def ready(session, record, who) -> None:
    reviewing.ready(session, record.id, version=record.version, by=who.by)


def test_one_says_that_it_is_ready_and_another_publishes(session, record) -> None:
    with pytest.raises(ConflictError, match="two people"):
        publish(session, record, PUBLISHER)
    ready(session, record, CURATOR)
    assert record.status is Status.IN_REVIEW
    publish(session, record, PUBLISHER)
    assert record.status is Status.PUBLISHED
    outcomes = [(r.reviewer, r.outcome) for r in session.query(Review).order_by(Review.id)]
    assert outcomes == [(CURATOR.by, Status.IN_REVIEW), (PUBLISHER.by, Status.PUBLISHED)]
    assert "published alone" not in [e.verb for e in history.events(session, record.id)]


def test_who_called_it_ready_does_not_publish_it(session, record) -> None:
    ready(session, record, PUBLISHER)
    assert reviewing.next_step(session, record, PUBLISHER, two_people=True) is Step.WAIT
    with pytest.raises(ConflictError, match="two people"):
        publish(session, record, PUBLISHER)
    publish(session, record, OTHER)


def test_whoever_changes_it_afterwards_asks_for_a_second_look(session, record) -> None:
    ready(session, record, CURATOR)
    curating.rule(
        session, record.id, "title", Ruled.CHANGED, value="Mine", version=record.version, by="p2"
    )
    assert reviewing.ready_by(session, record) is None
    with pytest.raises(ConflictError, match="two people"):
        publish(session, record, PUBLISHER)


def test_a_curator_may_not_publish(session, record) -> None:
    ready(session, record, PUBLISHER)
    with pytest.raises(ForbiddenError):
        publish(session, record, CURATOR, two_people=False)
    assert reviewing.next_step(session, record, CURATOR, two_people=False) is Step.WAIT


def test_the_operator_is_exempt_and_that_is_written_down(session, record) -> None:
    publish(session, record, OPERATOR)
    assert record.status is Status.PUBLISHED
    told = [(e.verb, e.by) for e in history.events(session, record.id)]
    assert ("published alone", "op") in told


def test_a_library_may_do_without_the_second_person(session, record) -> None:
    assert reviewing.next_step(session, record, PUBLISHER, two_people=False) is Step.PUBLISH
    publish(session, record, PUBLISHER, two_people=False)


@pytest.mark.parametrize("who", [PUBLISHER, OPERATOR])
def test_what_a_death_review_found_always_needs_two(session, story, who) -> None:
    finding = story.model_copy(update={"record_type": RecordType.REVIEW_FINDING})
    record = records.create(session, finding, by="ingest")
    look_at(session, record)
    assert reviewing.next_step(session, record, who, two_people=False) is Step.READY
    with pytest.raises(ConflictError, match="two people"):
        publish(session, record, who, two_people=False)


def test_what_nobody_has_looked_at_is_not_ready(session, story) -> None:
    record = records.create(session, story, by="ingest")
    with pytest.raises(InvalidError, match="looked at all"):
        ready(session, record, CURATOR)
    with pytest.raises(InvalidError, match="looked at all"):
        publish(session, record, OPERATOR)
    published = reviewing.publish(session, record.id, OPERATOR, two_people=True, unseen=True)
    assert published.status is Status.PUBLISHED
