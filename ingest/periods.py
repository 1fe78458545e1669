"""Dates as people write them: the period that one text names, and from when to when a work went.

Numbers are read day first (06/02/2023 is 6 February), unless the `Style` of the column says that
the month comes first: see `ingest.dating`. What is dated by another calendar is no period here:
see `ingest.calendars`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from babel.dates import get_month_names

from ingest.calendars import has_era
from ingest.sentences import fold
from kb.vocabulary import Cadence

LANGUAGES = ("en", "fr", "es", "pt", "sw")
EARLIEST, LATEST = 1980, 2059  # years that may be meant; the Nepali ones begin at 2060
CENTURY = 2000  # of a year of two digits
MOST_BESIDE = 6  # words of a cell beside the period: "Week 12 of the second phase (20 Mar 2023)"
LONGEST = 80  # characters of a cell that may name a period

# Short forms that locale data do not have.
MORE_MONTHS = {
    "sept": 9, "set": 9, "setiembre": 9, "ene": 1, "abr": 4, "dic": 12, "dez": 12, "fev": 2,
    "out": 10, "juil": 7, "jui": 7, "juill": 7, "aout": 8, "mai": 5, "mac": 3, "okt": 10,
    "des": 12, "ago": 8, "ag": 8, "avr": 4, "janv": 1, "fevr": 2, "sep": 9,
}  # fmt: skip
ARABIC = ("ar", "ar_SY", "ar_MA", "ar_DZ")  # each with its own names of the same months
SWAHILI_MONTHS = (
    "kwanza", "pili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa", "kumi",
    "kumi na moja", "kumi na mbili",
)  # fmt: skip


class Period(NamedTuple):
    """A period: its first day, the source's own words, and the cadence the words tell."""

    first: date
    label: str
    cadence: Cadence | None = None


class Span(NamedTuple):
    """From the first day of one month to the first day of another, and the words that say so."""

    start: date
    end: date
    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """What the other cells of a column tell about how each is meant."""

    month_first: bool = False  # 05/13/2023
    weeks_of_month: bool = True  # "Week 2 Jan" is the second week, not the week of the 2nd
    halves: bool = True  # "S1 2023" is a half-year, not a week


def parse(text: str, *, after: date | None = None, style: Style = Style()) -> Period | None:
    """Return the period that a short text names, or None.

    A text without a year needs `after`: it means the first such day that is not long before.

    >>> parse("06/02/2023").first, parse("Semaine 12 (20/03/2023)").first
    (datetime.date(2023, 2, 6), datetime.date(2023, 3, 20))
    >>> parse("T1 2023").cadence, parse("Wk of 20 Feb", after=date(2023, 1, 1)).cadence
    (<Cadence.QUARTER: 'quarter'>, <Cadence.WEEK: 'week'>)
    """
    folded = fold(text).replace("\u00a0", " ").strip()
    if not folded or len(folded) > LONGEST or has_era(folded) or _FISCAL.search(folded):
        return None
    for pattern in _forms(style):
        match = pattern.search(folded)
        if match and _beside(folded, match) > MOST_BESIDE:
            return None
        if match and (found := _meant(match, after)):
            week = Cadence.WEEK if _WEEK.search(folded) else found[1]
            return Period(found[0], text.strip(), week)
    return None


def may_name_period(text: str) -> bool:
    """Return whether a text names a period, with or without its year."""
    return parse(text, after=date(CENTURY, 1, 1)) is not None


def _beside(folded: str, match: re.Match[str]) -> int:
    return len(re.findall(r"\w+", folded[: match.start()] + " " + folded[match.end() :]))


def usual_year(text: str) -> int | None:
    """Return the year in which a "from … to …" begins, else the one that `text` names most."""
    if span := span_in(text):
        return span.start.year
    years = Counter(int(year) for year in re.findall(r"\b(?:19[89]|20\d)\d\b", text))
    return min(years, key=lambda year: (-years[year], year)) if years else None


def span_in(text: str) -> Span | None:
    """Return the first "from … to …" of `text` that names two months and a year, or None."""
    folded = fold(text)
    for match in _span_pattern().finditer(folded):
        last_year = int(match["last_year"])
        end = date(last_year, _month(match["last"]), 1)
        first = _month(match["first"])
        year = int(match["first_year"] or (last_year if first <= end.month else last_year - 1))
        if date(year, first, 1) <= end:
            return Span(date(year, first, 1), end, text[match.start() : match.end()])
    return None


