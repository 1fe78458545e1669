"""The columns of a table to series: what is counted, of how many, and what is only a total.

Headers are in the words of a hundred registers, so arithmetic decides where it can: the two
columns whose quotient is the third are numerator and denominator.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

from ingest.dating import TARGETS, TOTALS, may_be_period
from ingest.layouts import LEAST_POINTS, MOSTLY
from ingest.naming import (
    factor_of,
    is_bad,
    is_bare,
    is_facility,
    is_lack,
    is_percent,
    is_whole,
    part_of_pair,
    target_in,
    time_unit,
    without_pair,
)
from ingest.numerals import Habit, Reading, read
from ingest.sentences import fold
from ingest.timelines import Column, Timeline
from kb.vocabulary import Unit

MOST_ROWS = 0.5  # share of the rows that must agree on what is the quotient of what
NEARLY_ALL = 0.8  # share of the rows in which a part is within its whole
ROUNDING = 1.0  # percentage points between a printed whole percent and its quotient
NEAREST = 12  # columns around a percent that may be its numerator and denominator
SAMPLE = 200  # rows on which a quotient is tried
COUNTS = Habit(comma_is_decimal=False, dot_is_decimal=False)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column that was read: its number in each row, and how it was written."""

    name: str
    group: str
    values: tuple[float | None, ...]
    readings: tuple[Reading, ...]
    place: int
    unit: Unit | None = None
    factor: int = 1  # a rate is so many times the quotient
    target: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The columns of one measure."""

    numerator: Numbers | None
    denominator: Numbers | None
    value: Numbers | None
    unit: Unit
    scale: float = 1.0  # 100 where the table writes shares of 1 for percents

    @property
    def columns(self) -> list[Numbers]:
        """The one to three columns, numerator first."""
        return [one for one in (self.numerator, self.denominator, self.value) if one is not None]

    @property
    def main(self) -> Numbers:
        """The column that names the measure."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a table: the line above, its footnotes, how it writes numbers."""

    above: str  # a label or caption right above
    heading: str
    notes: Mapping[str, str]
    habit: Habit
    target: float | None = None


def at(column: Numbers | None, row: int) -> float | None:
    """Return the number of a column in a row; None is a gap, or no such column."""
    return None if column is None else column.values[row]


def numbers_of(timeline: Timeline, around: Around, where: str) -> tuple[list[Numbers], list[str]]:
    """Return the columns of numbers; totals and targets are none, but say what they are."""
    found: list[Numbers] = []
    doubts: list[str] = []
    targets: dict[str, float] = {}
    for place, column in enumerate(timeline.columns):
        habit = COUNTS if _counts_heads(column) else around.habit
        readings = tuple(read(cell, habit, frozenset(around.notes)) for cell in column.cells)
        if not _is_numeric(readings) or _is_clock(column, readings):
            continue
        if TARGETS.match(fold(column.name).strip()):
            targets[column.group] = _last(readings)
            doubts += _moving(readings, where)
            continue
        made = _numbers(column, readings, place, _target_row(timeline, readings))
        found += [_of_place(one, timeline, around) for one in made]
    found = _without_totals(found)
    if targets:
        found = [_aimed(one, targets) for one in found]
    return found, doubts


def _counts_heads(column: Column) -> bool:
    """Whether a column counts people or things, which have no thousandth part."""
    sized = is_percent(column.name) or factor_of(column.name) > 1 or time_unit(column.name)
    ambiguous = [cell for cell in column.cells if re.search(r"\d[.,]\d", cell)]
    odd = any(not re.fullmatch(r"\D*\d{1,3}(?:[.,]\d{3})+\D*", cell) for cell in ambiguous)
    return is_whole(column.name) and not sized and not odd


def _is_numeric(readings: Sequence[Reading]) -> bool:
    filled = sum(one.is_filled for one in readings)
    numbers = sum(one.is_number for one in readings)
    return numbers >= max(2, MOSTLY * filled)


def _is_clock(column: Column, readings: Sequence[Reading]) -> bool:
    """Whether a column counts time: years, or numbers of weeks."""
    values = [one.value for one in readings if one.value is not None]
    if not values or not may_be_period(column.name):
        return False
    one_by_one = all(later - earlier == 1 for earlier, later in pairwise(values))
    return one_by_one or all(1980 <= value < 2060 for value in values)  # noqa: PLR2004


