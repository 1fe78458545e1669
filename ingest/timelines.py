"""Tables turned so that the periods go down, whatever way they were laid out.

Periods stand in rows or in a header of up to three lines, year and month in columns of their own,
facilities or indicators one below the other or named in every row. Nothing is computed here.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from ingest.calendars import calendar_of
from ingest.dating import Dated, cadence_of, dated, is_no_period
from ingest.grids import Grid
from ingest.numerals import plain, read, unmarked
from ingest.periods import Period, may_name_period
from ingest.sentences import fold

LEAST_POINTS = 3  # periods; fewer are a before and after, which is told in words
LEAST_YEARS = 5  # years or half-years, which have no cadence; fewer are the table of a report
MOSTLY = 0.7  # share of the cells that must agree before a line of them is taken for something
SAMPLE = 40  # cells that are looked at before a whole column is read
MOST_LEFT = 5  # columns that may stand left of the periods
HEAD_ROWS = 3  # of a header, at most
MOST_KEYS = 60  # facilities or indicators in one table

Row: TypeAlias = tuple[str, ...]

_VALUE_WORDS = re.compile(
    r"\W*(?:values?|valeurs?|valor(?:es)?|thamani|results?|resultats?|resultados?|matokeo|data|numbers?"
    r"|nombre|numero|idadi|n|count|figure|chiffre|score|%|percent|pourcentage|porcentaje|asilimia)\W*"
)
_INDICATOR = re.compile(
    r"\b(?:indica|measure|mesure|medida|kiashiria|viashiria|data element|variable|item)"
)
_UNIT_HEADER = re.compile(r"\W*(?:units?|unites?|unidad(?:es)?|unidades?|kipimo)\W*")
_NOTE_HEADER = re.compile(
    r"\b(?:notes?|remarks?|comments?|remarques?|observa\w+|comment\w*|notas?|maoni|maelezo|events?"
    r"|what happened|evenements?)"
)
# A year alone; "Feb 2023" is a month.
_YEAR = re.compile(
    r"(?:(?:year|annee|ano|anio|mwaka|calendar year)\b)?\W{0,3}((?:19|20)\d\d)\W{0,3}"
)


class Column(NamedTuple):
    """The numbers of one kind; `group` is what stands above or beside them in the table."""

    name: str
    group: str
    cells: Row
    marks: Row = ()
    unit: str = ""  # a header that says how the numbers are written, where `name` does not


class Timeline(NamedTuple):
    """A table, or a part of one, with a row for each period."""

    caption: str  # said inside the table, above its header
    label: str  # the header of the periods
    labels: Row  # the periods as written; also what stands there for a total or a target
    periods: tuple[Period | None, ...]
    columns: tuple[Column, ...]
    notes: Row = ()  # a remark for each row, where a column holds them


class Timelines(NamedTuple):
    """What one table tells by time, and what the curator should look at."""

    found: tuple[Timeline, ...]
    doubts: tuple[str, ...] = ()


class _Head(NamedTuple):
    """The header: a name for each column, and what stands above it."""

    caption: str
    names: Row
    groups: Row
    body: tuple[Row, ...]


class _Down(NamedTuple):
    """A column of periods."""

    place: int
    taken: frozenset[int]  # columns that are read with it: a year, numbers of rows
    labels: Row
    dated: Dated


def timelines(
    grid: Grid, *, year: int | None = None, known: frozenset[str] = frozenset()
) -> Timelines:
    """Return the parts of a table that go by time; `year` is that of a period without one."""
    head = _head(grid)
    own = _own_year(head)
    asked = _Asked(own or year, own is not None, known)
    down = _down(head, asked)
    if down is not None and down.dated.periods:
        return _frequent(_from_rows(head, down, known))
    across = _across(head, asked)
    if across is not None:
        return _frequent(across)
    return Timelines((), _undated(head, down))


def _frequent(table: Timelines) -> Timelines:
    """Leave out what goes by a few years or half-years: no cadence, and no run of points."""
    kept = tuple(
        timeline
        for timeline in table.found
        if cadence_of([period for period in timeline.periods if period])
        or len({period.first for period in timeline.periods if period}) >= LEAST_YEARS
    )
    return Timelines(kept, table.doubts if kept else ())


class _Asked(NamedTuple):
    year: int | None
    told: bool  # the table names the year
    known: frozenset[str]  # marks of footnotes


_SOME_YEAR = _Asked(2000, told=True, known=frozenset())


def _head(grid: Grid) -> _Head:
    rows = [tuple(plain(cell) for cell in row) for row in (grid.header, *grid.rows)]
    caption, start = "", 0
    while len(rows) - start > LEAST_POINTS and _filled(rows[start]) == 1 and len(rows[0]) > 2:  # noqa: PLR2004
        if _filled(rows[start + 1]) < 2 or not rows[start][0]:  # noqa: PLR2004
            break
        caption, start = rows[start][0], start + 1
    lines = [rows[start]]
    while len(lines) < HEAD_ROWS and start + len(lines) < len(rows) - 1:
        below = rows[start + len(lines)]
        if not _continues(lines[0], lines[-1], below):
            break
        lines.append(below)
    names, groups = _named(lines)
    return _Head(caption, names, groups, tuple(rows[start + len(lines) :]))


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _continues(first: Row, above: Row, below: Row) -> bool:
    """Whether a row is a further line of the header: words under cells that span columns."""
    spans = any(not cell or cell == left for left, cell in pairwise(above))
    if not spans or (below[0] not in ("", first[0]) and first[0]):
        return False
    cells = [cell for cell in below[1:] if cell]
    readings = [read(cell) for cell in cells]
    if any(
        one.is_number and not _YEAR.fullmatch(cell)
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


def _own_year(head: _Head) -> int | None:
    """Return the one year that header and caption name, None where they name none or several."""
    text = " ".join((head.caption, *head.names[:2]))
    years = set(re.findall(r"(?<!\d)(?:19[89]|20[0-5])\d(?!\d)", text))
    return int(years.pop()) if len(years) == 1 else None


# Periods in a column


def _down(head: _Head, asked: _Asked) -> _Down | None:
    """Return the first column of periods; one without periods tells why it could not be read."""
    unread = None
    for place in range(min(MOST_LEFT, len(head.names))):
        if place and not all(_leads(head, left) for left in range(place)):
            break
        cells = [row[place] for row in head.body]
        taken, texts = _with_year(head, place, cells)
        header = head.names[place]
        if calendar_of(header, texts[:SAMPLE]):
            unread = unread or _Down(place, taken, tuple(cells), Dated([]))
            continue
        texts = _with_heading_years(head, place, texts)
        found = _dated_column(texts, header, asked)
        if found is None and asked.year is None and _dated_column(texts, header, _SOME_YEAR):
            said = f"“{header}” names no year, and neither does the text; it was not dated."
            found = Dated([], (said,))
        if found is None:
            continue
        if not any(found.periods):
            unread = unread or _Down(place, taken, tuple(cells), Dated([], found.doubts))
            continue
        return _Down(place, taken, tuple(cells), found)
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


def _leads(head: _Head, place: int) -> bool:
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


def _with_year(head: _Head, place: int, cells: Sequence[str]) -> tuple[frozenset[int], list[str]]:
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
        match = _YEAR.fullmatch(fold(cell)) if cell else None
        if cell and match is None and not is_no_period(cell):
            return None
        named += match is not None
        last = match[1] if match else last
        found.append(last)
    return found if named and found[0] else None


def _with_heading_years(head: _Head, place: int, texts: list[str]) -> list[str]:
    """Say the year that stands alone in a row above the months that follow."""
    alone = [
        _YEAR.fullmatch(fold(row[place])) if _filled(row) == 1 and row[place] else None
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


def _undated(head: _Head, down: _Down | None) -> tuple[str, ...]:
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


def _has_numbers(head: _Head) -> bool:
    found = sum(read(cell).is_number for row in head.body[:SAMPLE] for cell in row[1:])
    return found >= LEAST_POINTS


def _from_rows(head: _Head, down: _Down, known: frozenset[str]) -> Timelines:
    rows = _Rows(head, down, known)
    if parts := rows.under_headings():
        return Timelines(tuple(parts), down.dated.doubts)
    if parts := rows.by_key():
        return Timelines(tuple(parts), down.dated.doubts)
    if not rows.in_order():
        return Timelines(())
    return Timelines((rows.part(range(len(head.body))),), down.dated.doubts)


class _Rows:
    """The rows of a table with a column of periods, to be parted by what they are about."""

    def __init__(self, head: _Head, down: _Down, known: frozenset[str]) -> None:
        self._head, self._down, self._known = head, down, known
        self._free = [n for n in range(len(head.names)) if n != down.place and n not in down.taken]
        self._texts = [n for n in range(len(head.names)) if n != down.place and self._is_text(n)]

    def part(
        self, at: Sequence[int], *, group: str = "", without: frozenset[int] = frozenset()
    ) -> Timeline:
        """Return some of the rows as a timeline."""
        head, down = self._head, self._down
        columns = []
        for n in self._free:
            if n in without:
                continue
            name, marks = unmarked(head.names[n], self._known)
            above = " – ".join(filter(None, (group, head.groups[n])))
            columns.append(Column(name, above, tuple(head.body[row][n] for row in at), marks))
        note = self._note_column(without)
        return Timeline(
            head.caption,
            head.names[down.place],
            tuple(down.labels[row] for row in at),
            tuple(down.dated.periods[row] for row in at),
            tuple(columns),
            () if note is None else tuple(head.body[row][note] for row in at),
        )

    def in_order(self) -> bool:
        """Whether most periods follow one another, forth or back."""
        days = [period.first for period in self._down.dated.periods if period]
        steps = [(later - earlier).days for earlier, later in pairwise(days)]
        forth, back = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
        return max(forth, back) >= MOSTLY * len(steps)

    def under_headings(self) -> list[Timeline]:
        """Part the rows by rows of one cell that name a facility or an indicator."""
        place, periods = self._down.place, self._down.dated.periods
        parts: list[tuple[str, list[int]]] = []
        for at, row in enumerate(self._head.body):
            first = row[place] or row[0]
            if _filled(row) == 1 and _YEAR.fullmatch(fold(first)):
                continue  # it dates the months below, and parts nothing
            if _filled(row) == 1 and first and periods[at] is None and not is_no_period(first):
                parts.append((first, []))
            elif parts:
                parts[-1][1].append(at)
            else:
                parts.append(("", [at]))
        full = [(name, at) for name, at in parts if sum(bool(periods[n]) for n in at) >= 2]  # noqa: PLR2004
        if len([name for name, _ in full if name]) < (2 if full and not full[0][0] else 1):
            return []
        return [self.part(at, group=name) for name, at in full]

    def by_key(self) -> list[Timeline]:
        """Part the rows by what they are about, where every period comes once for each of them."""
        periods = self._down.dated.periods
        days = [period.first for period in periods if period]
        if len(set(days)) > 0.75 * len(days):
            return []
        keys = self._keys()
        if keys is None:
            return []
        said = [
            [_filled_down(self._head.body, n)[at] for n in keys]
            for at in range(len(self._head.body))
        ]
        numeric = [n for n in self._free if n not in self._texts]
        pivot = self._pivot_key(keys) if len(numeric) == 1 else None
        groups: dict[str, list[int]] = {}
        for at, words in enumerate(said):
            others = [word for n, word in zip(keys, words, strict=True) if n != pivot]
            groups.setdefault(" – ".join(filter(None, others)), []).append(at)
        if pivot is None:
            without = frozenset(keys)
            return [self.part(at, group=name, without=without) for name, at in groups.items()]
        return [
            self._wide(at, group=name, key=pivot, value=numeric[0]) for name, at in groups.items()
        ]

    def _wide(self, at: Sequence[int], *, group: str, key: int, value: int) -> Timeline:
        """Turn rows of period, indicator and value into a column for each indicator."""
        head, down = self._head, self._down
        names = _filled_down(head.body, key)
        rows: dict[object, dict[str, str]] = {}
        first: dict[object, int] = {}
        for n in at:
            period = down.dated.periods[n]
            when = period.first if period else down.labels[n]
            first.setdefault(when, n)
            rows.setdefault(when, {}).setdefault(names[n], head.body[n][value])
        generic = _VALUE_WORDS.fullmatch(fold(head.names[value])) is not None
        suffix = "" if generic else f" ({head.names[value]})"
        columns = []
        for key_name in dict.fromkeys(names[n] for n in at):
            name, marks = unmarked(key_name, self._known)
            cells = tuple(row.get(key_name, "") for row in rows.values())
            columns.append(Column(f"{name}{suffix}", group, cells, marks, head.names[value]))
        return Timeline(
            head.caption,
            head.names[down.place],
            tuple(down.labels[n] for n in first.values()),
            tuple(down.dated.periods[n] for n in first.values()),
            tuple(columns),
        )

    def _keys(self) -> tuple[int, ...] | None:
        """Return the column or two of words under which each period comes only once."""
        body = self._head.body
        named = [
            n
            for n in self._texts
            if not _NOTE_HEADER.search(fold(self._head.names[n]))
            and 1 < len({row[n] for row in body if row[n]}) <= MOST_KEYS
            and bool(body[0][n])
        ]
        filled = {n: _filled_down(body, n) for n in named}
        tries: list[tuple[int, ...]] = [(n,) for n in named]
        tries += [(a, b) for place, a in enumerate(named) for b in named[place + 1 :]]
        for keys in tries:
            seen = [
                (period.first, *(filled[n][at] for n in keys))
                for at, period in enumerate(self._down.dated.periods)
                if period
            ]
            if len(set(seen)) > 0.9 * len(seen):
                return keys
        return None

    def _pivot_key(self, keys: Sequence[int]) -> int | None:
        said = [n for n in keys if _INDICATOR.search(fold(self._head.names[n]))]
        return said[0] if said else keys[-1]

    def _is_text(self, n: int) -> bool:
        cells = [row[n] for row in self._head.body if row[n]]
        readings = [read(cell) for cell in cells[: 5 * SAMPLE]]
        numbers = sum(one.is_number for one in readings)
        return bool(readings) and numbers < (1 - MOSTLY) * len(readings)

    def _note_column(self, without: frozenset[int]) -> int | None:
        free = [n for n in self._texts if n not in without and n not in self._down.taken]
        said = [n for n in free if _NOTE_HEADER.search(fold(self._head.names[n]))]
        told = [n for n in free if not self._holds_dates(n)]
        return next(iter([*said, *told]), None)

    def _holds_dates(self, n: int) -> bool:
        cells = [row[n] for row in self._head.body if row[n]][:SAMPLE]
        return sum(may_name_period(cell) for cell in cells) > len(cells) / 2


def _filled_down(body: Sequence[Row], place: int) -> list[str]:
    """A column whose empty cells mean what stands above them."""
    found: list[str] = []
    for row in body:
        found.append(row[place] or (found[-1] if found else ""))
    return found


# Periods in the header


def _across(head: _Head, asked: _Asked) -> Timelines | None:
    for texts, subs in _readings_of(head):
        start = _first_period(texts, asked)
        if start is None:
            continue
        found = dated(texts[start:], header=head.names[0], year=asked.year, told=asked.told)
        known = {period.first for period in found.periods if period}
        if len(known) < LEAST_POINTS or not _mostly_dated(found, texts[start:]):
            continue
        parts = (
            _under_periods(head, start, texts, found, subs)
            if subs
            else _beside_labels(head, start, texts, found, asked.known)
        )
        return Timelines(tuple(parts), found.doubts)
    return None


def _readings_of(head: _Head) -> Iterator[tuple[list[str], Row]]:
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
        if found.periods and found.periods[0] is not None and not _is_note(texts[start]):
            return start
    return None


def _is_note(text: str) -> bool:
    return bool(_NOTE_HEADER.search(fold(text)))


class _Label(NamedTuple):
    name: str
    group: str
    marks: Row


def _labels(head: _Head, start: int, known: frozenset[str]) -> list[_Label | None]:
    """Return what each row is about; None for a row that only heads the ones below it."""
    left = [n for n in range(start) if not _is_left_number(head, n)]
    unit = next((n for n in left if n and _UNIT_HEADER.fullmatch(fold(head.names[n]))), None)
    words = [n for n in left if n != unit] or [0]
    filled = {n: _filled_down(head.body, n) for n in words[:-1]}
    found: list[_Label | None] = []
    heading = ""
    for at, row in enumerate(head.body):
        if not any(row[start:]):
            heading = next(filter(None, row[:start]), heading)
            found.append(None)
            continue
        name, marks = unmarked(row[words[-1]], known)
        above = [filled[n][at] for n in words[:-1]]
        if not name:
            name, above = (above[-1], above[:-1]) if above else ("", [])
        if unit is not None and row[unit]:
            name = f"{name} ({row[unit]})"
        found.append(_Label(name, " – ".join(filter(None, (heading, *above))), marks))
    return found


def _is_left_number(head: _Head, place: int) -> bool:
    """Whether a column left of the periods is no label: numbers of rows, a baseline, a target."""
    cells = [row[place] for row in head.body if row[place]]
    numbers = sum(read(cell).is_number for cell in cells)
    return is_no_period(head.names[place]) or (bool(cells) and numbers > MOSTLY * len(cells))


def _beside_labels(
    head: _Head, start: int, texts: Sequence[str], found: Dated, known: frozenset[str]
) -> Iterator[Timeline]:
    """A column for each row, in its order."""
    targets = [n for n in range(start) if is_no_period(head.names[n])]
    kept = targets + [n for n in range(start, len(texts)) if not _is_note(texts[n])]
    columns = [
        Column(label.name, label.group, tuple(row[n] for n in kept), label.marks)
        for row, label in zip(head.body, _labels(head, start, known), strict=True)
        if label is not None
    ]
    yield Timeline(
        head.caption,
        head.names[0],
        tuple(texts[n] for n in kept),
        tuple(found.periods[n - start] if n >= start else None for n in kept),
        tuple(columns),
    )


def _under_periods(
    head: _Head, start: int, texts: Sequence[str], found: Dated, subs: Row
) -> Iterator[Timeline]:
    """A timeline for each row, where numerator, denominator and percent stand under a period."""
    spans = list(dict.fromkeys(text for text in texts[start:] if text))
    places = {
        text: {subs[n]: n for n in range(start, len(texts)) if texts[n] == text} for text in spans
    }
    period_of = dict(zip(texts[start:], found.periods, strict=True))
    kinds = list(dict.fromkeys(sub for under in places.values() for sub in under))
    for row, label in zip(head.body, _labels(head, start, frozenset()), strict=True):
        if label is None:
            continue
        columns = tuple(
            Column(
                kind,
                " – ".join(filter(None, (label.group, label.name))),
                tuple(row[places[text][kind]] if kind in places[text] else "" for text in spans),
                label.marks,
            )
            for kind in kinds
        )
        yield Timeline(
            head.caption, head.names[0], tuple(spans), tuple(period_of[s] for s in spans), columns
        )
