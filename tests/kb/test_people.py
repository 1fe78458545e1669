"""Who may see and do what: every role at every place, for records in every state."""

from datetime import UTC, datetime
from itertools import product

import pytest
from sqlalchemy import select

from kb import content, permissions, records, users
from kb.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from kb.models import Event, Finding, Record
from kb.people import NOBODY, Grant, Person, operator
from kb.permissions import Act, may, require
from kb.vocabulary import FindingState, IdentifierKind, Role, Status, Visibility

HERE = content.Place(country="TZA", admin1="Mbeya", admin2="Rungwe", facility="Ilulu")
NEXT_DOOR = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe", "facility": "Tukuyu"}
OTHER_DISTRICT = {"country": "TZA", "admin1": "Mbeya", "admin2": "Mbozi", "facility": "Vwawa"}
ABROAD = {"country": "MWI", "admin2": "Karonga"}


def someone(role: Role, user_id: int = 900, **place: str) -> Person:
    return Person(user_id=user_id, email=f"{role}@x.example", grants=(Grant(role, **place),))


@pytest.fixture
def told(session, story):
    """Put a record from Ilulu, Rungwe, into a state; return its number."""

    def told(status: Status, visibility: Visibility, *, submitted: bool = True) -> int:
        said = story.model_copy(update={"places": (HERE,), "visibility": visibility})
        record = records.create(session, said, by="tests")
        record.status, record.visibility = status, visibility
        record.submitted = datetime.now(UTC) if submitted else None
        session.flush()
        return record.id

    return told


def test_what_is_published_for_everybody_is_read_by_everybody(session, told) -> None:
    record_id = told(Status.PUBLISHED, Visibility.PUBLIC)
    for person in (NOBODY, someone(Role.READER, **ABROAD), operator("x")):
        assert may(session, person, Act.READ, record_id)


def test_nobody_unknown_reads_anything_else(session, told) -> None:
    for status, visibility in product(Status, Visibility):
        if (status, visibility) != (Status.PUBLISHED, Visibility.PUBLIC):
            record_id = told(status, visibility)
            assert not may(session, NOBODY, Act.READ, record_id), (status, visibility)
            with pytest.raises(NotFoundError):
                require(session, NOBODY, Act.READ, record_id)


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        (Visibility.TEAM, set()),
        (Visibility.DISTRICT, {"next door"}),
        (Visibility.COUNTRY, {"next door", "other district"}),
        (Visibility.PUBLIC, {"next door", "other district"}),
    ],
)
def test_peers_read_at_once_what_was_sent_in_as_far_as_its_team_lets_it_go(
    session, told, visibility, readers
) -> None:
    record_id = told(Status.IN_REVIEW, visibility)
    peers = {"next door": NEXT_DOOR, "other district": OTHER_DISTRICT, "abroad": ABROAD}
    for role in (Role.READER, Role.CONTRIBUTOR):
        for name, place in peers.items():
            reads = may(session, someone(role, **place), Act.READ, record_id)
            assert reads is (name in readers), (role, name)


def test_what_may_name_somebody_is_not_shown_to_peers(session, told) -> None:
    record_id = told(Status.IN_REVIEW, Visibility.COUNTRY)
    session.add(
        Finding(
            record_id=record_id,
            kind=IdentifierKind.PERSON,
            field="title",
            start=0,
            end=1,
            text="A",
            confidence=1.0,
            state=FindingState.OPEN,
            replacement="",
            decided_by="",
        )
    )
    session.flush()
    assert not may(session, someone(Role.CONTRIBUTOR, **NEXT_DOOR), Act.READ, record_id)
    assert not may(session, someone(Role.COACH, country="TZA"), Act.READ, record_id)
    assert may(session, someone(Role.CURATOR, country="TZA"), Act.READ, record_id)


def test_a_story_that_is_still_being_told_is_its_teams_and_curators_alone(session, told) -> None:
    record_id = told(Status.DRAFT, Visibility.COUNTRY, submitted=False)
    assert may(session, someone(Role.CONTRIBUTOR, **HERE_PLACE), Act.EDIT, record_id)
    assert not may(session, someone(Role.CONTRIBUTOR, **NEXT_DOOR), Act.READ, record_id)
    assert not may(session, someone(Role.COACH, **NEXT_DOOR), Act.READ, record_id)


HERE_PLACE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe", "facility": "Ilulu"}


