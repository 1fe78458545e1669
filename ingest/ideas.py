"""Change ideas: what was tried, one by one, as the team wrote it.

Teams set ideas apart by sub-headings, by bold leads, by lists, by tables or by numbers. What was
decided is taken from words that say so, never from the numbers; and no idea is said to have
worked: that is for the team and the curator.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ingest.grids import grids
from ingest.periods import day_in
from ingest.sentences import fold, one_line, sentences
from kb.content import ChangeIdea, Section
from kb.vocabulary import Decision, RecordType, SectionRole, Verdict

LINE = 160  # characters of an idea's text; a longer sentence is cut at a word
LEAD = 5  # words; a shorter lead is a name, and the first sentence tells what it is
MOST_IDEAS = 20  # more are a list of something else

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_LIST = re.compile(r"^\s{0,3}(?:[-*+•]|\(?\d{1,2}[.)])\s+(.*)$", re.DOTALL)
_BOLD = re.compile(r"^\*\*(.+?)\*\*[:.]?\s*(.*)$", re.DOTALL)
_NUMBERED = re.compile(
    r"^(?:change|idea|pdsa|try|test|cycle|idée|essai|changement|cambio|prueba|ciclo|mudança|ideia"
    r"|teste|badiliko|jaribio|wazo)\s*\d+\s*[:.–—-]?\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"^[A-Z]\d{1,2}[.)]?\s+")
_BOLD_CODE = re.compile(r"^\*\*[A-Z]\d{1,2}[.)]?\s")
_COUNTING = re.compile(r"^\W*\d+(?:\.\d+)*[.)]?\s+")
_SUB = re.compile(r"^\d+\.\d+\s+\S")
_ORDINAL = re.compile(
    r"^(?:\d{1,2} \w+\. |(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|then|after that"
    r"|next|the (?:first|second|third|fourth)|finally|d'abord|ensuite|enfin|puis"
    r"|premierement|deuxiemement|troisieme"
    r"|quatrieme|deuxieme|premiere?|primero|segundo|tercero|luego|despues|por ultimo|primeiro"
    r"|depois|terceiro|por fim|kwanza|pili|tatu|baadaye|mwisho)\b)"
)
_NOTES = re.compile(r"^>?\s*(?:Speaker )?[Nn]otes:\s*")
_IDEA_COLUMN = re.compile(r"^(?:idea|change|idee|changement|cambio|ideia|mudanca|badiliko|wazo)")
_DECISION_COLUMN = re.compile(r"^(?:decision|decisao|status|uamuzi|what became)")

_ABANDONED = re.compile(
    r"\b(?:abandon(?:ed|ne|nee|nes|ado|ada|amos)|we stopped|stopped (?:after|it|this)|was stopped"
    r"|dropped|gave (?:it |this )?up|given up|(?:was|were) removed|removed after|discontinued"
    r"|arrete|nous avons arrete|supprime|se dejo|lo dejamos|dejamos de|se abandono|suspendimos"
    r"|parámos|paramos|deixamos|deixou-se|desistimos|largada|tuliacha|tumeacha|iliachwa|limeachwa)"
)
_ADAPTED = re.compile(
    r"\b(?:adapted|we changed (?:it|this|to)|modified|(?:was|were) changed|so we (?:moved|changed)"
    r"|adaptee?|nous avons (?:donc )?change|modifiee?|adaptad[ao]|cambiamos|lo cambiamos"
    r"|ajustad[ao]|mudamos|mudámos|tulibadilisha|limerekebishwa)\b"
)
_ADOPTED = re.compile(
    r"\b(?:adopted|kept (?:it|this|by)\b(?! (?:going|falling))|is (?:now )?(?:routine|part of)"
    r"|still (?:do|done|used|in use)|adoptee?|garde(?:e|s)? \b|maintenue?"
    r"|adoptad[ao]|se quedo|se mantiene|seguimos|mantida|mantemos|mantivemos|ficou\b"
    r"|tunaendelea|limekubaliwa|imebaki)"
)
_FAILED = re.compile(
    r"\b(?:did not (?:work|help)|didn't (?:work|help)|made no difference|n'a pas (?:marche|aide)"
    r"|no (?:funciono|sirvio)|nao (?:funcionou|resultou|ajudou)|haikufanya kazi|haikusaidia)\b"
)


class Lead(NamedTuple):
    """What is set apart as an idea: its own words, and all that is said of it."""

    text: str
    body: str


def ideas_of(
    sections: Sequence[Section],
    *,
    record_type: RecordType = RecordType.IMPROVEMENT_STORY,
    within: tuple[date, date] | None = None,
) -> tuple[ChangeIdea, ...]:
    """Return the change ideas that a story sets apart, in order.

    `within` is when the work went on: a date without a year must fall there. In a change package
    every part may hold ideas, marked A1, A2 and so on.
    """
    found: list[Lead] = []
    for section in sections:
        if section.role is SectionRole.CHANGES:
            found += _in_section(section)
        elif record_type is RecordType.CHANGE_PACKAGE:
            found += _coded(section.body)
    if not found:
        found = [
            lead
            for section in sections
            if section.role is SectionRole.OTHER
            for lead in _by_ordinals(section.body)
        ]
    if len(found) > MOST_IDEAS:
        return ()
    return tuple(_idea(lead, within) for lead in found if lead.text)


def decision_in(text: str) -> Decision:
    """Return what the words say was decided; PENDING where they say nothing."""
    folded = fold(text)
    for pattern, decision in (
        (_ABANDONED, Decision.ABANDONED),
        (_ADAPTED, Decision.ADAPTED),
        (_ADOPTED, Decision.ADOPTED),
    ):
        if pattern.search(folded):
            return decision
    return Decision.PENDING


def _in_section(section: Section) -> list[Lead]:
    own = _NUMBERED.match(section.heading)
    if own:
        return [_named(section.heading[own.end() :], section.body)]
    ways = (_table_rows, _sub_headings, _bold_leads, _by_ordinals, _list_items, _paragraphs)
    return next((leads for way in ways if len(leads := list(way(section.body))) > 1), []) or list(
        _paragraphs(section.body)
    )


def _named(name: str, body: str) -> Lead:
    """A lead that says what was done: the name, with the first sentence where it is short."""
    bare = one_line(name)
    for mark in (_COUNTING, _CODE, _NUMBERED):
        bare = mark.sub("", bare).strip(" :.–—-")
    bare = bare[:1].upper() + bare[1:]
    first = _first_sentence(body)
    if not bare or len(re.sub(r"\(.*?\)", "", bare).split()) >= LEAD or not first:
        return Lead(bare or first, body)
    return Lead(f"{bare}: {first}", body)


def _table_rows(body: str) -> Iterator[Lead]:
    for grid in grids(body):
        if not _IDEA_COLUMN.match(fold(grid.header[0])):
            continue
        decided = next((n for n, h in enumerate(grid.header) if _DECISION_COLUMN.match(fold(h))), 0)
        for row in grid.rows:
            rest = [cell for n, cell in enumerate(row) if n and cell]
            yield Lead(one_line(row[0]), " · ".join(rest) if decided else " ".join(rest))


def _sub_headings(body: str) -> Iterator[Lead]:
    name, lines = "", list[str]()
    for line in body.splitlines():
        heading = _HEADING.match(line)
        if heading or _SUB.match(line):
            if name:
                yield _named(name, "\n".join(lines).strip())
            name, lines = heading[1] if heading else line, []
        else:
            lines.append(line)
    if name:
        yield _named(name, "\n".join(lines).strip())


def _bold_leads(body: str) -> Iterator[Lead]:
    name, parts = "", list[str]()
    for block in [*_blocks(body), ""]:
        bold = _BOLD.match(block)
        if (bold or not block) and name:
            yield _named(name, "\n\n".join(part for part in parts if part))
            name = ""
        if bold:
            # a printed page may set the whole first line in bold
            first, *more = [one.text for one in sentences(bold[1])]
            name, parts = first, [" ".join([*more, bold[2]]).strip()]
        elif name:
            parts.append(block)


def _coded(body: str) -> list[Lead]:
    """The bold leads marked A1, A2 and so on."""
    coded = [block for block in _blocks(body) if _BOLD_CODE.match(block)]
    return (
        list(_bold_leads(body))
        if len(coded) > 1
        else [lead for block in coded for lead in _bold_leads(block)]
    )


def _list_items(body: str) -> Iterator[Lead]:
    for item in re.split(r"\n(?=\s{0,3}(?:[-*+•]|\(?\d{1,2}[.)])\s)", f"\n{body}"):
        match = _LIST.match(item.lstrip("\n").split("\n\n")[0])
        if match:
            bold = _BOLD.match(match[1])
            yield _named(bold[1], bold[2]) if bold else Lead(_first_sentence(match[1]), match[1])


def _by_ordinals(body: str) -> list[Lead]:
    """The paragraphs that begin with First, Then, Third …, or with a day, where two or more do."""
    found = [
        Lead(_first_sentence(_without_day(block)), block)
        for block in _blocks(body)
        if _ORDINAL.match(fold(one_line(block)))
    ]
    return found if len(found) > 1 else []


def _without_day(block: str) -> str:
    return re.sub(r"^\d{1,2} \w+\.\s+", "", block)


def _paragraphs(body: str) -> Iterator[Lead]:
    for block in _blocks(body):
        if not block.startswith(("|", "#")) and len(block.split()) > LEAD:
            text = _NOTES.sub("", block)
            yield Lead(_first_sentence(text), text)


def _blocks(body: str) -> list[str]:
    return [block.strip() for block in re.split(r"\n\s*\n", body) if block.strip()]


def _first_sentence(text: str) -> str:
    found = (one.text for one in sentences(text) if not one.text.startswith("|"))
    return one_line(next(found, ""))


def _idea(lead: Lead, within: tuple[date, date] | None) -> ChangeIdea:
    whole = f"{lead.text}\n{lead.body}"
    failed = bool(_FAILED.search(fold(whole)))
    return ChangeIdea(
        text=_short(lead.text.strip(" .")),
        steps=lead.body.strip(),
        started=day_in(f"{lead.text} {_first_sentence(lead.body)}", within=within),
        decision=decision_in(whole),
        verdict=Verdict.DID_NOT_WORK if failed else Verdict.NOT_REPORTED,
    )


def _short(line: str) -> str:
    if len(line) <= LINE:
        return line
    return line[: line.rfind(" ", 0, LINE)].rstrip(" ,;:") + "…"
