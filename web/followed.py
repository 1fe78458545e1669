"""A measure as a page shows it: two numbers, the run chart, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from markupsafe import Markup

from kb import content, runchart, small_numbers
from kb.before_after import BeforeAfter, before_after, first_change, main_measure
from kb.runchart import ChartSignal, ChartWarning, Phase, RunChart
from kb.vocabulary import Suppressed, Unit
from web.names import Names
from web.pictures.legend import change_key, legend
from web.pictures.runchart import ChartSeries, ChartWords, Median, run_chart
from web.pictures.scale import NARROW, WIDE, Size

MEDIAN_FROM = runchart.POINTS_FOR_RULES
PERCENT = (0, 100)
UNJUDGED = frozenset({ChartSignal.TOO_FEW_POINTS, ChartSignal.NO_CHART, ChartSignal.KEPT_BACK})

Values: TypeAlias = Sequence[Fraction | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One period in the table beside a chart."""

    period: str
    numerator: float | None
    denominator: float | None
    value: Fraction | None
    note: str
    suppressed: Suppressed  # why a number is not told


@dataclass(frozen=True, slots=True)
class Followed:
    """One measure of a record, ready to print."""

    measure: content.Measure
    result: BeforeAfter | None
    charts: tuple[Markup, ...]  # the same drawing in each size that was asked for
    key: Markup  # names the changes that the chart only numbers
    legend: Markup  # what its lines and points mean
    signal: ChartSignal
    directed: bool  # somebody said which way is better
    warnings: tuple[ChartWarning, ...]
    rows: tuple[Row, ...]


def followed(
    record: content.Record, names: Names, sizes: Sequence[Size] = (WIDE, NARROW)
) -> list[Followed]:
    """Return the measures of the record that have points, the main one first.

    Each has its chart in these `sizes`: for wide and for narrow screens, or for paper.
    """
    main, started = main_measure(record), first_change(record)
    shown = [measure for measure in record.measures if measure.points]
    shown.sort(key=lambda measure: measure is not main)
    changes = tuple((i.started, i.text) for i in record.change_ideas if i.started)
    return [_followed(measure, started, changes, names, sizes) for measure in shown]


def _followed(
    measure: content.Measure,
    started: date | None,
    changes: tuple[tuple[date, str], ...],
    names: Names,
    sizes: Sequence[Size],
) -> Followed:
    analysed, signal, frozen = _judged(measure, started)
    series = _series(measure, analysed, frozen, changes, judged=signal not in UNJUDGED)
    words = ChartWords.told(names.gettext)
    return Followed(
        measure=measure,
        result=before_after(measure, started),
        charts=tuple(
            run_chart(
                series,
                size=size,
                number=lambda value: names.figure(value, measure.unit),
                period=names.month,
                words=words,
            )
            for size in sizes
        ),
        key=change_key(series, period=names.month),
        legend=legend(series, words),
        signal=signal,
        directed=measure.direction is not None,
        warnings=() if signal is ChartSignal.KEPT_BACK else analysed.warnings,
        rows=tuple(
            Row(
                p.label or names.day(p.period),
                p.numerator,
                p.denominator,
                p.exact(measure.unit),
                p.note,
                p.suppressed,
            )
            for p in measure.points
        ),
    )


def _judged(
    measure: content.Measure, started: date | None
) -> tuple[RunChart, ChartSignal, int | None]:
    """Return what the rules find, what may be said of it, and how many points are the baseline.

    A number that is kept back lies between two others. The rules say something only where they
    say the same of both: then they would of the number itself.
    """
    lows, highs = _bounds(measure)
    frozen = _frozen(measure, started, lows)
    analysed = _analysed(measure, started, frozen, lows)
    if lows == highs:
        return analysed, analysed.signal, frozen
    other = _analysed(measure, started, _frozen(measure, started, highs), highs)
    few = ChartSignal.TOO_FEW_POINTS
    same = analysed.signal is other.signal and (
        analysed.signal is few
        or (analysed.median, analysed.run_sequence) == (other.median, other.run_sequence)
    )
    return analysed, analysed.signal if same else ChartSignal.KEPT_BACK, frozen


