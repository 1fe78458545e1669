"""Findings of death reviews: themes and what the system lacked, never the story of a death.

A review works where it blames nobody and no court reads along; who fears blame reports less. So a
finding tells no course of events, names no facility, and is never shown to all by one person alone.

Source: domain/users.md 5.7, "Death-review content".
"""

import re

from kb import content
from kb.folding import plain
from kb.vocabulary import Naming, RecordType, SectionRole
from kb.wording import marked

NAMING = Naming.TYPE_AND_COUNTRY  # as closely as its place is ever told
# What a finding may tell: themes, what the system lacked, what follows from it.
THEMES = frozenset(
    {
        SectionRole.SUMMARY,
        SectionRole.CONTEXT,
        SectionRole.CAUSES,
        SectionRole.CHANGES,
        SectionRole.ADVICE,
        SectionRole.SUPPORT,
        SectionRole.POLICY,
        SectionRole.CONCLUSION,
        SectionRole.REFERENCES,
    }
)
A_FEW = 2  # moments in one section from which it tells a course of events
MOMENT = re.compile(
    r"\b\d{1,2}\s?[:h.]\s?\d{2}\s?(?:hrs?|hours?|am|pm|uhr|h)?\b"
    r"|\b\d{1,2}\s?(?:am|pm|hrs|heures|horas)\b|\bsaa\s+\w+\s+(?:usiku|asubuhi|mchana|jioni)\b"
    r"|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}|\d{4})\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b(?:day|jour|dia|siku(?: ya)?|hour|heure|hora)\s+\d+\b"
)


def is_finding(said: content.Record) -> bool:
    """Tell whether these are findings of a death review."""
    return said.record_type is RecordType.REVIEW_FINDING


def refused(said: content.Record) -> list[str]:
    """Return, in plain words, what has to go before readers see it; empty for other records."""
    if not is_finding(said):
        return []
    checks = (
        (
            any(s.body.strip() and s.role not in THEMES for s in said.sections),
            marked("a text of themes and system factors only: no story of what happened to whom"),
        ),
        (
            _is_timeline(said.summary) or any(_is_timeline(s.body) for s in said.sections),
            marked(
                "a text without times and dates one after the other: they tell which death it was"
            ),
        ),
        (
            bool(said.start_date or said.end_date),
            marked("no dates: a month and a district tell which death it was"),
        ),
        (bool(said.measures), marked("no series of numbers: single deaths can be read from it")),
        (
            bool(said.team_roles or said.team_lead_role or said.team_size),
            marked("no team: who was on duty is nobody's business here"),
        ),
    )
    return [words for wrong, words in checks if wrong]


def _is_timeline(text: str) -> bool:
    return sum(1 for _ in MOMENT.finditer(plain(text))) >= A_FEW
