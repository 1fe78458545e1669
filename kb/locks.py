"""Who has a record open at the desk. A lock warns, and refuses nobody; it ends by itself.

What keeps two edits apart is the version of the record (`records.edit`). Nothing here commits.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import history, records
from kb.db import utcnow
from kb.models import RecordLock

HELD = timedelta(minutes=10)  # after the last sign of who has it open


def take(
    session: Session,
    record_id: int,
    *,
    by: str,
    take_over: bool = False,
    now: datetime | None = None,
) -> RecordLock:
    """Say that `by` has the record open, and return who has it: perhaps somebody else.

    Whoever has it keeps it, unless `take_over`; that is written down.

    Raises:
        NotFoundError: no such record.
    """
    now = now or utcnow()
    record = records.get(session, record_id)
    lock = session.get(RecordLock, record_id)
    if lock is None:
        lock = RecordLock(record_id=record_id, by=by, since=now, until=now + HELD)
        session.add(lock)
    elif lock.by == by or lock.until <= now or take_over:
        if lock.by != by and lock.until > now:
            history.happened(session, "taken over", by=by, record=record, of=lock.by)
        if lock.by != by or lock.until <= now:
            lock.by, lock.since = by, now
        lock.until = now + HELD
    session.flush()
    return lock


def release(session: Session, record_id: int, *, by: str) -> None:
    """Let go of the record, if it is `by` who has it."""
    lock = session.get(RecordLock, record_id)
    if lock is not None and lock.by == by:
        session.delete(lock)
        session.flush()


def of(
    session: Session, record_ids: Collection[int], *, now: datetime | None = None
) -> dict[int, RecordLock]:
    """Return who has which of the records open."""
    query = select(RecordLock).where(RecordLock.record_id.in_(record_ids))
    locks = session.scalars(query.where(RecordLock.until > (now or utcnow())))
    return {lock.record_id: lock for lock in locks}


def of_others(session: Session, *, by: str, now: datetime | None = None) -> frozenset[int]:
    """Return the records that somebody other than `by` has open."""
    query = select(RecordLock.record_id).where(RecordLock.until > (now or utcnow()))
    return frozenset(session.scalars(query.where(RecordLock.by != by)))
