"""The scale of a chart: how large the drawing is, and where a day and a value lie in it."""

from collections.abc import Sequence
from datetime import date
from math import floor, log10
from typing import NamedTuple

from web.pictures.svg import CHARACTER

STEPS = (1, 2, 2.5, 5, 10)  # of a power of ten: distances of grid lines that read well
FULL_PERCENT = 75  # from here on a scale of percent goes to 100


class Size(NamedTuple):
    """The drawing in its own units, which are pixels where it is shown unscaled."""

    name: str
    width: int
    height: int
    font: float
    named: bool = True  # there is room for what a change is, not only for its number

    @property
    def letter(self) -> float:
        """The mean width of a letter."""
        return self.font * CHARACTER


WIDE = Size("chart-wide", 660, 300, 13)
NARROW = Size("chart-narrow", 340, 250, 12, named=False)


class Frame(NamedTuple):
    """The plot inside the drawing, and the dates and values at its edges."""

    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> float:
        """Return how far right the day lies; days outside the series stay at the edge."""
        days = (self.last - self.first).days
        if not days:
            return (self.left + self.right) / 2
        share = min(max((day - self.first).days / days, 0), 1)
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return how far down the value lies."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def scale(values: Sequence[float], *, percent: bool = False) -> list[float]:
    """Return two to eight round values that take in all of these, evenly apart.

    They begin at 0 for percent, and wherever 0 is not far from the lowest value.

    >>> scale([12, 47], percent=True), scale([36.1, 36.8])
    ([0.0, 10.0, 20.0, 30.0, 40.0, 50.0], [36.0, 36.2, 36.4, 36.6, 36.8])
    """
    low, high = min(values), max(values)
    if percent or 0 <= low <= high / 2:
        low = min(low, 0)
    if percent and FULL_PERCENT <= high <= 100:  # noqa: PLR2004  per cent
        high = 100
    spread = (high - low) or abs(high) or 1
    power = 10.0 ** floor(log10(spread / 5))
    step = next(step * power for step in STEPS if step * power * 5 >= spread * 0.999)
    first = floor(low / step)
    count = next(n for n in range(1, 9) if (first + n) * step >= high - step * 1e-9)
    return [round((first + place) * step, 9) for place in range(count + 1)]
