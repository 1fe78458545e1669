"""What teams report that tried it too."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content, notices, records, reuse
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Link, Notice, Record, Reuse
from kb.reuse import Share, Tried
from kb.vocabulary import LinkKind, NoticeKind, ReportState, Role, Verdict
from tests.accounts import known, maker

RUNGWE = {"country": "TZA", "admin2": "Rungwe"}
ILULU = {**RUNGWE, "facility": "Ilulu Health Centre"}
WORKED = Tried("A health centre in Karonga", Verdict.WORKED, country="MWI")


def row(record_id: int, day: int, where: str, **changes) -> Reuse:
    said = {
        "record_id": record_id,
        "at": datetime(2026, 3, day, tzinfo=UTC),
        "by": "Mrs Neema",
        "where": where,
        "adapted_how": "On Mondays",
        "verdict": Verdict.PARTLY,
        "numbers": "12 of 30",
    }
    return Reuse(**{**said, **changes})


@pytest.fixture
def make_record(session, story):
    return maker(session, story)


@pytest.fixture
def neema(session):
    return known(session, "neema", country="MWI", admin2="Karonga", facility="Kaporo")


@pytest.fixture
def curator(session):
    return known(session, "curator", Role.CURATOR, country="TZA")


@pytest.fixture
def asha(session):
    """Of the team of the record."""
    return known(session, "asha", **ILULU)


def told(session: Session, person) -> list[NoticeKind]:
    return [one.kind for one in notices.latest(session, person.user_id)]


def test_reports_are_those_of_the_record_newest_first(session, make_record) -> None:
    one, other = make_record(), make_record()
    session.add_all([row(one, 1, "Malawi"), row(one, 9, "Kenya"), row(other, 5, "Nepal")])
    session.flush()
    found = reuse.reports(session, one)
    assert [each.where for each in found] == ["Kenya", "Malawi"]
    assert found[0].verdict is Verdict.PARTLY
    assert "Neema" not in str(found)
    assert reuse.reports(session, 99) == ()


def test_a_report_is_shown_at_once_and_the_team_and_its_curators_hear_of_it(
    session, make_record, neema, asha, curator
) -> None:
    record_id = make_record()
    reuse.report(session, neema, record_id, WORKED)
    (found,) = reuse.reports(session, record_id)
    assert not found.reviewed
    assert told(session, asha) == [NoticeKind.REPORT]
    assert told(session, curator) == [NoticeKind.REPORT_TO_REVIEW]
    assert told(session, neema) == []


def test_a_report_that_may_name_somebody_waits_for_a_curator(
    session, make_record, neema, asha, curator
) -> None:
    record_id = make_record()
    named = Tried("Karonga", Verdict.WORKED, adapted_how="Mrs Amina Juma came on Monday.")
    made = reuse.report(session, neema, record_id, named)
    assert made.state is ReportState.HELD
    assert reuse.reports(session, record_id) == ()
    assert reuse.years(session) == []
    assert told(session, asha) == []
    assert [one.text for one in reuse.names_in(made)] == ["Mrs Amina Juma"]
    reuse.decide(session, curator, made.id, keep=True)
    assert len(reuse.reports(session, record_id)) == 1
    assert told(session, asha) == [NoticeKind.REPORT]
    reuse.decide(session, curator, made.id, keep=True)
    assert told(session, asha) == [NoticeKind.REPORT]  # once


def test_a_report_is_hidden_with_a_reason_that_who_sent_it_can_read(
    session, make_record, neema, curator
) -> None:
    record_id = make_record()
    made = reuse.report(session, neema, record_id, WORKED)
    with pytest.raises(InvalidError, match="reason"):
        reuse.decide(session, curator, made.id, keep=False, reason=" ")
    reuse.decide(session, curator, made.id, keep=False, reason="It is another change.")
    assert reuse.reports(session, record_id) == ()
    assert told(session, neema) == [NoticeKind.REPORT_HIDDEN]
    (own,) = reuse.own(session, neema, record_id)
    assert own.reason == "It is another change."


def test_only_a_curator_of_the_place_decides(session, make_record, neema, asha) -> None:
    made = reuse.report(session, neema, make_record(), WORKED)
    elsewhere = known(session, "far", Role.CURATOR, country="NPL")
    for person in (neema, asha, elsewhere):
        with pytest.raises(NotFoundError):  # as of a report that is not there
            reuse.decide(session, person, made.id, keep=True)


def test_nobody_reports_on_a_record_that_they_may_not_see(session, make_record, neema) -> None:
    with pytest.raises(NotFoundError):
        reuse.report(session, neema, make_record(publish=False), WORKED)


@pytest.mark.parametrize(
    "wrong",
    [
        Tried(" ", Verdict.WORKED),
        Tried("Karonga", Verdict.NOT_REPORTED),
        Tried("x" * 201, Verdict.WORKED),
        Tried("Karonga", Verdict.WORKED, numbers="x" * 601),
        Tried("Karonga", Verdict.WORKED, before=Share(9, 8)),
        Tried("Karonga", Verdict.WORKED, country="xx"),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_kept(session, make_record, neema, wrong) -> None:
    with pytest.raises(InvalidError):
        reuse.report(session, neema, make_record(), wrong)
    assert session.scalars(select(Reuse)).all() == []


def test_twenty_reports_a_day_are_enough_for_one_person(session, make_record, neema) -> None:
    record_id = make_record()
    session.add_all([row(record_id, 1, "x", by=neema.by, at=None) for _ in range(reuse.A_DAY)])
    session.flush()
    with pytest.raises(ConflictError, match="20 reports"):
        reuse.report(session, neema, record_id, WORKED)


def test_a_report_links_the_story_of_the_reporters_and_no_story_of_others(
    session, make_record, neema, story
) -> None:
    original, others = make_record(), make_record()
    there = content.Place(country="MWI", admin2="Karonga", facility="Kaporo")
    own = records.create(session, story.model_copy(update={"places": (there,)}), by="tests")
    session.flush()
    linked = Tried("", Verdict.WORKED, story_id=own.id)
    reuse.report(session, neema, original, linked)
    reuse.report(session, neema, original, linked)  # the link is there once
    (link,) = session.scalars(select(Link)).all()
    assert (link.record_id, link.other_id) == (own.id, original)
    assert link.kind is LinkKind.REPLICATED_FROM
    assert reuse.replications(session, [original]) == {original: [own.id]}
    assert reuse.taken_from(session, own.id) == [original]
    with pytest.raises(NotFoundError):
        reuse.report(session, neema, original, Tried("x", Verdict.WORKED, story_id=others))


def test_numbers_below_five_tell_no_share() -> None:
    assert Share(10, 30).percent == 33
    assert Share(0, 30).percent == 0
    assert Share(2, 30).percent is None
    assert Share(0, 3).percent is None
    assert Share(0, 0).percent is None


def test_verdicts_are_counted_in_their_order(session, make_record) -> None:
    record_id = make_record()
    said = (Verdict.DID_NOT_WORK, Verdict.WORKED, Verdict.WORKED)
    session.add_all([row(record_id, 1, "x", verdict=one) for one in said])
    session.flush()
    counted = reuse.verdicts(reuse.reports(session, record_id))
    assert list(counted.items()) == [(Verdict.WORKED, 2), (Verdict.DID_NOT_WORK, 1)]


def test_reports_on_many_records_are_one_query(session, make_record, queries) -> None:
    ids = [make_record() for _ in range(5)]
    session.add_all([row(one, 1, "x") for one in ids])
    session.flush()
    queries.clear()
    assert len(reuse.reports_on(session, ids)) == 5
    assert len(queries) == 1


def test_held_reports_stand_first_in_the_list_of_a_curator(session, make_record, curator) -> None:
    record_id = make_record()
    session.add_all(
        [
            row(record_id, 1, "new"),
            row(record_id, 2, "kept", state=ReportState.KEPT),
            row(record_id, 3, "held", state=ReportState.HELD),
        ]
    )
    session.flush()
    assert [one.where for one in reuse.waiting(session, curator)] == ["held", "new"]
    elsewhere = known(session, "far", Role.CURATOR, country="NPL")
    assert reuse.waiting(session, elsewhere) == []


def test_the_notice_holds_no_word_of_the_report(session, make_record, neema, asha) -> None:
    record_id = make_record()
    reuse.report(session, neema, record_id, WORKED)
    (notice,) = session.scalars(select(Notice).filter_by(user_id=asha.user_id))
    record = session.get_one(Record, record_id)
    kept = f"{notice.link} {notice.detail}"
    assert "Karonga" not in kept
    assert record.title not in kept
