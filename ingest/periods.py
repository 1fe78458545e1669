"""Dates as people write them: the period of a table's row, and from when to when a work went.

Numbers are read day first (06/02/2023 is 6 February), unless another row of the same column
shows that the month comes first. Ethiopian dates are not converted: a year there has thirteen
months, and a wrong conversion looks right.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from babel.dates import get_month_names

from ingest.sentences import fold
from kb.vocabulary import Cadence

LANGUAGES = ("en", "fr", "es", "pt", "sw")
EARLIEST, LATEST = 1980, 2100  # years that may be meant
CENTURY = 2000  # of a year of two digits

# Short forms that locale data do not have.
MORE_MONTHS = {
    "sept": 9, "set": 9, "setiembre": 9, "ene": 1, "abr": 4, "dic": 12, "dez": 12, "fev": 2,
    "out": 10, "juil": 7, "jui": 7, "juill": 7, "aout": 8, "mai": 5, "mac": 3, "okt": 10,
    "des": 12, "ago": 8, "ag": 8, "avr": 4, "janv": 1, "fevr": 2, "sep": 9,
}  # fmt: skip
ETHIOPIAN = re.compile(
    r"\b(?:meskerem|tikimt|tikemt|hidar|tahsas|yekatit|megabit|miazia|ginbot|sene|hamle|nehase"
    r"|pagume|e\.?c\.)(?!\w)"
)
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


def column(texts: Sequence[str], *, year: int | None = None) -> list[Period | None]:
    """Return the period of each cell of a column, None where a cell names none.

    `year` is the year of the first cell that names none; months that fall back start another.
    """
    month_first = any(_is_month_first(text) for text in texts)
    found: list[Period | None] = []
    last: date | None = None
    for text in texts:
        after = last or (date(year, 1, 1) if year else None)
        period = parse(text, after=after, month_first=month_first)
        found.append(period)
        last = period.first if period else last
    return found


def parse(text: str, *, after: date | None = None, month_first: bool = False) -> Period | None:
    """Return the period that a short text names, or None.

    A text without a year needs `after`: it means the first such day that is not long before.

    >>> parse("06/02/2023").first, parse("Semaine 12 (20/03/2023)").first
    (datetime.date(2023, 2, 6), datetime.date(2023, 3, 20))
    >>> parse("T1 2023").cadence, parse("Wk of 20 Feb", after=date(2023, 1, 1)).cadence
    (<Cadence.QUARTER: 'quarter'>, <Cadence.WEEK: 'week'>)
    """
    folded = fold(text).strip()
    if not folded or ETHIOPIAN.search(folded):
        return None
    for pattern in _forms(month_first=month_first):
        match = pattern.search(folded)
        if match and (found := _meant(match, after)):
            week = Cadence.WEEK if _WEEK.search(folded) else found[1]
            return Period(found[0], text.strip(), week)
    return None


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


_WEEK = re.compile(r"\b(?:wk|week|sem|semaine|semana|se|wiki)\b")


@cache
def _months() -> dict[str, int]:
    known = dict(MORE_MONTHS)
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            names = get_month_names(width, locale=language)
            known |= {fold(str(name)).rstrip("."): number for number, name in names.items()}
    return known


def _month(name: str) -> int:
    return _months()[name]


@cache
def month_pattern() -> str:
    """Return the alternatives of a pattern that finds the name of a month in a folded text."""
    return "(?:" + "|".join(sorted(_months(), key=len, reverse=True)) + r")(?![^\W\d_])"


@cache
def _forms(*, month_first: bool) -> tuple[re.Pattern[str], ...]:
    """The ways to write a period, the most telling first."""
    name = rf"(?P<name>{month_pattern()})\.?"
    day = r"\b(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°)?"
    of = r"[\s-]*(?:of\s|de\s)?\s*"
    year, number = r"(?P<year>\d{4}|\d{2})(?!\d)", r"(?P<month>\d{1,2})"
    numeric = rf"\b{number}([/.-])(?P<day>\d{{1,2}})" if month_first else rf"{day}([/.-]){number}"
    last = rf"(?:\s*(?:-|–|—|to|a|au|hadi|/)\s*)(?P<last>{month_pattern()})\.?"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"\b(?P<year>\d{{4}})-{number}-(?P<day>\d{{1,2}})\b",
            rf"{numeric}[/.-]{year}",
            rf"\b{name}{last},?\s*(?:de\s+)?(?P<year>\d{{4}})\b",
            rf"{day}{of}{name},?[\s/-]*(?:de\s+)?{year}",
            rf"\b{name}\s+{day[2:]},\s*{year}",
            rf"\b{name},?(?:\s+de)?[\s/'-]*{year}",
            r"\b[qt]\s?(?P<quarter>[1-4])[\s/-]*(?P<year>\d{4})\b",
            r"\b(?P<year>\d{4})[\s/-]*[qt](?P<quarter>[1-4])\b",
            rf"^(?P<year>\d{{4}})[-/]{number}$",
            rf"^{number}[/.-](?P<year>\d{{4}})$",
            rf"{day}{of}{name}",
            rf"^{name}$",
        )
    )


def _meant(match: re.Match[str], after: date | None) -> tuple[date, Cadence | None] | None:
    """Return the first day, and the cadence where a month or a quarter is named."""
    said = {name: value for name, value in match.groupdict().items() if value}
    month = _month(said["name"]) if "name" in said else int(said.get("month", 0))
    cadence = None if "day" in said else Cadence.MONTH
    if "quarter" in said:
        month, cadence = 3 * int(said["quarter"]) - 2, Cadence.QUARTER
    earlier = 0
    if "last" in said:
        last = _month(said["last"])
        cadence = Cadence.QUARTER if (last - month) % 12 == 2 else None  # noqa: PLR2004
        earlier = month > last
    day = int(said.get("day", 1))
    first = (
        _day(int(said["year"]) - earlier, month, day)
        if "year" in said
        else _next(after, month, day)
    )
    return (first, cadence) if first else None


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
