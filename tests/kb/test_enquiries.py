"""Requests for help and questions to teams: who sees them, who answers, when they go on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from kb import content, enquiries, notices, records, relay, support
from kb.db import utcnow
from kb.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from kb.models import Enquiry, Notice
from kb.people import NOBODY
from kb.vocabulary import EnquiryState, Level, NoticeKind, Role, Speaker
from tests.accounts import known, maker

RUNGWE = {"country": "TZA", "admin1": "Mbeya", "admin2": "Rungwe"}
HERE = content.Place(**RUNGWE)
ILULU = {**RUNGWE, "facility": "Ilulu"}
HELP = "We need a second scale for the ward."


@pytest.fixture
def make_record(session, story):
    return maker(session, story)


@pytest.fixture
def nurse(session):
    return known(session, "nurse", **ILULU)


@pytest.fixture
def coach(session):
    return known(session, "coach", Role.COACH, **RUNGWE)


@pytest.fixture
def region(session):
    return known(session, "region", Role.COACH, country="TZA", admin1="Mbeya")


@pytest.fixture
def nation(session):
    return known(session, "nation", Role.CURATOR, country="TZA")


@pytest.fixture
def far(session):
    return known(session, "far", Role.COACH, country="TZA", admin1="Mbeya", admin2="Mbozi")


@pytest.fixture
def above(region, nation):
    return region, nation


@pytest.fixture
def asked(session, nurse):
    return support.ask(session, nurse, HELP, level=Level.DISTRICT, place=HERE)


@pytest.fixture
def needy(session, make_record):
    """A published story of Ilulu that asks for help and offers contact; what makes it."""

    def make(*texts: str, contact: str = "the nurse in charge", **changes) -> int:
        asked = tuple(content.SupportRequest(text=text) for text in texts or (HELP,))
        place = content.Place(**ILULU)
        said = {"support_requests": asked, "places": (place,), "contact": contact}
        return make_record(**{**said, **changes})

    return make


def told(session, person) -> list[NoticeKind]:
    return [one.kind for one in notices.latest(session, person.user_id)]


def edit(session, record_id: int, *texts: str) -> None:
    record = records.get(session, record_id)
    asked = tuple(content.SupportRequest(text=text) for text in texts)
    new = records.read(record).model_copy(update={"support_requests": asked})
    records.edit(session, record_id, new, version=record.version, by="tests")


def all_enquiries(session) -> list[Enquiry]:
    return list(session.scalars(select(Enquiry).order_by(Enquiry.id)))


def test_a_request_reaches_the_coach_of_the_district_and_nobody_further_away(
    session, coach, above, far, asked
) -> None:
    region, nation = above
    assert told(session, coach) == [NoticeKind.SUPPORT_ASKED]
    assert told(session, region) == told(session, nation) == told(session, far) == []
    for person in (coach, region, nation):
        assert enquiries.get(session, person, asked.id) is asked
    for person in (far, known(session, "colleague", **ILULU), NOBODY):
        with pytest.raises(NotFoundError):
            enquiries.get(session, person, asked.id)


def test_what_is_asked_of_the_country_is_not_shown_to_the_district_it_may_be_about(
    session, nurse, coach, nation
) -> None:
    asked = support.ask(session, nurse, HELP, level=Level.NATIONAL, place=HERE)
    assert told(session, coach) == []
    assert told(session, nation) == [NoticeKind.SUPPORT_ASKED]
    with pytest.raises(NotFoundError):
        enquiries.get(session, coach, asked.id)


def test_where_no_coach_is_the_next_above_hears_of_it(session, nation, asked) -> None:
    assert told(session, nation) == [NoticeKind.SUPPORT_ASKED]


def test_an_answer_answers_and_only_who_asked_closes(
    session, coach, nurse, asked, make_record
) -> None:
    record_id = make_record()
    enquiries.say(session, coach, asked.id, "Borrow one from Tukuyu.", records=[record_id])
    assert asked.state is EnquiryState.ANSWERED
    assert told(session, nurse) == [NoticeKind.ANSWERED]
    (said,) = asked.messages
    assert (said.speaker, said.records) == (Speaker.LEVEL, [record_id])
    with pytest.raises(ForbiddenError):
        enquiries.close(session, coach, asked.id)
    enquiries.say(session, nurse, asked.id, "And who pays?")
    assert asked.state is EnquiryState.OPEN
    assert told(session, coach)[0] is NoticeKind.ANSWERED
    enquiries.close(session, nurse, asked.id)
    assert asked.state is EnquiryState.CLOSED
    with pytest.raises(ConflictError):
        enquiries.say(session, coach, asked.id, "More")


def test_an_answer_points_to_public_records_only(session, coach, asked, make_record) -> None:
    with pytest.raises(NotFoundError):
        enquiries.say(session, coach, asked.id, "Read", records=[make_record(publish=False)])


def test_what_may_name_somebody_is_sent_only_after_a_look(session, coach, asked) -> None:
    with pytest.raises(InvalidError, match="Mrs Amina Juma"):
        enquiries.say(session, coach, asked.id, "Ask Mrs Amina Juma about it.")
    enquiries.say(session, coach, asked.id, "Ask Mrs Amina Juma about it.", sure=True)


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_nothing_and_too_much_are_refused(session, coach, asked, text) -> None:
    with pytest.raises(InvalidError):
        enquiries.say(session, coach, asked.id, text)


def test_after_thirty_days_a_request_goes_to_the_level_above_once_each(
    session, nurse, coach, above, asked
) -> None:
    region, nation = above
    begun = asked.since
    assert support.escalate(session, begun + timedelta(days=29)) == 0
    first = begun + timedelta(days=30)
    assert support.escalate(session, first) == 1
    assert support.escalate(session, first) == 0  # twice changes nothing
    assert asked.level is Level.REGION
    assert told(session, region) == [NoticeKind.SUPPORT_ESCALATED]
    assert told(session, nurse) == [NoticeKind.SUPPORT_ESCALATED]
    assert told(session, nation) == []
    second = first + timedelta(days=30)
    assert support.escalate(session, second) == 1
    assert asked.level is Level.NATIONAL
    assert told(session, nation) == [NoticeKind.SUPPORT_ESCALATED]
    third = second + timedelta(days=30)
    assert support.escalate(session, third) == 1
    assert asked.overdue == third
    assert told(session, nation)[0] is NoticeKind.SUPPORT_OVERDUE
    assert support.escalate(session, third + timedelta(days=300)) == 0
    assert [(m.speaker, m.level) for m in asked.messages] == [
        (Speaker.CLOCK, Level.REGION),
        (Speaker.CLOCK, Level.NATIONAL),
    ]


def test_a_region_where_nobody_works_is_left_out(session, nation, asked) -> None:
    support.escalate(session, asked.since + support.WAIT)
    assert asked.level is Level.NATIONAL


def test_what_was_answered_or_closed_does_not_go_on(session, nurse, coach, asked) -> None:
    enquiries.say(session, coach, asked.id, "Yes.")
    assert support.escalate(session, utcnow() + timedelta(days=99)) == 0
    enquiries.close(session, nurse, asked.id)
    assert support.escalate(session, utcnow() + timedelta(days=99)) == 0


def test_a_story_that_is_published_asks_and_is_asked_for_once(session, coach, needy) -> None:
    needy()
    assert support.gather(session) == 1
    assert support.gather(session) == 0
    (asked,) = all_enquiries(session)
    assert (asked.text, asked.level, asked.admin2) == (HELP, Level.DISTRICT, "Rungwe")
    assert told(session, coach) == [NoticeKind.SUPPORT_ASKED]


def test_many_requests_are_opened_a_part_at_a_time(session, needy) -> None:
    needy(HELP, "Who can train us in triage?", "A lamp for the night")
    assert [support.gather(session, most=2) for _ in range(3)] == [2, 1, 0]
    assert len(all_enquiries(session)) == 3


def test_a_draft_does_not_ask_until_it_is_sent_in(session, needy) -> None:
    record_id = needy(publish=False)
    assert support.gather(session) == 0
    records.get(session, record_id).submitted = utcnow()
    assert support.gather(session) == 1


def test_a_request_survives_the_edits_of_its_story(session, coach, nurse, needy) -> None:
    record_id = needy(HELP, "Who can train us in triage?")
    support.gather(session)
    scale, triage = all_enquiries(session)
    enquiries.say(session, coach, scale.id, "Next week.")
    # Another order, one worded anew, one new between them.
    changed = "We need a second scale for the maternity ward."
    edit(session, record_id, "Who can train us in triage?", "A lamp for the night", changed)
    assert support.gather(session) == 1
    assert (scale.text, scale.state) == (changed, EnquiryState.ANSWERED)
    assert triage.text == "Who can train us in triage?"
    assert support.states(session, record_id) == {
        changed: EnquiryState.ANSWERED,
        "Who can train us in triage?": EnquiryState.OPEN,
        "A lamp for the night": EnquiryState.OPEN,
    }
    edit(session, record_id)
    assert support.gather(session) == 0
    assert len(all_enquiries(session)) == 3
    enquiries.close(session, nurse, scale.id)  # of the team of the story


def test_the_list_shows_what_waits_longest_first_and_what_is_closed_last(
    session, nurse, coach
) -> None:
    one, two, three = (
        support.ask(session, nurse, f"{HELP} {n}", level=Level.DISTRICT, place=HERE)
        for n in range(3)
    )
    enquiries.close(session, nurse, one.id)
    enquiries.say(session, coach, two.id, "Yes.")
    assert [e.id for e in enquiries.of(session, coach)] == [three.id, two.id, one.id]
    assert enquiries.waiting(session, coach) == 1
    assert enquiries.waiting(session, nurse) == 0


def test_a_team_is_asked_without_its_address_and_answers_without_the_askers(
    session, nurse, far, needy
) -> None:
    record_id = needy()
    asked = relay.ask(session, far, record_id, "How big is your scale?")
    assert told(session, nurse) == [NoticeKind.TEAM_ASKED]
    enquiries.say(session, nurse, asked.id, "As big as a bread.")
    assert told(session, far) == [NoticeKind.ANSWERED]
    assert [said.speaker for said in asked.messages] == [Speaker.TEAM]
    kept = " ".join(f"{one.link} {one.detail}" for one in session.scalars(select(Notice)))
    assert "@" not in kept
    assert "scale" not in kept


def test_a_team_that_offers_no_contact_is_not_asked(session, far, nurse, needy) -> None:
    record_id = needy(contact=" ")
    assert not relay.offered(session, record_id)
    with pytest.raises(NotFoundError, match="contact"):
        relay.ask(session, far, record_id, "How?")


def test_a_team_without_accounts_is_asked_through_the_curators(session, far, nation, needy) -> None:
    record_id = needy()
    assert relay.offered(session, record_id)
    asked = relay.ask(session, far, record_id, "How big is your scale?")
    assert told(session, nation) == [NoticeKind.TEAM_ASKED]
    enquiries.say(session, nation, asked.id, "They say: as big as a bread.")
    assert asked.messages[0].speaker is Speaker.LIBRARY


def test_contact_without_anybody_who_could_answer_is_not_offered(session, needy) -> None:
    assert not relay.offered(session, needy())


def test_somebody_who_asks_and_asks_is_stopped(session, far, nurse, needy) -> None:
    first = needy()
    relay.ask(session, far, first, "How?")
    with pytest.raises(ConflictError, match="already"):
        relay.ask(session, far, first, "How?")
    for _ in range(relay.A_DAY - 1):
        relay.ask(session, far, needy(), "How?")
    with pytest.raises(ConflictError, match="in a day"):
        relay.ask(session, far, needy(), "How?")


def test_who_has_no_account_cannot_ask(session, nurse, needy) -> None:
    with pytest.raises(ForbiddenError):
        relay.ask(session, NOBODY, needy(), "How?")


def test_lists_take_as_many_queries_for_ten_as_for_one(session, nurse, coach, queries) -> None:
    def count() -> int:
        queries.clear()
        enquiries.of(session, coach)
        return len(queries)

    support.ask(session, nurse, HELP, level=Level.DISTRICT, place=HERE)
    session.flush()
    one = count()
    for n in range(8):
        support.ask(session, nurse, f"{HELP} {n}", level=Level.DISTRICT, place=HERE)
    session.flush()
    assert count() == one


def test_a_moment_of_an_enquiry_has_its_time_zone(session, asked) -> None:
    session.flush()
    session.refresh(asked)
    assert isinstance(asked.since, datetime)
    assert asked.since.tzinfo is not None