def _numbers(
    column: Column, readings: tuple[Reading, ...], place: int, target: float | None
) -> list[Numbers]:
    """Return one column, or the two or three numbers that its cells hold."""
    name = column.name
    inside = target_in(name, bracketed=True)
    target = inside if inside is not None else target
    if sum(one.numerator is not None or one.denominator is not None for one in readings) < (
        MOST_ROWS * sum(one.is_number for one in readings)
    ):
        values = tuple(one.value for one in readings)
        units = [one.unit for one in readings if one.value is not None]
        unit = max(set(units), key=units.count) if units else None
        header = f"{name} {column.unit}"
        factor = factor_of(header)
        if unit is None and factor > 1:
            unit = Unit.RATE
        if unit is None and is_percent(header) and not _is_beyond_percent(values):
            unit = Unit.PERCENT
        unit = unit or time_unit(header)
        return [Numbers(name, column.group, values, readings, place, unit, factor, target)]
    parts = {
        "numerator": tuple(
            one.numerator if one.numerator is not None or one.unit else one.value
            for one in readings
        ),
        "denominator": tuple(one.denominator for one in readings),
        "percent": tuple(
            one.percent if one.percent is not None or one.unit is None else one.value
            for one in readings
        ),
    }
    return [
        Numbers(
            name, column.group, values, readings, place,
            Unit.PERCENT if part == "percent" else None, 1, target,
        )
        for part, values in parts.items()
        if any(value is not None for value in values)
    ]  # fmt: skip


def _of_place(one: Numbers, timeline: Timeline, around: Around) -> Numbers:
    """Take the unit from what stands above the table, where a column only names a place."""
    above = timeline.caption or around.above
    if one.unit is not None or not (is_place(one, timeline) or is_bare(one.name)):
        return one
    if part_of_pair(one.name) or any(reading.numerator is not None for reading in one.readings):
        return one
    unit = Unit.RATE if factor_of(above) > 1 else time_unit(above)
    if unit is None and is_percent(above) and not _is_beyond_percent(one.values):
        unit = Unit.PERCENT
    return replace(one, unit=unit, factor=factor_of(above))


def is_place(one: Numbers, timeline: Timeline) -> bool:
    """Whether a column is named for a facility, and not for what is counted there."""
    return is_facility(one.name) or is_facility(timeline.label)


def _is_beyond_percent(values: Sequence[float | None]) -> bool:
    """Whether so many values are above 100 that they count something else."""
    said = [value for value in values if value is not None]
    return sum(value > 100 for value in said) > MOST_ROWS * len(said)  # noqa: PLR2004


def _target_row(timeline: Timeline, readings: Sequence[Reading]) -> float | None:
    for label, period, reading in zip(timeline.labels, timeline.periods, readings, strict=True):
        if period is None and TARGETS.match(fold(label).strip(" *_:")):
            value = reading.value if reading.value is not None else reading.percent
            if value is not None:
                return value
    return None


def _last(readings: Sequence[Reading]) -> float:
    values = [one.value if one.value is not None else one.percent for one in readings]
    return [value for value in values if value is not None][-1]


def _moving(readings: Sequence[Reading], where: str) -> list[str]:
    values = list(dict.fromkeys(one.value for one in readings if one.value is not None))
    if len(values) < 2:  # noqa: PLR2004
        return []
    return [
        f"“{where}”: the target changes from {values[0]:g} to {values[-1]:g}; the last was kept."
    ]


def _aimed(one: Numbers, targets: Mapping[str, float]) -> Numbers:
    """Give a target to the columns it stands beside: those of its group, else all."""
    target = targets.get(one.group, targets.get(""))
    if one.target is not None or target is None:
        return one
    return replace(one, target=target)


def _without_totals(numbers: list[Numbers]) -> list[Numbers]:
    """Leave out means, and sums of the columns beside them; a total may be a denominator."""
    return [one for one in numbers if not _is_summary(one, numbers)]


