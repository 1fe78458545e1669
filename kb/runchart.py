"""Run charts: median, shifts, trends, runs and the Anhøj rules, in exact arithmetic.

Every mark is shown, because people are trained on them, but graded: of charts of 24 points where
nothing happened, more than one in three carries a classic mark, one in thirty an Anhøj signal.

Sources: Perla, Provost, Murray, BMJ Qual Saf 2011;20:46-51 (shift, trend, runs, astronomical);
Anhøj, Olesen, PLoS ONE 2014;9:e113825 (longest run and crossings).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median
from typing import TypeAlias

from kb.errors import InvalidError
from kb.runlimits import RunLimits, crossings_limit, longest_run_limit, run_limits
from kb.wording import marked

Number: TypeAlias = int | float | Decimal | Fraction

POINTS_FOR_RULES = 10  # fewer are drawn, not judged
SHIFT_POINTS = 6
TREND_POINTS = 5
BASELINE_POINTS = 8  # fewer do not carry a median of their own
UNEVEN = Fraction(1, 4)  # of the median denominator
FAR_DEVIATIONS = 5  # median absolute deviations that make a point worth a question


class Direction(StrEnum):
    """Where a line goes, or where a measure ought to go."""

    UP = "up"
    DOWN = "down"


class Side(StrEnum):
    """On which side of the median a useful point lies."""

    ABOVE = "above"
    BELOW = "below"


class RunsVerdict(StrEnum):
    """Whether there are as many runs as chance would give."""

    OK = "ok"
    TOO_FEW = "too-few"
    TOO_MANY = "too-many"
    TOO_FEW_POINTS = "too-few-points"


class ChartSignal(StrEnum):
    """What may be said of a chart; never a verdict on the work behind it."""

    IMPROVEMENT = "improvement-signal"
    POSSIBLE_IMPROVEMENT = "possible-improvement"
    DETERIORATION = "deterioration-signal"
    NONE = "no-signal"
    TOO_FEW_POINTS = "too-few-points"
    KEPT_BACK = "kept-back"  # numbers of few people are not told, and decide
    NO_CHART = "no-chart"  # the rules have lost their meaning: show the data, and say so


class ChartWarning(StrEnum):
    """What a reader should know before believing the marks."""

    FEW_POINTS = "fewer-than-ten-points"
    SAME_VALUE = "more-than-half-identical"
    AT_BOUND = "more-than-half-at-bound"
    UNEVEN_DENOMINATORS = "uneven-denominators"
    SHORT_BASELINE = "short-baseline"
    LOOK_AGAIN = "trend-alone"
    POSSIBLE_DETERIORATION = "possible-deterioration"


@dataclass(frozen=True)
class Run:
    """Useful points in a row on one side; `points` are indices into the values."""

    side: Side
    points: tuple[int, ...]


@dataclass(frozen=True)
class Trend:
    """At least five points in a row rising or falling; `points` are indices into the values."""

    direction: Direction
    points: tuple[int, ...]


@dataclass(frozen=True)
class Anhoej:
    """The two Anhøj limits and whether the chart is outside one of them."""

    longest_run_limit: int
    crossings_limit: int
    signal: bool


@dataclass(frozen=True)
class Phase:
    """A stretch of the chart with a median of its own; `end` is exclusive."""

    start: int
    end: int
    median: Fraction


@dataclass(frozen=True)
class RunChart:
    """What the rules find in a series; every index points into `values`, gaps included.

    `values` are exact, None where a period is missing; `median` is None without any point;
    `run_sequence` are the runs in order; `effect` is the sign of the change for patients (1 better,
    -1 worse, 0 neither) and `data_warnings` what the data alone give reason to warn of.
    """

    values: tuple[Fraction | None, ...]
    median: Fraction | None
    run_sequence: tuple[Run, ...]
    effect: int
    data_warnings: tuple[ChartWarning, ...]

    @cached_property
    def n_points(self) -> int:
        """Periods that have a value."""
        return sum(value is not None for value in self.values)

    @cached_property
    def n_useful(self) -> int:
        """Points that are not exactly on the median."""
        return sum(len(run.points) for run in self.run_sequence)

    @property
    def runs(self) -> int:
        """The number of runs."""
        return len(self.run_sequence)

    @cached_property
    def longest_run(self) -> int:
        """Useful points in the longest run."""
        return max((len(run.points) for run in self.run_sequence), default=0)

    @property
    def crossings(self) -> int:
        """How often the line crosses the median."""
        return max(self.runs - 1, 0)

    @cached_property
    def shifts(self) -> tuple[Run, ...]:
        """Runs of six or more useful points."""
        return tuple(run for run in self.run_sequence if len(run.points) >= SHIFT_POINTS)

    @cached_property
    def trends(self) -> tuple[Trend, ...]:
        """Five or more points in a row all rising or all falling; the median plays no part."""
        return _trends(_points(self.values))

    @property
    def run_limits(self) -> RunLimits | None:
        """Limits for the number of runs, None below ten useful points."""
        return run_limits(self.n_useful) if self.n_useful >= POINTS_FOR_RULES else None

    @property
    def observed_run_limits(self) -> RunLimits | None:
        """Limits for as many points above and below as there are: a frozen median may be uneven."""
        if self.n_useful < POINTS_FOR_RULES:
            return None
        above = sum(len(run.points) for run in self.run_sequence if run.side is Side.ABOVE)
        return run_limits(self.n_useful, above=above)

    @property
    def runs_verdict(self) -> RunsVerdict:
        """Whether the number of runs lies within `run_limits`."""
        if self.run_limits is None:
            return RunsVerdict.TOO_FEW_POINTS
        if self.runs < self.run_limits.lower:
            return RunsVerdict.TOO_FEW
        return RunsVerdict.TOO_MANY if self.runs > self.run_limits.upper else RunsVerdict.OK

    @property
    def anhoej(self) -> Anhoej | None:
        """The Anhøj rules, None below ten useful points."""
        if self.n_useful < POINTS_FOR_RULES:
            return None
        longest, fewest = longest_run_limit(self.n_useful), crossings_limit(self.n_useful)
        outside = self.longest_run > longest or self.crossings < fewest
        return Anhoej(longest_run_limit=longest, crossings_limit=fewest, signal=outside)

    @cached_property
    def candidates(self) -> tuple[int, ...]:
        """Points so far off that one may ask “what happened here?”; never a signal.

        Farther than five median absolute deviations from the median of all points.
        """
        points = _points(self.values)
        if not points:
            return ()
        middle = median(value for _, value in points)
        deviation = median(abs(value - middle) for _, value in points)
        far = FAR_DEVIATIONS * deviation
        return tuple(index for index, value in points if deviation and abs(value - middle) > far)

    @property
    def warnings(self) -> tuple[ChartWarning, ...]:
        """What a reader should know before believing the marks."""
        found = list(self.data_warnings)
        if self.trends and not self._strong and not self._classic:
            found.append(ChartWarning.LOOK_AGAIN)
        if self._classic and not self._strong and self.effect < 0:
            found.append(ChartWarning.POSSIBLE_DETERIORATION)
        return tuple(found)

    @property
    def signal(self) -> ChartSignal:
        """May be said: an Anhøj signal counts, classic marks hint, a trend alone says nothing."""
        if self.n_points < POINTS_FOR_RULES:
            return ChartSignal.TOO_FEW_POINTS
        if {ChartWarning.SAME_VALUE, ChartWarning.AT_BOUND} & set(self.data_warnings):
            return ChartSignal.NO_CHART
        if self._strong and self.effect:
            return ChartSignal.IMPROVEMENT if self.effect > 0 else ChartSignal.DETERIORATION
        if self._classic and self.effect > 0:
            return ChartSignal.POSSIBLE_IMPROVEMENT
        return ChartSignal.NONE

    @property
    def _strong(self) -> bool:
        return self.anhoej is not None and self.anhoej.signal

    @property
    def _classic(self) -> bool:
        return bool(self.shifts) or self.runs_verdict is RunsVerdict.TOO_FEW


def analyse(
    values: Sequence[Number | None],
    *,
    direction: Direction,
    baseline_points: int | None = None,
    first_change: int | None = None,
    denominators: Sequence[Number | None] = (),
    bounds: tuple[Number, Number] | None = None,
) -> RunChart:
    """Return what the rules find in `values`, in order of time; None is a missing period.

    A float counts as the decimal it prints as, so 33.3 is 333/10. A missing period neither counts
    as zero nor breaks a run. `direction` is where the measure ought to go; `baseline_points`
    freezes the median of that many first points, missing periods not counted; `first_change` is
    the index of the first period with the change; `bounds` are the ends of the scale, (0, 100)
    for percent; `denominators` are only looked at for a warning.

    >>> chart = analyse([3, 4, 3, 2, 4, 3, 7, 8, 9, 8, None, 7, 9], direction=Direction.UP)
    >>> chart.median, chart.runs, chart.signal.value
    (Fraction(11, 2), 2, 'improvement-signal')

    Raises:
        InvalidError: a value is no number, or the baseline is empty or longer than the series.
    """
    exact = tuple(None if value is None else _exact(value) for value in values)
    points = _points(exact)
    _check_baseline(baseline_points, len(points))
    centre = median(value for _, value in points[:baseline_points]) if points else None
    runs = _runs(points, centre)
    start, end = _compared(points, runs, baseline_points, first_change)
    change = _change(points, start, end, before=centre if baseline_points else None)
    return RunChart(
        values=exact,
        median=centre,
        run_sequence=runs,
        effect=change if direction is Direction.UP else -change,
        data_warnings=_data_warnings(points, baseline_points, denominators, bounds),
    )


def offer_baseline(values: Sequence[Number | None], first_change: int) -> int | None:
    """Return how many points before the first change may freeze the median, None when they may not.

    There must be eight of them, and no shift, odd number of runs or Anhøj signal among them.
    """
    baseline = analyse(values[:first_change], direction=Direction.UP)
    calm = baseline.runs_verdict in {RunsVerdict.OK, RunsVerdict.TOO_FEW_POINTS}
    signal = baseline.shifts or not calm or (baseline.anhoej and baseline.anhoej.signal)
    return baseline.n_points if baseline.n_points >= BASELINE_POINTS and not signal else None


def offer_phase(chart: RunChart, direction: Direction) -> int | None:
    """Return where a new phase may start: a shift the good way that still holds at the end.

    The index of its first point, or None when there is nothing to offer.
    """
    good = Side.ABOVE if direction is Direction.UP else Side.BELOW
    latest = chart.run_sequence[-1] if chart.runs > 1 else None
    if latest is None or latest not in chart.shifts or latest.side is not good:
        return None
    return latest.points[0]


def phases(values: Sequence[Number | None], starts: Sequence[int]) -> tuple[Phase, ...]:
    """Return the stretches that begin at 0 and at each of `starts`, each with its own median.

    A stretch without any point is left out.
    """
    edges = sorted({0, *starts, len(values)})
    found = []
    for start, end in pairwise(edges):
        points = _points([None if value is None else _exact(value) for value in values[start:end]])
        if points:
            found.append(Phase(start, end, median(value for _, value in points)))
    return tuple(found)


def small(denominators: Sequence[Number | None]) -> tuple[int, ...]:
    """Return the indices of the periods that count far fewer than the middle one does.

    Their points jump more than the others, and look like a signal.

    >>> small([30, 32, 12, None, 31])
    (2,)
    """
    sizes = [None if size is None else _exact(size) for size in denominators]
    middle = median(known) if (known := [size for size in sizes if size is not None]) else 0
    few = (1 - UNEVEN) * middle
    return tuple(index for index, size in enumerate(sizes) if size is not None and size < few)


Points: TypeAlias = list[tuple[int, Fraction]]  # index into the values, value


def _exact(value: Number) -> Fraction:
    try:
        return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError) as error:
        raise InvalidError(
            marked("A point of the series is “%(value)s”, which is no number.", value=value),
            hint=marked("Correct the value, or leave the period empty."),
        ) from error


def _points(values: Sequence[Fraction | None]) -> Points:
    return [(index, value) for index, value in enumerate(values) if value is not None]


def _check_baseline(baseline_points: int | None, n_points: int) -> None:
    if baseline_points is not None and not 0 < baseline_points <= n_points:
        raise InvalidError(
            marked(
                "A baseline of %(baseline)s points does not fit a series of %(points)s.",
                baseline=baseline_points,
                points=n_points,
            ),
            hint=marked("Freeze at least one point and at most all of them."),
        )


def _runs(points: Points, centre: Fraction | None) -> tuple[Run, ...]:
    useful = [(index, value) for index, value in points if value != centre]

    def side(point: tuple[int, Fraction]) -> Side:
        return Side.ABOVE if centre is not None and point[1] > centre else Side.BELOW

    return tuple(
        Run(where, tuple(index for index, _ in run)) for where, run in groupby(useful, key=side)
    )


def _trends(points: Points) -> tuple[Trend, ...]:
    if not points:
        return ()
    steady = points[:1] + [new for old, new in pairwise(points) if new[1] != old[1]]
    steps = [
        (Direction.UP if new[1] > old[1] else Direction.DOWN, old[0], new[0])
        for old, new in pairwise(steady)
    ]
    found = []
    for direction, group in groupby(steps, key=lambda step: step[0]):
        climb = list(group)
        if len(climb) >= TREND_POINTS - 1:
            found.append(Trend(direction, (climb[0][1], *(end for _, _, end in climb))))
    return tuple(found)


def _compared(
    points: Points,
    runs: tuple[Run, ...],
    baseline_points: int | None,
    first_change: int | None,
) -> tuple[int, int]:
    """Return the stretch to compare with what came before: after the change, else the shift."""
    if not runs:
        return 0, 0
    first, end = points[0][0], points[-1][0] + 1
    if first_change is not None and first < first_change < end:
        return first_change, end
    if baseline_points is not None and baseline_points < len(points):
        return points[baseline_points][0], end
    shifts = [run for run in runs if len(run.points) >= SHIFT_POINTS]
    run = shifts[-1] if shifts else max(runs, key=lambda run: len(run.points))
    after_run = run.points[-1] + 1
    return (after_run, end) if run is runs[0] else (run.points[0], after_run)


def _change(points: Points, start: int, end: int, *, before: Fraction | None) -> int:
    """Return the sign of the median from `start` to `end` against the one before."""
    earlier = [value for index, value in points if index < start]
    later = [value for index, value in points if start <= index < end]
    if not earlier or not later:
        return 0
    old, new = before if before is not None else median(earlier), median(later)
    return (new > old) - (new < old)


def _data_warnings(
    points: Points,
    baseline_points: int | None,
    denominators: Sequence[Number | None],
    bounds: tuple[Number, Number] | None,
) -> tuple[ChartWarning, ...]:
    values = [value for _, value in points]
    commonest = max(Counter(values).values(), default=0)
    at_bound = sum(value in map(_exact, bounds) for value in values) if bounds else 0
    short = baseline_points is not None and baseline_points < BASELINE_POINTS
    found = {
        ChartWarning.FEW_POINTS: len(values) < POINTS_FOR_RULES,
        ChartWarning.SAME_VALUE: 2 * commonest > len(values),
        ChartWarning.AT_BOUND: 2 * at_bound > len(values),
        ChartWarning.UNEVEN_DENOMINATORS: _uneven(denominators),
        ChartWarning.SHORT_BASELINE: short,
    }
    return tuple(warning for warning, true in found.items() if true)


def _uneven(denominators: Sequence[Number | None]) -> bool:
    sizes = [_exact(size) for size in denominators if size is not None]
    middle = median(sizes) if sizes else Fraction(0)
    return any(abs(size - middle) > UNEVEN * middle for size in sizes)