def _bounds(measure: content.Measure) -> tuple[Values, Values]:
    """Return above and below what each value lies; the same twice where all are told."""
    known = [small_numbers.bounds(point, measure.unit) for point in measure.points]
    lows = [None if one is None else one[0] for one in known]
    return lows, [None if one is None else one[1] for one in known]


def _changed(measure: content.Measure, started: date | None) -> int:
    """Return the index of the first period with the change, 0 where nobody said."""
    periods = enumerate(point.period for point in measure.points)
    return next((index for index, period in periods if started and period >= started), 0)


def _frozen(measure: content.Measure, started: date | None, values: Values) -> int | None:
    """Return how many first points the median is of, None where it is of all."""
    offered = runchart.offer_baseline(values, _changed(measure, started))
    frozen = measure.baseline_points or offered
    n_points = sum(value is not None for value in values)
    return frozen if frozen and frozen <= n_points else None


def _analysed(
    measure: content.Measure, started: date | None, frozen: int | None, values: Values
) -> RunChart:
    return runchart.analyse(
        values,
        direction=runchart.Direction(measure.direction or "up"),
        baseline_points=frozen,
        first_change=_changed(measure, started) or None,
        denominators=[point.denominator for point in measure.points],
        bounds=PERCENT if measure.unit is Unit.PERCENT else None,
    )


def _series(
    measure: content.Measure,
    analysed: RunChart,
    frozen: int | None,
    changes: tuple[tuple[date, str], ...],
    *,
    judged: bool,
) -> ChartSeries:
    periods = [point.period for point in measure.points]
    first, last = periods[0], periods[-1]
    exact = [point.exact(measure.unit) for point in measure.points]
    few = tuple(n for n, point in enumerate(measure.points) if point.suppressed)
    return ChartSeries(
        title=measure.name,
        unit=measure.unit.value,
        points=tuple(
            (period, None if value is None else float(value))
            for period, value in zip(periods, exact, strict=True)
        ),
        few=few,
        medians=_medians(measure, analysed, frozen) if judged else (),
        changes=tuple(change for change in changes if first <= change[0] <= last),
        target=measure.target,
        marked=tuple(index for shift in analysed.shifts for index in shift.points if judged),
        small=runchart.small([point.denominator for point in measure.points]),
        trends=tuple(
            trend.points
            for trend in analysed.trends
            if judged and not set(few).intersection(trend.points)
        ),
    )


def _medians(
    measure: content.Measure, analysed: RunChart, frozen: int | None
) -> tuple[Median, ...]:
    """Return the median of each phase that people named, or of baseline and new level.

    The median of a baseline is drawn on to the end, so that later points are seen against it.
    """
    values, periods = analysed.values, [point.period for point in measure.points]
    if measure.phases:
        found = _phases(measure, [n for n in measure.phases if 0 < n < len(values)])
        return tuple(
            Median(periods[phase.start], periods[phase.end - 1], float(phase.median))
            for phase in found
        )
    if analysed.median is None:
        return ()
    middle = float(analysed.median)
    counted = [index for index, value in enumerate(values) if value is not None]
    end = counted[frozen - 1] if frozen else len(values) - 1
    medians = [Median(periods[0], periods[end], middle)]
    if end < len(values) - 1:
        medians.append(Median(periods[end], periods[-1], middle, held=True))
    start = runchart.offer_phase(analysed, runchart.Direction(measure.direction or "up"))
    if start is not None:
        level = _phases(measure, [start])[-1:]
        medians += [Median(periods[start], periods[-1], float(one.median)) for one in level]
    return tuple(medians)


def _phases(measure: content.Measure, starts: Sequence[int]) -> list[Phase]:
    """Return the stretches whose median no number decides that is kept back."""
    lows, highs = _bounds(measure)
    pairs = zip(runchart.phases(lows, starts), runchart.phases(highs, starts), strict=True)
    return [low for low, high in pairs if low.median == high.median]
