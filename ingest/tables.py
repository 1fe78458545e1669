"""Tables to measures: which column counts what, and what does not add up.

Headers are in the words of a hundred registers, so arithmetic decides where it can: the two
columns whose quotient is the third are numerator and denominator. Nothing is corrected: what
contradicts itself is kept as it stands, with a doubt.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ingest.contradictions import contradictions, out_of_order, shares_of, unsure_of
from ingest.dating import cadence_of
from ingest.footnotes import notes_of
from ingest.grids import Grid, grids
from ingest.layouts import LEAST_POINTS
from ingest.naming import direction_of, is_bare, part_of_pair, target_in, type_of, without_pair
from ingest.numerals import PROVISIONAL_WORDS, habit_of, plain, read, unmarked
from ingest.periods import usual_year
from ingest.sentences import fold, one_line
from ingest.series import Around, Series, at, is_place, numbers_of, series_of
from ingest.structure import role_of
from ingest.timelines import Column, Timeline, timelines
from kb.content import Measure, Point, Section
from kb.vocabulary import Direction, Unit

MOST_MEASURES = 200  # of one table; more is a list of something else


class Doubtful(NamedTuple):
    """The measures of a document, and what the curator should look at."""

    measures: tuple[Measure, ...]
    doubts: tuple[str, ...]


def measures_of(sections: Sequence[Section], *, year: int | None = None) -> Doubtful:
    """Return a measure for each series in the tables of a story, in order.

    `year` is the year of a first period that names none; by default the one named most.
    """
    year = year or usual_year(" ".join(section.body for section in sections))
    found: list[tuple[str, Measure]] = []
    doubts: list[str] = []
    for section in sections:
        lines = section.body.splitlines()
        for grid in _joined(section.body):
            around = _around(section.heading, lines, grid)
            for measure, wrong in _measures(grid, year, around):
                if measure is not None:
                    found.append((around.above or around.heading, measure))
                doubts += wrong
    return Doubtful(tuple(_told_apart(found)), tuple(dict.fromkeys(doubts)))


def has_series(body: str) -> bool:
    """Return whether a table in `body` has periods and numbers."""
    year = usual_year(body) or 2000
    return any(
        measure is not None
        for grid in _joined(body)
        for measure, _ in _measures(grid, year, _around("", (), grid))
    )


def _joined(body: str) -> list[Grid]:
    """The tables of a text; one that goes on over a page, header and all, is one table."""
    found: list[Grid] = []
    for grid in grids(body):
        if found and found[-1].header == grid.header and any(grid.header[1:]):
            found[-1] = found[-1]._replace(rows=found[-1].rows + grid.rows, last=grid.last)
        else:
            found.append(grid)
    return found


def _around(heading: str, lines: Sequence[str], grid: Grid) -> Around:
    above = _line_above(lines, grid)
    near = [*lines[max(0, grid.first - 4) : grid.first], *lines[grid.last + 1 : grid.last + 5]]
    targets = [target for line in near if (target := target_in(plain(line))) is not None]
    return Around(
        above=above,
        heading=heading,
        notes=notes_of(lines, grid),
        habit=habit_of(cell for row in grid.rows for cell in row),
        target=targets[0] if targets else None,
    )


def _line_above(lines: Sequence[str], grid: Grid) -> str:
    """Return the nearest line above the table where it is a label or a caption, else ""."""
    before = reversed(lines[max(0, grid.first - 10) : grid.first])
    above = next((line.strip() for line in before if line.strip()), "")
    if not above or len(above) > 150 or above.startswith(("|", "- ", ">", "<")):  # noqa: PLR2004
        return ""
    labelled = re.match(r"^(#{1,6}\s|\*\*[^*]+\*\*:?$)", above)
    caption = re.match(r"^\W*(?:table|tableau|tabla|tabela|quadro|cuadro|jedwali)\b", fold(above))
    short = len(above.split()) <= 10 and above[-1] not in ".;,!?"  # noqa: PLR2004
    return one_line(above).strip(" :") if labelled or caption or short else ""


def _measures(
    grid: Grid, year: int | None, around: Around
) -> Iterator[tuple[Measure | None, list[str]]]:
    table = timelines(grid, year=year, known=frozenset(around.notes))
    name = around.above or around.heading or grid.header[0] or "A table"
    named = [_about(doubt, name) for doubt in table.doubts]
    count = 0
    for timeline in table.found:
        where = timeline.caption or name
        for measure, doubts in _of_timeline(timeline, around, where):
            count += 1
            if count > MOST_MEASURES:
                yield None, [f"“{where}”: more than {MOST_MEASURES} series; the rest stay as text."]
                return
            yield measure, [*named, *doubts]
            named = []
    # why a table with periods that cannot be read gives no measure
    if named and not count and (not table.found or _has_numbers(table.found)):
        yield None, named


def _about(doubt: str, name: str) -> str:
    return doubt if name in doubt else f"“{name}”: {doubt}"


def _has_numbers(found: Sequence[Timeline]) -> bool:
    return any(
        sum(read(cell).is_number for cell in column.cells) >= LEAST_POINTS
        for timeline in found
        for column in timeline.columns
    )


def _of_timeline(
    timeline: Timeline, around: Around, where: str
) -> Iterator[tuple[Measure, list[str]]]:
    numbers, doubts = numbers_of(timeline, around, where)
    series = series_of(numbers)
    if not series:
        return
    doubts += out_of_order(timeline, series, where)
    percents = [one for one in series if one.unit is Unit.PERCENT]
    for one in series:
        points = _points(timeline, one, around.notes)
        if sum(_is_said(point) for point in points) < 2:  # noqa: PLR2004
            continue
        target = _target(one, percents, around.target)
        measure = _measure(timeline, one, points, target, around)
        for column in one.columns:
            doubts += unsure_of(timeline, column, one, where)
        doubts += shares_of(one, measure.name, where)
        wrong = [*doubts, *contradictions(timeline, one, measure.name, where)]
        doubts = []
        yield measure, wrong


def _is_said(point: Point) -> bool:
    return any(part is not None for part in (point.numerator, point.denominator, point.value))


def _points(timeline: Timeline, series: Series, notes: Mapping[str, str]) -> tuple[Point, ...]:
    marks = [mark for column in timeline.columns for mark in column.marks if _names(column, series)]
    head_note = "; ".join(dict.fromkeys(notes[mark] for mark in marks if mark in notes))
    known, columns = frozenset(notes), series.columns
    found: list[Point] = []
    for row, period in enumerate(timeline.periods):
        if period is None:
            continue
        label, label_marks = unmarked(timeline.labels[row], known)
        readings = [column.readings[row] for column in columns]
        said = [mark for reading in readings for mark in reading.marks] + list(label_marks)
        note = _note(timeline, series, row)
        told = [notes[mark] for mark in said if mark in notes]
        words = [*([] if found else [head_note]), *told, note]
        text = "; ".join(dict.fromkeys(filter(None, words)))
        value = at(series.value, row)
        found.append(
            Point(
                period=period.first,
                label=label,
                numerator=at(series.numerator, row),
                denominator=at(series.denominator, row),
                value=None if value is None else float(f"{value * series.scale:.12g}"),
                note=text,
                provisional=any(reading.provisional for reading in readings)
                or _is_provisional(f"{timeline.labels[row]} {' '.join(told)}"),
            )
        )
    return _trimmed(found)


def _names(column: Column, series: Series) -> bool:
    return any(column.name == one.name and column.group == one.group for one in series.columns)


@lru_cache(maxsize=4096)  # the labels are the same for each measure of a table
def _is_provisional(text: str) -> bool:
    folded = fold(text)
    return bool(PROVISIONAL_WORDS.search(folded) or re.search(r"\(p\)|\d\s?p\b", folded))


def _trimmed(points: Sequence[Point]) -> tuple[Point, ...]:
    """Leave out the periods at the end that a form has room for and nobody has filled."""
    end = len(points)
    while end and not _is_said(points[end - 1]) and not points[end - 1].note:
        end -= 1
    return tuple(points[:end])


def _note(timeline: Timeline, series: Series, row: int) -> str:
    """The remark, or the words that stand where a number should."""
    if timeline.notes and timeline.notes[row]:
        return one_line(timeline.notes[row])
    own = [column.readings[row].words for column in series.columns]
    if any(own):
        return one_line(next(filter(None, own)))
    if any(at(column, row) is not None for column in series.columns):
        return ""
    others = (column.cells[row] for column in timeline.columns)
    words = [
        cell for cell in others if re.search(r"[^\W\d_]{3}", cell) and not read(cell).is_number
    ]
    return one_line(words[0]) if words and read(words[0]).is_filled else ""


def _target(series: Series, percents: Sequence[Series], around: float | None) -> float | None:
    """The target in the table, for the value it is of; else the one told beside the table."""
    ratio = series.value if series.unit in (Unit.PERCENT, Unit.RATE) else series.main
    for column in (ratio, *series.columns):
        if column is not None and column.target is not None:
            scaled = column.target * series.scale
            return scaled if series.unit is not Unit.PERCENT or scaled <= 100 else None  # noqa: PLR2004
    alone = len(percents) == 1 and series is percents[0]
    return around if alone else None


def _measure(
    timeline: Timeline,
    series: Series,
    points: tuple[Point, ...],
    target: float | None,
    around: Around,
) -> Measure:
    counted = series.numerator is not None
    numerator = one_line(series.numerator.name) if series.numerator is not None else ""
    whole = one_line(series.denominator.name) if series.denominator is not None else ""
    name = _name(timeline, series, around)
    return Measure(
        name=name,
        type=type_of(name, numerator, whole),
        numerator_text=numerator if counted else "",
        denominator_text="" if whole == numerator else whole,
        unit=series.unit,
        direction=direction_of(name) or _towards(target, series, points),
        cadence=cadence_of([period for period in timeline.periods if period]),
        target=target,
        points=points,
    )


def _towards(target: float | None, series: Series, points: Sequence[Point]) -> Direction | None:
    """The way from the first points to the target."""
    if target is None:
        return None
    first = [value for point in points[:12] if (value := point.exact(series.unit)) is not None]
    values = first[:3]
    if not values:
        return None
    return Direction.UP if target > sum(values) / len(values) else Direction.DOWN


def _name(timeline: Timeline, series: Series, around: Around) -> str:
    """Name a measure by its header; where that says little, by what stands above it."""
    heading = "" if role_of(around.heading) else around.heading  # "Results" says nothing
    above = timeline.caption or around.above or heading
    ratio = series.value
    main = series.main
    name = one_line(main.name)
    if (is_bare(name) or part_of_pair(name)) and ratio is not None and not is_bare(ratio.name):
        name = one_line(ratio.name)
    group = one_line(main.group) or next(
        (one_line(one.group) for one in series.columns if one.group), ""
    )
    if part_of_pair(name) and not is_bare(name):
        name = without_pair(name) or name
    if is_bare(name):
        name, group = group, ""
    name = " – ".join(filter(None, (name, group)))
    if not name:
        name = above or around.heading or one_line(timeline.label) or one_line(main.name)
    elif is_place(main, timeline) and above and name not in above:
        name = f"{above} – {name}"
    return name or "Number"


def _told_apart(found: list[tuple[str, Measure]]) -> list[Measure]:
    """Name the series of equal tables by what stands above each."""
    names = [measure.name for _, measure in found]
    return [
        measure.model_copy(update={"name": f"{measure.name} ({above})"})
        if names.count(measure.name) > 1 and above and above not in measure.name
        else measure
        for above, measure in found
    ]
