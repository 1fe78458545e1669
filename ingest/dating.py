"""The periods of a whole column or header: its cells tell together how each is meant.

What one text alone may mean, `ingest.periods` says. A total or a target is no period.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ingest.periods import (
    LONGEST,
    WEEK_NUMBER,
    Period,
    Style,
    may_name_period,
    monday_of,
    parse,
)
from ingest.sentences import fold
from kb.vocabulary import Cadence

SERIALS = (36526, 55153)  # days that a spreadsheet counts: from 2000 to 2050
SERIAL_ZERO = date(1899, 12, 30)  # ECMA-376 part 1, 18.17.4.1: day 0 of the 1900 date system
# Days from one period to the next, up to which a cadence counts.
GAPS = (
    (3, Cadence.DAY),
    (10, Cadence.WEEK),
    (20, Cadence.FORTNIGHT),
    (45, Cadence.MONTH),
    (135, Cadence.QUARTER),
)

TOTALS = re.compile(
    r"(?:(?:grand |sub-?)?totals?|totaux|total general|sous-totaux|sums?|somme|ensemble|averages?"
    r"|avg|means?|moyennes?|promedios?|medias?|medianes?|medianas?|medians?|jumla|wastani|overall"
    r"|cumul\w*|acumulad\w+|ytd|all (?:sites|facilities|periods))\b"
)
TARGETS = re.compile(
    r"(?:(?:the |our |la |el |o )?(?:targets?|goals?|aims?|cibles?|objectifs?|objetivos?|metas?"
    r"|malengo|lengo|benchmarks?|standards?|norme?s?))\b"
)

_PERIOD_HEADER = re.compile(
    r"\b(?:periods?|periode|periodo|kipindi|dates?|fecha|data|tarehe|days?|jours?|dias?|siku|weeks?|wks?"
    r"|semaines?|semanas?|wiki|sem|fortnights?|quinzaines?|quincenas?|quinzenas?|months?|mois|mes|meses"
    r"|miezi|mwezi|quarters?|qtr|trimestres?|trim|robo|semestres?|years?|annees?|an|ano|anos|mwaka"
    r"|time|temps|tiempo|tempo)\b"
)
_WEEK_ENDING = re.compile(
    r"\b(?:week|wk)[\s-]?end|\bw/?e\b|\bending|\bfin de (?:la )?sem|\bse terminant|\bque termin"
    r"|\bfim d[ae] sem|\binayoishia|\bmwisho wa wiki"
)
_YEAR_ALONE = re.compile(r"(?:years?|annee|ano|mwaka|cy)?\s?((?:19|20)\d\d)")


class Dated(NamedTuple):
    """The periods of a column or header, and how they were read where the text does not say."""

    periods: list[Period | None]
    doubts: tuple[str, ...] = ()


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


def cadence_of(periods: Sequence[Period]) -> Cadence | None:
    """Return how often is counted: the usual gap between the days, else what the words tell."""
    days = sorted({period.first for period in periods})
    if len(days) < 2:  # noqa: PLR2004
        return periods[0].cadence if periods else None
    gap = median((later - earlier).days for earlier, later in pairwise(days))
    return next((cadence for most, cadence in GAPS if gap <= most), None)


def is_no_period(text: str) -> bool:
    """Whether a label names a total, an average or a target, whatever dates stand beside it."""
    return bool(TOTALS.match(label := fold(text).strip(" *_:")) or TARGETS.match(label))


def may_be_period(header: str) -> bool:
    """Whether a header speaks of time."""
    return bool(_PERIOD_HEADER.search(fold(header)))


def _years(cells: Sequence[str], header: str, year: int | None, told: bool) -> Dated | None:  # noqa: ARG001
    """Read a column of years; beside them only words without a number may stand."""
    matches = [_YEAR_ALONE.fullmatch(fold(cell).strip()) for cell in cells]
    others = [
        cell for cell, match in zip(cells, matches, strict=True) if cell.strip() and not match
    ]
    if not any(matches) or any(re.search(r"\d", cell) for cell in others):
        return None
    if any(map(may_name_period, others)):
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
        WEEK_NUMBER.fullmatch(fold(cell).strip()) if len(cell) <= LONGEST else None
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
        monday = monday_of(year, number)
        found.append(Period(monday, cell.strip(), Cadence.WEEK) if monday else None)
    doubt = f"“{header}” counts weeks; they were read as weeks of {found and _first_year(found)}."
    return Dated(found, () if told else (doubt,))


_HALF_YEAR_WEEKS = 26


def _first_year(periods: Sequence[Period | None]) -> int:
    return next((period.first.year for period in periods if period), 0)


def _style(cells: Sequence[str]) -> Style:
    folded = [fold(cell) for cell in cells if len(cell) <= LONGEST]
    numbers = [int(found[1]) for cell in folded if (found := WEEK_NUMBER.search(cell))]
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


def _is_month_first(text: str) -> bool:
    match = re.search(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})\b", text)
    return bool(match) and int(match[2]) > 12 >= int(match[1])  # type: ignore[index]  # noqa: PLR2004
