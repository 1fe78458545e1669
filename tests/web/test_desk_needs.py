"""What readers miss, as the curator sees it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kb import needs
from kb.content import Tag
from kb.db import utcnow
from kb.models import Need
from kb.vocabulary import TagStatus

KMC = "kangaroo-mother-care"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def asked(library):
    """Note that something was asked in vain, so many days ago."""

    def note(text: str, *concepts: str, times: int = 1, ago: int = 0) -> None:
        day = utcnow().date() - timedelta(days=ago)
        kept = needs.kept_of(text, concepts=concepts, language="en", day=day)
        assert kept is not None
        with library.writing() as session:
            needs.note(session, {kept: times})
            session.commit()

    return note


def test_needs_stand_by_concept_beside_what_the_library_has(desk, shelf, asked) -> None:
    shelf(tags=(Tag(notation=KMC, status=TagStatus.CONFIRMED),))
    asked("kmc for twins", KMC, times=3)
    asked("hypothermia on transport", "newborn-thermal-care")
    asked("snake antivenom", times=9)
    page = desk.get("/desk/needs").text
    kmc, thermal, none = (
        page.index(said) for said in ("Asked 3 times", "hypothermia on", "Without a concept")
    )
    assert kmc < thermal < none < page.index("snake antivenom")
    assert "The library has 1 experience on it" in page
    assert f'href="/topics/{KMC}"' in page
    assert "9 times" in page


def test_only_the_time_that_is_asked_for_counts(desk, shelf, asked) -> None:
    shelf()
    asked("long ago", ago=60)
    assert "long ago" not in desk.get("/desk/needs").text
    assert "Nothing was asked in vain." in desk.get("/desk/needs").text
    assert "long ago" in desk.get("/desk/needs?days=90").text
    assert desk.get("/desk/needs?days=0").status_code == 422


def test_what_named_somebody_shows_no_words(desk, shelf, asked) -> None:
    shelf()
    asked("Mrs Amina Juma", KMC)
    page = desk.get("/desk/needs").text
    assert "it may have named somebody" in page
    assert "Amina" not in page


def test_a_question_can_be_removed(desk, shelf, asked, library) -> None:
    shelf()
    asked("gone")
    asked("gone", ago=2)
    asked("stays")
    answer = desk.post("/desk/needs/1/forget", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/needs")
    with library.reading() as session:
        assert list(session.scalars(select(Need.question))) == ["stays"]
    assert desk.post("/desk/needs/1/forget").status_code == 404


def test_hostile_words_stay_words(desk, shelf, asked) -> None:
    shelf()
    asked(HOSTILE)
    page = desk.get("/desk/needs").text
    assert "alert(1)" in page
    assert "<script>alert" not in page


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    desk, shelf, asked, queries, library
) -> None:
    shelf()
    desk.get("/desk/needs")

    def count(number: int) -> int:
        for n in range(number):
            asked(f"question {number} {'abcdefghijklmnopqrst'[n]}")
        queries.clear()
        desk.get("/desk/needs")
        return len(queries)

    assert count(2) == count(20)
    with library.reading() as session:
        assert session.scalar(select(func.count()).select_from(Need)) == 22


def test_the_page_says_when_nothing_is_kept(desk, shelf) -> None:
    shelf()
    assert "KB_LEARNING_NEEDS" not in desk.get("/desk/needs").text
