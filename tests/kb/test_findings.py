import pytest
from sqlalchemy import func, select

from kb import content, copies, findings, gate, history, records, texts
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.findings import Hidden
from kb.models import Attachment, Finding, Record, RecordVersion, SourceFile
from kb.vocabulary import FindingState, IdentifierKind, Level, SectionRole, Status
from search.filters import Scope, in_scope

OPEN, KEPT = FindingState.OPEN, FindingState.KEPT
REDACTED, REPLACED = FindingState.REDACTED, FindingState.REPLACED
BODY = "Mrs Amina Juma came at night. She can be called on 0712 345 678. Mrs Amina Juma came back."


@pytest.fixture
def named(story) -> content.Record:
    """A story that names a patient, in its text and in what was read from it."""
    return story.model_copy(
        update={
            "sections": (
                content.Section(role=SectionRole.RESULTS, heading="A mother", body=BODY),
                content.Section(role=SectionRole.OTHER, body="What Amina Juma told us."),
            ),
            "evidence": (content.Evidence(field="aim", section=0, quote="Mrs Amina Juma came"),),
            "tags": (
                *story.tags,
                content.Tag(notation="process-redesign", evidence="Mrs Amina Juma came"),
            ),
            "doubts": ("Who is Mrs Amina Juma?",),
        }
    )


@pytest.fixture
def record(session, named) -> Record:
    """The story as a draft."""
    made = records.create(session, named, by="test")
    session.commit()
    return made


def ids(session, record, *, text: str = "", state: FindingState = OPEN) -> list[int]:
    return [f.id for f in findings.of(session, record.id) if text in f.text and f.state is state]


def states(session, record) -> dict[str, set[FindingState]]:
    found: dict[str, set[FindingState]] = {}
    for f in findings.of(session, record.id):
        found.setdefault(f.text, set()).add(f.state)
    return found


def everything(record: Record) -> str:
    return records.read(record).model_dump_json()


def test_a_new_record_is_looked_through(session, record) -> None:
    found = [(f.kind, f.field, f.text) for f in findings.of(session, record.id)]
    assert (IdentifierKind.PERSON, "sections.0.body", "Mrs Amina Juma") in found
    assert (IdentifierKind.PHONE, "sections.0.body", "0712 345 678") in found
    assert (IdentifierKind.PERSON, "evidence.0.quote", "Mrs Amina Juma") in found
    assert (IdentifierKind.PERSON, "tags.2.evidence", "Mrs Amina Juma") in found
    assert findings.open_counts(session, [record.id, 77]) == {record.id: len(found), 77: 0}


def test_a_finding_stands_where_it_says(session, record) -> None:
    shown = findings.in_context(session, record.id)
    by_field = gate.fields(record, records.read(record))
    assert shown
    for finding, before, after in shown:
        text = by_field[finding.field]
        assert text[finding.start : finding.end] == finding.text
        assert f"{before}{finding.text}{after}" in text


def test_to_look_again_changes_nothing(session, record) -> None:
    before = [f.id for f in findings.of(session, record.id)]
    assert [f.id for f in findings.scan(session, record.id)] == before
    session.commit()
    assert [f.id for f in findings.of(session, record.id)] == before


def test_a_record_with_open_findings_is_not_published(session, record) -> None:
    with pytest.raises(ConflictError, match=r"findings are open \(.*1 × phone") as refused:
        records.publish(session, record.id, by="me")
    assert f"kb privacy {record.id}" in refused.value.hint
    assert record.status is Status.DRAFT


def test_a_record_is_looked_through_before_it_is_published(session, record) -> None:
    session.execute(Finding.__table__.delete())  # as if written by an older Maktaba
    session.commit()
    with pytest.raises(ConflictError, match="may name people"):
        records.publish(session, record.id, by="me")


def test_what_is_redacted_goes_from_every_text(session, record) -> None:
    chosen = ids(session, record, text="Mrs Amina Juma")[:1]
    done = findings.decide(session, record.id, chosen, REDACTED, version=1, by="me")
    session.commit()
    assert done.version == 2
    assert "Mrs Amina Juma" not in everything(done)
    assert done.sections[0].body.startswith("[name removed] came at night.")
    assert done.evidence[0]["quote"] == "[name removed] came"
    assert done.doubts == ["Who is [name removed]?"]
    assert states(session, record)["Mrs Amina Juma"] == {REDACTED}
    assert states(session, record)["0712 345 678"] == {OPEN}


