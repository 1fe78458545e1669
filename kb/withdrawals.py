"""Records that were taken back: from readers, from the index, from copies elsewhere, and for good.

Callers open and close the transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, not_, select
from sqlalchemy.orm import Session

from kb import audit, copies, history, permissions, records
from kb.audit import Purgeable
from kb.db import utcnow
from kb.errors import ConflictError, InvalidError
from kb.models import Event, Record
from kb.people import Person
from kb.permissions import Act
from kb.vocabulary import Status, Visibility
from kb.wording import marked


class Gone(NamedTuple):
    """A record that copies elsewhere have to drop, and since when."""

    record_id: int
    since: datetime


def take_back(session: Session, record_id: int, *, by: str, reason: str) -> Record:
    """Take the consent back, and with it the record from everybody at once.

    Its pages answer that it is gone, it leaves the index, its files are offered no more, and
    `gone` tells copies elsewhere to drop it. `copies.delete` then removes the files themselves.

    Raises:
        NotFoundError: no such record.
    """
    record = records.get(session, record_id)
    if record.consent is not None:
        record.consent.withdrawn = utcnow()
    copies.take_back(session, record_id)
    history.happened(session, "consent withdrawn", by=by, record=record, reason=reason)
    return records.withdraw(session, record_id, by=by, reason=reason)


def unpurged(session: Session, person: Person) -> Sequence[Record]:
    """Return the withdrawn records of which no purge was made yet, those withdrawn last first."""
    purged = exists().where(Event.record_id == Record.id, Event.verb == audit.PURGED)
    query = select(Record).where(
        Record.status == Status.WITHDRAWN, ~purged, permissions.allowed(person, Act.PUBLISH)
    )
    return session.scalars(query.order_by(Record.updated.desc(), Record.id)).all()


def purge(session: Session, record_id: int, *, by: str, reason: str) -> Purgeable:
    """Empty what the history still holds of a withdrawn record's words, for good; return what.

    Who did what and when stays. What the record says now stays with it, at the desk only.

    Raises:
        NotFoundError: no such record.
        ConflictError: it is not withdrawn.
        InvalidError: it is not said why.
    """
    record = records.get(session, record_id)
    if record.status is not Status.WITHDRAWN:
        raise ConflictError(
            marked("“%(title)s” is not withdrawn.", title=record.title),
            hint=marked("Take it back first."),
        )
    if not reason.strip():
        raise InvalidError(
            marked("It is not said why."),
            hint=marked("Write in a line who asked for it, and when."),
        )
    found = audit.purgeable(session, record_id)
    audit.purge(session, record_id, by=by, why=reason.strip())
    return found


def is_gone() -> ColumnElement[bool]:
    """Return the condition on a record that everybody once had it and has it no more.

    Withdrawn, retired, held back for privacy or shown to a smaller circle: a copy that somebody
    kept must not outlive what the library itself shows. What only a circle ever had is nobody
    else's business, its number included.
    """
    shown = and_(Record.status == Status.PUBLISHED, Record.visibility == Visibility.PUBLIC)
    return and_(Record.public_since.is_not(None), not_(shown))


def gone(session: Session) -> Sequence[Gone]:
    """Return the records that everybody once had and has no more, in order of their numbers."""
    query = select(Record.id, Record.updated).where(is_gone())
    return [Gone(*row) for row in session.execute(query.order_by(Record.id))]
