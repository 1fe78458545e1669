"""Change ideas: what was tried, one by one, as the team wrote it.

Teams set ideas apart by sub-headings, by bold leads, by lists, by tables or by numbers. What was
decided is taken from words that say so, never from the numbers; and no idea is said to have
worked: that is for the team and the curator.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from ingest.grids import grids
from ingest.periods import day_in, month_pattern
from ingest.phrases import pattern
from ingest.sentences import fold, one_line, sentences, tokens
from kb.content import ChangeIdea, Evidence, Section
from kb.vocabulary import Decision, RecordType, SectionRole, Verdict

LINE = 160  # characters of an idea's text; a longer sentence is cut at a word
LEAD = 5  # words; a shorter lead is a name, and the first sentence tells what it is
MOST_PASSAGES = 40  # of an idea; a longer one is a report
MOST_IDEAS = 20  # more are a list of something else
FIRST = 40  # characters at the beginning of a sentence in which who did it must stand
SHORT = 3  # letters; shorter words of a name say nothing
OPENING = 80  # characters of a sentence in which it says what it is about
MOST_BEFORE = 2  # words before the role, behind its article

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

_SINCE = re.compile(
    rf"(?:from|since|depuis|a\s+partir\s+de|des|desde|a\s+partir\s+del?|kuanzia|tangu)\s+"
    rf"(?:\w+\s+){{0,3}}{month_pattern()}"
)
_KEPT = re.compile(r"kept\b")  # alone in a cell, or first in a sentence
_IN_BRACKETS = re.compile(r"(?:^|\s)\(\d\)\s")
_IN_ITALICS = re.compile(r"(?:^|(?<=[.!?»”\")]))\s?\*(?=[^\W\d_a-z])")
_BEGAN = re.compile(
    r"\b(?:from|since|began|begin|started|starting|opened|introduced|a partir|depuis"
    r"|des le|commence"
    r"|desde|empez|comenz|inici|a partir|comec|desde|kuanzia|tangu|tulianza|ilianza)"
)
_ARTICLE = re.compile(
    r"[-*+•\s]*(?:the|an?|our|each|every|one|two|three|four|la|le|les|l'|une?|deux"
    r"|trois|chaque|el|los"
    r"|las|una|dos|cada|os?|as?|uma?|duas|dois|kila)\s+"
)
# Behind a role: what makes it a place or an owner, and not somebody who acts.
_NO_ACT = re.compile(
    r"\s+(?:of|'s|de|du|da|do|del|des|ya|wa|and|et|y|e|na|who|which|in|on|at|with|is"
    r"|are|was|were|said"
    r"|says|told|felt|feared|objected|complained|protested|thought|asked|did not|had|has|have|are"
    r"|ont\s+(?:dit|protest)|a\s+dit|se\s+quej\w*|dijo|dijeron|disse|mmoja|alisema|walisema)\b"
)
_INSIDE = re.compile(r"\s(?:the|an?|la|le|el|of|to|que|kwa)\s")


class Lead(NamedTuple):
    """What is set apart as an idea: its own words, and all that is said of it."""

    text: str
    body: str
    name: str = ""  # its bold lead or heading, as it stands
    cells: tuple[str, ...] = ()  # of its row, where it stands in a table


class Read(NamedTuple):
    """The change ideas and the passages they were read from."""

    ideas: tuple[ChangeIdea, ...]
    evidence: tuple[Evidence, ...]


def ideas_of(
    sections: Sequence[Section],
    *,
    record_type: RecordType = RecordType.IMPROVEMENT_STORY,
    within: tuple[date, date] | None = None,
    language: str = "",
) -> Read:
    """Return the change ideas that a story sets apart, in order, each field with its passage.

    `within` is when the work went on: a date without a year must fall there. In a change package
    every part may hold ideas, marked A1, A2 and so on.
    """
    found: list[tuple[int, Lead]] = []
    for number, section in enumerate(sections):
        if section.role is SectionRole.CHANGES:
            found += [(number, lead) for lead in _in_section(section)]
        elif record_type is RecordType.CHANGE_PACKAGE:
            found += [(number, lead) for lead in _coded(section.body)]
    if not found:
        found = [
            (number, lead)
            for number, section in enumerate(sections)
            if section.role is SectionRole.OTHER
            for lead in _by_ordinals(section.body)
        ]
    if not found:
        found = [
            (number, lead)
            for number, section in enumerate(sections)
            if section.role is SectionRole.OTHER and not section.heading
            for lead in _in_prose(section.body, language)
        ]
    found = [(number, lead) for number, lead in found if lead.text]
    if len(found) > MOST_IDEAS:
        return Read((), ())
    ideas, evidence = [], []
    for place, (number, lead) in enumerate(found):
        idea, quotes = _idea(lead, sections[number].body, within, language)
        said = [(name, number, quote) for name, quote in quotes]
        if idea.verdict is Verdict.NOT_REPORTED and (named := _named_as_failed(lead, sections)):
            idea = idea.model_copy(update={"verdict": Verdict.DID_NOT_WORK})
            said.append(("verdict", *named))
        ideas.append(idea)
        evidence += [
            Evidence(field=f"change_ideas.{place}.{name}", section=where, quote=quote)
            for name, where, quote in said
        ]
    return Read(tuple(ideas), tuple(evidence))


def _named_as_failed(lead: Lead, sections: Sequence[Section]) -> tuple[int, str] | None:
    """Where a section called "What did not work" speaks of the idea by its name, if one does."""
    name = [word for word in tokens(one_line(lead.name)) if len(word) > SHORT]
    for number, section in enumerate(sections):
        says_so = section.role is SectionRole.DID_NOT_WORK and pattern("failed", "").search(
            fold(section.heading)
        )
        for sentence in sentences(section.body) if says_so and name else ():
            if set(name) <= set(tokens(sentence.text[:OPENING])):
                return number, sentence.text
    return None


def decision_in(text: str, *, language: str = "") -> Decision:
    """Return what the words say was decided; PENDING where they say nothing."""
    return _decided([text], language)[0]


def _decided(quotes: Sequence[str], language: str) -> tuple[Decision, str]:
    """The decision that the passages tell, and the one that tells it; giving up counts most."""
    for decision in (Decision.ABANDONED, Decision.ADAPTED, Decision.ADOPTED):
        words = pattern(decision.value, language)
        for quote in quotes:
            kept = decision is Decision.ADOPTED and _KEPT.match(fold(quote))
            if kept or words.search(fold(quote)):
                return decision, quote
    return Decision.PENDING, ""


def _in_section(section: Section) -> list[Lead]:
    own = _NUMBERED.match(section.heading)
    if own:
        return [_named(section.heading[own.end() :], section.body)]
    ways = (
        _table_rows, _sub_headings, _bold_leads, _inline, _by_ordinals, _list_items, _paragraphs,
    )  # fmt: skip
    return next((leads for way in ways if len(leads := list(way(section.body))) > 1), []) or list(
        _paragraphs(section.body)
    )


def _named(name: str, body: str) -> Lead:
    """A lead that says what was done: the name, with the first sentence where it is short."""
    bare = one_line(name)
    for mark in (_COUNTING, _CODE, _NUMBERED):
        bare = mark.sub("", bare).strip(" ,:.–—-")
    bare = bare[:1].upper() + bare[1:]
    first = _first_sentence(body)
    if not bare or len(re.sub(r"\(.*?\)", "", bare).split()) >= LEAD or not first:
        return Lead(bare or first, body, name)
    return Lead(f"{bare}: {first}", body, name)


def _table_rows(body: str) -> Iterator[Lead]:
    for grid in grids(body):
        if not _IDEA_COLUMN.match(fold(grid.header[0])):
            continue
        for row in grid.rows:
            rest = [one for one in zip(grid.header[1:], row[1:], strict=False) if one[1]]
            many = [f"{one_line(head)}: {cell}" if head else cell for head, cell in rest]
            body = " · ".join(many) if len(rest) > 1 else "".join(cell for _, cell in rest)
            yield Lead(one_line(row[0]), body, cells=tuple(cell for _, cell in rest))


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


def _inline(body: str) -> Iterator[Lead]:
    """Parts numbered (1) (2) in one paragraph, or begun by words in italics, as in print."""
    for block in _blocks(body):
        for marks in (_IN_BRACKETS, _IN_ITALICS):
            starts = [match.start() for match in marks.finditer(block)]
            if len(starts) < 2:  # noqa: PLR2004
                continue
            for start, end in pairwise([*starts, len(block)]):
                part = block[start:end].strip()
                text = marks.sub("", f" {part}", count=1).strip(" *")
                first, *more = [one.text for one in sentences(text)] or [""]
                yield _named(first.strip("*"), " ".join(more) or text)._replace(body=part)
            break


def _by_ordinals(body: str) -> list[Lead]:
    """The paragraphs that begin with First, Then, Third …, or with a day, where two or more do."""
    found = [
        Lead(_first_sentence(_without_day(block)), block)
        for block in _blocks(body)
        if _ORDINAL.match(fold(one_line(block)))
    ]
    return found if len(found) > 1 else []


def _in_prose(body: str, language: str) -> Iterator[Lead]:
    """What running prose says was tried: a sentence that says so, and those up to the next."""
    tried = pattern("tried", language)
    for block in _blocks(body):
        told = [one for one in sentences(block) if not one.text.startswith("|")]
        starts = [one.start for one in told if _tells_a_try(fold(one.text), tried)]
        for start, end in pairwise([*starts, len(block)]):
            part = block[start:end].strip()
            yield Lead(_first_sentence(part), part)


def _tells_a_try(folded: str, tried: re.Pattern[str]) -> bool:
    return bool(_SINCE.match(folded) or tried.search(folded))


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


def _idea(
    lead: Lead, body: str, within: tuple[date, date] | None, language: str
) -> tuple[ChangeIdea, list[tuple[str, str]]]:
    """The idea, and for each field that is filled the passage of `body` that says it."""
    parts = lead.cells or (lead.body,)  # each cell for itself, as it stands in the text
    told = [lead.name, *(one.text for part in parts for one in sentences(part))][:MOST_PASSAGES]
    quotes = [quote for quote in told if quote and quote in body]
    decision, decided = _decided(quotes, language)
    failing = pattern("failed", language)
    failed = next((quote for quote in quotes if failing.search(fold(quote))), "")
    started, began = _named_month(lead.name, quotes, within) or _first_day(quotes[:2], within)
    if started is None:
        started, began = _first_day(quotes[2:], within, _BEGAN)
    since = (started, within[1]) if started and within and started <= within[1] else within
    ended, stopped = _first_day(quotes, since, pattern("abandoned", language))
    in_cells = len(lead.cells) > 1  # these are no sentences: a role in one need not have done it
    prose = [quote for quote in quotes if quote != lead.name and not in_cells]
    who, doing = next(filter(None, (_doer(quote, language) for quote in prose)), ("", ""))
    idea = ChangeIdea(
        text=_short(lead.text.strip(" .")),
        steps=lead.body.strip(),
        who_did_it=who,
        started=started,
        ended=ended if ended != started else None,
        decision=decision,
        verdict=Verdict.DID_NOT_WORK if failed else Verdict.NOT_REPORTED,
    )
    said = {
        "text": next(iter(quotes), ""),
        "started": began,
        "ended": stopped if idea.ended else "",
        "who_did_it": doing,
        "decision": decided,
        "verdict": failed,
    }
    found = [(name, quote) for name, quote in said.items() if quote]
    return idea, [*found, *(("steps", quote) for quote in quotes[1:] if idea.steps)]


def _first_day(
    quotes: Sequence[str],
    within: tuple[date, date] | None,
    telling: re.Pattern[str] | None = None,
) -> tuple[date | None, str]:
    """The first day that a passage names, where it has one of the `telling` words, if given."""
    for quote in quotes:
        if telling is not None and not telling.search(fold(quote)):
            continue
        if day := day_in(one_line(quote), within=within) or _month_in(quote, within):
            return day, quote
    return None, ""


def _named_month(
    name: str, quotes: Sequence[str], within: tuple[date, date] | None
) -> tuple[date, str] | None:
    """The month that a lead names alone: "PDSA 4, March, handover"."""
    match = re.search(rf"(?:^|[,(–—]\s*)(?P<month>{month_pattern()})\s*(?:[,:)–—]|$)", fold(name))
    if match is None or within is None or name not in quotes:
        return None
    day = day_in(f"1 {match['month']}", within=within)
    return (day, name) if day else None


def _month_in(quote: str, within: tuple[date, date] | None) -> date | None:
    """The first of a month that stands without day and year, where the work went on then."""
    match = _month_alone().search(fold(quote)) if within else None
    return day_in(f"1 {match['month']}", within=within) if match else None


@cache
def _month_alone() -> re.Pattern[str]:
    since = (
        r"(?:in|from|since|en|depuis|des|a\s+partir\s+de|a\s+partir\s+d'|desde|em|a\s+partir\s+del?"
        r"|mwezi\s+wa|tangu|kuanzia|\()"
    )
    return re.compile(rf"(?:^|\W){since}\s*(?P<month>{month_pattern()})\b(?!\s*\d)")


def _doer(quote: str, language: str) -> tuple[str, str] | None:
    """Who did it, where a sentence, or what follows its day, begins with a role: "The clerk …"."""
    folded = fold(quote)
    comma = folded.find(", ", 0, FIRST) + 2
    day = next((one.end() for one in re.finditer(month_pattern(), folded[:FIRST])), 0)
    year = re.compile(r"\s+(?:19|20)\d\d,?").match(folded, day) if day else None
    for start in dict.fromkeys((0, comma if comma > 1 else 0, year.end() if year else day)):
        if who := _role_at(quote, folded, start, language):
            return who, quote
    return None


def _role_at(quote: str, folded: str, start: int, language: str) -> str:
    """The role that stands at `start` and does something, or ""."""
    article = _ARTICLE.match(folded, start)
    start = article.end() if article else start
    role = pattern("roles", language).search(folded, start, start + FIRST)
    if role is None or len(folded[start : role.start()].split()) > MOST_BEFORE:
        return ""
    whole = quote[start : role.end()]
    person = not pattern("people", language).fullmatch(role[0])
    set_apart = _INSIDE.search(fold(whole)) or re.search(r"[,.;:()]", whole)
    behind = folded[role.end() :]
    acts = re.match(r"\s+[^\W\d_]{2,}", behind) and not _NO_ACT.match(behind)
    return one_line(whole) if person and acts and not set_apart else ""


def _short(line: str) -> str:
    if len(line) <= LINE:
        return line
    return line[: line.rfind(" ", 0, LINE)].rstrip(" ,;:") + "…"
