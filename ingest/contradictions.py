"""What does not add up in a series: said with table, period and values, and never corrected."""

from collections.abc import Sequence
from itertools import pairwise

from ingest.numerals import fits
from ingest.series import MOST_ROWS, ROUNDING, Numbers, Series, agreement, at
from ingest.timelines import Timeline
from kb.vocabulary import Unit

MOST_DOUBTS = 3  # contradictions named one by one for each table and kind


def contradictions(timeline: Timeline, series: Series, name: str, where: str) -> list[str]:
    """Say where a value is not its quotient, and where a part is more than its whole."""
    if series.numerator is None or series.denominator is None:
        return []
    wrong: list[str] = []
    above: list[str] = []
    factor = 100 if series.unit is Unit.PERCENT else max(getattr(series.value, "factor", 1), 1)
    sign = " %" if series.unit is Unit.PERCENT else ""
    for row, period in enumerate(timeline.periods):
        a, b, p = at(series.numerator, row), at(series.denominator, row), at(series.value, row)
        if period is None or a is None or b is None:
            continue
        place = f"“{where}”, {timeline.labels[row]}"
        if a > b and series.unit is Unit.PERCENT:
            above.append(f"{place}: the numerator {a:g} is above the denominator {b:g} ({name}).")
        if p is not None and b and abs(factor * a / b - p * series.scale) > _slack(series, row):
            said = f"{p * series.scale:g}{sign}"
            is_so = f"{_short(factor * a / b, said)}{sign}"
            wrong.append(f"{place}: {a:g} of {b:g} is {is_so}, but the table says {said}.")
        if p is not None and not b and p:
            wrong.append(f"{place}: {a:g} of {b:g} has no value, but the table says {p:g}{sign}.")
    return _some(wrong) + _some(above)


def _short(value: float, said: str) -> str:
    digits = next((d for d in (0, 1, 2) if f"{value:.{d}f}" != said.split(maxsplit=1)[0]), 3)
    return f"{value:.{digits}f}"


def _slack(series: Series, row: int) -> float:
    """How far a printed value may be from its quotient: its last digit, cut or rounded."""
    assert series.value is not None
    decimals = series.value.readings[row].decimals
    return max(ROUNDING * series.scale * 10.0**-decimals, 1e-6) + 1e-9


def _some(doubts: list[str]) -> list[str]:
    more = len(doubts) - MOST_DOUBTS
    return [*doubts[:MOST_DOUBTS], *([f"{more} more rows like this."] if more > 0 else [])]


def out_of_order(timeline: Timeline, series: Sequence[Series], where: str) -> list[str]:
    """Say which periods come twice, and which go back against the others."""
    rows = [(row, period) for row, period in enumerate(timeline.periods) if period]
    by_day: dict[object, list[int]] = {}
    for row, period in rows:
        by_day.setdefault(period.first, []).append(row)
    twice = [
        f"“{where}”: the period {timeline.labels[same[0]]} comes {len(same)} times"
        f" ({', '.join(_said(series[0], row) for row in same)})."
        for same in by_day.values()
        if len(same) > 1
    ]
    steps = [(later.first - earlier.first).days for (_, earlier), (_, later) in pairwise(rows)]
    forth = sum(step > 0 for step in steps) >= sum(step < 0 for step in steps)
    back = [
        f"“{where}”: the period {timeline.labels[row]} ({_said(series[0], row)}) comes after"
        f" {timeline.labels[before]}."
        for ((before, _), (row, _)), step in zip(pairwise(rows), steps, strict=True)
        if (step < 0 if forth else step > 0)
    ]
    return _some(twice) + _some(back)


def _said(series: Series, row: int) -> str:
    a, b, p = at(series.numerator, row), at(series.denominator, row), at(series.value, row)
    if a is not None and b is not None:
        return f"{a:g} of {b:g}"
    return "no value" if p is None else f"{p:g}"


def unsure_of(timeline: Timeline, column: Numbers, series: Series, where: str) -> list[str]:
    """Say of one number that it was not sure whether it is a thousand times another."""
    readings = column.readings
    unsure = [row for row, one in enumerate(readings) if one.unsure and one.value is not None]
    if not unsure or fits(readings) or _is_explained(series):
        return []
    row = unsure[0]
    value, text = readings[row].value or 0.0, readings[row].unsure
    other = value / 1000 if value >= 1000 else value * 1000  # noqa: PLR2004
    return [
        (
            f"“{where}”, {timeline.labels[row]}: “{text}” ({column.name}) was read as {value:g};"
            f" it may be {other:g}."
        )
    ]


def _is_explained(series: Series) -> bool:
    """Whether the numbers agree with one another, which a wrong comma would not let them."""
    if series.numerator is None or series.denominator is None or series.value is None:
        return False
    factor = 100 if series.unit is Unit.PERCENT else max(series.value.factor, 1)
    agree = agreement(series.numerator, series.denominator, series.value, factor / series.scale)
    return agree > MOST_ROWS


def shares_of(series: Series, name: str, where: str) -> list[str]:
    """Say of percents that are all below 1 that they may be shares, where no counts tell."""
    if series.unit is not Unit.PERCENT or series.value is None or series.numerator is not None:
        return []
    said = [value for value in series.value.values if value is not None]
    if (
        not said
        or not all(0 <= value <= 1 for value in said)
        or all(value in (0, 1) for value in said)
    ):
        return []
    most = max(said)
    may_be = f"it may be {100 * most:g} %, written as a share of 1"
    return [f"“{where}”: {name} is {most:g} at most; {may_be}."]
