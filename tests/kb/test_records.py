from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb import content, history, records, tagging
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.models import (
    ChangeIdea,
    Collection,
    CollectionPart,
    Consent,
    Link,
    Measure,
    Record,
    Reuse,
    Review,
    Section,
    Tag,
)
from kb.vocabulary import (
    Ground,
    LinkKind,
    Naming,
    SectionRole,
    Status,
    TagSource,
    TagStatus,
    Visibility,
)


def test_what_is_read_is_what_was_written(session: Session, story: content.Record) -> None:
    full = story.model_copy(
        update={
            "measures": (
                content.Measure(
                    name="Breastfed within one hour",
                    points=(
                        content.Point(period="2024-01-01", numerator=9, denominator=22),
                        content.Point(period="2024-01-08", note="strike"),
                    ),
                ),
            ),
            "support_requests": (content.SupportRequest(text="A second scale"),),
            "support_activities": (
                content.SupportActivity(activity="Mentoring", intervention="process-redesign"),
            ),
            "facets": (content.Facet(name="setting", value="rural"),),
            "aim": content.Aim(text="From 34 % to 80 % by December"),
            "team_roles": ("midwife", "in-charge"),
            "support_received": (content.SupportReceived(what="A coach", usefulness=4),),
        }
    )
    record = records.create(session, full, by="test")
    session.commit()
    session.expire_all()

    assert records.read(records.get(session, record.id)) == full


def test_every_field_of_the_content_has_a_home_in_the_row(story) -> None:
    relationships = {r.key for r in Record.__mapper__.relationships}
    homeless = set(content.Record.model_fields) - set(Record.__table__.columns.keys())
    assert homeless <= relationships


def test_a_record_without_a_confirmed_topic_cannot_be_published(session, story) -> None:
    suggested = tuple(tag.model_copy(update={"status": TagStatus.SUGGESTED}) for tag in story.tags)
    record = records.create(session, story.model_copy(update={"tags": suggested}), by="test")

    with pytest.raises(InvalidError, match="not ready") as caught:
        records.publish(session, record.id, by="test")

    assert "confirmed topic" in caught.value.hint
    assert record.status is Status.DRAFT


def test_a_published_record_is_public_and_due_for_review(session, story) -> None:
    record = records.create(session, story, by="test")
    records.publish(session, record.id, by="curator")

    assert (record.status, record.visibility) == (Status.PUBLISHED, Visibility.PUBLIC)
    assert record.review_due.year == record.published.year + 3
    assert [event.verb for event in history.events(session, record.id)] == ["created", "published"]


def test_a_withdrawn_record_cannot_be_published_again(session, story) -> None:
    record = records.create(session, story, by="test")
    records.withdraw(session, record.id, by="curator", reason="consent withdrawn")
    with pytest.raises(ConflictError, match="withdrawn"):
        records.publish(session, record.id, by="curator")


def test_an_unknown_concept_is_named(session, story) -> None:
    tags = (content.Tag(notation="milk"), content.Tag(notation="water"))
    with pytest.raises(InvalidError, match="no concept “milk, water”"):
        records.create(session, story.model_copy(update={"tags": tags}), by="test")


def test_an_absent_record_is_named(session) -> None:
    with pytest.raises(NotFoundError, match="no record 7"):
        records.get(session, 7)


def test_every_edit_leaves_a_version_that_can_be_brought_back(session, story) -> None:
    record = records.create(session, story, by="anna")
    changed = story.model_copy(update={"title": "Weigh later"})
    records.edit(session, record.id, changed, version=1, by="ben", note="shorter title")

    assert [(v.version, v.by, v.note) for v in history.versions(session, record.id)] == [
        (1, "anna", "created"),
        (2, "ben", "shorter title"),
    ]
    assert history.version(session, record.id, 1) == story

    records.restore(session, record.id, 1, by="anna")
    assert record.title == story.title
    assert record.version == 3
    assert history.version(session, record.id, 2).title == "Weigh later"


