"""A measure in two numbers: how it was before, how it is at the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from kb import content, scores
from kb.runchart import POINTS_FOR_RULES
from kb.vocabulary import Direction, Unit

NOTICEABLE = Fraction(1, 20)  # of the first number: 61 % to 62 % is not shown as a gain
LAST_POINTS = 4  # a month of weeks: one lucky week at the end is no result


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Two medians of a measure in its unit, and how many points each is the median of."""

    name: str
    unit: Unit
    before: Fraction
    after: Fraction
    n_before: int
    n_after: int
    before_the_change: bool  # else `n_before` are simply the first points
    better: bool | None  # None where little moved or nobody said which way is better


def before_after(measure: content.Measure, first_change: date | None) -> BeforeAfter | None:
    """Return the first and the last of `measure`; None with fewer than two points.

    Up to nine points these are the first and the last value. From ten points on they are the
    median of the points before the change (of the frozen baseline, else of those before
    `first_change`, else of the first four) and the median of the last four.
    """
    filled = [(p.period, v) for p in measure.points if (v := p.exact(measure.unit)) is not None]
    if len(filled) < 2:  # noqa: PLR2004  first and last
        return None
    values = [value for _, value in filled]
    many = len(values) >= POINTS_FOR_RULES
    n_known = _points_before_the_change(measure, filled, first_change) if many else 0
    n_before = n_known or (LAST_POINTS if many else 1)
    n_after = min(LAST_POINTS, len(values) - n_before) if many else 1
    before, after = median(values[:n_before]), median(values[-n_after:])
    return BeforeAfter(
        name=measure.name,
        unit=measure.unit,
        before=before,
        after=after,
        n_before=n_before,
        n_after=n_after,
        before_the_change=bool(n_known),
        better=better(before, after, measure.direction),
    )


def first_change(record: content.Record) -> date | None:
    """Return the day on which the first change idea started, None where nobody said."""
    return min((idea.started for idea in record.change_ideas if idea.started), default=None)


def main_measure(record: content.Record) -> content.Measure | None:
    """Return the measure with the strongest data, the one the record's strength comes from."""
    return strongest(record.measures, first_change(record))


def strongest(measures: Iterable[content.Measure], started: date | None) -> content.Measure | None:
    """Return the measure with the strongest data where the first change `started` then."""

    def rank(measure: content.Measure) -> tuple[int, int]:
        found = scores.strength(measure, first_change=started)
        return found.total, found.patient_outcome

    return max(measures, key=rank, default=None)


def better(before: Fraction, after: Fraction, direction: Direction | None) -> bool | None:
    """Tell whether it went the right way; None where little moved or nobody said which way is.

    >>> better(Fraction(61), Fraction(62), Direction.UP)  # a point more is no gain
    >>> better(Fraction(9), Fraction(3), Direction.DOWN)
    True
    """
    if direction is None or abs(after - before) <= NOTICEABLE * abs(before):
        return None
    return (after > before) is (direction is Direction.UP)


def _points_before_the_change(
    measure: content.Measure, filled: list[tuple[date, Fraction]], changed: date | None
) -> int:
    known = measure.baseline_points or sum(
        changed is not None and period < changed for period, _ in filled
    )
    return known if known < len(filled) else 0
