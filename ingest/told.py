"""The sentences of a story, each with its place: what the fields of the card are read from."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.grids import cells
from ingest.sentences import fold, sentences
from ingest.structure import exact_role, is_notice, role_of
from kb.content import Evidence, Section
from kb.vocabulary import SectionRole

MOST = 4_000  # sentences of a story that are read for its card; a story has about a hundred
LONGEST = 1_200  # characters of a sentence; a longer one is text without stops, or data
FACTS = 2  # rows, or columns, of a table of facts: its head, and what it says

_LABEL = re.compile(r"[*_]{0,2}([^:*_\n]{3,40}?)\s?[*_]{0,2}:")  # "Team: two midwives"
_RULE = re.compile(r"^[\s|:-]+$")


class Told(NamedTuple):
    """A sentence, or the cell of a table of facts, and where it stands."""

    section: int  # position among the sections
    role: SectionRole
    heading: str
    text: str  # word for word
    folded: str  # as long as `text`

    def evidence(self, field: str, start: int = 0, end: int | None = None) -> Evidence:
        """Return the sentence, or a part of it, as the evidence of `field`."""
        return Evidence(field=field, section=self.section, quote=self.text[start:end].strip())


def told_of(sections: Sequence[Section]) -> list[Told]:
    """Return the sentences of `sections` in order, without notices, headings and rows of data."""
    found: list[Told] = []
    for number, section in enumerate(sections):
        for one in _in_section(number, section):
            if len(found) == MOST:
                return found
            found.append(one)
    return found


def with_role(told: Sequence[Told], *roles: SectionRole) -> list[Told]:
    """Return the sentences of the sections that have one of `roles`."""
    return [one for one in told if one.role in roles]


def _in_section(number: int, section: Section) -> Iterator[Told]:
    role, heading = section.role, section.heading
    rows: list[str] = []
    for sentence in sentences(section.body):
        text = sentence.text
        if text.startswith("|"):
            rows.append(text)
            continue
        yield from _facts(number, rows)
        rows = []
        if _is_heading(section.body, sentence.start):
            named = exact_role(text)
            role, heading = named or section.role, text if named else section.heading
        elif len(text) <= LONGEST and not is_notice(text):
            label = _LABEL.match(text)
            named = exact_role(label[1]) if label else None
            yield Told(
                number, named or role, label[1] if label and named else heading, text, fold(text)
            )
    yield from _facts(number, rows)


def _is_heading(body: str, start: int) -> bool:
    return body[body.rfind("\n", 0, start) + 1 : start].startswith("#")


def _facts(number: int, rows: Sequence[str]) -> Iterator[Told]:
    """The cells of a table of one row, named by its head; of two columns, named by the first."""
    rows = [row for row in rows if not _RULE.match(row)]
    table = [cells(row) for row in rows]
    two_columns = bool(table) and all(len(row) == FACTS for row in table)
    facts: list[tuple[SectionRole | None, str, str, str]]
    if two_columns and any(exact_role(row[0]) for row in table):
        named = zip(table, rows, strict=True)
        facts = [(exact_role(row[0]), row[0], row[1], line) for row, line in named]
    elif len(rows) == FACTS:
        facts = [(role_of(name), name, cell, rows[1]) for name, cell in zip(*table, strict=False)]
    else:
        return
    for role, name, cell, line in facts:
        if role and cell and cell in line:
            yield Told(number, role, name, cell, fold(cell))
