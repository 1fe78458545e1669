"""How well two curators agree on the concepts of the same records, beyond chance.

Each concept of a scheme, on each record that both have read, is one decision: it belongs there or
it does not. Cohen's kappa compares how often the two agree with how often they would if each said
yes as often as they do, but at random:

    kappa = (observed - expected) / (1 - expected)

Source: J. Cohen, A coefficient of agreement for nominal scales, 1960,
doi:10.1177/001316446002000104. Decisions about one record hang together; the interval therefore
leaves out one record at a time (jackknife: R. Miller 1974, doi:10.1093/biomet/61.1.1).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import permissions, records
from kb.errors import ConflictError, InvalidError
from kb.models import Concept, Record, SecondReading, Tag
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import Scheme, Status, TagStatus
from kb.wording import marked

SAMPLE = 20  # records that a second curator is asked about
FEWEST = 5  # records below which an interval would pretend
Z = 1.96  # of a normal distribution, for 95 %
GOAL = 0.7  # what a learning centre wants to reach


class Counts(NamedTuple):
    """How two people decided about the same questions."""

    both: int
    first_only: int
    second_only: int
    neither: int

    def __add__(self, other: tuple[int, ...]) -> "Counts":  # type: ignore[override]
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa of two readings, in [-1, 1], with its 95 % interval where there is one."""

    records: int
    counts: Counts
    kappa: float | None  # None where one of the two never decides both ways
    low: float | None
    high: float | None


def kappa(counts: Counts) -> float | None:
    """Return Cohen's kappa; None where chance alone makes two people agree on everything.

    >>> round(kappa(Counts(20, 5, 10, 15)), 2)
    0.4
    """
    total = sum(counts)
    if not total:
        return None
    observed = (counts.both + counts.neither) / total
    first = (counts.both + counts.first_only) / total
    second = (counts.both + counts.second_only) / total
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def count(first: Collection[str], second: Collection[str], concepts: Collection[str]) -> Counts:
    """Return how two people decided about each of the concepts of one record.

    >>> count({"a", "b"}, {"b", "c"}, {"a", "b", "c", "d", "e"})
    Counts(both=1, first_only=1, second_only=1, neither=2)
    """
    one, other, among = set(first), set(second), set(concepts)
    both, either = one & other & among, (one | other) & among
    return Counts(
        len(both), len(one & among - other), len(other & among - one), len(among) - len(either)
    )


def agreement(per_record: Sequence[Counts]) -> Agreement:
    """Return the kappa of all decisions, with an interval made by leaving out each record once."""
    whole = sum(per_record, Counts(0, 0, 0, 0))
    value = kappa(whole)
    n = len(per_record)
    without = [
        kappa(Counts(*(a - b for a, b in zip(whole, one, strict=True)))) for one in per_record
    ]
    left = [one for one in without if one is not None]
    if value is None or n < FEWEST or len(left) < n:
        return Agreement(n, whole, value, None, None)
    mean = sum(left) / n
    error = sqrt((n - 1) / n * sum((one - mean) ** 2 for one in left))
    low, high = max(-1.0, value - Z * error), min(1.0, value + Z * error)
    return Agreement(n, whole, value, low, high)


def measured(
    session: Session, person: Person, concepts: Mapping[Scheme, Collection[str]]
) -> dict[Scheme, Agreement]:
    """Return how well second readings agree with the first, in each scheme.

    Those of the records that `person` may curate: a number rests on what she may open herself.
    """
    theirs = select(Record.id).where(permissions.allowed(person, Act.CURATE))
    query = select(SecondReading).where(SecondReading.record_id.in_(theirs))
    readings = session.scalars(query.order_by(SecondReading.id)).all()
    return {
        scheme: agreement([count(r.first, r.notations, among) for r in readings])
        for scheme, among in concepts.items()
    }


def to_read(session: Session, person: Person, *, limit: int = SAMPLE) -> list[int]:
    """Return the records that this person is asked to read: decided by others, chosen by chance.

    The chance is the same every day, so that nobody picks what is easy.
    """
    own = select(Tag.record_id).where(Tag.confirmed_by == person.by)
    read = select(SecondReading.record_id).where(SecondReading.by == person.by)
    confirmed = select(Tag.record_id).where(
        Tag.status == TagStatus.CONFIRMED, Tag.confirmed_by != ""
    )
    query = select(Record.id).where(
        Record.status == Status.PUBLISHED,
        permissions.allowed(person, Act.CURATE),
        Record.id.in_(confirmed),
        Record.id.not_in(own),
        Record.id.not_in(read),
    )
    return sorted(session.scalars(query), key=_chance)[:limit]


def keep(
    session: Session, record_id: int, notations: Collection[str], person: Person
) -> SecondReading:
    """Keep what a second curator says that the record is about.

    Raises:
        ConflictError: this person has decided about it, or has read it already.
        InvalidError: nothing was chosen, or there is no such concept.
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    if not notations:
        raise InvalidError(
            marked("Nothing was chosen."), hint=marked("Choose what the record is about.")
        )
    if record_id not in to_read(session, person, limit=10**9):
        raise ConflictError(
            marked("This record is none that you can read blind."),
            hint=marked("Choose one of the list."),
        )
    known = set(session.scalars(select(Concept.notation).where(Concept.notation.in_(notations))))
    if unknown := sorted(set(notations) - known):
        raise InvalidError(
            marked("The taxonomy has no concept “%(concept)s”.", concept=unknown[0]),
            hint=marked("Choose one of the list."),
        )
    confirmed = (tag for tag in record.tags if tag.status is TagStatus.CONFIRMED)
    reading = SecondReading(
        record_id=record_id,
        by=person.by,
        notations=sorted(known),
        first=sorted(tag.concept.notation for tag in confirmed),
    )
    session.add(reading)
    session.flush()
    return reading


def _chance(record_id: int) -> str:
    return sha256(f"second reading {record_id}".encode()).hexdigest()
