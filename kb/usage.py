"""How often the library is used, by day, without anybody being followed.

The rules are those of COUNTER: robots are left out, a double click is one, and looking at something
and taking it home are counted apart. Who counts (`web.counting`) brings sums; neither an address
nor a device comes this far.

Source: COUNTER Code of Practice, release 5.1, 7.2 (double clicks) and 7.3 (unique items).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kb.models import Usage
from kb.vocabulary import Counted, Use

DOUBLE_CLICK_S = 30


class Key(NamedTuple):
    """What was used, in which way, on which day."""

    day: date
    thing: Counted
    number: int  # of the record or collection; 0 for the library
    way: Use


class Sum(NamedTuple):
    """How often, and by how many different visitors of a day."""

    times: int = 0
    visitors: int = 0

    def __add__(self, other: object) -> "Sum":
        """Return both together."""
        if not isinstance(other, Sum):
            return NotImplemented
        return Sum(self.times + other.times, self.visitors + other.visitors)


@dataclass(frozen=True, slots=True)
class Used:
    """One thing over a time: how often in each way."""

    thing: Counted
    number: int
    sums: Mapping[Use, Sum]

    def times(self, way: Use | str) -> int:
        """Return how often it was used in this way."""
        return self.sums.get(Use(way), Sum()).times


def note(session: Session, counted: Mapping[Key, Sum]) -> None:
    """Add what was counted to what is known of these days."""
    for key, added in counted.items():
        there = session.get(Usage, key, with_for_update=True)
        if there is None:
            session.add(Usage(**key._asdict(), **added._asdict()))
        else:
            there.times += added.times
            there.visitors += added.visitors
    session.flush()


def of_one(session: Session, thing: Counted, number: int, *, since: date) -> Used:
    """Return how often one thing was used from that day on."""
    query = _sums(since, None).where(Usage.thing == thing, Usage.number == number)
    rows = session.execute(query.add_columns(Usage.way).group_by(Usage.way))
    return Used(thing, number, {way: Sum(times, visitors) for times, visitors, way in rows})


def most_used(
    session: Session, thing: Counted, *, since: date, until: date | None = None, limit: int = 50
) -> list[Used]:
    """Return what was used, the most used first, in as many queries for ten as for one."""
    by_number = _sums(since, until).where(Usage.thing == thing).add_columns(Usage.number)
    ranked = by_number.group_by(Usage.number).order_by(func.sum(Usage.times).desc(), Usage.number)
    numbers = [row.number for row in session.execute(ranked.limit(limit))]
    rows = session.execute(
        _sums(since, until)
        .where(Usage.thing == thing, Usage.number.in_(numbers))
        .add_columns(Usage.number, Usage.way)
        .group_by(Usage.number, Usage.way)
    )
    found: dict[int, dict[Use, Sum]] = {number: {} for number in numbers}
    for times, visitors, number, way in rows:
        found[number][way] = Sum(times, visitors)
    return [Used(thing, number, sums) for number, sums in found.items()]


def by_day(session: Session, *, since: date, until: date) -> Sequence[Usage]:
    """Return every number of these days, both included, in a fixed order."""
    query = select(Usage).where(Usage.day >= since, Usage.day <= until)
    return session.scalars(query.order_by(Usage.day, Usage.thing, Usage.number, Usage.way)).all()


def by_month(rows: Iterable[Usage]) -> dict[tuple[Counted, int, Use], dict[date, Sum]]:
    """Return for each thing and way the sums of each month, named by its first day."""
    found: dict[tuple[Counted, int, Use], dict[date, Sum]] = {}
    for row in rows:
        months = found.setdefault((row.thing, row.number, row.way), {})
        month = row.day.replace(day=1)
        months[month] = months.get(month, Sum()) + Sum(row.times, row.visitors)
    return found


def months(rows: Iterable[Usage]) -> dict[date, dict[Use, int]]:
    """Return how often anything was used in each way, by month, the newest first."""
    found: dict[date, dict[Use, int]] = {}
    for row in rows:
        sums = found.setdefault(row.day.replace(day=1), {})
        sums[row.way] = sums.get(row.way, 0) + row.times
    return dict(sorted(found.items(), reverse=True))


def _sums(since: date, until: date | None) -> Select[int, int]:
    query = select(func.sum(Usage.times), func.sum(Usage.visitors)).where(Usage.day >= since)
    return query if until is None else query.where(Usage.day <= until)