def day_in(text: str, *, within: tuple[date, date] | None = None) -> date | None:
    """Return the first date in running `text`; one without a year must fall in `within`."""
    for match in _date_pattern().finditer(fold(text)):
        month, day = _month(match["month"]), int(match["day"] or match["day2"] or 1)
        if match["year"]:
            return _day(int(match["year"]), month, day)
        if within and (match["day"] or match["day2"]):
            years = range(within[0].year, within[1].year + 1)
            slack = timedelta(days=31)
            found = (_day(year, month, day) for year in years)
            return next((d for d in found if d and within[0] <= d <= within[1] + slack), None)
    return None


_WEEK = re.compile(r"\b(?:wk|week|w\d|sem|semaine|semana|se|wiki)\b")
# "Q1 2022/23", "FY23": when such a year begins is known to its ministry only.
_FISCAL = re.compile(
    r"\bfy\s?'?\d|\bfiscal|\bfinancial year|\bexercice\b"
    r"|[qt]\s?[1-4][\s,-]{0,3}(?:20)?\d\d\s?[/-]\s?(?:20)?\d\d\b"
)
_WEEK_NAME = (
    r"\b(?:(?:epi(?:demiological|demiologique)?\.?\s?)?(?:weeks?|wk|w|semaine|sem|semana|se|s|wiki))"
    r"(?:\s?ya)?\.?\s?(?:n[o°]\.?\s?)?"
)
WEEK_NUMBER = re.compile(rf"{_WEEK_NAME}(\d{{1,2}})")  # "Week 12" without its year
_ORDINALS = {
    1: "1|1st|first|1er|1ere|1re|premier|premiere|1o|1a|1ra|1°|primer|primero|primera|primeiro"
    "|primeira|i|kwanza",
    2: "2|2nd|second|2e|2eme|2nde?|deuxieme|seconde|2o|2a|2do|2da|2°|segundo|segunda|ii|pili",
    3: "3|3rd|third|3e|3eme|troisieme|3o|3a|3er|3ro|3°|tercer|tercero|tercera|terceiro|iii|tatu",
    4: "4|4th|fourth|4e|4eme|quatrieme|4o|4a|4to|4°|cuarto|quarto|iv|nne",
}
_NUMBER_OF = {word: number for number, words in _ORDINALS.items() for word in words.split("|")}
_ORDINAL = "(?:" + "|".join(sorted(_NUMBER_OF, key=len, reverse=True)) + ")"


@cache
def _months() -> dict[str, int]:
    known = dict(MORE_MONTHS)
    for language in (*LANGUAGES, *ARABIC):
        for width in ("wide", "abbreviated"):
            names = get_month_names(width, locale=language)
            known |= {fold(str(name)).rstrip("."): number for number, name in names.items()}
    for number, name in enumerate(SWAHILI_MONTHS, 1):
        known |= {f"mwezi wa {name}": number, f"mwezi wa {number}": number}
    return known


def _month(name: str) -> int:
    return _months()[name]


@cache
def month_pattern() -> str:
    """Return the alternatives of a pattern that finds the name of a month in a folded text."""
    return "(?:" + "|".join(sorted(_months(), key=len, reverse=True)) + r")(?![^\W\d_])"


