"""How long records wait, and for whom: for the desk in full, for everybody as numbers only.

Nothing here commits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import addressees, history, notices, permissions, queue
from kb.db import utcnow
from kb.models import Event, Record
from kb.people import Person
from kb.permissions import Act
from kb.queue import Asked, Ranked
from kb.vocabulary import NoticeKind, Order, Status, Turn

BANDS = (7, 30, 90)  # days: a week, a month, a quarter, and longer
SOON = timedelta(days=90)  # what is due for review until then is listed
ESCALATED = "overdue"  # verb of the event


@dataclass(frozen=True, slots=True)
class Ages:
    """How old the queue is, in whole days; all that everybody may know of it."""

    waiting: int
    median_days: int
    oldest_days: int
    overdue: int
    with_author: int  # of those that wait: sent back with questions


@dataclass(frozen=True, slots=True)
class Report:
    """How many records wait, by how long and for whom, and which are overdue."""

    bands: Mapping[tuple[int, Turn], int]  # index of the band: 0 is up to BANDS[0] days
    ages: Ages
    overdue: tuple[Ranked, ...]  # the oldest first


@dataclass(frozen=True, slots=True)
class Due:
    """A published record that somebody has to look at again."""

    record_id: int
    title: str
    language: str
    due: date


def report(
    session: Session,
    person: Person | None = None,
    *,
    overdue_days: int,
    now: datetime | None = None,
) -> Report:
    """Return how long records wait, and for whom: all, or those that `person` may curate."""
    waiting = queue.ranking(
        session, Asked(order=Order.AGE), person, overdue_days=overdue_days, now=now
    )
    bands = Counter((band(int(one.worth.facts.days)), one.turn) for one in waiting)
    return Report(bands, _ages(waiting), tuple(one for one in waiting if one.overdue))


def ages(session: Session, *, overdue_days: int, now: datetime | None = None) -> Ages:
    """Return how old the queue is: counts and days, nothing of any record."""
    now = now or utcnow()
    query = select(Record.created, Record.submitted, Record.status)
    query = query.where(Record.status.in_(queue.WAITING))
    rows = [
        (max((now - (submitted or created)).days, 0), status)
        for created, submitted, status in session.execute(query)
    ]
    days = [age for age, _ in rows]
    late = sum(age >= overdue_days and status is not Status.RETURNED for age, status in rows)
    sent_back = sum(status is Status.RETURNED for _, status in rows)
    return Ages(len(days), int(median(days or [0])), max(days, default=0), late, sent_back)


def band(days: int) -> int:
    """Return the band of an age: the first whose days are enough.

    >>> [band(7), band(8), band(90), band(91)]
    [0, 1, 2, 3]
    """
    return next((n for n, most in enumerate(BANDS) if days <= most), len(BANDS))


def due(session: Session, person: Person, *, today: date) -> Sequence[Due]:
    """Return the published records to review soon or already that `person` may curate.

    The oldest comes first.
    """
    query = (
        select(Record.id, Record.title, Record.language, Record.review_due)
        .where(
            Record.status == Status.PUBLISHED,
            Record.review_due <= today + SOON,
            permissions.allowed(person, Act.CURATE),
        )
        .order_by(Record.review_due, Record.id)
    )
    rows = session.execute(query)
    return [Due(number, title, language, day) for number, title, language, day in rows if day]


def escalate(
    session: Session,
    person: Person | None = None,
    *,
    overdue_days: int,
    by: str,
    now: datetime | None = None,
) -> list[int]:
    """Tell those who publish of each overdue record, once; return those that are new.

    Of all records, or of those that `person` may curate.
    Whoever calls this reads no more than numbers: what is overdue stands on a page of the desk.
    """
    late = report(session, person, overdue_days=overdue_days, now=now).overdue
    told = _told(session, [one.record_id for one in late])
    new = [one for one in late if one.record_id not in told]
    for one in new:
        record = session.get_one(Record, one.record_id)
        days = str(int(one.worth.facts.days))
        history.happened(session, ESCALATED, by=by, record=record, days=days)
        told_of = addressees.publishers(session, record.id)
        link = f"/desk/records/{record.id}"
        notices.write(session, told_of, NoticeKind.OVERDUE, link=link, record_id=record.id)
    session.flush()
    return [one.record_id for one in new]


def _told(session: Session, record_ids: Sequence[int]) -> frozenset[int | None]:
    """Return of which of these records it is written down already."""
    query = select(Event.record_id).where(Event.verb == ESCALATED, Event.record_id.in_(record_ids))
    return frozenset(session.scalars(query))


def _ages(waiting: Sequence[Ranked]) -> Ages:
    days = [int(one.worth.facts.days) for one in waiting]
    return Ages(
        waiting=len(days),
        median_days=int(median(days or [0])),
        oldest_days=max(days, default=0),
        overdue=sum(one.overdue for one in waiting),
        with_author=sum(one.turn is Turn.AUTHOR for one in waiting),
    )
