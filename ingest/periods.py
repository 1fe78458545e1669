"""Dates as people write them: the period of a table's row, and from when to when a work went.

Numbers are read day first (06/02/2023 is 6 February), unless another row of the same column
shows that the month comes first. What is dated by another calendar is no period here: see
`ingest.calendars`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from statistics import median
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
SERIALS = (36526, 55153)  # days that a spreadsheet counts: from 2000 to 2050
SERIAL_ZERO = date(1899, 12, 30)  # ECMA-376 part 1, 18.17.4.1: day 0 of the 1900 date system

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
# Days from one period to the next, up to which a cadence counts.
GAPS = (
    (3, Cadence.DAY),
    (10, Cadence.WEEK),
    (20, Cadence.FORTNIGHT),
    (45, Cadence.MONTH),
    (135, Cadence.QUARTER),
)


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


class Dated(NamedTuple):
    """The periods of a column or header, and how they were read where the text does not say."""

    periods: list[Period | None]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """What the other cells of a column tell about how each is meant."""

    month_first: bool = False  # 05/13/2023
    weeks_of_month: bool = True  # "Week 2 Jan" is the second week, not the week of the 2nd
    halves: bool = True  # "S1 2023" is a half-year, not a week


def column(texts: Sequence[str], *, year: int | None = None) -> list[Period | None]:
    """Return the period of each cell of a column, None where a cell names none.

    `year` is the year of the first cell that names none; months that fall back start another.
    """
    return dated(texts, year=year).periods


def dated(
    texts: Sequence[str], *, header: str = "", year: int | None = None, told: bool = False
) -> Dated:
    """Return the periods of the cells under `header`, in any order of time.

    `told`: the table itself names `year`, which is then sure; else it is the year of the story.
    """
    cells = ["" if is_no_period(text) else text for text in texts]
    for whole in (_years, _serials, _numbered_weeks):
        if found := whole(cells, header, year, told):
            return found
    style = _style(cells)
    found = Dated(_in_order(cells, year, style))
    return _first_days(_month_first_by_rhythm(cells, header, year, style, found), header)


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


def _beside(folded: str, match: re.Match[str]) -> int:
    return len(re.findall(r"\w+", folded[: match.start()] + " " + folded[match.end() :]))


def is_no_period(text: str) -> bool:
    """Whether a label names a total, an average or a target, whatever dates stand beside it."""
    return bool(TOTALS.match(label := fold(text).strip(" *_:")) or TARGETS.match(label))


def may_be_period(header: str) -> bool:
    """Whether a header speaks of time."""
    return bool(_PERIOD_HEADER.search(fold(header)))


TOTALS = re.compile(
    r"(?:(?:grand |sub-?)?totals?|totaux|total general|sous-totaux|sums?|somme|ensemble|averages?"
    r"|avg|means?|moyennes?|promedios?|medias?|medianes?|medianas?|medians?|jumla|wastani|overall"
    r"|cumul\w*|acumulad\w+|ytd|all (?:sites|facilities|periods))\b"
)
TARGETS = re.compile(
    r"(?:(?:the |our |la |el |o )?(?:targets?|goals?|aims?|cibles?|objectifs?|objetivos?|metas?"
    r"|malengo|lengo|benchmarks?|standards?|norme?s?))\b"
)


def cadence_of(periods: Sequence[Period]) -> Cadence | None:
    """Return how often is counted: the usual gap between the days, else what the words tell."""
    days = sorted({period.first for period in periods})
    if len(days) < 2:  # noqa: PLR2004
        return periods[0].cadence if periods else None
    gap = median((later - earlier).days for earlier, later in pairwise(days))
    return next((cadence for most, cadence in GAPS if gap <= most), None)


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
_PERIOD_HEADER = re.compile(
    r"\b(?:periods?|periode|periodo|kipindi|dates?|fecha|data|tarehe|days?|jours?|dias?|siku|weeks?|wks?"
    r"|semaines?|semanas?|wiki|sem|fortnights?|quinzaines?|quincenas?|quinzenas?|months?|mois|mes|meses"
    r"|miezi|mwezi|quarters?|qtr|trimestres?|trim|robo|semestres?|years?|annees?|an|ano|anos|mwaka"
    r"|time|temps|tiempo|tempo)\b"
)
# "Q1 2022/23", "FY23": when such a year begins is known to its ministry only.
_FISCAL = re.compile(
    r"\bfy\s?'?\d|\bfiscal|\bfinancial year|\bexercice\b"
    r"|[qt]\s?[1-4][\s,-]{0,3}(?:20)?\d\d\s?[/-]\s?(?:20)?\d\d\b"
)
_WEEK_ENDING = re.compile(
    r"\b(?:week|wk)[\s-]?end|\bw/?e\b|\bending|\bfin de (?:la )?sem|\bse terminant|\bque termin"
    r"|\bfim d[ae] sem|\binayoishia|\bmwisho wa wiki"
)
_YEAR_ALONE = re.compile(r"(?:years?|annee|ano|mwaka|cy)?\s?((?:19|20)\d\d)")
_TWO_YEARS = re.compile(r"(?:19|20)\d\d\s?[/–-]\s?(?:(?:19|20)\d\d|\d\d)")
_WEEK_NAME = (
    r"\b(?:(?:epi(?:demiological|demiologique)?\.?\s?)?(?:weeks?|wk|w|semaine|sem|semana|se|s|wiki))"
    r"(?:\s?ya)?\.?\s?(?:n[o°]\.?\s?)?"
)
_WEEK_NUMBER = re.compile(rf"{_WEEK_NAME}(\d{{1,2}})")
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
        monday = _monday(_full(said["year"]), int(said["week"]))
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


def _years(cells: Sequence[str], header: str, year: int | None, told: bool) -> Dated | None:  # noqa: ARG001
    """Read a column of years; beside them only words without a number may stand."""
    matches = [_YEAR_ALONE.fullmatch(fold(cell).strip()) for cell in cells]
    others = [
        cell for cell, match in zip(cells, matches, strict=True) if cell.strip() and not match
    ]
    if not any(matches) or any(re.search(r"\d", cell) for cell in others):
        return None
    if any(parse(cell, after=date(CENTURY, 1, 1)) for cell in others):
        return None
    found = [
        Period(date(int(match[1]), 1, 1), cell.strip()) if match else None
        for match, cell in zip(matches, cells, strict=True)
    ]
    return Dated(list(found))


def _serials(cells: Sequence[str], header: str, year: int | None, told: bool) -> Dated | None:  # noqa: ARG001
    """Read the days that a spreadsheet counts, where a date lost its format."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    days = [int(cell) for cell in filled if re.fullmatch(r"\d{5}", cell)]
    least, most = SERIALS
    if len(days) < max(2, len(filled)) or not all(least <= day < most for day in days):
        return None
    if (header and not may_be_period(header)) or not _steps(days):
        return None
    found = [
        Period(SERIAL_ZERO + timedelta(days=int(cell)), cell.strip()) if cell.strip() else None
        for cell in cells
    ]
    first = next(period for period in found if period)
    doubt = (
        f"“{header}” holds numbers such as {first.label}; they were read as days that a"
        f" spreadsheet counts ({first.first:%-d %B %Y})."
    )
    ended = _first_days(Dated(list(found)), header)
    return Dated(ended.periods, (doubt, *ended.doubts))


