"""Boards: what stands where, for who works there; nobody is ranked, nobody is named unasked."""

from datetime import UTC, date, datetime

import pytest

from kb import boards, content, records
from kb.models import Record
from kb.people import Grant, Person
from kb.vocabulary import Naming, Role, Status, Verdict, Visibility

HERE = content.Place(country="TZA", admin1="Mbeya", admin2="Rungwe")
COACH = Person(user_id=900, grants=(Grant(Role.COACH, country="TZA", admin2="Rungwe"),))
NATIONAL = Person(user_id=901, grants=(Grant(Role.CURATOR, country="TZA"),))


def points(*months: int) -> content.Measure:
    told = tuple(
        content.Point(period=date(2025, month, 1), numerator=month, denominator=10)
        for month in months
    )
    gap = content.Point(period=date(2025, 12, 1))
    return content.Measure(name="Warm babies", type="process", points=(*told, gap))


@pytest.fixture
def put(session, story):
    """Put a story of a facility into a state; return its number."""

    def put(facility: str, status: Status, *, district: str = "Rungwe", **changes) -> int:
        place = content.Place(
            country=changes.pop("country", "TZA"), admin2=district, facility=facility
        )
        changes = {"visibility": Visibility.DISTRICT, "places": (place,)} | changes
        record = records.create(session, story.model_copy(update=changes), by="tests")
        record.status = status
        record.submitted = datetime.now(UTC)
        session.flush()
        return record.id

    return put


TOPIC = "early-initiation-of-breastfeeding"


def test_a_district_shows_each_facility_once_by_name_with_its_last_number(session, put) -> None:
    put("Tukuyu", Status.IN_REVIEW, measures=(points(1, 2, 5),))
    put("Ilulu", Status.PUBLISHED, measures=(points(3),))
    put("Ilulu", Status.RETURNED)
    put("Ilulu", Status.WITHDRAWN)
    put("Vwawa", Status.IN_REVIEW, district="Mbozi")
    found = boards.facilities(session, COACH, HERE.model_copy(update={"admin1": ""}))
    assert [line.facility for line in found] == ["Ilulu", "Tukuyu"]
    assert (found[0].under_way, found[0].sent_in, found[0].published) == (1, 0, 1)
    assert found[0].last_point == date(2025, 3, 1)
    assert found[1].last_point == date(2025, 5, 1)  # December has no number


def test_a_facility_that_wants_no_name_has_none_on_the_board(session, put) -> None:
    put("Ilulu", Status.PUBLISHED, naming=Naming.ANONYMOUS)
    found = boards.facilities(session, COACH, content.Place(country="TZA", admin2="Rungwe"))
    assert [line.facility for line in found] == [""]


def test_what_was_not_let_go_to_the_district_is_not_counted_for_its_coach(session, put) -> None:
    put("Ilulu", Status.IN_REVIEW, visibility=Visibility.TEAM)
    place = content.Place(country="TZA", admin2="Rungwe")
    assert boards.facilities(session, COACH, place) == []
    assert len(boards.facilities(session, NATIONAL, place)) == 1


def test_who_got_better_at_a_problem_is_found_the_nearest_first(session, put) -> None:
    struggling = {"verdict": Verdict.DID_NOT_WORK}
    better = {"verdict": Verdict.WORKED, "visibility": Visibility.PUBLIC}
    put("Ilulu", Status.IN_REVIEW, **struggling)
    far = put("Kamuzu", Status.PUBLISHED, country="MWI", district="Lilongwe", **better)
    land = put("Vwawa", Status.PUBLISHED, district="Mbozi", **better)
    near = put("Tukuyu", Status.PUBLISHED, **better, naming=Naming.TYPE_AND_DISTRICT)
    hidden = put("Itete", Status.PUBLISHED, **better, naming=Naming.TYPE_AND_COUNTRY)
    place = content.Place(country="TZA", admin2="Rungwe")
    found = boards.problems(session, COACH, place)
    problem = next(one for one in found if one.notation == TOPIC)
    assert problem.facilities == ("Ilulu",)
    told = {one.record_id: how_far for how_far, one in problem.solved}
    assert told == {
        near: boards.HERE,
        land: boards.IN_THE_COUNTRY,
        hidden: boards.IN_THE_COUNTRY,  # that it is of this district is not said
        far: boards.ELSEWHERE,
    }
    order = [one.record_id for _, one in problem.solved]
    assert (order[0], order[-1]) == (near, far)


def test_a_country_counts_each_story_once(session, put) -> None:
    put("Ilulu", Status.PUBLISHED, visibility=Visibility.PUBLIC, verdict=Verdict.WORKED)
    put("Tukuyu", Status.PUBLISHED, verdict=Verdict.DID_NOT_WORK)
    put("Vwawa", Status.DRAFT, district="Mbozi")
    put("Kamuzu", Status.PUBLISHED, country="MWI", visibility=Visibility.PUBLIC)
    told = boards.coverage(session, NATIONAL, country="TZA")
    assert (told.stories, told.published, told.public) == (3, 2, 1)
    assert (told.worked, told.did_not_work, told.facilities) == (1, 1, 3)
    assert [(d.admin2, d.stories, d.published) for d in told.districts] == [
        ("Mbozi", 1, 0),
        ("Rungwe", 2, 2),
    ]
    assert told.pairs["Rungwe", TOPIC] == 2
    assert dict(told.topics)[TOPIC] == 2


def test_a_board_asks_as_often_for_many_stories_as_for_few(session, put, queries) -> None:
    place = content.Place(country="TZA", admin2="Rungwe")

    def asked() -> int:
        session.expire_all()
        before = len(queries)
        boards.facilities(session, COACH, place)
        boards.problems(session, COACH, place)
        boards.coverage(session, NATIONAL, country="TZA")
        return len(queries) - before

    put("Ilulu", Status.PUBLISHED)
    few = asked()
    for n in range(8):
        put(f"Facility {n}", Status.IN_REVIEW)
    assert asked() == few


def test_a_facility_lists_its_stories_those_under_way_first(session, put) -> None:
    published = put("Ilulu", Status.PUBLISHED)
    returned = put("Ilulu", Status.RETURNED)
    team = Person(
        user_id=902,
        grants=(Grant(Role.CONTRIBUTOR, country="TZA", admin2="Rungwe", facility="Ilulu"),),
    )
    place = content.Place(country="TZA", admin2="Rungwe", facility="Ilulu")
    assert [one.record_id for one in boards.facility(session, team, place)] == [returned, published]
    assert session.get(Record, returned).status is Status.RETURNED
