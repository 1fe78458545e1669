"""Sentences with their place: sections, labels and tables of facts."""

from ingest.told import LONGEST, MOST, told_of
from kb.content import Section
from kb.vocabulary import SectionRole


def test_a_sentence_knows_its_section_and_what_the_section_tells():
    sections = [
        Section(body="A preamble."),
        Section(role=SectionRole.AIM, heading="Aim", body="Eighty of a hundred. By June."),
    ]
    told = told_of(sections)
    assert [(one.section, one.role, one.text) for one in told] == [
        (0, SectionRole.OTHER, "A preamble."),
        (1, SectionRole.AIM, "Eighty of a hundred."),
        (1, SectionRole.AIM, "By June."),
    ]


def test_the_evidence_of_a_part_is_that_part():
    (one,) = told_of([Section(body="By the end of June.")])
    assert one.evidence("aim.by_when", 3, 18).quote == "the end of June"


def test_a_usual_heading_inside_a_section_says_what_follows():
    body = "It rings.\n\n### Cost\n\nOne bell.\n\n### The second bell\n\nIt hangs."
    told = told_of([Section(role=SectionRole.CHANGES, heading="Changes", body=body)])
    assert [one.role for one in told] == [
        SectionRole.CHANGES,
        SectionRole.COST,
        SectionRole.CHANGES,
    ]


def test_rows_of_data_are_no_sentences():
    table = "| Week | Babies | % |\n|---|---|---|\n| 1 | 9 | 33 |\n| 2 | 8 | 32 |"
    assert told_of([Section(body=table)]) == []


def test_a_very_long_text_is_read_up_to_a_limit():
    told = told_of([Section(body="It rains. " * (MOST + 10))])
    assert len(told) == MOST


def test_text_without_a_stop_is_left_out():
    assert told_of([Section(body="a" * (LONGEST + 1))]) == []
