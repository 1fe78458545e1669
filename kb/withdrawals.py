"""Records that were taken back: from readers, from the index, from copies elsewhere, and for good.

Callers open and close the transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.orm import Session

from kb import copies, history, records
from kb.db import utcnow
from kb.models import Record
from kb.vocabulary import Status, Visibility


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