@cache
def _forms(style: Style) -> tuple[re.Pattern[str], ...]:
    """The ways to write a period, the most telling first."""
    name = rf"(?P<name>{month_pattern()})\.?"
    th = r"(?:st|nd|rd|th|er|º|°|o)?"
    day = rf"\b(?P<day>\d{{1,2}}){th}"
    of = r"[\s-]*(?:of\s|de\s|d')?\s*"
    year, number = r"'?(?P<year>\d{4}|\d{2})(?!\d)", r"(?P<month>\d{1,2})"
    full = r"(?P<year>(?:19|20)\d\d)(?!\d)"
    of_year = r"[\s,/'-]*(?:(?:of|de|del|du|ya|mwaka|wa)\s)?\s*"
    to = r"\s*(?:-|–|—|/|\bto\b|\bau?\b|\bal\b|\bhadi\b|\bet\b|\by\b)\s*"
    numeric = (
        rf"\b{number}([/.-])(?P<day>\d{{1,2}})" if style.month_first else rf"{day}([/.-]){number}"
    )
    last = rf"{to}(?P<last>{month_pattern()})\.?"
    some_year = rf"(?:{of_year}{year})?"
    quarter = r"(?:trimestre|trimester|quarter|trim\b\.?|qtr\b\.?)"
    half = r"(?:semestre|semester|half(?:-?year)?)"
    fortnight = r"(?:quinzaine|quincena|quinzena|fortnight|half)"
    weeks = (
        rf"{_WEEK_NAME}(?P<nth>[1-5])[\s,/(-]*(?:(?:of|de|ya)\s)?\s*{name}{some_year}",
        rf"\b(?P<nth>[1-5])(?:st|nd|rd|th|re|e|eme|a|ra|da|o)?\s(?:week|semaine|semana)\s(?:of|de|d')\s?{name}{some_year}",
    )
    halves = (rf"\bs\s?(?P<half>[12])\b{of_year}{year}", rf"\b{full}[\s/-]*s(?P<half>[12])\b")
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"\b(?P<year>\d{{4}})[-/.]{number}[-/.](?P<day>\d{{1,2}})\b",
            rf"\b{numeric}{to}\d{{1,2}}[/.-](?P<last_month>\d{{1,2}})[/.-]{year}",
            rf"\b{day}{to}\d{{1,2}}[/.]{number}[/.]{year}",
            rf"{numeric}[/.-]{year}",
            *(weeks if style.weeks_of_month else ()),
            rf"\b(?P<fortnight>{_ORDINAL})\s?(?:ya\s)?{fortnight}\s?(?:of|de|d')?\s?{name}{some_year}",
            rf"{day}{of}{name}{to}\d{{1,2}}{th}{of}(?P<last>{month_pattern()})\.?,?[\s/-]*(?:de\s+)?{year}",
            rf"{day}{to}\d{{1,2}}{th}{of}{name}(?:,?[\s/-]*(?:de\s+)?{year})?",
            rf"\b{name}\s+{day[2:]}{to}\d{{1,2}}{th},?\s*{full}",
            rf"\b{name}[\s/'-]*(?P<since>\d{{4}}){last}[\s/'-]*\d{{4}}",
            rf"\b{name}{last},?[\s'-]*(?:de\s+)?{year}",
            rf"{day}{of}{name},?[\s/-]*(?:de\s+)?{year}",
            rf"\b{name}\s+{day[2:]},\s*{year}",
            rf"\b{name},?(?:\s+(?:de|del|wa|ya))?[\s/'(-]*{year}",
            rf"\b{full}[\s/,-]*{name}",
            rf"\b[qt]\s?(?P<quarter>[1-4]){of_year}{year}",
            rf"\b{full}[\s/-]*[qt](?P<quarter>[1-4])\b",
            rf"\b(?P<quarter>{_ORDINAL})\s?{quarter}{of_year}{year}",
            rf"\b(?:{quarter}|robo)\s?(?:ya\s)?(?P<quarter>{_ORDINAL})\b{of_year}{year}",
            rf"\b{full}[\s,/-]*(?:{quarter}|robo)\s?(?:ya\s)?(?P<quarter>{_ORDINAL})\b",
            rf"\b{full}[\s,/-]*(?P<quarter>{_ORDINAL})\s?{quarter}",
            rf"\b(?P<half>{_ORDINAL})\s?{half}{of_year}{year}",
            rf"\b(?:{half}|nusu)\s?(?:ya\s)?(?P<half>{_ORDINAL})\b{of_year}{year}",
            rf"\bh\s?(?P<half>[12])\b{of_year}{year}",
            *(halves if style.halves else ()),
            rf"\b{full}[\s-]*{_WEEK_NAME[2:]}(?P<week>\d{{1,2}})\b",
            rf"{_WEEK_NAME}(?P<week>\d{{1,2}})\b[\s,/(-]*(?:(?:of|de|del|ya|mwaka)\s)?\s*{full}",
            rf"^(?P<year>\d{{4}})[-/]{number}$",
            rf"^{number}[/.-](?P<year>\d{{4}})$",
            rf"^{number}[/-](?P<year>\d{{2}})$",
            rf"^{full}m{number}$",
            r"^(?P<year>20[0-5]\d)(?P<month>0[1-9]|1[0-2])$",
            r"^(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)$",
            rf"{day}{of}{name}",
            rf"\b{name}\s+{day[2:]}$",
            rf"^\W{{0,3}}{name}(?:{last})?\W{{0,3}}(?:\(?(?:p|prov\w*)\.?\)?)?$",
            r"^[qt]\s?(?P<quarter>[1-4])$",
            rf"^(?P<quarter>{_ORDINAL})\s?{quarter}$",
            rf"^(?:{quarter}|robo)\s?(?:ya\s)?(?P<quarter>{_ORDINAL})$",
        )
    )


