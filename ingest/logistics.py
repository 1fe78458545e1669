"""When, where, by whom, for how long, with what, and how everyone was included."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ingest.amounts import count_words
from ingest.phrases import pattern
from ingest.sentences import one_line
from ingest.told import Told
from kb.content import Evidence
from kb.vocabulary import SectionRole

MOST = 3  # passages of each; a story tells of several meetings and drills
LEAST_ITEMS = 2  # of a list of materials
OPENING = 10  # characters; a sentence that opens with a time says how long it takes
LONGEST = 200  # characters of a list of materials or of who did it

# Where a story tells how the work was done; behind a comma: only for what follows there.
_WORK = {
    SectionRole.LOGISTICS, SectionRole.TEAM, SectionRole.CHANGES, SectionRole.OTHER,
    SectionRole.SUSTAINABILITY, SectionRole.COST,
}  # fmt: skip
# There, only meetings, visits and drills tell when.
_ONLY_MEETINGS = {SectionRole.OTHER, SectionRole.TEAM, SectionRole.SUSTAINABILITY}
_EVERYONE = _WORK | {SectionRole.AIM}
_DAYS = (
    r"mon(?:day)?s?|tues?(?:day)?s?|wed(?:nesday)?s?|thurs?(?:day)?s?|fri(?:day)?s?|sat(?:urday)?s?"
    r"|sun(?:day)?s?|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?"
    r"|lunes|martes|miercoles|jueves|viernes|sabados?|domingos?"
    r"|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?s?"
    r"|jumatatu|jumanne|jumatano|alhamisi|ijumaa|jumamosi|jumapili"
)
_SPAN = (
    r"days?|weeks?|months?|mornings?|evenings?|nights?|shifts?|quarters?|jours?|semaines?|mois"
    r"|matins?|soirs?|trimestres?|dias?|semanas?|mes(?:es)?|mananas?|tardes?|noches?"
    r"|manhas?|noites?"
    r"|siku|wiki|mwezi|asubuhi|jioni"
)


_TAKES = {SectionRole.CHANGES, SectionRole.LOGISTICS}
# Before a time: how late, how old or how far it was, and not how long the work takes.
_NOT_A_LENGTH = re.compile(
    r"\b(?:within|after|before|first|last|next|than|waited|every|in|at|missing|ago|went|for|pendant"
    r"|apres|avant|dans|en|a los|antes|despues|depois|em|aos|na|ndani"
    r"|baada)\s*(?:about\s*|les\s*)?$"
)


class Read(NamedTuple):
    """The logistics that are told, by their names, and the passages they were read from."""

    said: dict[str, str]
    evidence: tuple[Evidence, ...]


def logistics_of(told: Sequence[Told], *, language: str) -> Read:
    """Return what is told of when, where, who, how_long, materials and everyone_included."""
    said: dict[str, list[str]] = defaultdict(list)
    evidence: list[Evidence] = []
    for name, line, start, end in _found(told, language):
        words = one_line(line.text[start:end]).strip(" .,;:")
        if words and words not in said[name] and len(said[name]) < MOST:
            said[name].append(words)
            evidence.append(line.evidence(f"logistics.{name}"))
    return Read({name: "; ".join(found) for name, found in said.items() if found}, tuple(evidence))


def _found(told: Sequence[Told], language: str) -> Iterator[tuple[str, Told, int, int]]:
    own_first = sorted(told, key=lambda one: one.role is not SectionRole.LOGISTICS)
    for one in own_first:
        if one.role in _EVERYONE and (match := pattern("everyone", language).search(one.folded)):
            yield "everyone_included", one, *_clause(one, match)
        if one.role in _WORK:
            yield from ((name, one, *span) for name, span in _how_done(one, language))
    for one in told:
        things = _things(one, language) if one.role is SectionRole.CHANGES else 0
        if things >= LEAST_ITEMS:
            yield "materials", one, *_short(one)


def _how_done(one: Told, language: str) -> Iterator[tuple[str, tuple[int, int]]]:
    counted = pattern("counting", language).search(one.folded)
    meets = _meets(one, language) or one.role is SectionRole.LOGISTICS
    when = None if counted else _when().search(one.folded)
    if when and (meets or one.role not in _ONLY_MEETINGS):
        yield "when", when.span()
    how_long = None if counted else _how_long().search(one.folded)
    takes = (
        how_long and one.role in _TAKES and not _NOT_A_LENGTH.search(one.folded[: how_long.start()])
    )
    if how_long and (meets or takes or how_long.start() < OPENING):
        yield "how_long", how_long.span()
    where = pattern("places", language).search(one.folded)
    if where and _meets(one, language):
        yield "where", where.span()
    if one.role is SectionRole.LOGISTICS and pattern("roles", language).search(one.folded):
        yield "who", _short(one)
    if one.role in {SectionRole.LOGISTICS, SectionRole.COST} and _things(one, language):
        yield "materials", _short(one)


def _meets(one: Told, language: str) -> bool:
    return bool(pattern("meeting", language).search(one.folded))


def _things(one: Told, language: str) -> int:
    return len({match[0] for match in pattern("materials", language).finditer(one.folded)})


def _short(one: Told) -> tuple[int, int]:
    if len(one.text) <= LONGEST:
        return 0, len(one.text)
    return 0, max(one.text.rfind(" ", 0, LONGEST), 1)


def _clause(one: Told, match: re.Match[str]) -> tuple[int, int]:
    """The words between two commas in which the match stands."""
    start = max(one.folded.rfind(mark, 0, match.start()) for mark in (", ", "; ", ": ")) + 1
    ends = [one.folded.find(mark, match.end()) for mark in (", ", "; ", ": ")]
    return start, min((end for end in ends if end > 0), default=len(one.folded))


@cache
def _when() -> re.Pattern[str]:
    every = (
        r"(?:every|each|on|chaque|tous\s+les|cada|todos\s+los|todas\s+as|los|as|aos|kila"
        r"|once\s+an?|le|a)"
    )
    clock = (
        r"(?:\d{1,2}[:.h]\s?\d{2}(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\.?"
        r"|\d{1,2}\s?h(?:\s?\d{2})?\b"
        r"|\d{1,2}\s(?:heures|horas)|saa\s\w+)"
    )
    at = rf"(?:,?\s+(?:at|a|as|a\sla|a\slas|saa)?\s*{clock})"
    ordinal = r"(?:first|second|third|last|other|premier|dernier|primer|ultim[oa]|primeir[oa])\s+"
    return re.compile(
        rf"\b{every}\s+(?:{ordinal})?(?:{_DAYS})\b(?:\s+(?:and|et|y|e|na)\s+(?:{_DAYS})\b)?{at}?"
        rf"|\b(?:every|each|chaque|cada|kila|tous\s+les|todos\s+los"
        rf"|todas\s+as)\s+(?:{ordinal}|\w+\s+)?"
        rf"(?:{_SPAN})\b(?:\s+(?:and|et|y|e|na)\s+(?:{_SPAN})\b)?{at}?"
        r"|\b(?:once|twice|one\s+(?:visit|meeting|session|day|clinic\s+day|morning)"
        r"|une\s+(?:fois|visite"
        r"|reunion|seance)|deux\s+(?:fois|apres-midi)|una\s+(?:vez|visita|reunion|sesion)"
        r"|dos\s+veces"
        r"|uma\s+(?:vez|visita|reuniao|sessao)|duas\s+vezes|mara\s+(?:moja|mbili))\s+"
        r"(?:an?|al?|par|por|kwa|per)\s+"
        rf"(?:\w+\s+)?(?:{_SPAN})\b"
        rf"|\b(?:le|el|a|na|the|on\s+the)\s+(?:{ordinal}|premier\s+"
        rf"|segundo\s+)(?:{_DAYS})\b(?:\s+(?:du|de|del|do|of)"
        r"\s+(?:the\s+)?(?:mois|mes|month))?"
        rf"|\b(?:{_DAYS})\s+(?:and|et|y|e|na)\s+(?:{_DAYS})\b(?:\s+by\s+{clock})?"
        rf"|\b(?:{_DAYS})\s+(?:after(?:noons?)?|mornings?|evenings?)\b"
        r"|\b(?:matin\s+et\s+soir|manana\s+y\s+tarde|morning\s+and\s+evening"
        r"|asubuhi\s+na\s+jioni)\b"
        rf"|\b(?:{_DAYS})\b,?\s+(?:at\s+|a\s+las?\s+|as\s+)?{clock}"
        rf"|\bat\s+{clock}(?:\s+(?:each|every)\s+\w+)?"
        rf"|\b(?:last|first)\s+(?:{_DAYS})\s+of\s+(?:each|the|every)\s+month"
    )


@cache
def _how_long() -> re.Pattern[str]:
    count = rf"(?:{count_words()}|half\s+an?|a\s+few|une?|una?|uma?|an?)"
    unit = (
        r"(?:minutes?|hours?|days?|heures?|jours?|minutos?|horas?|dias?"
        r"|demi-journee|demi-heure|media\s+hora|meia\s+hora)"
    )
    return re.compile(
        rf"\b(?:for|about|pendant|durante|en|lasts|takes|took|toma|dure|environ|cerca\s+de)\s+"
        rf"(?:about\s+)?{count}[\s-]+{unit}\b"
        rf"|\b{count}[\s-]+(?:minutes?|minutos?|hours?|heures?|horas?)\b"
        r"|\bhalf\s+(?:an\s+hour|a\s+day)\b|\bune\s+demi-\w+\b|\b(?:media|meia)\s+hora\b"
        rf"|\bdakika\s+(?:{count_words()})\b|\b(?:two|three|four|five|deux|trois|dos|tres|dois)\s+"
        r"(?:days|jours|dias)\b"
    )
