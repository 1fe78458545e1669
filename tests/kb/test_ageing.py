"""How long records wait, and for whom."""

from datetime import date, timedelta

import pytest

from kb import ageing, history, notices, records, threads, users
from kb.db import utcnow
from kb.people import Grant, Person, operator
from kb.vocabulary import NoticeKind, Role, Status, Turn

ANYBODY = operator("op")


@pytest.fixture
def waiting(session, story):
    """Records that have waited 1, 10, 40 and 100 days; the one of 40 was sent back."""
    made = []
    for days in (1, 10, 40, 100):
        record = records.create(session, story, by="ingest")
        record.created = utcnow() - timedelta(days=days, hours=1)
        made.append(record)
    session.flush()
    threads.send_back(session, made[2].id, ["Which year?"], by="amina")
    return made


def test_the_report_counts_by_age_and_by_whom_they_wait_for(session, waiting) -> None:
    found = ageing.report(session, overdue_days=30)
    assert found.bands == {
        (0, Turn.CURATOR): 1,
        (1, Turn.CURATOR): 1,
        (2, Turn.AUTHOR): 1,
        (3, Turn.CURATOR): 1,
    }
    assert [one.record_id for one in found.overdue] == [waiting[3].id]


def test_everybody_sees_the_same_numbers(session, waiting) -> None:
    ages = ageing.ages(session, overdue_days=30)
    assert ages == ageing.report(session, overdue_days=30).ages
    assert (ages.waiting, ages.median_days, ages.oldest_days) == (4, 25, 100)
    assert (ages.overdue, ages.with_author) == (1, 1)


def test_an_empty_queue_has_no_age(session) -> None:
    assert ageing.ages(session, overdue_days=30) == ageing.Ages(0, 0, 0, 0, 0)


def test_a_story_waits_since_it_was_sent_in(session, waiting) -> None:
    waiting[3].submitted = utcnow() - timedelta(days=2, hours=1)
    session.flush()
    assert ageing.ages(session, overdue_days=30).overdue == 0
    assert ageing.report(session, overdue_days=30).overdue == ()


def test_what_is_overdue_escalates_once(session, waiting) -> None:
    admin = users.add(session, "head@people.example", name="Head", by="op")
    users.grant(session, admin, Grant(Role.PUBLISHER, country="TZA"), by="op")
    assert ageing.escalate(session, overdue_days=30, by="op") == [waiting[3].id]
    assert ageing.escalate(session, overdue_days=30, by="op") == []
    told = history.events(session, waiting[3].id)[-1]
    assert (told.verb, told.detail["days"]) == ("overdue", "100")
    notice = notices.latest(session, admin.id)[0]
    assert (notice.kind, notice.record_id) == (NoticeKind.OVERDUE, waiting[3].id)


def test_what_readers_see_is_due_for_review_in_time(session, story) -> None:
    today = date(2026, 3, 1)
    for day in (date(2026, 2, 1), date(2026, 5, 1), date(2026, 9, 1)):
        record = records.create(session, story, by="ingest")
        records.publish(session, record.id, by="test")
        record.review_due = day
    session.flush()
    assert [one.due for one in ageing.due(session, ANYBODY, today=today)] == [
        date(2026, 2, 1),
        date(2026, 5, 1),
    ]


def test_a_curator_of_one_district_sees_only_that_one(session, waiting) -> None:
    elsewhere = Person(user_id=1, grants=(Grant(Role.CURATOR, country="KEN"),))
    assert ageing.report(session, elsewhere, overdue_days=30).ages.waiting == 0
    here = Person(user_id=2, grants=(Grant(Role.CURATOR, country="TZA"),))
    assert ageing.report(session, here, overdue_days=30).ages.waiting == 4
    assert all(record.status is not Status.PUBLISHED for record in waiting)
