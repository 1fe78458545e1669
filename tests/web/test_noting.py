"""Questions that found nothing good are counted, and nobody is remembered."""

import logging
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from kb import needs
from kb.models import Need
from search.filters import Scope
from search.query import search
from web import noting
from web.app import create_app
from web.library import Library
from web.noting import Noting

UNKNOWN = "snake antivenom"


@pytest.fixture
def kept(library):
    """Return what was written down: each question, and how often."""

    def read() -> dict[str, int]:
        with library.reading() as session:
            return {need.question: need.times for need in session.scalars(select(Need))}

    return read


@pytest.fixture(autouse=True)
def at_once(monkeypatch) -> None:
    """Write at once what waits for a minute else."""
    monkeypatch.setattr(noting, "EVERY_S", 0)


def test_a_question_that_found_nothing_is_kept_and_one_that_did_is_not(client, shelf, kept) -> None:
    shelf()
    client.get("/search", params={"q": "Snake  ANTIVENOM?"})
    client.get("/search", params={"q": "skin to skin before the scale"})
    client.get("/search", params={"q": ""})
    assert kept() == {UNKNOWN: 1}


def test_the_same_asker_counts_once_a_day_and_another_one_too(client, shelf, kept) -> None:
    shelf()
    for agent in ("phone", "phone", "tablet"):
        client.get("/search", params={"q": UNKNOWN}, headers={"user-agent": agent})
    assert kept() == {UNKNOWN: 2}


@pytest.mark.parametrize(
    ("params", "headers"),
    [
        ({"page": "2"}, {}),
        ({"country": "TZA"}, {}),
        ({"sort": "newest"}, {}),
        ({"without": "kangaroo-mother-care"}, {}),
        ({}, {"sec-purpose": "prefetch;prerender"}),
        ({}, {"purpose": "prefetch"}),
        ({}, {"user-agent": "Mozilla/5.0 (compatible; Somebot/2.1)"}),
    ],
)
def test_filters_later_pages_and_robots_are_not_listened_to(
    client, shelf, kept, params, headers
) -> None:
    shelf()
    reader = {"user-agent": "Mozilla/5.0"}
    client.get("/search", params={"q": UNKNOWN} | params, headers=reader | headers)
    assert kept() == {}


def test_a_name_is_never_kept(client, shelf, kept, library) -> None:
    shelf()
    client.get("/search", params={"q": "snake bite of Mrs Amina Juma, 0712 345 678"})
    assert kept() == {}
    client.get("/search", params={"q": "kangourou for Mrs Amina Juma"})
    with library.reading() as session:
        dump = [*session.execute(text("select * from need")).all()]
    assert "amina" not in repr(dump).casefold()


def test_nothing_is_kept_where_it_is_turned_off(library, shelf, kept) -> None:
    shelf()
    settings = library.settings.model_copy(update={"learning_needs": False})
    quiet = Library(settings, library.engine, library.taxonomy)
    quiet.__dict__["encoder"] = library.encoder
    TestClient(create_app(quiet)).get("/search", params={"q": UNKNOWN})
    assert kept() == {}


def test_the_curators_own_questions_are_no_needs(desk, shelf, kept) -> None:
    shelf()
    desk.get("/search", params={"q": UNKNOWN})
    assert kept() == {}


def test_writes_are_a_minute_apart_and_the_rest_is_written_at_the_end(
    library, shelf, kept, monkeypatch
) -> None:
    shelf()
    monkeypatch.setattr(noting, "EVERY_S", 60)
    with TestClient(create_app(library)) as client:
        for question in (UNKNOWN, "mpox quarantine", "dengue"):
            client.get("/search", params={"q": question}, headers={"user-agent": "phone"})
        assert kept() == {UNKNOWN: 1}
    assert kept() == {UNKNOWN: 1, "mpox quarantine": 1, "dengue": 1}


@pytest.fixture
def nothing(library, shelf):
    """The results of a question that finds nothing."""
    shelf()
    with library.reading() as session:
        return search(session, library.index(session), UNKNOWN, scope=Scope.PUBLIC)


def test_tomorrow_the_same_asker_counts_again_under_another_key(library, nothing, kept) -> None:
    heard = Noting(library)
    today = date(2026, 3, 2)
    heard.hear(nothing, asker="192.0.2.7", today=today)
    first = set(heard.marks)
    heard.hear(nothing, asker="192.0.2.7", today=today)
    heard.hear(nothing, asker="192.0.2.7", today=today + timedelta(days=1))
    with library.reading() as session:
        assert session.scalar(select(func.sum(Need.times))) == 2
    assert len(heard.marks) == 1
    assert heard.marks.isdisjoint(first)


def test_the_asker_stands_nowhere_in_the_database(library, nothing) -> None:
    Noting(library).hear(nothing, asker="192.0.2.7\0Secret phone", today=date(2026, 3, 2))
    with library.reading() as session:
        rows = repr(session.execute(text("select * from need")).all())
    assert UNKNOWN in rows
    assert "192.0.2.7" not in rows
    assert "Secret" not in rows


def test_what_cannot_be_written_waits_and_is_said(
    library, nothing, kept, monkeypatch, caplog
) -> None:
    def locked(*_args) -> None:
        raise OperationalError("insert", {"question": UNKNOWN}, Exception("database is locked"))

    heard = Noting(library)
    note = needs.note
    monkeypatch.setattr(needs, "note", locked)
    with caplog.at_level(logging.WARNING):
        heard.hear(nothing, asker="a", today=date(2026, 3, 2))
    assert "database is locked" in caplog.text
    assert "antivenom" not in caplog.text
    monkeypatch.setattr(needs, "note", note)
    heard.write()
    assert kept() == {UNKNOWN: 1}
