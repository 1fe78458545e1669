"""Numbers typed week by week, or pasted from a spreadsheet: how they are read, what is doubtful.

Nothing is corrected. Whoever types sees what was understood, and what does not add up.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ingest.dating import column
from ingest.numerals import Reading, read

Row: TypeAlias = tuple[str, str, str, str, str]  # COLUMNS of `questions`

MOST_ROWS = 300  # more than five years of weeks
MOST_COLUMNS = 40
LEAST_SHARE = 0.6  # of the cells of a column that are periods, or numbers
SLACK = 1.0  # points by which a rounded percentage may differ from its quotient
WHOLE = 100  # percent

_GAP = re.compile(r"\t|;|\s{2,}|\s*\|\s*")
_PERCENT = re.compile(r"%|٪|percent|pour cent|por ciento|por cento|asilimia", re.IGNORECASE)


class Why(StrEnum):
    """What is doubtful about a row, or about what was pasted."""

    NO_PERIOD = "no-period"
    NO_NUMBER = "no-number"
    TWO_WAYS = "two-ways"
    NOT_WHOLE = "not-whole"
    ABOVE = "above"  # more than there are
    DIFFERS = "differs"  # the percentage beside it says something else
    TWICE = "twice"  # this period stands above already
    LEFT_OUT = "left-out"  # columns that were pasted and are not used
    NO_TABLE = "no-table"


class Doubt(NamedTuple):
    """One doubt, and the words or the number it is about."""

    why: Why
    about: str = ""


class Understood(NamedTuple):
    """A row as it was read."""

    said: Row
    period: date | None
    doubts: tuple[Doubt, ...]


class Pasted(NamedTuple):
    """The rows in what was pasted, what its columns are called, and what is doubtful."""

    rows: tuple[Row, ...]
    numerator: str = ""
    denominator: str = ""
    doubts: tuple[Doubt, ...] = ()


def paste(text: str) -> Pasted:
    r"""Return the periods and numbers in cells copied from a spreadsheet.

    >>> paste("Week\tFed\tBorn\n1 Jan 2024\t10\t30\n8 Jan 2024\t12\t31").rows[1]
    ('8 Jan 2024', '12', '31', '', '')
    """
    lines = [line.strip("\r\n |") for line in text.splitlines()]
    grid = [_cells(line) for line in lines if line.strip()][: MOST_ROWS + 1]
    width = max(map(len, grid), default=0)
    grid = [[*row, *[""] * (width - len(row))] for row in grid]
    head = grid[0] if grid and not any(read(cell).is_number for cell in grid[0][1:]) else []
    body = grid[1:] if head else grid
    columns = [[row[n] for row in body] for n in range(width)]
    at = next((n for n, cells in enumerate(columns) if _share(column(cells)) >= LEAST_SHARE), None)
    if at is None or width < 2 or not body:  # noqa: PLR2004  a period and a number
        return Pasted((), doubts=(Doubt(Why.NO_TABLE),))
    numbers = [n for n, cells in enumerate(columns) if n != at and _is_numeric(cells)]
    if not numbers:
        return Pasted((), doubts=(Doubt(Why.NO_TABLE),))
    used = _used(columns, head, numbers)
    notes = [n for n in range(width) if n not in {at, *numbers}]
    note = notes[0] if notes else None
    rows = tuple(_row(row, at, used, note) for row in body if any(row))
    left = [head[n] if head else str(n + 1) for n in numbers if n not in used]
    names = [head[n] if head and n is not None else "" for n in used[:2]]
    doubts = (Doubt(Why.LEFT_OUT, ", ".join(left)),) if left else ()
    return Pasted(rows, names[0], names[1], doubts)


def understand(rows: Sequence[Sequence[str]]) -> list[Understood]:
    """Return each row with its period, and with what does not add up in it."""
    padded = [_padded(row) for row in rows]
    periods = column([row[0] for row in padded])
    seen: Counter[date] = Counter()
    found = []
    for row, period in zip(padded, periods, strict=True):
        first = period.first if period else None
        doubts = list(_doubts(row))
        if first is None:
            doubts.insert(0, Doubt(Why.NO_PERIOD, row[0]))
        elif seen[first]:
            doubts.append(Doubt(Why.TWICE, row[0]))
        if first is not None:
            seen[first] += 1
        found.append(Understood(row, first, tuple(doubts)))
    return found


def merged(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> list[Row]:
    """Return old and new rows in order of time; a new one takes the place of one of its period."""
    rows = [_padded(row) for row in (*old, *new)]
    periods = [found.first if found else None for found in column([row[0] for row in rows])]
    last = {period: n for n, period in enumerate(periods) if period is not None}
    kept = [n for n, period in enumerate(periods) if period is None or last[period] == n]
    kept.sort(key=lambda n: (periods[n] is None, periods[n] or date.min))
    return [rows[n] for n in kept][:MOST_ROWS]


def typed(period: str, numerator: str, denominator: str, note: str = "") -> Row:
    """Return what somebody typed as a row: a percentage, or a number alone, is its value.

    >>> typed("May 2024", "34 %", "")
    ('May 2024', '', '', '34 %', '')
    """
    if numerator and not denominator and _PERCENT.search(numerator):
        return period, "", "", numerator, note
    return period, numerator, denominator, "", note


def _cells(line: str) -> list[str]:
    gap = "\t" if "\t" in line else _GAP
    cells = re.split(gap, line) if isinstance(gap, re.Pattern) else line.split(gap)
    return [cell.strip() for cell in cells][:MOST_COLUMNS]


def _padded(row: Sequence[str]) -> Row:
    period, numerator, denominator, value, note = [*row, *[""] * 5][:5]
    return period, numerator, denominator, value, note


def _share(found: Sequence[object]) -> float:
    return sum(one is not None for one in found) / len(found) if found else 0


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [reading for cell in cells if (reading := read(cell)).is_filled]
    return bool(filled) and sum(one.is_number for one in filled) / len(filled) >= LEAST_SHARE


def _used(
    columns: Sequence[Sequence[str]], head: Sequence[str], numbers: Sequence[int]
) -> tuple[int | None, int | None, int | None]:
    """Return which columns are numerator, denominator and value: two counts, else one number."""
    shares = [n for n in numbers if _is_share(columns[n], head[n] if head else "")]
    counts = [n for n in numbers if n not in shares]
    value = shares[0] if shares else None
    if len(counts) < 2:  # noqa: PLR2004
        return (None, None, value) if value is not None else (counts[0], None, None)
    first, second = counts[:2]
    if _sum(columns[first]) > _sum(columns[second]):  # out of how many stands first
        first, second = second, first
    return first, second, value


def _is_share(cells: Sequence[str], head: str) -> bool:
    return bool(_PERCENT.search(head)) or any(_PERCENT.search(cell) for cell in cells)


def _sum(cells: Sequence[str]) -> float:
    return sum(read(cell).value or 0 for cell in cells)


def _row(row: Sequence[str], at: int, used: Sequence[int | None], note: int | None) -> Row:
    numerator, denominator, value = ("" if n is None else row[n] for n in used)
    return row[at], numerator, denominator, value, "" if note is None else row[note]


def _doubts(row: Row) -> Iterator[Doubt]:
    readings = [read(cell) for cell in row[1:4]]
    for cell, reading in zip(row[1:4], readings, strict=True):
        if reading.value is None and reading.is_filled:
            yield Doubt(Why.NO_NUMBER, cell)
        elif reading.unsure:
            yield Doubt(Why.TWO_WAYS, cell)
    a, b, p = (reading.value for reading in readings)
    for cell, count in zip(row[1:3], (a, b), strict=True):
        if count is not None and count != int(count):
            yield Doubt(Why.NOT_WHOLE, cell)
    if a is not None and b is not None and a > b:
        yield Doubt(Why.ABOVE, f"{row[1]} / {row[2]}")
    if a is not None and b and p is not None and _differs(a, b, readings[2]):
        yield Doubt(Why.DIFFERS, row[3])


def _differs(a: float, b: float, said: Reading) -> bool:
    share = WHOLE * a / b
    value = said.value or 0
    return min(abs(share - value), abs(share - WHOLE * value)) > SLACK
