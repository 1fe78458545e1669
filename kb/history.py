"""Versions of a record, and what happened to it: only ever added to."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import content
from kb.errors import NotFoundError
from kb.models import Event, Record, RecordVersion


def keep(session: Session, record: Record, said: content.Record, *, by: str, note: str) -> None:
    """Keep what the record says now as its version `record.version`."""
    session.add(
        RecordVersion(
            record_id=record.id,
            version=record.version,
            by=by,
            note=note,
            content=said.model_dump(mode="json"),
        )
    )


def versions(session: Session, record_id: int) -> Sequence[RecordVersion]:
    """Return all versions of the record, oldest first."""
    query = select(RecordVersion).filter_by(record_id=record_id).order_by(RecordVersion.version)
    return session.scalars(query).all()


def version(session: Session, record_id: int, number: int) -> content.Record:
    """Return what the record said at version `number`.

    Raises:
        NotFoundError: it never had that version.
    """
    query = select(RecordVersion).filter_by(record_id=record_id, version=number)
    row = session.scalar(query)
    if row is None:
        known = ", ".join(str(v.version) for v in versions(session, record_id)) or "none"
        raise NotFoundError(
            f"Record {record_id} has no version {number}.", hint=f"It has these: {known}."
        )
    return content.Record.model_validate(row.content)


def happened(
    session: Session, verb: str, *, by: str, record: Record | None = None, **detail: str
) -> None:
    """Write down that `by` did `verb`."""
    session.add(Event(by=by, verb=verb, record_id=record.id if record else None, detail=detail))


def events(session: Session, record_id: int) -> Sequence[Event]:
    """Return what happened to the record, oldest first."""
    return session.scalars(select(Event).filter_by(record_id=record_id).order_by(Event.id)).all()
