"""What became of the main measures of records, those side by side that can be."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from kb.before_after import better
from kb.vocabulary import Direction, Unit
from search.accounts import Account, Measured, records_of

BY_NAME = frozenset({Unit.COUNT, Unit.RATE})  # 12 deaths and 300 visits have no middle


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of measures that can be set side by side: one unit, one good direction.

    `before` and `after` are the medians over the measures. Counts and rates are set side by
    side only under one name, for only then do they count the same.
    """

    unit: Unit
    direction: Direction | None
    name: str  # of a count or a rate, else empty
    before: Fraction
    after: Fraction
    measured: tuple[Measured, ...]
    before_below = after_below = False  # only measures that tell both numbers are set side by side

    @property
    def better(self) -> bool | None:
        """Whether the middle went the right way; None where little moved, or nobody can tell."""
        return better(self.before, self.after, self.direction)

    @property
    def records(self) -> tuple[int, ...]:
        """The records the measures belong to."""
        return records_of(self.measured)

    @property
    def strong(self) -> tuple[int, ...]:
        """The records whose measure has good or compelling data."""
        return records_of(one for one in self.measured if one.strong)

    @property
    def went_better(self) -> tuple[int, ...]:
        """The records whose measure went the right way."""
        return records_of(one for one in self.measured if one.result.better)


def effects(told: Iterable[Account]) -> tuple[Effect, ...]:
    """Return what became of the main measures, those that can be set side by side as one.

    Most measures first.
    """
    alike: defaultdict[tuple[Unit, Direction | None, str], list[Measured]] = defaultdict(list)
    for account in told:
        if (one := account.measured) is not None and one.result.exact:
            name = one.result.name if one.unit in BY_NAME else ""
            alike[one.unit, one.direction, name.casefold()].append(one)
    found = [
        Effect(
            unit=unit,
            direction=direction,
            name=measured[0].result.name if name else "",
            before=median(one.result.before for one in measured),
            after=median(one.result.after for one in measured),
            measured=tuple(measured),
        )
        for (unit, direction, name), measured in alike.items()
    ]

    def order(effect: Effect) -> tuple[int, str, bool, str, str]:
        way = effect.direction
        return -len(effect.measured), effect.unit, way is None, str(way), effect.name

    return tuple(sorted(found, key=order))
