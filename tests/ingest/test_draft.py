"""A document becomes a draft: filled where it says so, a doubt where it does not."""

import dataclasses
from datetime import date

import pytest

from ingest.document import Document, Form, Format, Metadata
from ingest.draft import Proposer
from kb.labels import Labels
from kb.vocabulary import (
    DataSource,
    Decision,
    Level,
    Naming,
    RecordType,
    SectionRole,
    SourceKind,
    Unit,
    Validation,
    Verdict,
    Visibility,
)

STORY = """# Chest first, scale later

*Illustrative story: the health centre, its staff and its figures are invented.*

Mto Mwema Health Centre, Muheza District, Tanga Region, Tanzania. January to February 2023.

## What was wrong

We deliver about 120 babies a month with two nurse-midwives on the day shift and one at night.

## Our aim

To raise babies put to breast within one hour from 35% to 80% by the end of July 2023.

## Changes we tested

**Put the baby on the chest first.** From Monday 6 February the scale waits. We kept it.

**Hang a big breastfeeding poster.** We hung it in January. We stopped after a month.

## Results

| Week starting | Babies put to breast within 1 hour | Live births | % |
|---|---|---|---|
| 9 Jan 2023 | 9 | 27 | 33 |
| 16 Jan 2023 | 8 | 25 | 32 |
| 23 Jan 2023 | 17 | 26 | 65 |
| 6 Feb 2023 | 21 | 25 | 84 |

It worked better than all of us had hoped.

## Who counts, and is the count true?

The night midwife counts from the delivery register. The district coach re-counts ten pages.
"""


@pytest.fixture(scope="module")
def propose(terms):
    return Proposer(terms, Labels.of(terms))


def _document(markdown, **changes):
    document = Document(
        sha256="0" * 64,
        name="07_chest first_FINAL_v2.docx",
        format=Format.DOCX,
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        markdown=markdown,
    )
    return dataclasses.replace(document, **changes)


def test_what_the_document_says_is_filled(propose):
    record = propose(_document(STORY)).record
    assert record.title == "Chest first, scale later"
    assert record.summary.startswith("We deliver about 120 babies")
    assert (record.language, record.level) == ("en", Level.FACILITY)
    assert record.record_type is RecordType.IMPROVEMENT_STORY
    assert (record.start_date, record.end_date) == (date(2023, 1, 1), date(2023, 2, 1))
    assert record.aim is not None
    (place,) = record.places
    assert (place.country, place.admin2) == ("TZA", "Muheza")
    assert record.doubts == ()


def test_the_measure_has_points_source_check_and_target(propose):
    (measure,) = propose(_document(STORY)).record.measures
    assert (measure.unit, len(measure.points)) == (Unit.PERCENT, 4)
    assert measure.source is DataSource.REGISTER
    assert measure.validated_how is Validation.COACH_RECHECK
    assert measure.collector_role == "night midwife"
    assert measure.target == 80


def test_the_change_ideas_have_dates_and_decisions(propose):
    chest, poster = propose(_document(STORY)).record.change_ideas
    assert (chest.text, chest.started) == ("Put the baby on the chest first", date(2023, 2, 6))
    assert (chest.decision, poster.decision) == (Decision.ADOPTED, Decision.ABANDONED)
    assert "job-aids-and-wall-charts" in poster.interventions


def test_nothing_is_ever_said_to_have_worked(propose):
    record = propose(_document(STORY)).record
    assert record.verdict is Verdict.NOT_REPORTED
    assert {idea.verdict for idea in record.change_ideas} == {Verdict.NOT_REPORTED}


def test_a_draft_is_imported_hidden_and_does_not_name_the_facility(propose):
    record = propose(_document(STORY)).record
    assert record.source_kind is SourceKind.IMPORTED
    assert (record.source_citation, record.licence) == ("", "")
    assert record.naming is Naming.TYPE_AND_DISTRICT
    assert record.visibility is Visibility.TEAM


def test_a_file_without_text_is_still_a_draft_with_its_name(propose):
    doubt = "No text found, looks scanned."
    record = propose(_document("", doubts=(doubt,))).record
    assert record.title == "chest first"
    assert record.sections == ()
    assert record.doubts[0] == doubt
    assert "No country was found." in record.doubts


def test_a_text_without_headings_is_a_doubt(propose):
    record = propose(_document("Our year\n\nWe had a good year in the postnatal ward.\n")).record
    assert [section.role for section in record.sections] == [SectionRole.OTHER]
    assert "No headings were found; the text is kept as one section." in record.doubts


def test_a_language_that_cannot_be_told_is_a_doubt(propose):
    record = propose(_document("# KMC\n\nOK.\n")).record
    assert "The language could not be told." in record.doubts


def test_the_declared_language_is_used_for_a_short_text(propose):
    record = propose(_document("# KMC\n\nOK.\n", metadata=Metadata(language="fr"))).record
    assert record.language == "fr"


def test_a_section_with_a_series_and_no_known_heading_tells_results(propose):
    table = STORY[STORY.index("| Week") : STORY.index("It worked")]
    record = propose(_document(f"# A story\n\n## Elements equal\n\n{table}")).record
    assert [section.role for section in record.sections] == [SectionRole.RESULTS]


def test_a_contradiction_in_a_table_reaches_the_curator(propose):
    record = propose(_document(STORY.replace("| 17 | 26 | 65 |", "| 17 | 26 | 56 |"))).record
    said = "“Results”, 23 Jan 2023: 17 of 26 is 65 %, but the table says 56 %."
    assert said in record.doubts


def test_a_support_story_names_no_facility_as_its_place(propose):
    text = (
        "# Mentoring visits in six health centres\n\nHula Woreda Health Office, Sidama, Ethiopia."
        "\n\n## Background\n\nIn Bantu Hospital we saw late referrals.\n"
    )
    record = propose(_document(text)).record
    assert record.level is Level.DISTRICT
    assert record.record_type is RecordType.SUPPORT_STORY
    assert [place.facility for place in record.places] == [""]


def test_a_filled_template_is_read_field_by_field_and_still_gets_tags(propose):
    form = Form(
        "maktaba-facility-en-v1",
        (
            (("F01  ★  What for?",), ("Early initiation of breastfeeding",)),
            (("F03  Which goal did you set?",), ("From 34% to 80% by December 2024",)),
        ),
    )
    record = propose(_document("", form=form)).record
    assert record.aim.what == "Early initiation of breastfeeding"
    assert (record.aim.text, record.aim.target) == ("From 34% to 80% by December 2024", "80%")
    assert "early-initiation-of-breastfeeding" in {tag.notation for tag in record.tags}
    assert record.source_kind is SourceKind.AUTHORED