def test_an_edit_of_a_part_alone_is_a_new_version(session, story) -> None:
    record = records.create(session, story, by="test")
    session.commit()
    sections = (content.Section(role=SectionRole.PROBLEM, body="Cold babies."),)
    records.edit(
        session,
        record.id,
        story.model_copy(update={"sections": sections}),
        version=1,
        by="test",
    )
    assert record.version == 2
    assert session.scalar(select(func.count()).select_from(Section)) == 1


def test_two_who_edit_at_the_same_moment_do_not_overwrite_each_other(session, story) -> None:
    record = records.create(session, story, by="test")
    session.commit()
    records.get(session, record.id)  # loaded as version 1 …
    session.execute(
        update(Record).values(version=2), execution_options={"synchronize_session": False}
    )
    with pytest.raises(ConflictError, match="at the same moment"):  # … and changed behind our back
        records.edit(
            session, record.id, story.model_copy(update={"title": "X"}), version=1, by="me"
        )


def test_the_second_of_two_editors_is_told(engine, make_record, story) -> None:
    record_id = make_record(publish=False)
    ours = story.model_copy(update={"title": "Ours"})
    theirs = story.model_copy(update={"title": "Theirs"})
    with Session(engine) as one:
        records.edit(one, record_id, ours, version=1, by="one")
        one.commit()
    with Session(engine) as two, pytest.raises(ConflictError, match="began with version 1"):
        records.edit(two, record_id, theirs, version=1, by="two")


def test_parts_that_did_not_change_keep_their_rows(session, story) -> None:
    measures = tuple(
        content.Measure(name=name, points=(content.Point(period="2024-01-01", value=1),))
        for name in ("one", "two")
    )
    record = records.create(session, story.model_copy(update={"measures": measures}), by="test")
    first, second = (measure.id for measure in record.measures)
    changed = (measures[0], measures[1].model_copy(update={"name": "changed"}))
    records.edit(
        session,
        record.id,
        story.model_copy(update={"measures": changed}),
        version=1,
        by="test",
    )
    rows = session.scalars(select(Measure).order_by(Measure.position)).all()
    assert [row.name for row in rows] == ["one", "changed"]
    assert rows[0].id == first
    assert rows[1].id != second


def test_a_curator_decides_about_suggestions(session, story) -> None:
    record = records.create(session, story, by="test")
    tagging.confirm(
        session,
        record.id,
        ["skin-to-skin-contact", "kangaroo-mother-care"],
        version=record.version,
        by="curator",
    )
    decided = {tag.concept.notation: (tag.status, tag.source) for tag in record.tags}
    assert decided == {
        "early-initiation-of-breastfeeding": (TagStatus.REJECTED, TagSource.CURATOR),
        "skin-to-skin-contact": (TagStatus.CONFIRMED, TagSource.CURATOR),
        "kangaroo-mother-care": (TagStatus.CONFIRMED, TagSource.CURATOR),
    }
    evidence = session.scalar(select(Tag.evidence).where(Tag.evidence != ""))
    assert evidence == "Babies stay on the chest."


def test_reading_a_record_costs_the_same_however_much_it_says(session, queries, story) -> None:
    counts = []
    for n in (2, 20):
        sections = tuple(content.Section(body=f"part {i}") for i in range(n))
        measures = tuple(content.Measure(name=f"measure {i}") for i in range(n))
        more = story.model_copy(update={"sections": sections, "measures": measures})
        record_id = records.create(session, more, by="test").id
        session.commit()
        session.expunge_all()
        queries.clear()
        records.read(records.get(session, record_id))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_bringing_an_old_text_back_does_not_bring_back_a_name(session, story) -> None:
    named = story.model_copy(update={"naming": Naming.NAMED})
    record = records.create(session, named, by="test")
    hidden = named.model_copy(update={"naming": Naming.ANONYMOUS, "title": "New title"})
    records.edit(session, record.id, hidden, version=1, by="team")
    records.restore(session, record.id, 1, by="curator")
    assert (record.title, record.naming) == (story.title, Naming.ANONYMOUS)