def _is_summary(one: Numbers, numbers: Sequence[Numbers]) -> bool:
    found = TOTALS.match(fold(one.name).strip(" *_:"))
    if not found:
        return False
    alone = found.end() >= len(fold(one.name).strip(" *_:()%"))
    if re.match(r"(?:sub-?|sous-|grand )?tota|sum|somme|jumla|ensemble", found[0]) is None:
        return alone and len(numbers) > 2  # noqa: PLR2004
    others = [
        other
        for other in numbers
        if other is not one and other.unit is one.unit and not TOTALS.match(fold(other.name))
    ]
    if len(others) < 2 or not alone:  # noqa: PLR2004
        return False
    if one.unit is Unit.PERCENT:
        return True
    rows = list(zip(one.values, *(other.values for other in others), strict=True))[:SAMPLE]
    full = [row for row in rows if None not in row]
    agree = sum(abs(row[0] - sum(row[1:])) < 0.5 for row in full if row[0] is not None)  # noqa: PLR2004
    return bool(full) and agree >= MOSTLY * len(full)


def series_of(numbers: Sequence[Numbers]) -> list[Series]:
    """Return the series of the columns, each among those of its own group."""
    common = [one for one in numbers if not one.group]
    found: list[Series] = []
    for group in dict.fromkeys(one.group for one in numbers):
        own = [one for one in numbers if one.group == group]
        found += _in_group(own, common if group else [])
    used = {id(column) for one in found for column in (one.denominator,)}
    # a denominator that several groups share is not also a count of its own
    kept = [one for one in found if one.denominator is not None or id(one.main) not in used]
    return sorted(kept, key=lambda one: min(column.place for column in one.columns))


def _in_group(own: list[Numbers], common: list[Numbers]) -> list[Series]:
    found = list(_in_cells(own))
    free = [one for one in own if not any(one in series.columns for series in found)]
    ratios = [one for one in free if one.unit in (Unit.PERCENT, Unit.RATE)]
    counts = [one for one in free if one not in ratios]
    found += [_explained(ratio, counts, ratios, common, free) for ratio in ratios]
    used = [column for one in found for column in one.columns]
    free = [one for one in counts if one not in used]
    for one in [one for one in free if one.unit in (Unit.MINUTES, Unit.DAYS)]:
        found.append(Series(None, None, one, one.unit or Unit.MINUTES))
        free.remove(one)
    for pair in _named_pairs(free):
        found.append(Series(*pair, None, Unit.PERCENT))
        free = [one for one in free if one not in pair]
    return found + _parts(free, [one.denominator for one in found])


def _in_cells(own: Sequence[Numbers]) -> Iterator[Series]:
    """Yield what single columns hold of numerator, denominator and percent."""
    for place in dict.fromkeys(one.place for one in own):
        here = [one for one in own if one.place == place]
        counted = any(
            reading.numerator is not None or reading.denominator is not None
            for reading in here[0].readings
        )
        if not counted or (len(here) == 1 and here[0].unit is None):
            continue
        percent = next((one for one in here if one.unit is Unit.PERCENT), None)
        counts = [one for one in here if one.unit is None]
        if len(counts) == 2:  # noqa: PLR2004
            yield Series(counts[0], counts[1], percent, Unit.PERCENT)
        elif percent is not None and counts:
            numerator = counts[0] if _is_numerator(counts[0]) else None
            denominator = None if numerator else counts[0]
            whole = _whole_for(counts[0], percent, own) if numerator else denominator
            if whole is not None and numerator is not None:
                yield Series(numerator, whole, percent, Unit.PERCENT)
            else:
                yield Series(None, None, percent, Unit.PERCENT)


def _is_numerator(one: Numbers) -> bool:
    return any(reading.numerator is not None for reading in one.readings)


def _whole_for(numerator: Numbers, percent: Numbers, own: Sequence[Numbers]) -> Numbers | None:
    """The column of wholes that explains cells such as "12 (40 %)"."""
    others = [one for one in own if one.place != numerator.place and one.unit is None]
    scored = [(agreement(numerator, one, percent, 100), one) for one in others]
    share, best = max(scored, key=lambda one: one[0], default=(0.0, None))
    return best if share > MOST_ROWS else None


