"""Answers of the pages, of a filled file and of a read document: one shape, one record."""

from datetime import date

from ingest import answers, found, story
from ingest.questions import LANGUAGES, kinds
from kb.content import ChangeIdea, Measure, Place, Point, Record, Section
from kb.vocabulary import Decision, FacilityType, Level, Naming, RecordType, SectionRole, Verdict

SAID = {
    "A01": "Feed first, weigh later",
    "A02": "TZA",
    "A04": "Rungwe",
    "A06": "health-centre",
    "A08": "2024-01",
    "F01": "Feed babies within one hour.",
    "F06.1a": "Weigh after the first feed",
    "F06.1b": "The scale stands next door.",
    "F07.1a": "adopted",
    "F07.1b": "It was easy.",
    "F06.2a": "A poster",
    "F07.2a": "abandoned",
    "F09": "Now 25 of 30.",
    "F09.1a": "Fed within one hour",
    "F09.1t": [["2024-01-01", "10", "30", "", ""], ["2024-01-08", "25", "30", "", ""]],
    "F11": "worked",
    "F12": "Nobody read the poster.",
    "F20": "named",
}


def told(language: str = "en") -> Record:
    return story.record_of(kinds()["facility"], language, SAID)


def test_answers_become_a_record_in_every_language_of_the_pages() -> None:
    for language in LANGUAGES:
        said = told(language)
        assert said.title == "Feed first, weigh later"
        assert said.places == (
            Place(country="TZA", admin2="Rungwe", facility_type=FacilityType.HEALTH_CENTRE),
        )
        assert [idea.decision for idea in said.change_ideas] == [
            Decision.ADOPTED,
            Decision.ABANDONED,
        ]
        assert said.verdict is Verdict.WORKED
        assert said.naming is Naming.NAMED
        assert said.start_date == date(2024, 1, 1)
        assert [point.numerator for point in said.measures[0].points] == [10, 25]
        assert said.doubts == ()


def test_what_was_skipped_is_no_doubt_on_the_pages_and_one_in_a_file() -> None:
    kind = kinds()["facility"]
    filled = story.filled(kind, "en", {"F01": "Babies were cold."})
    assert answers.told(filled, title="x").doubts == ()
    filled.guided = False
    assert len(answers.told(filled, title="x").doubts) > 10


def test_a_filled_file_gives_the_same_answers_back() -> None:
    for language in LANGUAGES:
        filled = story.filled(kinds()["facility"], language, SAID)
        assert story.unfilled(filled) == SAID


def test_more_ideas_than_a_file_has_room_for_are_kept() -> None:
    said = {f"F06.{n}a": f"Idea {n}" for n in range(1, 13)}
    record = story.record_of(kinds()["facility"], "en", said)
    assert [idea.text for idea in record.change_ideas] == [f"Idea {n}" for n in range(1, 13)]


def test_the_first_answer_stands_in_for_a_title() -> None:
    kind = kinds()["facility"]
    assert story.title_of(kind, {"F01": "Babies were cold. We changed it."}) == "Babies were cold."
    assert len(story.title_of(kind, {"F01": "word " * 80})) <= story.LONGEST_TITLE + 2
    assert story.title_of(kind, {}) == "…"


def test_what_a_document_says_is_there_as_answers_and_nothing_is_lost() -> None:
    read = Record(
        title="Warm babies",
        level=Level.FACILITY,
        places=(Place(country="MWI", admin2="Nsanje", facility="Kalemba"),),
        start_date=date(2023, 5, 1),
        sections=(
            Section(role=SectionRole.PROBLEM, heading="Background", body="Half were cold."),
            Section(role=SectionRole.RESULTS, heading="Results", body="Few are."),
            Section(role=SectionRole.OTHER, heading="Thanks", body="To all."),
        ),
        change_ideas=(ChangeIdea(text="Caps", decision=Decision.ADOPTED, who_did_it="nurses"),),
        measures=(
            Measure(
                name="Cold",
                points=(Point(period=date(2023, 5, 1), label="May", numerator=5, denominator=9),),
            ),
        ),
    )
    kind = found.kind_of(read)
    said = found.answers_of(read, kind)
    assert said["A01"] == "Warm babies"
    assert (said["A02"], said["A04"], said["A08"]) == ("MWI", "Nsanje", "2023-05")
    assert said["F02"] == "Half were cold."
    assert said["F09"] == "Few are."
    assert (said["F06.1a"], said["F06.1c"], said["F07.1a"]) == ("Caps", "nurses", "adopted")
    assert said["F09.1t"] == [["May", "5", "9", "", ""]]
    assert "F11" not in said  # that it worked is for people to say
    assert found.beside(read, kind) == [("Thanks", "To all.")]
    again = story.record_of(kind, "en", said, found.beside(read, kind))
    assert again.change_ideas[0].text == "Caps"
    assert again.places == read.places


def test_the_kind_of_a_document_is_that_of_its_level() -> None:
    kinds_of = {
        found.kind_of(Record(title="x", level=level)).name
        for level in (Level.DISTRICT, Level.REGION)
    }
    assert kinds_of == {"district"}
    assert found.kind_of(Record(title="x", level=Level.NATIONAL)).name == "national"
    brief = Record(title="x", record_type=RecordType.LEARNING_BRIEF)
    assert found.kind_of(brief).name == "brief"
