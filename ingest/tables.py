"""Tables to measures: which column is the period, which counts what, and what does not add up.

Headers are in the words of a hundred registers, so arithmetic decides where it can: the two
columns whose quotient is the third are numerator and denominator. Nothing is corrected.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import NamedTuple, TypeAlias

from ingest.grids import Grid, grids
from ingest.periods import ETHIOPIAN, Period, cadence_of, column, usual_year
from ingest.sentences import fold, one_line
from kb.content import Measure, Point, Section
from kb.vocabulary import Direction, MeasureType, Unit

LEAST_POINTS = 3  # rows with a period; fewer are a before and after, which is told in words
MOSTLY = 0.7  # share of the rows that must agree before a column is taken for something
MOST_ROWS = 0.5  # share of the rows that must agree on what is the quotient of what
ROUNDING = 1.0  # percentage points between a printed percent and its quotient
MOST_DOUBTS = 3  # contradictions named one by one for each table

_NUMBER = re.compile(r"^[≈~]?\s*(-?\d{1,3}(?:[  ,]\d{3})+|-?\d+)(?:[.,](\d+))?\s*%?$")
_PERCENT = re.compile(
    r"(?<!\d)(?<!\d )%|\bper ?cent|\bpourcent|\bporcent|\basilimia|\bproportion|\btaux\b|\btasa\b"
)
_MINUTES = re.compile(r"\bmin(?:ute|uto)?s?\b|\bdakika\b")
_DAYS = re.compile(r"\b(?:days?|jours?|dias?|siku)\b")
_MEDIAN = re.compile(r"\b(?:median|mediane|mediana|average|mean|moyen|media|promedio|wastani)")
_WHOLE = re.compile(
    r"\b(?:births?|deliver|women|mothers?|babies|newborns?|children|admitted|discharged|eligible"
    r"|tested|visits|interviewed|registered|emergenc|cases|referred|patients|clients|charts|forms"
    r"|naissances|accouchements|femmes|enfants|nes|nees|admis|cas\b|partos|mujeres|ninos|nacidos"
    r"|casos|entrevistadas|admitid|nascid|mulheres|gravidas|waliozaliwa|akina|wanawake|watoto"
    r"|wajawazito|planned|due|expected|prevues?|prevus?|attendues?|previst|programad)"
)
# What is bad for a patient when it happens, and better the less it does.
_BAD = re.compile(
    r"\b(?:death|died|dead|deces|morts?\b|muert|fallec|obit|mort[ea]s|vifo|waliokufa|infection|infec"
    r"|sepsis|septic|haemorrhag|hemorrag|hpp\b|pph\b|anaemi|anemi|convuls|eclampsi|fistula"
    r"|complication|complicacion|trouble|asphyxi|stillb|hypotherm|hipoterm"
    r"|(?:<|under|less than|below|menos de|moins de)\s*(?:11|36[.,]5)|\bhb\s*<)"
)
_LEFT = re.compile(r"\b(?:left without|missed|refused|late|abandon|perdus?|faltos|delayed)")
_LACK = re.compile(
    r"\b(?:stock-?outs?|ruptures?|(?:days|jours) (?:without|sans)|dias sem|zisizo na)\b"
)
_EXPERIENCE = re.compile(
    r"\b(?:content|satisf|respect|privacy|interviewed|entrevist|would recommend|felt|chose|chosen"
    r"|eligio|prefirio|prefer)"
)
_SUPPORT = re.compile(
    r"\b(?:(?:mentoring|coaching|supervision|support) visits?|visits? made|visites faites"
    r"|visitas hechas|visitas feitas|ziara|heads present|people trained|trained|meetings? held)"
)


Numbers: TypeAlias = dict[int, list[float | None]]  # by column


class Doubtful(NamedTuple):
    """The measures of a document, and what the curator should look at."""

    measures: tuple[Measure, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Series:
    """The columns of one measure in one table."""

    numerator: int | None
    denominator: int | None
    percent: int | None
    unit: Unit


def measures_of(sections: Sequence[Section], *, year: int | None = None) -> Doubtful:
    """Return a measure for each series in the tables of a story, in order.

    `year` is the year of a first period that names none; by default the one named most.
    """
    year = year or usual_year(" ".join(section.body for section in sections))
    found: list[tuple[str, Measure]] = []
    doubts: list[str] = []
    for section in sections:
        for grid in _joined(section):
            if any(ETHIOPIAN.search(fold(cell)) for cell in grid.column(0)):
                doubts.append(f"“{grid.header[0]}” has Ethiopian dates, which are not converted.")
                continue
            above = _label_above(section, grid)
            for measure, wrong in _measures(grid, year):
                found.append((above, measure))
                doubts += wrong
    return Doubtful(tuple(_told_apart(found)), tuple(doubts))


def has_series(body: str) -> bool:
    """Return whether a table in `body` has a column of periods and a column of numbers."""
    return any(_measures(grid, usual_year(body) or 2000) for grid in grids(body))


def number(cell: str) -> float | None:
    """Return the number in a cell, or None: an empty cell is a gap, not a zero.

    >>> number("1 421"), number("36,5 %"), number("—"), number("12 of 20")
    (1421.0, 36.5, None, None)
    """
    match = _NUMBER.match(one_line(cell))
    if not match:
        return None
    whole, fraction = re.sub(r"\D", "", match[1]), match[2] or "0"
    return float(f"{'-' if match[1].startswith('-') else ''}{whole}.{fraction}")


def _measures(grid: Grid, year: int | None) -> list[tuple[Measure, list[str]]]:
    place = _period_column(grid, year)
    if place is None:
        return []
    periods = column(grid.column(place), year=year)
    numbers = {
        n: [number(cell) for cell in grid.column(n)]
        for n in range(len(grid.header))
        if n != place and _is_numeric(grid.column(n))
    }
    note = _note_column(grid, {place, *numbers})
    found = []
    for series in _series(grid, numbers):
        points = _points(grid, periods, numbers, series, note)
        measure = _measure(grid, series, points, periods)
        found.append((measure, _contradictions(grid, numbers, series, place)))
    return found


def _joined(section: Section) -> list[Grid]:
    """The tables of a section; one that goes on over a page, header and all, is one table."""
    found: list[Grid] = []
    for grid in grids(section.body):
        if found and found[-1].header == grid.header:
            found[-1] = found[-1]._replace(rows=found[-1].rows + grid.rows, last=grid.last)
        else:
            found.append(grid)
    return found


def _period_column(grid: Grid, year: int | None) -> int | None:
    """The first column, or the second where the first only numbers the rows."""
    numbered = len(grid.header) > 1 and _is_numeric(grid.column(0))
    for place in range(2 if numbered else 1):
        dated = [period for period in column(grid.column(place), year=year) if period]
        filled = [cell for cell in grid.column(place) if cell]
        days = [period.first for period in dated]
        in_order = sum(one < other for one, other in pairwise(days)) >= MOSTLY * (len(days) - 1)
        if in_order and len(dated) >= max(LEAST_POINTS, MOSTLY * len(filled)):
            return place
    return None


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if re.search(r"\w", cell)]
    numeric = [cell for cell in filled if number(cell) is not None]
    return len(numeric) >= max(2, MOSTLY * len(filled))


def _note_column(grid: Grid, taken: set[int]) -> int | None:
    free = [n for n in range(len(grid.header)) if n not in taken]
    return next((n for n in free if any(grid.column(n))), None)


def _series(grid: Grid, numbers: Numbers) -> list[_Series]:
    found: list[_Series] = []
    percents = [n for n in numbers if _is_percent(grid, n)]
    for percent in percents:
        pair = _quotient(numbers, percent, [n for n in numbers if n not in percents])
        numerator, denominator = pair or (None, None)
        found.append(_Series(numerator, denominator, percent, Unit.PERCENT))
    used = {n for one in found for n in (one.numerator, one.denominator, one.percent)}
    free = [n for n in numbers if n not in used]
    for n in [n for n in free if _time_unit(grid.header[n])]:
        found.append(_Series(None, None, n, _time_unit(grid.header[n]) or Unit.MINUTES))
        free.remove(n)
    found += _parts(grid, numbers, free, [one.denominator for one in found])
    return sorted(found, key=lambda one: min(n for n in _columns(one) if n is not None))


def _columns(series: _Series) -> tuple[int | None, ...]:
    return series.numerator, series.denominator, series.percent


def _parts(
    grid: Grid, numbers: Numbers, free: list[int], denominators: list[int | None]
) -> list[_Series]:
    """The columns that no percent explains: parts of a whole, or counts where nothing else is."""
    lack = [n for n in free if _DAYS.search(fold(grid.header[n]))]
    days = [_Series(None, None, n, Unit.DAYS) for n in lack]
    known = next((n for n in denominators if n is not None), None)
    if known is not None:
        free = [n for n in free if _BAD.search(fold(grid.header[n]))]
    rest = [n for n in free if n not in lack]
    whole = next((n for n in rest if _is_whole(grid, numbers, n, rest)), None)
    whole = whole if known is None else known
    if whole is not None:
        parts = [n for n in rest if n != whole and _within(numbers[n], numbers[whole])]
        return days + [_Series(n, whole, None, Unit.PERCENT) for n in parts]
    if denominators:
        return days
    return days + [_Series(None, None, n, Unit.COUNT) for n in rest]


def _is_whole(grid: Grid, numbers: Numbers, whole: int, free: list[int]) -> bool:
    others = [n for n in free if n != whole]
    named = _WHOLE.search(fold(grid.header[whole]))
    return bool(named and others) and all(_within(numbers[n], numbers[whole]) for n in others)


def _within(parts: list[float | None], whole: list[float | None]) -> bool:
    both = _both(parts, whole)
    return bool(both) and all(part <= most for part, most in both)


def _both(a: list[float | None], b: list[float | None]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]


def _is_percent(grid: Grid, n: int) -> bool:
    cells = [cell for cell in grid.column(n) if cell]
    signs = sum("%" in cell for cell in cells)
    return bool(_PERCENT.search(fold(grid.header[n]))) or signs >= MOSTLY * len(cells)


def _time_unit(header: str) -> Unit | None:
    folded = fold(header)
    if not _MEDIAN.search(folded):
        return None
    return Unit.MINUTES if _MINUTES.search(folded) else Unit.DAYS if _DAYS.search(folded) else None


def _quotient(numbers: Numbers, percent: int, free: list[int]) -> tuple[int, int] | None:
    """Return the two of `free` whose quotient is `percent` in most rows, the nearest first."""
    others = sorted(free, key=lambda n: abs(n - percent))
    scored = [(_agreement(numbers, a, b, percent), (a, b)) for a, b in permutations(others, 2)]
    share, best = max(scored, key=lambda one: one[0], default=(0.0, None))
    return best if share > MOST_ROWS else None


def _agreement(numbers: Numbers, numerator: int, denominator: int, percent: int) -> float:
    rows = zip(numbers[numerator], numbers[denominator], numbers[percent], strict=True)
    full = [(a, b, p) for a, b, p in rows if a is not None and b and p is not None]
    agree = sum(abs(100 * a / b - p) <= ROUNDING for a, b, p in full)
    return agree / len(full) if len(full) >= LEAST_POINTS else 0.0


def _points(
    grid: Grid,
    periods: list[Period | None],
    numbers: Numbers,
    series: _Series,
    note: int | None,
) -> tuple[Point, ...]:
    def at(n: int | None, row: int) -> float | None:
        return None if n is None else numbers[n][row]

    counted = series.numerator is not None
    return tuple(
        Point(
            period=period.first,
            label=period.label,
            numerator=at(series.numerator, row),
            denominator=at(series.denominator, row),
            value=None if counted else at(series.percent, row),
            note=_note(grid, row, note),
        )
        for row, period in enumerate(periods)
        if period
    )


def _note(grid: Grid, row: int, note: int | None) -> str:
    """The remark, or the words that stand where a number should."""
    if note is not None and grid.rows[row][note]:
        return one_line(grid.rows[row][note])
    words = [cell for cell in grid.rows[row][1:] if re.search(r"[^\W\d_]{3}", cell)]
    return one_line(words[0]) if words else ""


def _measure(
    grid: Grid, series: _Series, points: tuple[Point, ...], periods: Iterable[Period | None]
) -> Measure:
    main = series.numerator if series.numerator is not None else series.percent
    assert main is not None
    name = one_line(grid.header[main])
    whole = "" if series.denominator is None else one_line(grid.header[series.denominator])
    bare = not re.search(r"\w", _PERCENT.sub("", fold(name)))
    said = fold(f"{name} {whole}")
    bad = _BAD.search(fold(name)) or _LEFT.search(fold(name)) or _LACK.search(fold(name))
    return Measure(
        name=one_line(grid.header[0]) if bare else name,
        type=_type(said, fold(name)),
        numerator_text=name if series.numerator is not None else "",
        denominator_text=whole,
        unit=series.unit,
        direction=Direction.DOWN if bad else None,
        cadence=cadence_of([period for period in periods if period]),
        points=points,
    )


def _type(said: str, name: str) -> MeasureType:
    if _LACK.search(name):
        return MeasureType.STRUCTURE
    if _SUPPORT.search(said):
        return MeasureType.ACTIVITY
    if _BAD.search(name):
        return MeasureType.OUTCOME
    return MeasureType.EXPERIENCE if _EXPERIENCE.search(said) else MeasureType.PROCESS


def _contradictions(grid: Grid, numbers: Numbers, series: _Series, place: int) -> list[str]:
    if None in _columns(series):
        return []
    numerator, denominator, percent = (numbers[n] for n in _columns(series) if n is not None)
    wrong = [
        f"{a:g} of {b:g} is {100 * a / b:.0f} %, but the table says {p:g} % ({row[place]})."
        for row, a, b, p in zip(grid.rows, numerator, denominator, percent, strict=True)
        if a is not None and b and p is not None and abs(100 * a / b - p) > ROUNDING
    ]
    more = len(wrong) - MOST_DOUBTS
    return [*wrong[:MOST_DOUBTS], *([f"{more} more rows like this."] if more > 0 else [])]


def _label_above(section: Section, grid: Grid) -> str:
    """Return the nearest line above the table that is a label, else the section's heading."""
    above = [line for line in section.body.splitlines()[: grid.first] if line.strip()]
    label = above[-1] if above else ""
    if re.match(r"^(#{1,6}\s|\*\*[^*]+\*\*:?$)", label):
        return one_line(label)
    return section.heading


def _told_apart(found: list[tuple[str, Measure]]) -> list[Measure]:
    """Name the series of equal tables by what stands above each."""
    names = [measure.name for _, measure in found]
    return [
        measure.model_copy(update={"name": f"{measure.name} ({above})"})
        if names.count(measure.name) > 1 and above
        else measure
        for above, measure in found
    ]