def _explained(
    ratio: Numbers,
    counts: Sequence[Numbers],
    ratios: Sequence[Numbers],
    common: Sequence[Numbers],
    free: Sequence[Numbers],
) -> Series:
    """Return a percent or rate with the two columns that it is the quotient of, if any."""
    unit = ratio.unit or Unit.PERCENT
    others = [*counts, *(one for one in common if one not in counts and one not in ratios)]
    nearest = sorted(others, key=lambda one: abs(one.place - ratio.place))[:NEAREST]
    factor = 100 if unit is Unit.PERCENT else max(ratio.factor, 1)
    if pair := _quotient(nearest, ratio, factor):
        return Series(*pair, ratio, unit)
    if unit is Unit.PERCENT and _are_shares(ratio) and (pair := _quotient(nearest, ratio, 1)):
        return Series(*pair, ratio, unit, scale=100.0)
    pairs = _named_pairs(free)
    if len(ratios) == len(pairs) == 1:
        return Series(*pairs[0], ratio, unit)
    return Series(None, None, ratio, unit)


def _are_shares(ratio: Numbers) -> bool:
    said = [value for value in ratio.values if value is not None]
    return all(0 <= value <= 1 for value in said) and any(value % 1 for value in said)


def _quotient(
    others: Sequence[Numbers], ratio: Numbers, factor: float
) -> tuple[Numbers, Numbers] | None:
    """Return the two whose quotient is `ratio` in most rows, the nearest first."""
    scored = [(agreement(a, b, ratio, factor), (a, b)) for a, b in permutations(others, 2)]
    share, best = max(scored, key=lambda one: one[0], default=(0.0, None))
    return best if share > MOST_ROWS else None


def agreement(numerator: Numbers, denominator: Numbers, ratio: Numbers, factor: float) -> float:
    """Return the share of the rows in which `factor` times the quotient is the ratio, 0 to 1."""
    rows = zip(
        numerator.values[:SAMPLE], denominator.values[:SAMPLE], ratio.values[:SAMPLE], strict=True
    )
    full = [(a, b, p) for a, b, p in rows if a is not None and b and p is not None]
    near = ROUNDING * factor / 100
    agree = sum(abs(factor * a / b - p) <= near for a, b, p in full)
    return agree / len(full) if len(full) >= LEAST_POINTS else 0.0


def _named_pairs(numbers: Sequence[Numbers]) -> list[tuple[Numbers, Numbers]]:
    """Return the columns whose headers say numerator and denominator, of the same words else."""
    said: dict[str, dict[str, Numbers]] = {}
    for one in numbers:
        if part := part_of_pair(one.name):
            said.setdefault(without_pair(one.name), {}).setdefault(part, one)
    pairs = [
        (parts["numerator"], parts["denominator"]) for parts in said.values() if len(parts) > 1
    ]
    alone = [parts for parts in said.values() if len(parts) == 1]
    if not pairs and len(alone) == 2:  # noqa: PLR2004
        parts = alone[0] | alone[1]
        if len(parts) > 1:  # "Numerator (early)", "Denominator (births)"
            return [(parts["numerator"], parts["denominator"])]
    return pairs


def _parts(free: list[Numbers], denominators: Sequence[Numbers | None]) -> list[Series]:
    """The columns that no percent explains: parts of a whole, or counts where nothing else is."""
    lack = [one for one in free if is_lack(one.name)]
    days = [Series(None, None, one, Unit.DAYS) for one in lack]
    known = next((one for one in denominators if one is not None), None)
    if denominators:  # what is left beside a percent is its base, unless it is a harm
        free = [one for one in free if is_bad(one.name)]
    rest = [one for one in free if one not in lack]
    whole = known or next((one for one in rest if _is_whole(one, rest)), None)
    if whole is not None:
        parts = [one for one in rest if one is not whole and _within(one, whole) >= MOSTLY]
        return days + [Series(one, whole, None, Unit.PERCENT) for one in parts]
    return days + [Series(None, None, one, Unit.COUNT) for one in rest]


def _is_whole(whole: Numbers, free: Sequence[Numbers]) -> bool:
    """Whether a column counts all that the others are parts of.

    All of them in nearly all rows; a part above its whole in one row is a doubt, not a reason.
    """
    others = [one for one in free if one is not whole and one.group == whole.group]
    return bool(is_whole(whole.name) and others) and all(
        _within(one, whole) >= NEARLY_ALL for one in others
    )


def _within(part: Numbers, whole: Numbers) -> float:
    both = [
        (a, b)
        for a, b in zip(part.values, whole.values, strict=True)
        if a is not None and b is not None
    ]
    return sum(a <= b for a, b in both) / len(both) if both else 0.0