def test_the_part_of_a_name_that_stands_alone_is_found_too(session, record) -> None:
    assert ids(session, record, text="Amina Juma")
    assert any(
        f.text == "Amina Juma" and f.field == "sections.1.body"
        for f in findings.of(session, record.id)
    )


def test_a_role_stands_in_the_place_of_a_name(session, record) -> None:
    chosen = ids(session, record, text="Mrs Amina Juma")
    done = findings.decide(
        session, record.id, chosen, REPLACED, version=1, by="me", replacement="a mother"
    )
    assert done.sections[0].body.endswith("a mother came back.")
    assert {f.replacement for f in findings.of(session, record.id) if f.id in chosen} == {
        "a mother"
    }


def test_a_role_is_offered_in_the_language_of_the_record(session, story) -> None:
    body = "Mme Awa Ndour est venue. Mtoto wa Asha Bakari. Baby of Grace Phiri."
    said = story.model_copy(
        update={"language": "fr", "sections": (content.Section(body=body),), "tags": story.tags}
    )
    made = records.create(session, said, by="test")
    offered = {f.text: findings.role_for(f, "fr") for f in findings.of(session, made.id)}
    assert offered["Mme Awa Ndour"] == "une femme"
    assert offered["Baby of Grace Phiri"] == "un nouveau-né"
    assert "une mère" in findings.roles("fr")


def test_a_replacement_that_says_the_name_again_is_refused(session, record) -> None:
    chosen = ids(session, record, text="0712")
    with pytest.raises(InvalidError, match="still says"):
        findings.decide(
            session, record.id, chosen, REPLACED, version=1, by="me", replacement="0712 345 678"
        )


def test_what_is_kept_stays_and_names_who_kept_it(session, record) -> None:
    chosen = ids(session, record, text="0712")
    done = findings.decide(session, record.id, chosen, KEPT, version=1, by="me")
    finding = session.get(Finding, chosen[0])
    assert (done.version, finding.state, finding.decided_by) == (1, KEPT, "me")
    assert "0712 345 678" in done.sections[0].body
    assert history.events(session, record.id)[-1].verb == "findings kept"


def test_one_decision_keeps_the_same_text_everywhere(session, record) -> None:
    chosen = ids(session, record, text="Mrs Amina Juma")
    assert len(chosen) > 2
    findings.decide(session, record.id, chosen[:1], KEPT, version=1, by="me")
    assert states(session, record)["Mrs Amina Juma"] == {OPEN, KEPT}
    findings.decide(session, record.id, chosen[:1], KEPT, version=1, by="me", same=True)
    assert states(session, record)["Mrs Amina Juma"] == {KEPT}


def test_a_decided_record_is_published(session, record) -> None:
    everyone = ids(session, record)
    findings.decide(session, record.id, everyone, REDACTED, version=1, by="me")
    records.publish(session, record.id, by="me")
    session.commit()
    assert record.status is Status.PUBLISHED
    assert session.scalars(select(Record.id).where(in_scope(Scope.PUBLIC))).all() == [record.id]


def test_decisions_stay_when_the_text_around_is_edited(session, record) -> None:
    findings.decide(session, record.id, ids(session, record, text="0712"), KEPT, version=1, by="me")
    said = records.read(record)
    moved = content.Section(body="New first words. " + said.sections[0].body)
    records.edit(
        session,
        record.id,
        said.model_copy(update={"sections": (moved, *said.sections[1:])}),
        version=record.version,
        by="you",
    )
    [phone] = [f for f in findings.of(session, record.id) if f.kind is IdentifierKind.PHONE]
    assert (phone.state, phone.decided_by) == (KEPT, "me")
    assert record.sections[0].body[phone.start : phone.end] == phone.text


def test_what_an_edit_takes_out_is_no_longer_open(session, record, story) -> None:
    records.edit(session, record.id, story, version=1, by="you")
    session.commit()
    assert findings.of(session, record.id) == []


def test_an_edit_that_brings_no_text_leaves_the_findings_where_their_text_stands(
    session, record, named, monkeypatch
) -> None:
    phone = ids(session, record, text="0712")
    findings.decide(session, record.id, phone, KEPT, version=1, by="anna")
    first, *others = reversed(named.tags)  # the passage that names her moves to the first tag
    edited = named.model_copy(update={"tags": (first, *others), "level": Level.DISTRICT})
    with monkeypatch.context() as patch:
        patch.delattr("kb.identifiers.find")  # nobody looks
        records.edit(session, record.id, edited, version=record.version, by="anna")

    def stand() -> list[tuple[object, ...]]:
        found = findings.of(session, record.id)
        return [(f.id, f.kind, f.field, f.start, f.end, f.text, f.state) for f in found]

    kept = stand()
    assert "tags.0.evidence" in {field for _, _, field, *_ in kept}
    gate.look(session, record, edited)
    session.flush()
    assert stand() == kept