def _steps(days: Sequence[int]) -> bool:
    """Whether the days go forth by steps of a quarter at most."""
    gaps = [later - earlier for earlier, later in pairwise(days)]
    return all(0 < gap <= GAPS[-1][0] for gap in gaps) or all(
        -GAPS[-1][0] <= gap < 0 for gap in gaps
    )


def _numbered_weeks(
    cells: Sequence[str], header: str, year: int | None, told: bool
) -> Dated | None:
    """Read weeks that have a number and no year: never where they are counted from a beginning."""
    matches = [
        _WEEK_NUMBER.fullmatch(fold(cell).strip()) if len(cell) <= LONGEST else None
        for cell in cells
    ]
    filled = sum(bool(cell.strip()) for cell in cells)
    if not filled or sum(map(bool, matches)) < max(2, 0.7 * filled):
        return None
    numbers = [int(match[1]) for match in matches if match]
    if year is None or (not told and min(numbers) == 1):
        return Dated(
            [None] * len(cells),
            (f"“{header}” counts weeks without saying of which year; they were not dated.",),
        )
    found: list[Period | None] = []
    last = 0
    for cell, match in zip(cells, matches, strict=True):
        if match is None:
            found.append(None)
            continue
        number = int(match[1])
        year += number < last - _HALF_YEAR_WEEKS
        last = number
        monday = _monday(year, number)
        found.append(Period(monday, cell.strip(), Cadence.WEEK) if monday else None)
    doubt = f"“{header}” counts weeks; they were read as weeks of {found and _first_year(found)}."
    return Dated(found, () if told else (doubt,))


_HALF_YEAR_WEEKS = 26


def _first_year(periods: Sequence[Period | None]) -> int:
    return next((period.first.year for period in periods if period), 0)


