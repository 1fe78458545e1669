"""Out of one library and into another: nothing private goes, origin and licence come along."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from kb import batches, content, exchange, records
from kb.errors import InvalidError
from kb.models import Record
from kb.vocabulary import (
    BatchKind,
    Became,
    Naming,
    SourceKind,
    Status,
    TagSource,
    TagStatus,
    Visibility,
)


@pytest.fixture
def told(story) -> content.Record:
    return story.model_copy(
        update={
            "licence": "CC-BY-4.0",
            "contact": "in-charge@clinic.example",
            "doubts": ("Is it Rungwe?",),
            "naming": Naming.TYPE_AND_COUNTRY,
            "authors": ("Neema Mushi",),
        }
    )


def _line(session, told, **of_library) -> dict:
    record = records.create(session, told, by="me")
    records.publish(session, record.id, by="me")
    (line,) = exchange.lines(session, library="Zanzibar", **of_library)
    return json.loads(line)


def test_only_what_a_reader_may_see_goes_out(session, told) -> None:
    line = _line(session, told)
    text = json.dumps(line)
    for private in ("in-charge@", "Is it Rungwe", "Ilulu", "Neema", "skin-to-skin-contact"):
        assert private not in text
    assert line["record"]["licence"] == "CC-BY-4.0"
    assert line["origin"] == "Zanzibar#1"


def test_drafts_stay_at_home_and_withdrawn_records_are_only_named(session, told) -> None:
    draft = records.create(session, told, by="me")
    shown = records.create(session, told, by="me")
    records.publish(session, shown.id, by="me")
    records.withdraw(session, shown.id, by="me", reason="asked to")
    lines = [json.loads(line) for line in exchange.lines(session, library="Z")]
    assert lines == [{"maktaba": 1, "library": "Z", "origin": f"Z#{shown.id}", "withdrawn": True}]
    assert draft.id != shown.id


def test_what_comes_keeps_origin_and_licence_and_is_nobody_s_decision_yet(session, told) -> None:
    line = _line(session, told, address="https://lib.example/")
    (one,) = exchange.incoming([json.dumps(line | {"origin": "https://lib.example/records/1"})])
    here = exchange.bring(session, one, by="me").record
    said = records.read(here)
    assert (said.origin, said.licence) == ("https://lib.example/records/1", "CC-BY-4.0")
    assert said.source_kind is SourceKind.HARVESTED
    assert (said.visibility, here.status) == (Visibility.TEAM, Status.DRAFT)
    assert {tag.status for tag in said.tags} == {TagStatus.SUGGESTED}
    assert {tag.source for tag in said.tags} == {TagSource.AUTHOR}
    assert said.sections == told.sections
    assert said.change_ideas == told.change_ideas


def test_a_record_that_travels_on_keeps_its_first_home(session, told) -> None:
    line = _line(session, told.model_copy(update={"origin": "https://first.example/records/9"}))
    assert line["origin"] == "https://first.example/records/9"


@pytest.fixture
def bring(session):
    """Import as the command does: every record noted in a batch."""

    def bring(record: content.Record, origin: str = "https://far.example/1"):
        batch = batches.begin(session, BatchKind.IMPORT, [record.title], by="me")
        one = exchange.Incoming("line 1", origin, record.model_copy(update={"origin": origin}))
        done = exchange.bring(session, one, by="me")
        batches.note(
            session, batch.id, name="line 1", position=0, became=done.became,
            record=done.record, before=done.before,
        )  # fmt: skip
        batches.finish(session, batch.id)
        return done, batch.id

    return bring


def test_the_same_again_doubles_nothing(session, told, bring) -> None:
    bring(told)
    again, _ = bring(told)
    assert again.became is Became.KNOWN
    assert session.scalar(select(func.count()).select_from(Record)) == 1


def test_what_changed_at_home_is_brought_up_to_date_and_can_be_undone(session, told, bring) -> None:
    first, _ = bring(told)
    newer = told.model_copy(update={"title": "Skin to skin, second edition"})
    changed, batch_id = bring(newer)
    assert (changed.became, changed.before) == (Became.CHANGED, 1)
    assert first.record.title == "Skin to skin, second edition"
    batches.undo(session, batch_id, by="me")
    assert first.record.title == told.title


def test_what_was_edited_here_is_not_overwritten(session, told, bring) -> None:
    first, _ = bring(told)
    mine = records.read(first.record).model_copy(update={"summary": "Our own summary."})
    records.edit(session, first.record.id, mine, version=1, by="curator")
    again, _ = bring(told.model_copy(update={"title": "Changed at home"}))
    assert again.became is Became.KNOWN
    assert "was edited here too" in again.doubts[-1]
    assert first.record.summary == "Our own summary."
    assert first.record.title == told.title


def test_concepts_that_are_not_here_become_keywords(session, told, bring) -> None:
    tags = (*told.tags, content.Tag(notation="far-away-concept"))
    done, _ = bring(told.model_copy(update={"tags": tags}))
    assert "far-away-concept" in done.record.keywords
    assert "far-away-concept" in done.doubts[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no json", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "“maktaba” is missing"),
        ('{"maktaba": true}', "“maktaba” is missing"),
        ('{"maktaba": 1, "record": {}}', "no “origin”"),
        ('{"maktaba": 1, "origin": "x", "record": {}}', "title: Field required"),
        ('{"maktaba": 1, "origin": "x", "record": {"title": "a", "colour": 1}}', "colour"),
    ],
)
def test_a_broken_line_says_why_and_stops_none(session, line, said) -> None:
    broken, good = exchange.incoming(
        [line, '{"maktaba": 1, "origin": "x", "record": {"title": "a"}}']
    )
    assert said in broken.error
    assert exchange.bring(session, broken, by="me").became is Became.FAILED
    assert exchange.bring(session, good, by="me").became is Became.ADDED


def test_a_newer_form_is_refused_before_anything_is_kept() -> None:
    with pytest.raises(InvalidError, match="form 2"):
        list(exchange.incoming(['{"maktaba": 2, "origin": "x"}']))


def test_a_withdrawn_record_that_is_here_is_a_doubt(session, told, bring) -> None:
    bring(told)
    (gone,) = exchange.incoming(
        ['{"maktaba": 1, "origin": "https://far.example/1", "withdrawn": true}']
    )
    done = exchange.bring(session, gone, by="me")
    assert (done.became, done.doubts) == (
        Became.KNOWN,
        ("Its library has withdrawn it; withdraw it here too.",),
    )


@given(st.text(max_size=200))
def test_no_line_whatsoever_breaks_the_reading(line) -> None:
    for one in exchange.incoming([line.replace("\n", " ")]):
        assert one.error or one.record or one.withdrawn