def test_a_coach_sees_her_district_and_no_other(session, told) -> None:
    record_id = told(Status.IN_REVIEW, Visibility.DISTRICT)
    assert may(session, someone(Role.COACH, country="TZA", admin2="Rungwe"), Act.READ, record_id)
    assert may(session, someone(Role.COACH, country="TZA"), Act.READ, record_id)
    assert not may(session, someone(Role.COACH, country="TZA", admin2="Mbozi"), Act.READ, record_id)
    assert not may(
        session, someone(Role.COACH, country="TZA", admin2="Rungwe"), Act.CURATE, record_id
    )


def test_a_curator_is_a_curator_only_where_the_role_was_given(session, told) -> None:
    record_id = told(Status.DRAFT, Visibility.TEAM)
    here, abroad = someone(Role.CURATOR, country="TZA"), someone(Role.CURATOR, **ABROAD)
    assert may(session, here, Act.CURATE, record_id)
    assert not may(session, here, Act.PUBLISH, record_id)
    assert may(session, someone(Role.PUBLISHER, country="TZA"), Act.PUBLISH, record_id)
    assert not may(session, abroad, Act.READ, record_id)
    with pytest.raises(NotFoundError):
        require(session, abroad, Act.CURATE, record_id)


def test_an_author_reads_and_changes_the_own_story_until_it_is_published(session, told) -> None:
    author = users.add(session, "asha@x.example", by="tests")
    record_id = told(Status.RETURNED, Visibility.TEAM)
    record = session.get(Record, record_id)
    record.author_id = author.id
    session.flush()
    person = users.person_of(author)
    assert may(session, person, Act.EDIT, record_id)
    assert may(session, person, Act.WITHDRAW, record_id)
    record.status = Status.PUBLISHED
    session.flush()
    assert not may(session, person, Act.EDIT, record_id)
    assert may(session, person, Act.READ, record_id)
    with pytest.raises(ForbiddenError):
        require(session, person, Act.EDIT, record_id)


def test_the_operator_may_do_everything(session, told) -> None:
    record_id = told(Status.INBOX, Visibility.TEAM)
    assert all(may(session, operator("curator"), act, record_id) for act in Act)


def test_the_condition_of_lists_is_that_of_one_record(session, told) -> None:
    ids = [told(status, visibility) for status, visibility in product(Status, Visibility)]
    people = [NOBODY, operator("x")]
    people += [
        someone(role, **place)
        for role, place in product(Role, (HERE_PLACE, NEXT_DOOR, OTHER_DISTRICT, ABROAD, {}))
    ]
    for person in people:
        listed = set(session.scalars(select(Record.id).where(permissions.readable(person))))
        assert listed == {n for n in ids if may(session, person, Act.READ, n)}


def test_a_role_is_spelt_as_the_records_spell_its_place(session, told) -> None:
    told(Status.DRAFT, Visibility.TEAM)
    user = users.add(session, "coach@x.example", by="tests")
    spelt = users.grant(session, user, Grant(Role.COACH, country="tza", admin2="rungwe"), by="t")
    assert (spelt.country, spelt.admin2) == ("TZA", "Rungwe")


def test_a_role_in_a_district_without_a_country_is_refused(session) -> None:
    user = users.add(session, "coach@x.example", by="tests")
    with pytest.raises(InvalidError, match="needs its country"):
        users.grant(session, user, Grant(Role.COACH, admin2="Rungwe"), by="tests")


def test_two_accounts_never_have_one_address(session) -> None:
    users.add(session, "Asha@x.example", by="tests")
    with pytest.raises(ConflictError):
        users.add(session, "asha@X.example ", by="tests")


@pytest.mark.parametrize("email", ["", "asha", "a@b@c", "asha @x.example", "<a@x.example>"])
def test_what_is_no_address_is_refused(session, email) -> None:
    with pytest.raises(InvalidError, match="no e-mail address"):
        users.add(session, email, by="tests")


def test_the_last_admin_stays(session) -> None:
    first = users.add(session, "a@x.example", grants=[Grant(Role.ADMIN)], by="tests")
    with pytest.raises(ConflictError, match="last admin"):
        users.take(session, first, Grant(Role.ADMIN), by="tests")
    with pytest.raises(ConflictError, match="last admin"):
        users.disable(session, first, by="tests")
    users.add(session, "b@x.example", grants=[Grant(Role.ADMIN)], by="tests")
    users.disable(session, first, by="tests", reason="left")
    assert first.disabled is not None
    verbs = session.scalars(select(Event.verb).order_by(Event.id)).all()
    assert verbs.count("role given") == 2
    assert verbs[-1] == "account closed"