def _style(cells: Sequence[str]) -> Style:
    folded = [fold(cell) for cell in cells if len(cell) <= LONGEST]
    numbers = [int(found[1]) for cell in folded if (found := _WEEK_NUMBER.search(cell))]
    named = [number for number in numbers if number > 5]  # noqa: PLR2004
    return Style(
        month_first=any(map(_is_month_first, folded)),
        weeks_of_month=not named,
        halves=not any(number > 2 for number in numbers),  # noqa: PLR2004
    )


def _in_order(cells: Sequence[str], year: int | None, style: Style) -> list[Period | None]:
    """Read the cells from the top, or from the bottom where that makes a shorter time of it."""
    down = _downwards(cells, year, style)
    if _YEAR_SAID.search(" ".join(cells)) or _falls(down) < _SOME_FALLS:
        return down
    up = list(reversed(_downwards(list(reversed(cells)), year, style)))
    return up if _length(up) < _length(down) else down


_YEAR_SAID = re.compile(r"(?:19|20)\d\d")
_SOME_FALLS = 2  # months that fall back, each of which would begin another year


def _falls(periods: Sequence[Period | None]) -> int:
    years = [period.first.year for period in periods if period]
    return len(set(years)) - 1


def _length(periods: Sequence[Period | None]) -> timedelta:
    days = [period.first for period in periods if period]
    return max(days) - min(days) if days else timedelta.max


def _downwards(cells: Sequence[str], year: int | None, style: Style) -> list[Period | None]:
    found: list[Period | None] = []
    last: date | None = None
    for text in cells:
        after = last or (date(year, 1, 1) if year else None)
        period = parse(text, after=after, style=style)
        found.append(period)
        last = period.first if period else last
    return found


def _month_first_by_rhythm(
    cells: Sequence[str], header: str, year: int | None, style: Style, found: Dated
) -> Dated:
    """Put the month first where only so the days are a week, or a month, apart.

    02/01, 03/01 and 04/01 under "Month" are not three days of January.
    """
    if style.month_first or not any(map(_NUMERIC_DATE.search, cells)):
        return found
    daily = bool(_LONGER.search(fold(header))) and _gaps(found) == {1}
    if _is_regular(found) and not daily:
        return found
    other = Dated(
        _downwards(cells, year, Style(month_first=True, weeks_of_month=style.weeks_of_month))
    )
    if not _is_regular(other) or _gaps(other) == {1}:
        return found
    first = next(period for period in other.periods if period)
    doubt = (
        f"“{first.label}” was read as {first.first:%-d %B %Y}, the month first, because only so"
        " the dates are evenly apart."
    )
    return Dated(other.periods, (doubt,))


_NUMERIC_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b")


_LONGER = re.compile(r"\b(?:month|mois|mes|mwezi|quarter|trimestre|robo|week|semaine|semana|wiki)")


def _gaps(found: Dated) -> set[int]:
    days = [period.first for period in found.periods if period]
    return {abs((later - earlier).days) for earlier, later in pairwise(days)}


def _is_regular(found: Dated) -> bool:
    days, gaps = [period.first for period in found.periods if period], _gaps(found)
    months = {day.day for day in days}
    return len(days) > 2 and (  # noqa: PLR2004
        (len(gaps) == 1 and gaps <= {1, 7, 14}) or (len(months) == 1 and min(gaps) > 27)  # noqa: PLR2004
    )


def _first_days(found: Dated, header: str) -> Dated:
    """Move the last days of weeks, months or quarters to the first ones, where all are such."""
    periods = [period for period in found.periods if period]
    if len(periods) < 3:  # noqa: PLR2004
        return found
    if _WEEK_ENDING.search(fold(header)) or all(
        _WEEK_ENDING.search(fold(period.label)) for period in periods
    ):
        return _moved(found, lambda day: day - timedelta(days=6), Cadence.WEEK)
    days = [period.first for period in periods]
    if any((day + timedelta(days=1)).day != 1 for day in days):
        return found
    gaps = [abs((later - earlier).days) for earlier, later in pairwise(days)]
    if median(gaps) > 85 and all(day.month % 3 == 0 for day in days):  # noqa: PLR2004
        return _moved(found, lambda day: date(day.year, day.month - 2, 1), Cadence.QUARTER)
    return _moved(found, lambda day: day.replace(day=1), Cadence.MONTH)


def _moved(found: Dated, first: Callable[[date], date], cadence: Cadence) -> Dated:
    moved = [
        period and period._replace(first=first(period.first), cadence=cadence)
        for period in found.periods
    ]
    return Dated(moved, found.doubts)


def _monday(year: int, week: int) -> date | None:
    """The first day of a week. Source: ISO 8601."""
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


def _is_month_first(text: str) -> bool:
    match = re.search(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})\b", text)
    return bool(match) and int(match[2]) > 12 >= int(match[1])  # type: ignore[index]  # noqa: PLR2004


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
