"""Nothing is shown beyond what was agreed, and what is taken back is gone."""

from datetime import date

import pytest

from kb import consent, copies, history, records, withdrawals
from kb.consent import Agreed
from kb.content import Section
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import Attachment, SourceFile
from kb.vocabulary import Ground, Naming, SectionRole, SourceKind, Status, Visibility

TEAM = Agreed(by_role="in-charge", naming=Naming.NAMED)


@pytest.fixture
def told(session, story):
    """A record that its team told here, and that nobody was asked about yet."""
    own = story.model_copy(update={"source_kind": SourceKind.AUTHORED})
    return records.create(session, own, by="nurse")


def test_what_a_team_told_here_is_not_published_before_it_agreed(session, told) -> None:
    with pytest.raises(ConflictError, match="Nobody has agreed") as caught:
        records.publish(session, told.id, by="curator")
    assert "its team" in caught.value.hint
    consent.record(session, told.id, TEAM, by="nurse")
    assert records.publish(session, told.id, by="curator").status is Status.PUBLISHED


def test_what_was_published_under_an_open_licence_needs_no_asking_and_says_so(
    session, story
) -> None:
    record = records.create(session, story, by="ingest")
    records.publish(session, record.id, by="curator")
    kept = record.consent
    assert (kept.ground, kept.note, kept.recorded_by) == (
        Ground.OPEN_LICENCE,
        "CC-BY-4.0",
        "curator",
    )


def test_a_curator_may_state_the_ground_where_nobody_was_asked_here(session, told) -> None:
    records.publish(
        session, told.id, by="curator", ground=Ground.AGREED_ELSEWHERE, note="letter of 3 May"
    )
    assert (told.consent.ground, told.consent.note) == (Ground.AGREED_ELSEWHERE, "letter of 3 May")
    asked, _ = history.events(session, told.id)[-2:]
    assert asked.verb == "consent recorded"
    assert asked.detail["comment"] == "letter of 3 May"


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        (Agreed(by_role="in-charge", visibility=Visibility.DISTRICT), "show it so widely"),
        (Agreed(by_role="in-charge", naming=Naming.TYPE_AND_COUNTRY), "name the place so closely"),
    ],
)
def test_what_goes_beyond_the_consent_is_refused_and_told(session, told, agreed, words) -> None:
    consent.record(session, told.id, agreed, by="nurse")
    with pytest.raises(ConflictError) as caught:
        records.publish(session, told.id, by="curator")
    assert words in caught.value.hint


def test_patients_who_are_quoted_agree_for_themselves(session, story) -> None:
    voice = Section(role=SectionRole.COMMUNITY, body="One mother said: “He was warm at last.”")
    own = story.model_copy(
        update={"sections": (*story.sections, voice), "source_kind": SourceKind.AUTHORED}
    )
    record = records.create(session, own, by="nurse")
    consent.record(session, record.id, TEAM, by="nurse")
    assert consent.lacking(record) == [
        "whoever is quoted: patients and families agree for themselves"
    ]
    consent.record(
        session,
        record.id,
        Agreed(by_role="in-charge", naming=Naming.NAMED, patient_voice=True),
        by="n",
    )
    assert consent.lacking(record) == []


def test_photos_are_asked_for(session, told) -> None:
    session.add(SourceFile(sha256="a" * 64, name="chart.jpg", media_type="image/jpeg", size=9))
    session.flush()
    records.attach(session, told, "a" * 64)
    session.flush()
    session.expire(told)
    consent.record(session, told.id, TEAM, by="nurse")
    assert consent.lacking(told) == ["its team, to show its photos"]


@pytest.mark.parametrize(
    "agreed", [Agreed(by_role=" "), Agreed(ground=Ground.AGREED_ELSEWHERE, by_role="matron")]
)
def test_an_agreement_of_nobody_is_none(session, told, agreed) -> None:
    with pytest.raises(InvalidError):
        consent.record(session, told.id, agreed, by="nurse")
    with pytest.raises(NotFoundError):
        consent.record(session, 404, TEAM, by="nurse")


def test_consent_taken_back_takes_the_record_from_everybody(session, told, tmp_path) -> None:
    consent.record(session, told.id, TEAM, by="nurse")
    records.publish(session, told.id, by="curator")
    session.add(SourceFile(sha256="b" * 64, name="a.docx", media_type="", size=9))
    session.flush()
    records.attach(session, told, "b" * 64, original=True)
    session.flush()
    attachment = session.query(Attachment).one()
    digest = copies.keep(session, attachment.id, b"clean", folder=tmp_path, note="")
    session.flush()
    had = copies.offered(session, told.id)
    withdrawals.take_back(session, told.id, by="curator", reason="the team asked, 4 May")
    session.flush()
    copies.delete(session, had, folder=tmp_path)
    assert had == [digest]
    assert told.status is Status.WITHDRAWN
    assert told.consent.withdrawn is not None
    assert not copies.where(tmp_path, digest).exists()
    assert [gone.record_id for gone in withdrawals.gone(session)] == [told.id]
    with pytest.raises(ConflictError):
        records.publish(session, told.id, by="curator")
    records.reopen(session, told.id, by="curator", reason="asked again")
    with pytest.raises(ConflictError, match="Nobody has agreed"):
        records.publish(session, told.id, by="curator")
    consent.record(
        session, told.id, Agreed(by_role="matron", naming=Naming.NAMED, on=date(2026, 5, 9)), by="c"
    )
    records.publish(session, told.id, by="curator")
    assert withdrawals.gone(session) == []


def test_what_readers_never_had_is_on_no_list(session, told, story) -> None:
    shown = records.create(session, story, by="test")
    records.publish(session, shown.id, by="test")
    assert withdrawals.gone(session) == []
    shown.visibility = Visibility.TEAM
    session.flush()
    assert [gone.record_id for gone in withdrawals.gone(session)] == [shown.id]


def test_what_everybody_once_read_is_told_for_ever_and_what_only_a_district_read_never(
    session, story
) -> None:
    record = records.create(session, story, by="ingest")
    first = record.version
    records.publish(session, record.id, by="curator")
    records.put_back(session, record.id, first, by="curator", note="the batch is undone")
    assert record.published is None  # and copies lie wherever somebody kept them
    assert [gone.record_id for gone in withdrawals.gone(session)] == [record.id]
    with pytest.raises(ConflictError, match="was published"):
        records.remove(session, record.id, by="curator", why="its ingest is undone")
    within = records.create(
        session, story.model_copy(update={"visibility": Visibility.DISTRICT}), by="x"
    )
    within.status, within.published = Status.PUBLISHED, within.created
    records.withdraw(session, within.id, by="curator", reason="the team asked")
    assert within.id not in {gone.record_id for gone in withdrawals.gone(session)}
