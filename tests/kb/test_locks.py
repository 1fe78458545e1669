"""Who has a record open."""

from datetime import UTC, datetime, timedelta

import pytest

from kb import history, locks, records

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def record_id(session, story) -> int:
    return records.create(session, story, by="ingest").id


def test_who_came_first_has_it_until_it_is_taken_over(session, record_id) -> None:
    assert locks.take(session, record_id, by="amina", now=NOON).by == "amina"
    later = NOON + timedelta(minutes=5)
    assert locks.take(session, record_id, by="juma", now=later).by == "amina"
    assert locks.of_others(session, by="juma", now=later) == {record_id}
    assert locks.take(session, record_id, by="juma", take_over=True, now=later).by == "juma"
    told = history.events(session, record_id)[-1]
    assert (told.verb, told.by, told.detail["of"]) == ("taken over", "juma", "amina")


def test_it_ends_ten_minutes_after_the_last_sign(session, record_id) -> None:
    locks.take(session, record_id, by="amina", now=NOON)
    locks.take(session, record_id, by="amina", now=NOON + timedelta(minutes=8))
    at = NOON + timedelta(minutes=17)
    assert locks.of(session, [record_id], now=at)[record_id].since == NOON
    assert locks.of(session, [record_id], now=at + timedelta(minutes=2)) == {}
    assert locks.take(session, record_id, by="juma", now=at + timedelta(minutes=2)).by == "juma"
    assert [event.verb for event in history.events(session, record_id)] == ["created"]


def test_only_who_has_it_lets_go(session, record_id) -> None:
    locks.take(session, record_id, by="amina", now=NOON)
    locks.release(session, record_id, by="juma")
    assert locks.of(session, [record_id], now=NOON)
    locks.release(session, record_id, by="amina")
    assert not locks.of(session, [record_id], now=NOON)
