"""Markdown to sections with roles: what a story tells where, title and summary included.

A heading is a Markdown heading, a line that is only bold, a line in capitals that stands alone,
or a line that stands alone and is nothing but a usual heading. What the headings mean is in
headings.yaml. The words of the document are the words of title and sections, in their order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from ingest.grids import cells
from ingest.sentences import fold, one_line, sentences, tokens
from kb.content import SUMMARY_LENGTH, Section
from kb.vocabulary import SectionRole

SOFT = 7  # level of a heading that is only bold or in capitals: below all six of Markdown
MOST_HEADING = 120  # characters; a longer line is a sentence, even in bold
MOST_WORDS = 14  # of a bold heading; a printed page may set the first line of a paragraph in bold
SHORT_PREAMBLE = 90  # words: place, period and team, and no story yet

_ATX = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD = re.compile(r"^\*\*([^*]+)\*\*:?\s*$")
_TABLE_RULE = re.compile(r"^\s*\|?[\s:|-]+\|[\s:|-]*$")
_NO_PROSE = re.compile(r"\s*(?:\||#|[-*+•]\s)")
_SPEAKER = re.compile(r"^(?:Speaker )?[Nn]otes: ")  # of a slide
_TITLE_CELL = {"title", "titre", "titulo", "kichwa", "jina"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in the document; `line` counts from 0."""

    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Structure:
    """What `read` finds: the title as it stands, "" for none, and the sections."""

    title: str
    sections: tuple[Section, ...]


def read(markdown: str, *, title: str = "") -> Structure:
    """Return title and sections of a document; `title` is what its reader found, or ""."""
    lines = _questions_to_headings(markdown).splitlines()
    headings = _headings(lines)
    own_title = _title_heading(lines, headings, title)
    rest = [heading for heading in headings if heading is not own_title]
    if own_title is None:
        first = _title_line(lines, rest)
        shown = title or first or _title_answer(markdown)
        start = 1 + lines.index(first) if first and fold(first) == fold(shown) else 0
        return Structure(one_line(shown), _sections(lines, start, rest))
    before = lines[: own_title.line]
    body = [*before, *[""] * (1 if before else 0), *lines[own_title.line + 1 :]]
    moved = [_moved(heading, len(body) - len(lines), own_title.line) for heading in rest]
    return Structure(one_line(own_title.text), _sections(body, 0, moved))


