"""A story is sent in, and sent in again after the library asked."""

import hashlib

import pytest

from kb import consent, content, copies, drafts, gate, leftovers, records, sending
from kb.consent import Agreed
from kb.content import ChangeIdea, Record, Section
from kb.errors import ConflictError, InvalidError
from kb.models import Finding, SourceFile
from kb.people import operator
from kb.sending import Folders, merged
from kb.vocabulary import Naming, SectionRole, Status, Visibility

TEAM = operator("tests")
AGREED = Agreed(by_role="in-charge", visibility=Visibility.DISTRICT)


@pytest.fixture
def folders(tmp_path) -> Folders:
    return Folders(tmp_path / "originals", tmp_path / "copies")


@pytest.fixture
def draft(session):
    return drafts.begin(session, TEAM, kind="facility", language="en", path="quick")


def said(**changes) -> Record:
    sections = (Section(role=SectionRole.PROBLEM, heading="Problem", body="Cold babies."),)
    new = Record(title="Warm babies", sections=sections, visibility=Visibility.DISTRICT)
    return new.model_copy(update=changes)


def test_a_story_that_is_sent_in_is_a_record_in_review_with_its_consent(
    session, draft, folders
) -> None:
    record = sending.send(session, draft, said(), AGREED, before=None, by="t", folders=folders)
    assert (record.status, record.visibility) == (Status.IN_REVIEW, Visibility.DISTRICT)
    assert record.submitted is not None
    assert record.consent.agreed_by_role == "in-charge"
    assert draft.record_id == record.id
    assert draft.sent == {"answers": {}, "agreed": {}}


def test_nothing_told_is_nothing_to_send(session, draft, folders) -> None:
    with pytest.raises(InvalidError, match="Nothing is told"):
        sending.send(
            session, draft, said(sections=()), AGREED, before=None, by="t", folders=folders
        )


def test_what_may_name_somebody_is_found_in_captions_too(session, draft, folders) -> None:
    sha256 = hashlib.sha256(b"picture").hexdigest()
    with leftovers.whole(copies.where(folders.copies, sha256)) as file:
        file.write(b"picture")
    drafts.add_photo(session, draft, sha256, width=4, height=3)
    drafts.describe_photo(
        session, draft, sha256, faces=False, caption="Mrs Amina Juma weighs", alt=""
    )
    record = sending.send(session, draft, said(), AGREED, before=None, by="t", folders=folders)
    (attachment,) = record.attachments
    assert (attachment.clean, attachment.original) == (sha256, False)
    assert session.get(SourceFile, sha256).name == sending.PHOTO_NAME
    assert [finding.text for finding in gate.of(session, record.id)] == ["Mrs Amina Juma"]
    drafts.drop_photo(session, draft, sha256)
    sending.send(session, draft, said(), AGREED, before=said(), by="t", folders=folders)
    assert record.attachments == []


def test_what_a_curator_changed_stays_when_the_team_sends_it_again(session, draft, folders) -> None:
    first = said()
    record = sending.send(session, draft, first, AGREED, before=None, by="t", folders=folders)
    tagged = records.read(record).model_copy(
        update={"tags": (content.Tag(notation="breastfeeding"),), "summary": "By the curator."}
    )
    records.edit(session, record.id, tagged, version=record.version, by="curator")
    record.status = Status.RETURNED
    again = said(change_ideas=(ChangeIdea(text="Caps"),), naming=Naming.NAMED)
    sending.send(session, draft, again, AGREED, before=first, by="t", folders=folders)
    now = records.read(record)
    assert record.status is Status.IN_REVIEW
    assert [idea.text for idea in now.change_ideas] == ["Caps"]
    assert now.summary == "By the curator."
    assert [tag.notation for tag in now.tags] == ["breastfeeding"]
    assert now.naming is Naming.NAMED


def test_a_published_story_is_not_changed_from_here(session, draft, folders) -> None:
    record = sending.send(session, draft, said(), AGREED, before=None, by="t", folders=folders)
    record.status = Status.PUBLISHED
    with pytest.raises(ConflictError, match="Readers see"):
        sending.send(session, draft, said(), AGREED, before=said(), by="t", folders=folders)


def test_sections_of_both_sides_are_kept() -> None:
    def one(heading: str, body: str) -> Section:
        return Section(role=SectionRole.OTHER, heading=heading, body=body)

    before = said(sections=(one("a", "1"), one("b", "1"), one("gone", "1")))
    mine = said(sections=(one("a", "2"), one("b", "1"), one("new", "1")))
    theirs = said(sections=(one("a", "1"), one("b", "3"), one("gone", "1"), one("theirs", "1")))
    found = merged(before, mine, theirs).sections
    assert [(s.heading, s.body) for s in found] == [
        ("a", "2"),
        ("b", "3"),
        ("theirs", "1"),
        ("new", "1"),
    ]


def test_consent_is_recorded_as_it_was_given(session, draft, folders) -> None:
    agreed = Agreed(by_role="in-charge", visibility=Visibility.COUNTRY, naming=Naming.NAMED)
    record = sending.send(session, draft, said(), agreed, before=None, by="t", folders=folders)
    assert record.consent.terms_version == consent.TERMS
    assert (record.consent.visibility, record.consent.naming) == (
        Visibility.COUNTRY,
        Naming.NAMED,
    )
    assert session.query(Finding).count() == 0
