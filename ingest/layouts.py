"""Where the periods of a table stand: in a column, or in a header of up to three lines.

Year and month may stand in columns of their own. A table without periods may tell why.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from ingest.calendars import calendar_of
from ingest.dating import Dated, dated, is_no_period
from ingest.grids import Grid
from ingest.numerals import plain, read, unmarked
from ingest.periods import may_name_period
from ingest.sentences import fold

LEAST_POINTS = 3  # periods; fewer are a before and after, which is told in words
MOSTLY = 0.7  # share of the cells that must agree before a line of them is taken for something
SAMPLE = 40  # cells that are looked at before a whole column is read
MOST_LEFT = 5  # columns that may stand left of the periods
HEAD_ROWS = 3  # of a header, at most

Row: TypeAlias = tuple[str, ...]

_NOTE_HEADER = re.compile(
    r"\b(?:notes?|remarks?|comments?|remarques?|observa\w+|comment\w*|notas?|maoni|maelezo|events?"
    r"|what happened|evenements?)"
)
# A year alone; "Feb 2023" is a month.
YEAR = re.compile(
    r"(?:(?:year|annee|ano|anio|mwaka|calendar year)\b)?\W{0,3}((?:19|20)\d\d)\W{0,3}"
)


class Head(NamedTuple):
    """The header: a name for each column, and what stands above it."""

    caption: str
    names: Row
    groups: Row
    body: tuple[Row, ...]


class Down(NamedTuple):
    """A column of periods."""

    place: int
    taken: frozenset[int]  # columns that are read with it: a year, numbers of rows
    labels: Row
    dated: Dated


class Across(NamedTuple):
    """A header of periods."""

    start: int  # column of the first of them; the ones before it are labels
    texts: Row  # the header of each column, as it was read
    subs: Row  # what stands under each period, where one spans several columns
    dated: Dated


class Layout(NamedTuple):
    """Where the periods of a table stand: `down` or `across`, or nowhere."""

    head: Head
    down: Down | None = None
    across: Across | None = None
    doubts: tuple[str, ...] = ()  # why a table that seems to have periods has none


def layout_of(
    grid: Grid, *, year: int | None = None, known: frozenset[str] = frozenset()
) -> Layout:
    """Return where the periods stand; `year` is that of a period without one."""
    head = _head(grid)
    own = _own_year(head)
    asked = _Asked(own or year, own is not None, known)
    down = _down(head, asked)
    if down is not None and down.dated.periods:
        return Layout(head, down=down)
    across = _across(head, asked)
    if across is not None:
        return Layout(head, across=across)
    return Layout(head, doubts=_undated(head, down))


def filled_cells(row: Row) -> int:
    """Return how many cells of a row are not empty."""
    return sum(map(bool, row))


def is_note(text: str) -> bool:
    """Whether a header stands over remarks."""
    return bool(_NOTE_HEADER.search(fold(text)))


class _Asked(NamedTuple):
    year: int | None
    told: bool  # the table names the year
    known: frozenset[str]  # marks of footnotes


_SOME_YEAR = _Asked(2000, told=True, known=frozenset())


def _head(grid: Grid) -> Head:
    rows = [tuple(plain(cell) for cell in row) for row in (grid.header, *grid.rows)]
    caption, start = "", 0
    while len(rows) - start > LEAST_POINTS and filled_cells(rows[start]) == 1 and len(rows[0]) > 2:  # noqa: PLR2004
        if filled_cells(rows[start + 1]) < 2 or not rows[start][0]:  # noqa: PLR2004
            break
        caption, start = rows[start][0], start + 1
    lines = [rows[start]]
    while len(lines) < HEAD_ROWS and start + len(lines) < len(rows) - 1:
        below = rows[start + len(lines)]
        if not _continues(lines[0], lines[-1], below):
            break
        lines.append(below)
    names, groups = _named(lines)
    return Head(caption, names, groups, tuple(rows[start + len(lines) :]))


def _continues(first: Row, above: Row, below: Row) -> bool:
    """Whether a row is a further line of the header: words under cells that span columns."""
    spans = any(not cell or cell == left for left, cell in pairwise(above))
    if not spans or (below[0] not in ("", first[0]) and first[0]):
        return False
    cells = [cell for cell in below[1:] if cell]
    readings = [read(cell) for cell in cells]
    if any(
        one.is_number and not YEAR.fullmatch(cell)
        for one, cell in zip(readings, cells, strict=True)
    ):
        return False
    return sum(one.is_filled for one in readings) > len(below) / 3 and bool(cells)


def _named(lines: Sequence[Row]) -> tuple[Row, Row]:
    """Return the name of each column from the lines of a header, and what spans it above."""
    spread = [_spread(line, last=line is lines[-1]) for line in lines]
    names, groups = [], []
    for stack in zip(*spread, strict=True):
        said = list(dict.fromkeys(filter(None, stack)))
        names.append(said[-1] if said else "")
        groups.append(" ".join(said[:-1]))
    return tuple(names), tuple(groups)


def _spread(line: Row, *, last: bool) -> Row:
    """Repeat a cell over the empty ones at its right, but not the first, which heads the rows."""
    if last:
        return line
    found: list[str] = []
    for place, cell in enumerate(line):
        before = found[-1] if place > 1 else ""
        found.append(cell or before)
    return tuple(found)


def _own_year(head: Head) -> int | None:
    """Return the one year that header and caption name, None where they name none or several."""
    text = " ".join((head.caption, *head.names[:2]))
    years = set(re.findall(r"(?<!\d)(?:19[89]|20[0-5])\d(?!\d)", text))
    return int(years.pop()) if len(years) == 1 else None


# Periods in a column


def _down(head: Head, asked: _Asked) -> Down | None:
    """Return the first column of periods; one without periods tells why it could not be read."""
    unread = None
    for place in range(min(MOST_LEFT, len(head.names))):
        if place and not all(_leads(head, left) for left in range(place)):
            break
        cells = [row[place] for row in head.body]
        taken, texts = _with_year(head, place, cells)
        header = head.names[place]
        if calendar_of(header, texts[:SAMPLE]):
            unread = unread or Down(place, taken, tuple(cells), Dated([]))
            continue
        texts = _with_heading_years(head, place, texts)
        found = _dated_column(texts, header, asked)
        if found is None and asked.year is None and _dated_column(texts, header, _SOME_YEAR):
            said = f"“{header}” names no year, and neither does the text; it was not dated."
            found = Dated([], (said,))
        if found is None:
            continue
        if not any(found.periods):
            unread = unread or Down(place, taken, tuple(cells), Dated([], found.doubts))
            continue
        return Down(place, taken, tuple(cells), found)
    return unread


def _dated_column(texts: Sequence[str], header: str, asked: _Asked) -> Dated | None:
    texts = [unmarked(text, asked.known)[0] for text in texts]
    sample = [text for text in texts if text][:SAMPLE]
    trial = dated(sample, header=header, year=asked.year, told=asked.told)
    if not _mostly_dated(trial, sample) and not trial.doubts:
        return None
    found = dated(texts, header=header, year=asked.year, told=asked.told)
    if not any(found.periods):
        return found if found.doubts else None
    return found if _mostly_dated(found, [text for text in texts if text]) else None


def _mostly_dated(found: Dated, texts: Sequence[str]) -> bool:
    filled = sum(bool(text) and not is_no_period(text) and len(text) < 60 for text in texts)  # noqa: PLR2004
    count = sum(map(bool, found.periods))
    return count >= max(LEAST_POINTS, MOSTLY * filled)


def _leads(head: Head, place: int) -> bool:
    """Whether a column may stand left of the periods: it numbers rows, or names things.

    Or it dates them by another calendar.
    """
    cells = [row[place] for row in head.body if row[place]]
    numbers = [value for cell in cells if (value := read(cell).value) is not None]
    if len(numbers) > MOSTLY * len(cells):
        return _counts_up(numbers) or all(1980 <= number < 2060 for number in numbers)  # noqa: PLR2004
    if calendar_of(head.names[place], cells[:SAMPLE]):
        return True
    return len({fold(cell) for cell in cells}) <= max(1, 0.5 * len(head.body))


def _counts_up(numbers: Sequence[float]) -> bool:
    return all(later - earlier == 1 for earlier, later in pairwise(numbers))


def _with_year(head: Head, place: int, cells: Sequence[str]) -> tuple[frozenset[int], list[str]]:
    """Read a column of years, at the left or at the right, together with the months beside it."""
    plain_cells = frozenset(range(place)), list(cells)
    for beside in (place - 1, place + 1):
        if not 0 <= beside < len(head.names):
            continue
        years = _years_down([row[beside] for row in head.body])
        if years is None or _years_down(cells) is not None:
            continue
        word = _number_word(head.names[place])
        texts = [
            f"{word.format(cell)} {year}".strip() if cell and not is_no_period(cell) else cell
            for cell, year in zip(cells, years, strict=True)
        ]
        numbered = all(re.fullmatch(r"\d{1,2}", cell) for cell in cells if cell)
        if any(re.search(r"(?:19|20)\d\d", cell) for cell in cells) or (numbered and word == "{}"):
            continue
        return frozenset({*range(place), beside}), texts
    return plain_cells


def _number_word(header: str) -> str:
    """How to say a bare number under such a header: 3 in "Quarter" is Q3."""
    folded = fold(header)
    for words, form in (
        (r"\b(?:quarter|trimestre|trim|robo|qtr)", "Q{}"),
        (r"\b(?:week|semaine|semana|wiki|wk|se)\b", "Week {}"),
        (r"\b(?:month|mois|mes|mwezi)\b", "Mwezi wa {}"),
    ):
        if re.search(words, folded):
            return form if re.search(r"\w", folded) else "{}"
    return "{}"


def _years_down(cells: Sequence[str]) -> list[str] | None:
    """Return the year of each row where a column holds years, also in its first rows only."""
    found: list[str] = []
    last, named = "", 0
    for cell in cells:
        match = YEAR.fullmatch(fold(cell)) if cell else None
        if cell and match is None and not is_no_period(cell):
            return None
        named += match is not None
        last = match[1] if match else last
        found.append(last)
    return found if named and found[0] else None


def _with_heading_years(head: Head, place: int, texts: list[str]) -> list[str]:
    """Say the year that stands alone in a row above the months that follow."""
    alone = [
        YEAR.fullmatch(fold(row[place])) if filled_cells(row) == 1 and row[place] else None
        for row in head.body
    ]
    if not any(alone) or all(alone):
        return texts
    found, year = [], ""
    for match, text in zip(alone, texts, strict=True):
        year = match[1] if match else year
        said = text if match is None else ""
        bare = bool(said) and not re.search(r"(?:19|20)\d\d", said) and not is_no_period(said)
        found.append(f"{said} {year}" if bare and year else said)
    return found


def _undated(head: Head, down: Down | None) -> tuple[str, ...]:
    """Say why a table with periods of a kind, and numbers, gives no points."""
    if down is not None and down.dated.doubts:
        return down.dated.doubts if _has_numbers(head) else ()
    place = 0 if down is None else down.place
    cells = [row[place] for row in head.body]
    for header, texts in ((head.names[place], cells), (head.names[0], head.names[1:])):
        calendar = calendar_of(header, texts[:SAMPLE])
        if calendar and _has_numbers(head):
            first = next((text for text in texts if re.search(r"\w", text)), header)
            said = f"“{header or first}” is dated by the {calendar} calendar (“{first}”)"
            return (f"{said}, which is not converted; the table stays as text.",)
    return ()


def _has_numbers(head: Head) -> bool:
    found = sum(read(cell).is_number for row in head.body[:SAMPLE] for cell in row[1:])
    return found >= LEAST_POINTS


# Periods in the header


def _across(head: Head, asked: _Asked) -> Across | None:
    """Return the first reading of the header that is one of periods."""
    for texts, subs in _readings_of(head):
        start = _first_period(texts, asked)
        if start is None:
            continue
        found = dated(texts[start:], header=head.names[0], year=asked.year, told=asked.told)
        known = {period.first for period in found.periods if period}
        if len(known) < LEAST_POINTS or not _mostly_dated(found, texts[start:]):
            continue
        return Across(start, tuple(texts), subs, found)
    return None


def _readings_of(head: Head) -> Iterator[tuple[list[str], Row]]:
    """Yield the ways to read the header: name with what stands above, name, what stands above."""
    names, groups = list(head.names), list(head.groups)
    if any(groups):
        if len(set(names[1:])) <= len(names) / 2 and not all(map(may_name_period, names[-2:])):
            yield groups, head.names
        yield [f"{name} {group}".strip() for name, group in zip(names, groups, strict=True)], ()
    yield names, ()
    if any(groups):
        yield groups, head.names


def _first_period(texts: Sequence[str], asked: _Asked) -> int | None:
    """Return where the periods begin, after one to five columns of labels."""
    for start in range(1, min(MOST_LEFT + 1, len(texts))):
        some = texts[start : start + 3]
        found = dated(some, year=asked.year, told=True)
        if found.periods and found.periods[0] is not None and not is_note(texts[start]):
            return start
    return None
