"""Findings of death reviews tell themes, no course of events, and never by one person alone."""

from datetime import date

import pytest

from kb import death_reviews, records
from kb.content import Measure, Place, Section
from kb.errors import ConflictError, InvalidError
from kb.privacy import public
from kb.vocabulary import Naming, RecordType, SectionRole, Status

TIMELINE = "At 14:20 she came to Ilulu. At 15:05 the blood bank was called. She died at 16:40."


@pytest.fixture
def finding(story):
    """What a review may tell: what the system lacked."""
    return story.model_copy(
        update={
            "record_type": RecordType.REVIEW_FINDING,
            "sections": (Section(role=SectionRole.CAUSES, body="No blood at night."),),
            "places": (Place(country="TZA", admin2="Rungwe", facility="Ilulu Health Centre"),),
            "naming": Naming.NAMED,
        }
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sections": (Section(role=SectionRole.RESULTS, body="She came."),)}, "themes"),
        ({"sections": (Section(role=SectionRole.CAUSES, body=TIMELINE),)}, "times and dates"),
        ({"summary": TIMELINE}, "times and dates"),
        ({"start_date": date(2024, 3, 1)}, "no dates"),
        ({"measures": (Measure(name="Deaths"),)}, "no series"),
        ({"team_roles": ("midwife on duty",)}, "no team"),
    ],
)
def test_what_tells_which_death_it_was_is_refused_and_explained(finding, change, words) -> None:
    assert death_reviews.refused(finding) == []
    (said,) = death_reviews.refused(finding.model_copy(update=change))
    assert words in said


def test_other_records_may_tell_all_of_it(story) -> None:
    assert death_reviews.refused(story.model_copy(update={"summary": TIMELINE})) == []


def test_its_place_is_told_as_type_and_country_whatever_was_chosen(finding) -> None:
    seen = public(finding.model_copy(update={"summary": "At Ilulu in Rungwe no blood was kept."}))
    assert (seen.places[0].facility, seen.places[0].admin2) == ("", "")
    assert seen.places[0].country == "TZA"
    assert seen.summary == "At a facility in a district no blood was kept."


def test_nobody_makes_it_public_alone(session, finding) -> None:
    record = records.create(session, finding, by="matron")
    with pytest.raises(ConflictError, match="only you have seen it"):
        records.publish(session, record.id, by="matron")
    assert records.publish(session, record.id, by="curator").status is Status.PUBLISHED


def test_a_timeline_is_not_published(session, finding) -> None:
    told = finding.model_copy(update={"summary": TIMELINE})
    record = records.create(session, told, by="matron")
    with pytest.raises(InvalidError) as caught:
        records.publish(session, record.id, by="curator")
    assert "times and dates" in caught.value.hint