def test_an_edit_of_the_language_or_of_who_is_credited_is_looked_at(session, record, named) -> None:
    credited = {"authors": ("Mrs Amina Juma",), "credit_wanted": True}
    edited = named.model_copy(update=credited)
    records.edit(session, record.id, edited, version=record.version, by="anna")
    assert ids(session, record, text="Mrs Amina Juma") == []
    records.edit(session, record.id, named, version=record.version, by="anna")
    assert ids(session, record, text="Mrs Amina Juma")


def test_an_edit_that_names_somebody_takes_the_record_from_its_readers(session, story) -> None:
    made = records.create(session, story, by="test")
    records.publish(session, made.id, by="test")
    naming = story.model_copy(update={"summary": "Mrs Amina Juma was the first."})
    records.edit(session, made.id, naming, version=made.version, by="you")
    session.commit()
    assert made.status is Status.PRIVACY_CHECK
    assert made.summary == "Mrs Amina Juma was the first."  # nothing is lost
    assert session.scalars(select(Record.id).where(in_scope(Scope.PUBLIC))).all() == []
    assert [event.verb for event in history.events(session, made.id)] == [
        "created",
        "published",
        "held",
        "edited",
    ]
    chosen = ids(session, made)
    findings.decide(session, made.id, chosen, REPLACED, version=made.version, by="me")
    records.publish(session, made.id, by="me")
    session.commit()
    assert (made.status, made.summary) == (Status.PUBLISHED, "a woman was the first.")


def test_redacting_in_a_published_record_shows_the_rest(session, story) -> None:
    made = records.create(session, story, by="test")
    records.publish(session, made.id, by="test")
    with_phone = story.model_copy(update={"summary": "Call 0712 345 678."})
    records.edit(session, made.id, with_phone, version=made.version, by="you")
    findings.decide(session, made.id, ids(session, made), REDACTED, version=made.version, by="you")
    assert made.summary == "Call [phone number removed]."


def test_an_old_version_brings_its_findings_back_open(session, record) -> None:
    everyone = ids(session, record)
    findings.decide(session, record.id, everyone, REDACTED, version=1, by="me")
    session.commit()
    records.restore(session, record.id, 1, by="you")
    session.commit()
    assert record.sections[0].body == BODY
    assert sorted(ids(session, record)) == sorted(everyone)
    assert len(findings.of(session, record.id)) == len(everyone)


def test_old_versions_keep_what_was_said(session, record) -> None:
    findings.decide(session, record.id, ids(session, record), REDACTED, version=1, by="me")
    session.commit()
    first = session.scalar(select(RecordVersion.content).where(RecordVersion.version == 1))
    assert "Mrs Amina Juma" in str(first)


def test_what_was_kept_can_be_opened_again_but_not_what_was_taken_out(session, record) -> None:
    phone, mother = ids(session, record, text="0712"), ids(session, record, text="Mrs")
    findings.decide(session, record.id, phone, KEPT, version=1, by="me")
    findings.decide(session, record.id, phone, OPEN, version=1, by="me")
    assert states(session, record)["0712 345 678"] == {OPEN}
    findings.decide(session, record.id, mother, REDACTED, version=1, by="me")
    with pytest.raises(InvalidError, match="cannot be opened again"):
        findings.decide(session, record.id, mother, OPEN, version=2, by="me")


def test_who_decides_must_have_seen_the_newest_version(session, record, named) -> None:
    chosen = ids(session, record)
    records.edit(session, record.id, named.model_copy(update={"title": "New"}), version=1, by="you")
    with pytest.raises(ConflictError, match="began with version 1"):
        findings.decide(session, record.id, chosen, REDACTED, version=1, by="me")


def test_findings_of_another_record_are_not_decided(session, record, named) -> None:
    other = records.create(session, named, by="test")
    with pytest.raises(NotFoundError, match="has no finding"):
        findings.decide(session, record.id, ids(session, other)[:1], KEPT, version=1, by="me")


HIDDEN = (
    Hidden(IdentifierKind.METADATA, "docProps/core.xml", "creator: G. Phiri"),
    Hidden(IdentifierKind.FACE, "word/media/image1.jpeg", "a picture"),
)


