"""Tables turned so that the periods go down, whatever way they were laid out.

Facilities or indicators may stand one below the other or be named in every row. Nothing is
computed here; where the periods stand, `ingest.layouts` says.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.dating import cadence_of, is_no_period
from ingest.grids import Grid
from ingest.layouts import (
    MOSTLY,
    SAMPLE,
    YEAR,
    Across,
    Down,
    Head,
    Row,
    filled_cells,
    is_note,
    layout_of,
)
from ingest.numerals import read, unmarked
from ingest.periods import Period, may_name_period
from ingest.sentences import fold

LEAST_YEARS = 5  # years or half-years, which have no cadence; fewer are the table of a report
MOST_KEYS = 60  # facilities or indicators in one table

_VALUE_WORDS = re.compile(
    r"\W*(?:values?|valeurs?|valor(?:es)?|thamani|results?|resultats?|resultados?|matokeo|data|numbers?"
    r"|nombre|numero|idadi|n|count|figure|chiffre|score|%|percent|pourcentage|porcentaje|asilimia)\W*"
)
_INDICATOR = re.compile(
    r"\b(?:indica|measure|mesure|medida|kiashiria|viashiria|data element|variable|item)"
)
_UNIT_HEADER = re.compile(r"\W*(?:units?|unites?|unidad(?:es)?|unidades?|kipimo)\W*")


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


def timelines(
    grid: Grid, *, year: int | None = None, known: frozenset[str] = frozenset()
) -> Timelines:
    """Return the parts of a table that go by time; `year` is that of a period without one."""
    head, down, across, doubts = layout_of(grid, year=year, known=known)
    if down is not None:
        return _frequent(_from_rows(head, down, known))
    if across is not None:
        return _frequent(_from_header(head, across, known))
    return Timelines((), doubts)


def _frequent(table: Timelines) -> Timelines:
    """Leave out what goes by a few years or half-years: no cadence, and no run of points."""
    kept = tuple(
        timeline
        for timeline in table.found
        if cadence_of([period for period in timeline.periods if period])
        or len({period.first for period in timeline.periods if period}) >= LEAST_YEARS
    )
    return Timelines(kept, table.doubts if kept else ())


def _from_rows(head: Head, down: Down, known: frozenset[str]) -> Timelines:
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

    def __init__(self, head: Head, down: Down, known: frozenset[str]) -> None:
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
            if filled_cells(row) == 1 and YEAR.fullmatch(fold(first)):
                continue  # it dates the months below, and parts nothing
            if filled_cells(row) == 1 and first and periods[at] is None and not is_no_period(first):
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
            if not is_note(self._head.names[n])
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
        said = [n for n in free if is_note(self._head.names[n])]
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


def _from_header(head: Head, across: Across, known: frozenset[str]) -> Timelines:
    parts = _under_periods(head, across) if across.subs else _beside_labels(head, across, known)
    return Timelines(tuple(parts), across.dated.doubts)


class _Label(NamedTuple):
    name: str
    group: str
    marks: Row


def _labels(head: Head, start: int, known: frozenset[str]) -> list[_Label | None]:
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


def _is_left_number(head: Head, place: int) -> bool:
    """Whether a column left of the periods is no label: numbers of rows, a baseline, a target."""
    cells = [row[place] for row in head.body if row[place]]
    numbers = sum(read(cell).is_number for cell in cells)
    return is_no_period(head.names[place]) or (bool(cells) and numbers > MOSTLY * len(cells))


def _beside_labels(head: Head, across: Across, known: frozenset[str]) -> Iterator[Timeline]:
    """A column for each row, in its order."""
    start, texts, _, found = across
    targets = [n for n in range(start) if is_no_period(head.names[n])]
    kept = targets + [n for n in range(start, len(texts)) if not is_note(texts[n])]
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


def _under_periods(head: Head, across: Across) -> Iterator[Timeline]:
    """A timeline for each row, where numerator, denominator and percent stand under a period."""
    start, texts, subs, found = across
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
