"""What a curator rules about a field: kept, taken back, and worth only as long as it holds."""

import pytest

from kb import content, curating, records
from kb.content import Place, Section, Tag
from kb.errors import ConflictError, InvalidError, NotFoundError
from kb.vocabulary import Decision, Level, Ruled, TagStatus

TITLE = "Skin to skin before the scale"


@pytest.fixture
def draft(session, story):
    return records.create(session, story, by="ingest")


def said(session, record) -> content.Record:
    return records.read(records.get(session, record.id))


def rule(session, record, field, ruled, value="", *, by="amina"):
    return curating.rule(
        session, record.id, field, ruled, value=value, version=record.version, by=by
    )


def field_of(session, record, name) -> curating.Field:
    found = curating.fields(session, record, said(session, record))
    return next(field for field in found if field.name == name)


def test_accepting_changes_nothing_but_that_somebody_looked(session, draft) -> None:
    before = draft.version
    rule(session, draft, "title", Ruled.ACCEPTED)
    assert draft.version == before
    assert (field_of(session, draft, "title").ruled, field_of(session, draft, "title").by) == (
        Ruled.ACCEPTED,
        "amina",
    )


def test_a_ruling_ends_when_the_field_says_something_else(session, draft) -> None:
    rule(session, draft, "title", Ruled.ACCEPTED)
    new = said(session, draft).model_copy(update={"title": "Another"})
    records.edit(session, draft.id, new, version=draft.version, by="juma")
    assert field_of(session, draft, "title").ruled is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Weighed later"),
        ("summary", "Weighing waits.\nAnd so on."),
        ("level", "district"),
        ("verdict", "partly"),
        ("places.0.country", "KEN"),
        ("places.0.admin2", "Mbozi"),
        ("places.0.facility", ""),
        ("change_ideas.0.decision", "adopted"),
        ("change_ideas.0.verdict", "worked"),
    ],
)
def test_a_field_is_changed_and_taken_back(session, draft, field, value) -> None:
    before = curating.value_of(said(session, draft), field)
    rule(session, draft, field, Ruled.CHANGED, value)
    assert curating.value_of(said(session, draft), field) == value
    assert curating.undo(session, draft.id, version=draft.version, by="amina").field == field
    assert curating.value_of(said(session, draft), field) == before
    with pytest.raises(NotFoundError, match="nothing to undo"):
        curating.undo(session, draft.id, version=draft.version, by="amina")


def test_turning_down_leaves_nothing_told(session, draft) -> None:
    rule(session, draft, "places.0.country", Ruled.REJECTED)
    rule(session, draft, "change_ideas.0.decision", Ruled.REJECTED)
    assert said(session, draft).places[0].country == ""
    assert said(session, draft).change_ideas[0].decision is Decision.PENDING
    with pytest.raises(InvalidError, match="has to say something"):
        rule(session, draft, "title", Ruled.REJECTED)


def test_a_record_without_a_place_gets_one(session, story) -> None:
    record = records.create(session, story.model_copy(update={"places": ()}), by="ingest")
    rule(session, record, "places.0.country", Ruled.CHANGED, "TZA")
    assert said(session, record).places == (Place(country="TZA"),)
    curating.undo(session, record.id, version=record.version, by="amina")
    rule(session, record, "places.0.country", Ruled.ACCEPTED)  # a policy of no country
    assert field_of(session, record, "places.0.country").ruled is Ruled.ACCEPTED


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", " ", "has to say something"),
        ("title", "x" * 121, "121 characters"),
        ("summary", "x" * 601, "601 characters"),
        ("level", "galaxy", "none of the values"),
        ("places.0.country", "XXX", "no country"),
        ("tags.breastfeeding", "x", "accepted or rejected"),
    ],
)
def test_what_a_field_cannot_say_is_refused(session, draft, field, value, words) -> None:
    with pytest.raises(InvalidError, match=words):
        rule(session, draft, field, Ruled.CHANGED, value)


@pytest.mark.parametrize(
    "field", ["colour", "places.1.country", "change_ideas.7.verdict", "change_ideas.x.verdict"]
)
def test_a_field_that_is_not_there_is_not_found(session, draft, field) -> None:
    with pytest.raises(NotFoundError):
        rule(session, draft, field, Ruled.ACCEPTED)


def test_tags_are_judged_added_and_taken_back(session, draft) -> None:
    rule(session, draft, "tags.skin-to-skin-contact", Ruled.REJECTED)
    rule(session, draft, "tags.process-redesign", Ruled.ACCEPTED)
    tags = {tag.notation: tag for tag in said(session, draft).tags}
    assert tags["skin-to-skin-contact"].status is TagStatus.REJECTED
    assert tags["process-redesign"].confirmed_by == "amina"
    curating.undo(session, draft.id, version=draft.version, by="amina")
    assert "process-redesign" not in {tag.notation for tag in said(session, draft).tags}
    curating.undo(session, draft.id, version=draft.version, by="amina")
    tags = {tag.notation: tag for tag in said(session, draft).tags}
    assert tags["skin-to-skin-contact"].status is TagStatus.SUGGESTED
    assert tags["skin-to-skin-contact"].confirmed_by == ""


def test_what_somebody_changed_since_is_not_undone(session, draft) -> None:
    rule(session, draft, "title", Ruled.CHANGED, "Weighed later")
    rule(session, draft, "title", Ruled.CHANGED, "Weighed last", by="juma")
    with pytest.raises(ConflictError, match="changed this field since"):
        curating.undo(session, draft.id, version=draft.version, by="amina")
    assert said(session, draft).title == "Weighed last"


def test_a_ruling_on_an_older_version_is_refused(session, draft) -> None:
    rule(session, draft, "title", Ruled.CHANGED, "Weighed later")
    with pytest.raises(ConflictError, match="somebody else"):
        curating.rule(
            session, draft.id, "summary", Ruled.ACCEPTED, version=draft.version - 1, by="juma"
        )


def test_findable_is_when_all_that_finding_needs_is_decided(session, draft) -> None:
    for field in curating.ESSENTIAL:
        assert not curating.is_findable(session, draft.id)
        rule(session, draft, field, Ruled.ACCEPTED)
    assert curating.is_findable(session, draft.id)
    rule(session, draft, "summary", Ruled.CHANGED, "Mrs Amina Juma came on Monday.")
    assert not curating.is_findable(session, draft.id)  # it may name somebody


def test_a_place_is_read_from_the_first_sentence_that_names_it(session, story) -> None:
    body = "Few came. We serve Rungwe.\n\nAll Tanzanian wards do."
    told = story.model_copy(update={"sections": (Section(body=body),), "tags": ()})
    assert curating.source_of(told, "places.0.admin2") == ("We serve Rungwe.", 0)
    assert curating.source_of(told, "places.0.country") == ("All Tanzanian wards do.", 0)
    assert curating.source_of(told, "places.0.facility") == ("", None)
    assert curating.source_of(told, "level") == ("", None)  # a district names no facility
    district = told.model_copy(update={"level": Level.DISTRICT})
    assert curating.source_of(district, "level") == ("We serve Rungwe.", 0)
    tagged = told.model_copy(update={"tags": (Tag(notation="breastfeeding"),)})
    assert curating.value_of(tagged, "tags.breastfeeding") == "suggested"
