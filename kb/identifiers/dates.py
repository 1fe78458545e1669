"""Dates of birth, and ages beside the day of what happened."""

import re
from collections.abc import Iterator

from kb.identifiers.cues import Cues, listen
from kb.identifiers.page import Identifier, Page
from kb.identifiers.words import any_of, folded, said
from kb.vocabulary import IdentifierKind

MONTH = rf"(?:{any_of([name for names in said()['months'].values() for name in names])})"
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|o|ª)?"
# A day: 3 May 2023, 3 de mayo de 2023, May 3, 2023, 03/05/2023, 2023-05-03.
DAY = (
    rf"(?:{_DAY}[ .-]{{1,2}}(?:of |de |d'|du mes de |mwezi wa |ya )?{MONTH}\.?[ ,.-]{{1,2}}"
    rf"(?:de |del |of |ya |mwaka )?{_YEAR}"
    rf"|{MONTH}\.? {_DAY},? {_YEAR}"
    rf"|(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:{_YEAR}|\d\d)(?!\d)"
    rf"|{_YEAR}[/.-](?:0[1-9]|1[0-2])[/.-](?:0[1-9]|[12]\d|3[01])(?!\d))"
)
_DAY_WITHOUT_YEAR = rf"(?:{_DAY}[ .-]{{1,2}}(?:of |de |ya )?{MONTH}(?!\w)|{MONTH}\.? {_DAY}(?!\w))"
_MONTH_AND_YEAR = rf"(?:{MONTH}\.?,? (?:de |del |ya |mwaka )?{_YEAR})"
# Figures that are no number of anybody: two years, a day.
YEARS = re.compile(r"(?:19|20)\d\d ?- ?(?:19|20)\d\d")
DATE_LIKE = re.compile(
    r"\d{1,2}[-. ]\d{1,2}[-. ](?:19|20)\d\d|(?:19|20)\d\d[-. ]\d{1,2}[-. ]\d{1,2}"
)
WHOLE_DAY = re.compile(rf"(?<!\w){DAY}", re.IGNORECASE)
MONTH_OR_DAY = re.compile(rf"(?<!\w)(?:{DAY}|{_DAY_WITHOUT_YEAR}|{_MONTH_AND_YEAR})", re.IGNORECASE)
BORN_THEN = (
    r"(?!\w)(?:[ \t.:|*_-]|\((?=\d)|(?:on|in|le|el|em|a|at|the|en|dia|día|siku|tarehe|ya|ni"
    r"|was|is|es|est|era|de|"
    rf"ca|no|lundi|mardi|jeudi)(?!\w)){{1,12}}+(?P<date>{DAY}|{_DAY_WITHOUT_YEAR}"
    rf"|{_MONTH_AND_YEAR})"
)
AGE = re.compile(
    r"(?<!\w)(?:\d{1,2}[- ](?:years?|months?|weeks?|days?)[- ]old(?!\w)|aged? \d{1,2}(?!\w)"
    r"|âgée? de \d{1,2} ans|"
    r"(?:de )?\d{1,2} (?:ans|años|anos)(?: de edad| de idade)?(?!\w)|miaka \d{1,2}|\d{1,2} "
    r"(?:years|yrs)(?!\w)|\d{1,2} ?y/o)",
    re.IGNORECASE,
)
ONE_PERSON = re.compile(
    r"(?<!\w)(?:(?:a|an|the|one|une|la|cette|una|esta|uma|essa|a)[ ](?:[\w-]{1,20} ){0,4}"
    r"(?:mother|woman|girl|boy|baby|patient|child|"
    r"primigravida|primipara|femme|fille|mère|patiente|enfant|adolescente|jeune|mujer|niña"
    r"|niño|madre|paciente|joven|mulher|menina|mãe|"
    r"utente|jovem|gestante)|mama|mwanamke|msichana|mjamzito|mgonjwa|\d{1,2}[- ]years?[- ]old)"
    r"(?!\w)",
    re.IGNORECASE,
)


def _after_born(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    before = page.before(match.start()).casefold().replace(",", " ").split()[-3:]
    if folded("many") & set(before) or match.group("cue").casefold() in {"a", "in"}:
        return
    start, end = match.span("date")
    if re.match(
        r"[ \t]?(?:and|to|et|y|e|na|au|al|hasta|até|hadi|–|-)[ \t]?\d", page.text[end : end + 8]
    ):
        return
    yield page.found(IdentifierKind.BIRTH_DATE, start, end, 0.95)


def listen_for_births(cues: Cues) -> None:
    """Add the rules that find dates of birth."""
    listen(cues, said()["born"], _after_born, then=BORN_THEN)


def days_beside_ages(page: Page, start: int, end: int) -> Iterator[Identifier]:
    """Yield the days in the sentence at `[start:end]` that says how old one person was."""
    if (
        AGE.search(page.text, start, end) is None
        or ONE_PERSON.search(page.text, start, end) is None
    ):
        return
    for day in WHOLE_DAY.finditer(page.text, start, end):
        yield page.found(IdentifierKind.BIRTH_DATE, *day.span(), 0.55)
