"""A measure as a page shows it: two numbers, the run chart, and what may be said of it."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from markupsafe import Markup

from kb import content, runchart
from kb.before_after import BeforeAfter, before_after, first_change, main_measure
from kb.runchart import ChartSignal, ChartWarning, RunChart
from kb.vocabulary import Unit
from web.charts import NARROW, WIDE, ChartSeries, Median, change_key, run_chart
from web.names import Names

MEDIAN_FROM = runchart.POINTS_FOR_RULES
PERCENT = (0, 100)
UNJUDGED = frozenset({ChartSignal.TOO_FEW_POINTS, ChartSignal.NO_CHART})


@dataclass(frozen=True, slots=True)
class Row:
    """One period in the table beside a chart."""

    period: str
    numerator: float | None
    denominator: float | None
    value: Fraction | None
    note: str


@dataclass(frozen=True, slots=True)
class Followed:
    """One measure of a record, ready to print."""

    measure: content.Measure
    result: BeforeAfter | None
    charts: tuple[Markup, ...]  # the same drawing for wide and for narrow screens
    key: Markup  # names the changes that the chart only numbers
    signal: ChartSignal
    directed: bool  # somebody said which way is better
    warnings: tuple[ChartWarning, ...]
    rows: tuple[Row, ...]


def followed(record: content.Record, names: Names) -> list[Followed]:
    """Return the measures of the record that have points, the main one first."""
    main, started = main_measure(record), first_change(record)
    shown = [measure for measure in record.measures if measure.points]
    shown.sort(key=lambda measure: measure is not main)
    changes = tuple((i.started, i.text) for i in record.change_ideas if i.started)
    return [_followed(measure, started, changes, names) for measure in shown]


def _followed(
    measure: content.Measure,
    started: date | None,
    changes: tuple[tuple[date, str], ...],
    names: Names,
) -> Followed:
    analysed = _analysed(measure, started)
    series = _series(measure, analysed, changes)
    return Followed(
        measure=measure,
        result=before_after(measure, started),
        charts=tuple(
            run_chart(
                series,
                size=size,
                number=lambda value: names.figure(value, measure.unit),
                period=names.month,
            )
            for size in (WIDE, NARROW)
        ),
        key=change_key(series, period=names.month),
        signal=analysed.signal,
        directed=measure.direction is not None,
        warnings=analysed.warnings,
        rows=tuple(
            Row(p.label or names.day(p.period), p.numerator, p.denominator, value, p.note)
            for p, value in zip(measure.points, analysed.values, strict=True)
        ),
    )


def _analysed(measure: content.Measure, started: date | None) -> RunChart:
    values = [point.exact(measure.unit) for point in measure.points]
    changed = next((n for n, p in enumerate(measure.points) if started and p.period >= started), 0)
    frozen = measure.baseline_points or runchart.offer_baseline(values, changed)
    n_points = sum(value is not None for value in values)
    return runchart.analyse(
        values,
        direction=runchart.Direction(measure.direction or "up"),
        baseline_points=frozen if frozen and frozen <= n_points else None,
        first_change=changed or None,
        denominators=[point.denominator for point in measure.points],
        bounds=PERCENT if measure.unit is Unit.PERCENT else None,
    )


def _series(
    measure: content.Measure, analysed: RunChart, changes: tuple[tuple[date, str], ...]
) -> ChartSeries:
    periods = [point.period for point in measure.points]
    first, last = periods[0], periods[-1]
    return ChartSeries(
        title=measure.name,
        unit=measure.unit.value,
        points=tuple(
            (period, None if value is None else float(value))
            for period, value in zip(periods, analysed.values, strict=True)
        ),
        medians=_medians(measure, analysed, periods),
        changes=tuple(change for change in changes if first <= change[0] <= last),
        target=measure.target,
        marked=tuple(index for shift in analysed.shifts for index in shift.points),
    )


def _medians(
    measure: content.Measure, analysed: RunChart, periods: list[date]
) -> tuple[Median, ...]:
    """Return the median over the whole chart, and that of a new level that holds at the end."""
    if analysed.median is None or analysed.signal in UNJUDGED:
        return ()
    whole = Median(periods[0], periods[-1], float(analysed.median))
    direction = runchart.Direction(measure.direction or "up")
    start = runchart.offer_phase(analysed, direction)
    if start is None:
        return (whole,)
    level = runchart.phases(analysed.values, [start])[-1]
    return (whole, Median(periods[start], periods[-1], float(level.median)))
