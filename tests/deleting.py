"""A record goes only after an event that says so; published ones as well, for tests."""

from sqlalchemy.orm import Session

from kb import history
from kb.models import Record


def take_out(session: Session, record_id: int) -> None:
    """Delete the record with all that belongs to it."""
    record = session.get(Record, record_id)
    assert record is not None
    history.happened(session, "removed", by="test", record=record)
    session.delete(record)