def _meant(found: re.Match[str], after: date | None) -> tuple[date, Cadence | None] | None:
    """Return the first day, and the cadence where a month or a quarter is named."""
    said = {name: value for name, value in found.groupdict().items() if value}
    if "week" in said:
        monday = monday_of(_full(said["year"]), int(said["week"]))
        return (monday, Cadence.WEEK) if monday else None
    month = _month(said["name"]) if "name" in said else int(said.get("month", 0))
    day = int(said.get("day", 1))
    cadence = None if "day" in said else Cadence.MONTH
    match said:
        case {"quarter": which}:
            month, cadence = 3 * _NUMBER_OF[which] - 2, Cadence.QUARTER
        case {"half": which}:
            month, cadence = 6 * _NUMBER_OF[which] - 5, None
        case {"fortnight": which}:
            day, cadence = 15 * _NUMBER_OF[which] - 14, Cadence.FORTNIGHT
        case {"nth": which}:
            day, cadence = 7 * int(which) - 6, Cadence.WEEK
        case _:
            pass
    return _placed(said, month, day, cadence, after)


def _placed(
    said: dict[str, str], month: int, day: int, cadence: Cadence | None, after: date | None
) -> tuple[date, Cadence | None] | None:
    """Find the year: of a span over New Year, it is the year before the one that is named."""
    earlier = 0
    if "last_month" in said:
        earlier = month > int(said["last_month"])
    if "last" in said:
        last = _month(said["last"])
        if "day" not in said:
            cadence = Cadence.QUARTER if (last - month) % 12 == 2 else None  # noqa: PLR2004
        earlier = month > last
    if "since" in said:
        said["year"], earlier = said["since"], 0
    if not 1 <= month <= 12:  # noqa: PLR2004
        return None
    first = (
        _day(int(said["year"]) - earlier, month, day)
        if "year" in said
        else _next(after, month, day)
    )
    return (first, cadence) if first else None


def monday_of(year: int, week: int) -> date | None:
    """Return the first day of a week, None where the year has no such week. Source: ISO 8601."""
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def _full(year: str) -> int:
    return int(year) + (CENTURY if len(year) < 4 else 0)  # noqa: PLR2004


def _day(year: int, month: int, day: int) -> date | None:
    year += CENTURY if year < 100 else 0  # noqa: PLR2004
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(after: date | None, month: int, day: int) -> date | None:
    """The first such day that is not more than half a year before `after`."""
    if after is None:
        return None
    same = _day(after.year, month, day)
    return same if same and same > after - timedelta(days=183) else _day(after.year + 1, month, day)


@cache
def _span_pattern() -> re.Pattern[str]:
    month = month_pattern()
    to = r"(?:\s*(?:-|–|—)\s*|\s+(?:to|and|until|au|a|et|jusqu'en|hasta|y|ate|e|hadi|mpaka|na)\s+)"
    year = r"(?:\s*(?:de|del)?\s+|[-/])(?P<{}>(?:19|20)\d\d)"
    day = r"(?:\d{1,2}(?:st|nd|rd|th|er)?\s+(?:de\s+)?)?"
    return re.compile(
        rf"\b(?P<first>{month})\.?(?:{year.format('first_year')})?{to}{day}"
        rf"(?:tarehe\s+)?(?:d')?(?P<last>{month})\.?{year.format('last_year')}\b"
    )


@cache
def _date_pattern() -> re.Pattern[str]:
    month = month_pattern()
    return re.compile(
        rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?\s+(?:of\s+|de\s+)?)?(?P<month>{month})\.?"
        r"(?:\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?!\s*(?:%|of|de|to)))?"
        r"(?:,?\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d\d))?\b"
    )