def test_a_published_record_cannot_be_emptied(session, story) -> None:
    record = records.create(session, story, by="test")
    records.publish(session, record.id, by="test")
    empty = story.model_copy(update={"summary": "", "sections": ()})
    with pytest.raises(InvalidError, match="not ready") as caught:
        records.edit(session, record.id, empty, version=record.version, by="test")
    assert "a summary; a text" in caught.value.hint


def test_a_withdrawn_record_can_be_reopened_and_published(session, story) -> None:
    record = records.create(session, story, by="test")
    records.withdraw(session, record.id, by="curator", reason="consent withdrawn")
    records.reopen(session, record.id, by="curator", reason="consent given again")
    records.publish(session, record.id, by="curator")
    assert record.status is Status.PUBLISHED
    verbs = [event.verb for event in history.events(session, record.id)]
    assert verbs == ["created", "withdrawn", "reopened", "published"]


@pytest.mark.parametrize("consent", [{"visibility": Visibility.DISTRICT}, {"withdrawn": utcnow()}])
def test_nothing_is_shown_beyond_what_its_team_agreed_to(session, story, consent) -> None:
    record = records.create(session, story, by="test")
    agreed = {"visibility": Visibility.PUBLIC, "withdrawn": None, **consent}
    record.consent = Consent(
        agreed_by_role="in-charge",
        agreed_on=date(2026, 1, 1),
        terms_version="1",
        naming=Naming.NAMED,
        photos=False,
        translation=True,
        ai_processing=True,
        patient_voice=False,
        ground=Ground.TEAM_AGREED,
        note="",
        recorded_by="test",
        **agreed,
    )
    with pytest.raises(ConflictError, match="Nobody has agreed"):
        records.publish(session, record.id, by="curator")


def test_who_decided_about_a_tag_first_stays_named(session, story) -> None:
    record = records.create(session, story, by="test")
    chosen = ["early-initiation-of-breastfeeding"]
    for curator in ("anna", "ben"):
        tagging.confirm(session, record.id, chosen, version=record.version, by=curator)
    by = {tag.concept.notation: tag.confirmed_by for tag in record.tags}
    assert by["skin-to-skin-contact"] == "anna"


def test_everything_about_a_record_goes_with_it(session, story) -> None:
    record, other = (records.create(session, story, by="test") for _ in range(2))
    session.add_all(
        [
            Link(record_id=record.id, other_id=other.id, kind=LinkKind.REPLICATED_FROM),
            Reuse(
                record_id=record.id, by="x", where="y", adapted_how="", verdict="worked", numbers=""
            ),
            Review(
                record_id=record.id, version=1, reviewer="x", outcome="returned", questions=["?"]
            ),
        ]
    )
    session.flush()
    records.remove(session, record.id, by="test", why="it was a test")
    for table in (Link, Reuse, Review, Tag, ChangeIdea):
        mine = select(func.count()).select_from(table).where(table.record_id == record.id)
        assert session.scalar(mine) == 0


def test_a_collection_keeps_its_records_in_order(session, story) -> None:
    first, second = (records.create(session, story, by="test") for _ in range(2))
    parts = [CollectionPart(record=record, position=n) for n, record in enumerate((second, first))]
    package = Collection(title="Warm babies", purpose="For coaches", language="en", parts=parts)
    session.add(package)
    session.commit()
    session.expire_all()
    assert [part.record_id for part in package.parts] == [second.id, first.id]


def test_a_retired_record_is_not_published_before_it_is_reopened(session, story) -> None:
    record = records.create(session, story, by="me")
    records.retire(session, record.id, by="me", reason="same as record 1")
    with pytest.raises(ConflictError, match="was retired"):
        records.publish(session, record.id, by="me")
    records.reopen(session, record.id, by="me", reason="it is not")
    assert records.publish(session, record.id, by="me").status is Status.PUBLISHED