def test_what_a_file_hides_is_kept_until_somebody_decides(session, story) -> None:
    made = records.create(session, story, by="test")
    findings.scan(session, made.id, hidden=HIDDEN)
    findings.scan(session, made.id, hidden=HIDDEN)
    findings.scan(session, made.id)
    session.commit()
    found = findings.of(session, made.id)
    assert [f.field for f in found] == [
        "file:docProps/core.xml",
        "file:word/media/image1.jpeg",
    ]
    assert [f.state for f in found] == [REDACTED, FindingState.OPEN]  # properties go always
    with pytest.raises(ConflictError, match="1 × face"):
        records.publish(session, made.id, by="me")
    before = everything(made)
    findings.decide(session, made.id, [f.id for f in found], REDACTED, version=1, by="me")
    findings.scan(session, made.id, hidden=HIDDEN)
    assert (made.version, everything(made)) == (1, before)
    records.publish(session, made.id, by="me")
    assert {f.state for f in findings.of(session, made.id)} == {REDACTED}


def test_captions_are_looked_through_and_redacted(session, story) -> None:
    picture = SourceFile(sha256="a" * 64, name="x.jpg", media_type="image/jpeg", size=1)
    session.add(picture)
    made = records.create(session, story, by="test")
    records.attach(session, made, picture.sha256)
    made.attachments[0].caption = "Mrs Amina Juma and her baby"
    session.flush()
    [finding] = findings.scan(session, made.id)
    assert finding.field == "attachments.aaaaaaaaaaaa.caption"
    findings.decide(session, made.id, [finding.id], REPLACED, version=made.version, by="me")
    session.commit()
    assert session.scalar(select(Attachment.caption)) == "a woman and her baby"


def test_who_wants_credit_is_no_finding(session, story) -> None:
    said = {
        "authors": ("Grace Okello",),
        "credit_wanted": True,
        "summary": "Told by Grace Okello.",
        "contact": "0712 345 678",
    }
    made = records.create(session, story.model_copy(update=said), by="test")
    assert findings.of(session, made.id) == []
    said["credit_wanted"] = False
    other = records.create(session, story.model_copy(update=said), by="test")
    assert [f.text for f in findings.of(session, other.id)] == ["Grace Okello"]


def test_records_wait_with_the_most_open_findings_first(session, record, story) -> None:
    one = story.model_copy(update={"summary": "Call 0712 345 678."})
    few = records.create(session, one, by="test")
    gone = records.create(session, one, by="test")
    records.withdraw(session, gone.id, by="test", reason="asked")
    records.create(session, story, by="test")
    session.commit()
    waiting = [(row.id, number) for row, number in findings.waiting(session)]
    assert [row for row, _ in waiting] == [record.id, few.id]
    assert waiting[1][1] == 1


def test_findings_go_with_their_record(session, record) -> None:
    records.remove(session, record.id, by="test", why="it was a test")
    session.commit()
    assert session.scalar(select(func.count()).select_from(Finding)) == 0


def test_a_name_that_is_written_out_by_hand_goes_from_the_copy_of_the_file(session, named) -> None:
    session.add(SourceFile(sha256="a" * 64, name="x.docx", media_type="x", size=1))
    session.flush()
    record = records.create(session, named, by="test", original="a" * 64)
    bare = texts.reworded(
        named, lambda text: text.replace("Mrs Amina Juma", "A mother").replace("Amina Juma", "she")
    )
    calls = bare.sections[0].model_copy(update={"body": "Call 0712 345 678."})
    records.edit(
        session,
        record.id,
        bare.model_copy(update={"sections": (bare.sections[1], calls)}),
        version=1,
        by="me",
    )
    assert states(session, record)["Mrs Amina Juma"] == {REDACTED}
    assert states(session, record)["0712 345 678"] == {OPEN}  # it only stands elsewhere now
    findings.decide(session, record.id, ids(session, record), KEPT, version=record.version, by="me")
    records.publish(session, record.id, by="me")
    [wanted] = copies.wanted(session)
    assert "Mrs Amina Juma" in wanted.words
    assert "0712 345 678" not in wanted.words


def test_a_name_that_is_written_out_and_back_again_is_open(session, named) -> None:
    session.add(SourceFile(sha256="a" * 64, name="x.docx", media_type="x", size=1))
    session.flush()
    record = records.create(session, named, by="test", original="a" * 64)
    bare = named.model_copy(update={"sections": named.sections[1:]})
    records.edit(session, record.id, bare, version=1, by="me")
    assert states(session, record)["0712 345 678"] == {REDACTED}
    records.restore(session, record.id, 1, by="me")
    assert states(session, record)["0712 345 678"] == {OPEN}
