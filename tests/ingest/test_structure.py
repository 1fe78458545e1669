"""Markdown to sections: every heading habit, every language, and no word lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.structure import is_notice, read, role_of, summary_of
from kb.content import SUMMARY_LENGTH
from kb.vocabulary import SectionRole


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("What did not work, and what surprised us", SectionRole.DID_NOT_WORK),
        ("Why it was happening", SectionRole.CAUSES),
        ("Who counts, and is the count true?", SectionRole.MEASURES),
        ("3.1 PDSA 2: the round", SectionRole.CHANGES),
        ("D'où nous sommes partis", SectionRole.PROBLEM),
        ("Ce que cela a coûté", SectionRole.COST),
        ("LO QUE NO SALIÓ", SectionRole.DID_NOT_WORK),
        ("Nosso objetivo", SectionRole.AIM),
        ("O que correu mal ou nos surpreendeu", SectionRole.DID_NOT_WORK),
        ("Mabadiliko tuliyojaribu", SectionRole.CHANGES),
    ],
)
def test_a_heading_names_its_role_in_any_of_five_languages(heading, role):
    assert role_of(heading) is role


def test_the_longest_phrase_of_a_heading_decides():
    assert role_of("Results") is SectionRole.RESULTS
    assert role_of("Results that did not work") is SectionRole.DID_NOT_WORK


def test_a_heading_is_matched_by_whole_words():
    assert role_of("Teamster") is None


def test_the_first_heading_is_the_title_and_not_a_section():
    found = read("# Warm babies\n\nRungwe, 2023.\n\n## Problem\n\nCold.\n\n## Aim\n\nWarm.\n")
    assert found.title == "Warm babies"
    assert [(s.role, s.heading) for s in found.sections] == [
        (SectionRole.CONTEXT, ""),
        (SectionRole.PROBLEM, "Problem"),
        (SectionRole.AIM, "Aim"),
    ]


def test_the_ideas_below_changes_stay_in_one_section():
    text = "# T\n\n## Changes\n\n### The team\n\nA.\n\n### Cost\n\nB.\n\n## Results\n\nC.\n"
    found = read(text).sections
    assert [s.role for s in found] == [SectionRole.CHANGES, SectionRole.RESULTS]
    assert "### Cost" in found[0].body


def test_a_deeper_heading_with_a_role_opens_a_section():
    found = read("# T\n\n## Story\n\nIntro.\n\n### Aim\n\nA.\n\n### Other\n\nB.\n").sections
    assert [(s.role, s.heading) for s in found] == [
        (SectionRole.OTHER, "Story"),
        (SectionRole.AIM, "Aim"),
        (SectionRole.OTHER, "Other"),
    ]


def test_lines_in_bold_or_in_capitals_are_headings():
    bold = read("**Night feeds**\n\n**What we tried**\n\nA bell.\n\n**Numbers**\n\n12.\n")
    capitals = read("Night feeds\n\nWHAT WE TRIED\n\nA bell.\n\nNUMBERS\n\n12.\n")
    for found in (bold, capitals):
        assert found.title == "Night feeds"
        assert [s.role for s in found.sections] == [SectionRole.CHANGES, SectionRole.RESULTS]


def test_a_text_without_headings_is_one_section():
    found = read("Messages to nobody\n\nMothers came.\n\nThey left.\n")
    assert found.title == "Messages to nobody"
    assert [s.role for s in found.sections] == [SectionRole.OTHER]


def test_a_sheet_of_questions_opens_into_sections():
    rows = [
        ("Title", "Counting breaths"),
        ("What was the problem?", "Every child with cough left with syrup, and nobody counted."),
        ("Why did it happen?", "There was one timer and it was in the drawer of a colleague."),
        ("Aim", "Count breaths in nine of ten children with cough by the end of May."),
        ("Cost", "Sixteen hundred shillings in total, and no overtime for anybody at all."),
    ]
    table = "\n".join(f"| {question} | {answer} |" for question, answer in rows)
    found = read(f"## Story\n\n| Question | Answer |\n| --- | --- |\n{table}\n")
    assert found.title == "Counting breaths"
    assert [s.role for s in found.sections[1:]] == [
        SectionRole.PROBLEM,
        SectionRole.CAUSES,
        SectionRole.AIM,
        SectionRole.COST,
    ]


def test_the_summary_is_the_section_that_is_one():
    found = read("# T\n\n## Background\n\nLong ago.\n\n## In short\n\nIt was cold, now warm.\n")
    assert summary_of(found.sections) == "It was cold, now warm."


def test_the_summary_is_else_the_first_paragraph_that_tells_something():
    story = "We deliver about 120 babies a month with two midwives by day and with one at night."
    notice = "*Illustrative story: the health centre, its staff and its many figures are invented.*"
    found = read(f"# T\n\n{notice}\n\n## Background\n\n{story}\n")
    assert is_notice(notice)
    assert summary_of(found.sections) == story


def test_a_long_summary_ends_with_a_sentence():
    story = "We deliver about a hundred babies a month with two midwives and one cleaner. " * 12
    summary = summary_of(read(f"# T\n\n## Background\n\n{story}\n").sections)
    assert len(summary) <= SUMMARY_LENGTH
    assert summary.endswith("cleaner.")


_VOCABULARY = ["babies", "cold", "warm", "12", "%", "été", "Why", "aim", "cost"]
_WORDS = st.lists(st.sampled_from(_VOCABULARY), min_size=1)
_LINES = st.one_of(
    _WORDS.map(" ".join),
    _WORDS.map(lambda words: "## " + " ".join(words)),
    _WORDS.map(lambda words: "### " + " ".join(words)),
    _WORDS.map(lambda words: f"**{' '.join(words)}**"),
    _WORDS.map(lambda words: "- " + " ".join(words)),
    st.sampled_from(["# Title", "RESULTS", "| Month | % |\n|---|---|\n| May | 3 |", "> note"]),
)


@given(st.lists(_LINES, max_size=12))
def test_no_word_of_a_document_is_lost(lines):
    markdown = "\n\n".join(lines)
    found = read(markdown)
    parts = [found.title, *(f"{s.heading}\n{s.body}" for s in found.sections)]
    kept = re.findall(r"\w+", "\n".join(parts))
    assert sorted(kept) == sorted(re.findall(r"\w+", markdown))
    if not found.title:
        assert kept == re.findall(r"\w+", markdown)