def role_of(heading: str) -> SectionRole | None:
    """Return the role that `heading` names, or None.

    >>> role_of("3. What did not work, and what surprised us"), role_of("Who counts?")
    (<SectionRole.DID_NOT_WORK: 'did-not-work'>, <SectionRole.MEASURES: 'measures'>)
    >>> role_of("The packet")
    """
    words = tokens(heading)
    found = [
        (len(phrase), -place, role)
        for place in range(len(words))
        for length in range(1, len(words) - place + 1)
        if (role := _phrases().get(phrase := words[place : place + length]))
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def exact_role(heading: str) -> SectionRole | None:
    """Return the role of a heading that is nothing but a usual heading, or None.

    >>> exact_role("Logistics:"), exact_role("The cost of one bell")
    (<SectionRole.LOGISTICS: 'logistics'>, None)
    """
    return _phrases().get(tokens(heading))


def summary_of(sections: tuple[Section, ...]) -> str:
    """Return the summary: the section that is one, else the first paragraph that tells something.

    At most 600 characters, cut at the end of a sentence; "" where there is no prose.
    """
    own = [section for section in sections if section.role is SectionRole.SUMMARY]
    story = [one for one in sections if one.heading or one.role is not SectionRole.CONTEXT]
    for section in (*own, *story, *sections):
        for paragraph in _paragraphs(section.body):
            if section in own or _tells(paragraph):
                return _cut(paragraph)
    return ""


def is_notice(text: str) -> bool:
    """Return whether `text` only says that the story is illustrative or invented."""
    return bool(_NOTICE.search(fold(text))) and len(text.split()) < 60  # noqa: PLR2004


_NOTICE = re.compile(
    r"illustrat|ilustrativ|invent|fictici|fictif|fictional|fictitious|imagin|mfano tu|si halisi"
    r"|wa kubuni|ya kubuni|za kubuni|zimebuniwa|kimebuniwa|composed for learning|sample document"
)


@cache
def _phrases() -> dict[tuple[str, ...], SectionRole]:
    text = Path(__file__).with_name("headings.yaml").read_text(encoding="utf-8")
    return {
        tokens(phrase): SectionRole(role)
        for role, languages in yaml.safe_load(text).items()
        for phrases in languages.values()
        for phrase in phrases
    }


def _headings(lines: list[str]) -> list[Heading]:
    found = []
    in_code = False
    for number, line in enumerate(lines):
        in_code ^= line.lstrip().startswith("```")
        if in_code:
            continue
        if atx := _ATX.match(line):
            found.append(Heading(number, len(atx[1]), atx[2]))
        elif soft := _soft_heading(lines, number):
            found.append(Heading(number, SOFT, soft))
    return found


def _soft_heading(lines: list[str], number: int) -> str:
    line = lines[number].strip()
    alone = _empty(lines, number - 1) and _empty(lines, number + 1)
    if not alone or not line or len(line) > MOST_HEADING:
        return ""
    if bold := _BOLD.match(line):
        return bold[1].strip() if len(line.split()) <= MOST_WORDS else ""
    letters = [letter for letter in line if letter.isalpha()]
    capitals = len(letters) > 2 and all(letter.isupper() for letter in letters)  # noqa: PLR2004
    known = tokens(line.rstrip(":")) in _phrases() and not line.startswith(("|", ">", "-", "*"))
    return line if (capitals and not line.startswith("|")) or known else ""


def _empty(lines: list[str], number: int) -> bool:
    return not 0 <= number < len(lines) or not lines[number].strip()


def _title_heading(lines: list[str], headings: list[Heading], title: str) -> Heading | None:
    """The first heading is the title if it says so, or if it opens the text and nothing is above.

    A sheet is no title: its name opens the text, one level down.
    """
    if not headings:
        return None
    first = headings[0]
    named = next((one for one in headings if title and _same(one.text, title)), None)
    if named is not None:
        return named if named is first else None
    opens = all(not line.strip() for line in lines[: first.line])
    unique = first.level == 1 or (first.level == SOFT and role_of(first.text) is None)
    return first if opens and unique and not title else None


def _same(heading: str, title: str) -> bool:
    return tokens(heading) == tokens(title)


def _title_line(lines: list[str], headings: list[Heading]) -> str:
    """Return the first line where it stands alone, short and above everything, else ""."""
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None or any(heading.line == first for heading in headings):
        return ""
    line = lines[first].strip()
    plain = len(line) <= 2 * MOST_HEADING and not line.startswith(("|", "-", "*", ">"))
    ends = line.endswith((".", ";", ",")) or len(sentences(line)) > 2  # noqa: PLR2004
    return lines[first] if plain and not ends else ""


def _moved(heading: Heading, by: int, after: int) -> Heading:
    line = heading.line + by if heading.line > after else heading.line
    return Heading(line, heading.level, heading.text)


def _sections(lines: list[str], start: int, headings: list[Heading]) -> tuple[Section, ...]:
    cuts = list(_cuts(headings))
    ends = [heading.line for heading, _ in cuts] + [len(lines)]
    preamble = "\n".join(lines[start : ends[0]]).strip("\n")
    found = [Section(role=_preamble_role(preamble, cuts), body=preamble)] if preamble else []
    for (heading, role), end in zip(cuts, ends[1:], strict=True):
        body = "\n".join(lines[heading.line + 1 : end]).strip("\n")
        found.append(Section(role=role, heading=one_line(heading.text), body=body))
    return tuple(found)


def _cuts(headings: list[Heading]) -> Iterator[tuple[Heading, SectionRole]]:
    """Yield the headings that open a section, with its role."""
    top = min((heading.level for heading in headings), default=SOFT)
    above = inside = SectionRole.OTHER
    depth = top
    for heading in headings:
        role = role_of(heading.text)
        if heading.level == top:
            above = inside = role or SectionRole.OTHER
            depth = top
            yield heading, inside
        elif above is not SectionRole.CHANGES and (role or top < heading.level <= depth):
            inside = role or above
            depth = heading.level
            yield heading, inside


def _preamble_role(text: str, cuts: list[tuple[Heading, SectionRole]]) -> SectionRole:
    brief = len(text.split()) <= SHORT_PREAMBLE
    return SectionRole.CONTEXT if cuts and brief else SectionRole.OTHER


def _questions_to_headings(markdown: str) -> str:
    """Open tables of questions and answers: a question becomes a heading above its answer."""
    out: list[str] = []
    for table, lines in _tables_and_rest(markdown):
        rows = [cells(line) for line in lines] if table else []
        out += _opened(rows) if _is_questionnaire(rows) else lines
    return "\n".join(out)


def _opened(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """The head of the table (Question, Answer) is left out: the headings say it."""
    for question, answer in rows[2:]:
        yield from ("", f"### {question}", "", answer)


def _is_questionnaire(rows: list[tuple[str, ...]]) -> bool:
    if len(rows) < 5 or any(len(row) != 2 for row in rows):  # noqa: PLR2004
        return False
    named = sum(role_of(question) is not None for question, _ in rows[2:])
    long = sum(len(answer.split()) for _, answer in rows[2:]) / (len(rows) - 2)
    return named >= 3 and long >= 8  # noqa: PLR2004


def _title_answer(markdown: str) -> str:
    for table, lines in _tables_and_rest(markdown):
        for row in map(cells, lines if table else ()):
            if len(row) == 2 and fold(row[0]).strip(" :") in _TITLE_CELL:  # noqa: PLR2004
                return row[1]
    return ""


def _tables_and_rest(markdown: str) -> Iterator[tuple[bool, list[str]]]:
    run: list[str] = []
    in_table = False
    for line in markdown.splitlines():
        if line.lstrip().startswith("|") != in_table:
            yield in_table, run
            run, in_table = [], not in_table
        run.append(line)
    yield in_table, run


def _paragraphs(body: str) -> list[str]:
    blocks = re.split(r"\n\s*\n", body)
    prose = [block for block in blocks if block.strip() and not _NO_PROSE.match(block)]
    return [_SPEAKER.sub("", one_line(block)) for block in prose]


def _tells(paragraph: str) -> bool:
    prose = len(paragraph.split()) >= 15 and paragraph[-1] in '.!?»”")…'  # noqa: PLR2004
    return prose and not is_notice(paragraph)


def _cut(paragraph: str) -> str:
    if len(paragraph) <= SUMMARY_LENGTH:
        return paragraph
    ends = [found.end for found in sentences(paragraph) if found.end <= SUMMARY_LENGTH]
    return paragraph[: ends[-1]] if ends else paragraph[: SUMMARY_LENGTH - 1].rstrip() + "…"
