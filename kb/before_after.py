"""A measure in two numbers: how it was before, how it is at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from kb import content, scores
from kb.runchart import POINTS_FOR_RULES
from kb.small_numbers import ENDLESS, bounds
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
    # Where a number of few people is kept back and decides: it lies below, and no more is told.
    before_below: bool = False
    after_below: bool = False

    @property
    def exact(self) -> bool:
        """Whether both numbers are told, and not only what they lie below."""
        return not (self.before_below or self.after_below)


def before_after(measure: content.Measure, first_change: date | None) -> BeforeAfter | None:
    """Return the first and the last of `measure`; None with fewer than two points.

    Up to nine points these are the first and the last value. From ten points on they are the
    median of the points before the change (of the frozen baseline, else of those before
    `first_change`, else of the first four) and the median of the last four. None also where a
    number that is kept back decides, and nobody can tell what it lies below.
    """
    filled = [(p.period, b) for p in measure.points if (b := bounds(p, measure.unit)) is not None]
    if len(filled) < 2:  # noqa: PLR2004  first and last
        return None
    many = len(filled) >= POINTS_FOR_RULES
    n_known = _points_before_the_change(measure, filled, first_change) if many else 0
    n_before = n_known or (LAST_POINTS if many else 1)
    n_after = min(LAST_POINTS, len(filled) - n_before) if many else 1
    before, after = _middle(filled[:n_before]), _middle(filled[-n_after:])
    if max(before[1], after[1]) >= ENDLESS / LAST_POINTS:  # a middle of what nobody can tell
        return None
    ways = {better(one, two, measure.direction) for one in before for two in after}
    return BeforeAfter(
        name=measure.name,
        unit=measure.unit,
        before=before[1],
        after=after[1],
        n_before=n_before,
        n_after=n_after,
        before_the_change=bool(n_known),
        better=ways.pop() if len(ways) == 1 else None,
        before_below=before[0] != before[1],
        after_below=after[0] != after[1],
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


Filled = tuple[date, tuple[Fraction, Fraction]]  # a period, and above and below what its value is


def _middle(filled: Sequence[Filled]) -> tuple[Fraction, Fraction]:
    """Return above and below what the median is: twice itself where no number kept back decides."""
    return median(low for _, (low, _) in filled), median(high for _, (_, high) in filled)


def _points_before_the_change(
    measure: content.Measure, filled: Sequence[Filled], changed: date | None
) -> int:
    known = measure.baseline_points or sum(
        changed is not None and period < changed for period, _ in filled
    )
    return known if known < len(filled) else 0
